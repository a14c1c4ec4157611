/*
 * view.h: what a model sees of a clip: which bodies, and which frames.  A model stores its view, so
 * that training, evaluation and prediction see alike.
 * May use zoo/dataset/dataset.h and zoo/settings.h.
 */
#ifndef ZOO_DATASET_VIEW_H
#define ZOO_DATASET_VIEW_H

#include "zoo/dataset/dataset.h"
#include "zoo/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the frames of a clip are chosen. */
typedef enum zoo_sampling {
    ZOO_SAMPLE_WINDOW,  /* consecutive frames; a clip must be long enough */
    ZOO_SAMPLE_UNIFORM, /* one frame of each of as many equal segments */
    ZOO_SAMPLE_RESIZE,  /* a part of the clip, interpolated */
    ZOO_SAMPLE_WHOLE    /* the clip from its first frame */
} zoo_sampling;

/* What UNIFORM and WHOLE make of a clip with fewer frames than the model observes: it is repeated,
 * its frames are taken several times in their order, or frames behind its end are missing. */
typedef enum zoo_short { ZOO_SHORT_LOOP, ZOO_SHORT_STRETCH, ZOO_SHORT_MISSING } zoo_short;
/* The bodies that features are averaged over. */
typedef enum zoo_body_average { ZOO_ALL_BODIES, ZOO_PRESENT_BODIES } zoo_body_average;

typedef struct zoo_view {
    uint32_t bodies;     /* of a clip, together; missing bodies are missing values */
    uint32_t average;    /* a zoo_body_average */
    uint32_t sample;     /* a zoo_sampling */
    uint32_t shorter;    /* a zoo_short */
    double crop;         /* RESIZE: the least share of a clip that is seen in training */
    uint32_t test_clips; /* views of a sequence that an answer averages; 0: see zoo_view_by_clip */
} zoo_view;

/* The table of a view's settings; a run's settings have the same rows (zoo/trainer). */
GOP_API const zoo_setting *zoo_view_settings(void);
/* One body, windows. */
GOP_API zoo_view zoo_view_default(void);
/* Whether an answer is about a whole sequence: the view is not of windows, or averages several. */
GOP_API bool zoo_view_by_clip(const zoo_view *view);
/* The least frames of a sequence for a view whose windows have `window` frames. */
GOP_API size_t zoo_view_least(const zoo_view *view, size_t window);

/* Draws where `frames` frames of a training view lie in a clip of n frames, in frames from its
 * beginning; -1: a missing frame.
 *
 * WINDOW: consecutive frames from a start uniform in 0, ..., n - window, or 0 if n <= window.
 * UNIFORM: floor((i + u_i) n / frames), u_i uniform in [0, 1); a shorter clip is with LOOP repeated
 * from a uniform start, and ends early with MISSING.
 * RESIZE: a share uniform in [crop, 1] of the clip at a uniform place, and times that divide it
 * evenly.
 * WHOLE: 0, 1, 2, ...; a shorter clip as in UNIFORM, but LOOP starts at 0. */
GOP_API void zoo_view_draw(double *time, size_t frames, const zoo_view *view, size_t n,
                           size_t window, gop_rng *rng);
/* The same for view k of `views` of a test clip, without draws.
 *
 * WINDOW: from frame round(k (n - frames) / (views - 1)); a single view takes the middle.
 * UNIFORM: u_i = (k + 1/2) / views; with LOOP a shorter clip starts at floor(k n / views).
 * RESIZE: a share of (1 + crop) / 2, its places evenly spread, or the middle.
 * WHOLE: as in training. */
GOP_API void zoo_view_place(double *time, size_t frames, const zoo_view *view, size_t n, size_t k,
                            size_t views);

/* Reads views of sequences as a model's inputs. */
typedef struct zoo_viewer zoo_viewer;

/* A viewer of `frames` frames.  Values are normalised by `domain` (the model's, or the data's), and
 * `data` and `domain` must outlive the viewer.  Errors: GOP_EINVAL for 0 frames or bodies, and more
 * than ZOO_MAX_BODIES; GOP_ENOMEM. */
GOP_API gop_status zoo_viewer_new(zoo_viewer **viewer, const zoo_dataset *data,
                                  const zoo_domain *domain, const zoo_view *view, size_t frames,
                                  gop_error *err);
GOP_API void zoo_viewer_free(zoo_viewer *viewer);
/* Reads the frames at `time`, counted from the raw frame `from`, of the bodies from `body` on,
 * linearly between two frames that a model sees.  What is missing is NaN.  The result, [bodies,
 * frames, columns], is the viewer's until the next call.  Errors: those of zoo_dataset_read;
 * GOP_EINVAL without a viewer or times, and for no such sequence. */
GOP_API gop_status zoo_viewer_read(zoo_viewer *viewer, size_t sequence, size_t body, size_t from,
                                   const double *time, float **raw, gop_error *err);
/* Normalises what was read, as it is now: x [bodies, M, frames, D], mask the same (1: there, 0:
 * missing), weight [bodies] of each body's features, with a sum of 1.  Each may be NULL. */
GOP_API void zoo_viewer_show(const zoo_viewer *viewer, gop_real *x, gop_real *mask,
                             gop_real *weight);

#ifdef __cplusplus
}
#endif
#endif
