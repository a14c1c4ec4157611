/*
 * stream.h: a model on frames as they come: actions that begin and end, and the next poses.
 * May use zoo/model.h.
 *
 *     zoo_stream *s = NULL;
 *     const zoo_stream_item *item;
 *     zoo_stream_options options = zoo_stream_default();
 *     if (zoo_stream_new(&s, ctx, model, &options, &err))
 *         puts(err.message);
 *     while (s != NULL && next_frame(&frame) && zoo_stream_push(s, &frame, &err) == GOP_OK)
 *         while (zoo_stream_next(s, &item, &err) == GOP_OK && item != NULL)
 *             use(item);
 *     zoo_stream_free(s);
 *
 * Bodies are followed by their ids or, without, by their places.  Frames come at any times; the
 * stream resamples them to a grid, the frames that the model sees: the first frame's time, and every
 * factor / rate seconds of the model's domain after it.  A value lies on the straight line, or for
 * rotations on the arc, between the known values around it; until the next one comes, it keeps the
 * last one.  Either holds up to `gap` seconds, behind which the value is missing.
 *
 * A window is the last frames of the grid.  To the model it is a clip of its own: the domain's
 * transformations are applied to it, without those for bodies, rates and lengths, which the stream
 * replaces; `centre NODE:first`, for example, centres on the window's first frame.
 *
 * A model whose view has one body answers for each body by itself, one whose view has several for all
 * of them together, in the order in which they came.
 */
#ifndef ZOO_STREAM_STREAM_H
#define ZOO_STREAM_STREAM_H

#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Times are seconds. */
typedef struct zoo_stream_options {
    double hop;    /* between answers; rounded to frames of the grid, at least one */
    double window; /* length of a window, for views by clip; 0: as many frames as are observed */
    double smooth; /* probabilities are means over the answers of so long */
    double on, off;
    double hold;              /* least time between two events of a body */
    double reject;            /* a class with a smaller probability is none */
    char none[ZOO_NAME_SIZE]; /* the class that is no event; empty: none is */
    double horizon;           /* how far to predict; 0: the frames that the model predicts */
    double gap;               /* what is missing for longer is not bridged; a body is then gone */
    double reach;             /* of a body's size: see zoo_stream_push */
    uint32_t bodies;          /* followed at a time, at most */
    uint32_t prepared;        /* frames are of the model's layout, and transformed */
} zoo_stream_options;

#define ZOO_STREAM_BODIES 64

/* The table of these options; `prepared` has no help, as it is the program's to set. */
GOP_API const zoo_setting *zoo_stream_settings(void);
GOP_API zoo_stream_options zoo_stream_default(void);
/* The class that probabilities [classes] name: the largest, or SIZE_MAX if it is the class `none` or
 * is smaller than `reject`. */
GOP_API size_t zoo_stream_choose(const zoo_domain *domain, const char *none, double reject,
                                 const gop_real *probabilities);

/* Bodies at a time. */
typedef struct zoo_frame {
    double time; /* seconds */
    size_t bodies;
    const int64_t *id;   /* [bodies], -1: unknown; NULL: all are */
    const float *values; /* [bodies, columns] of zoo_domain_recorded; NaN and infinity: missing */
} zoo_frame;

typedef enum zoo_stream_kind {
    ZOO_STREAM_ANSWER, /* of one window */
    ZOO_STREAM_ON,     /* an action begins */
    ZOO_STREAM_OFF     /* and ends */
} zoo_stream_kind;

typedef struct zoo_stream_item {
    zoo_stream_kind kind;
    double time;   /* of the last frame that it is about */
    int64_t body;  /* its id, or its number among those without, from 1; -1: all together */
    size_t action; /* the class, or SIZE_MAX: none */
    double p;      /* its probability, smoothed; of an answer without, the largest */
    /* Of an answer, until the next call: [classes], smoothed, or NULL if the model recognises none. */
    const gop_real *probabilities;
    /* The predicted poses [bodies, frames, columns of the domain], or NULL if the model predicts
     * none, and whose they are, -1 for a missing body. */
    const float *poses;
    size_t bodies, frames;
    const int64_t *ids;
} zoo_stream_item;

/* What became of the frames. */
typedef struct zoo_stream_counts {
    uint64_t frames;   /* taken */
    uint64_t late;     /* left out: before the last one, by no more than `gap` */
    uint64_t repeated; /* left out: the time of the last one */
    uint64_t restarts; /* back by more than `gap`: the stream began anew */
    uint64_t missing;  /* bodies that were followed and absent in a frame */
    uint64_t bodies;   /* followed */
    uint64_t dropped;  /* bodies in frames that were not followed: too many, or an id twice */
    uint64_t answers;
    uint64_t blind; /* windows to which a transformation could not be applied: no answer */
} zoo_stream_counts;

typedef struct zoo_stream zoo_stream;

/* Prepares a model, and allocates all memory.  The context and the model must outlive the stream.
 * `options` may be NULL for the default.  Errors: GOP_EINVAL for options out of range, on < off, a
 * class `none` that the model lacks, a horizon for a model that predicts no poses, a window for one
 * that sees no clips, and the transformation "image clip", since the size of the image is unknown;
 * those of zoo_inference_new. */
GOP_API gop_status zoo_stream_new(zoo_stream **stream, gop_ctx *ctx, const zoo_model *model,
                                  const zoo_stream_options *options, gop_error *err);
GOP_API void zoo_stream_free(zoo_stream *stream);
/* Takes a frame.  A body belongs to the followed one of its id.  Without an id it belongs to the
 * nearest one whose mean distance of joints is at most `reach` times the diagonal of the box around
 * its joints, nearest pairs first; in layouts without positions, to the first one that is left.
 * Others begin to be followed while fewer than `bodies` are.  A frame that is late or repeats is
 * counted and left out.  Allocates nothing and takes no lock, and neither does zoo_stream_next with a
 * context of one thread.
 * Errors: GOP_EINVAL without a stream or a frame, and for a time that is not finite or beyond 1e12;
 * GOP_ESTATE while items of the last frame wait. */
GOP_API gop_status zoo_stream_push(zoo_stream *stream, const zoo_frame *frame, gop_error *err);
/* The next item of the frames so far, or NULL if there is none.  Errors: GOP_EINVAL for NULL; those of
 * zoo_inference_run, after which the call goes on with the next window. */
GOP_API gop_status zoo_stream_next(zoo_stream *stream, const zoo_stream_item **item,
                                   gop_error *err);
/* Ends all bodies; zoo_stream_next then gives the ends of their actions.  GOP_EINVAL for NULL;
 * GOP_ESTATE while items wait. */
GOP_API gop_status zoo_stream_finish(zoo_stream *stream, gop_error *err);
/* Forgets all frames, bodies, items and counts. */
GOP_API void zoo_stream_reset(zoo_stream *stream);
GOP_API zoo_stream_counts zoo_stream_count(const zoo_stream *stream);
/* The frames of the grid in a second, and those of a window; 0 for NULL. */
GOP_API double zoo_stream_rate(const zoo_stream *stream);
GOP_API size_t zoo_stream_window(const zoo_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
