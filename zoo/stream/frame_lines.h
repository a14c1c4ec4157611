/*
 * frame_lines.h: frames as text, from any pieces in which it comes.  Touches memory only, but for
 * zoo_frame_lines_file.  May use zoo/stream/stream.h.
 *
 * A line is one frame: numbers of all columns, as `graphop predict` reads them, or an object of JSON
 * (graphop-stream(1)).  The frames do not depend on how the bytes were cut into pieces.
 *
 *     for (;;) {
 *         size_t size;
 *         char *room = zoo_frame_lines_room(lines, &size);
 *         ssize_t n = read(fd, room, size);
 *         zoo_frame_lines_add(lines, n > 0 ? (size_t)n : 0);
 *         while ((status = zoo_frame_lines_next(lines, &frame, &err)) != GOP_OK || frame != NULL)
 *             if (status == GOP_OK) use(frame); else warn(err.message);
 *         if (n <= 0) break;
 *     }
 */
#ifndef ZOO_STREAM_FRAME_LINES_H
#define ZOO_STREAM_FRAME_LINES_H

#include "zoo/stream/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of one line of JSON, at most. */
#define ZOO_FRAME_BODIES 256

typedef struct zoo_frame_lines zoo_frame_lines;

/* A reader of frames of a layout, which must outlive it.  Frame i of a text is at i / rate.  Errors:
 * GOP_EINVAL for NULL and a rate that is not above 0; GOP_ENOMEM. */
GOP_API gop_status zoo_frame_lines_new(zoo_frame_lines **lines, const zoo_layout *layout,
                                       double rate, gop_error *err);
GOP_API void zoo_frame_lines_free(zoo_frame_lines *lines);
/* Memory for further bytes, *size of them, at least one; NULL for NULL. */
GOP_API char *zoo_frame_lines_room(zoo_frame_lines *lines, size_t *size);
/* Takes n bytes that were written there; 0: the text ends. */
GOP_API void zoo_frame_lines_add(zoo_frame_lines *lines, size_t n);
/* The frame of the next line, until the next call; NULL if the bytes so far have no other.  A heading
 * before the first frame, empty lines and comments (#) are passed.
 * Errors: GOP_EFORMAT for a line that is no frame, with its number; the next call goes on behind it.
 * GOP_EINVAL for NULL; GOP_ENOMEM. */
GOP_API gop_status zoo_frame_lines_next(zoo_frame_lines *lines, const zoo_frame **frame,
                                        gop_error *err);
/* Reads a file of one frame as OpenPose writes it, or another tool whose files the source `keypoints`
 * reads.  The time is the number in its name / rate or, without one, that of the next line.
 * Errors: GOP_EFORMAT, GOP_ESYSTEM, GOP_EINVAL for NULL, GOP_ENOMEM. */
GOP_API gop_status zoo_frame_lines_file(zoo_frame_lines *lines, const char *path,
                                        const zoo_frame **frame, gop_error *err);
/* The lines and files that were no frame. */
GOP_API uint64_t zoo_frame_lines_bad(const zoo_frame_lines *lines);

#ifdef __cplusplus
}
#endif
#endif
