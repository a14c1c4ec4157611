/*
 * file.h: files that are written whole or not at all; the container, its writer and its bounded
 * reader.
 */
#ifndef GRAPHOP_FILE_H
#define GRAPHOP_FILE_H

#include <stdio.h>

#include "graphop/params.h"
#include "graphop/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file that is written whole or not at all.  Its stream writes to a temporary file beside the
 * target, which is `path` with symbolic links followed.  gop_file_commit syncs the temporary
 * file, renames it over the target and syncs the folder.  A new file has the mode 0666 less the
 * umask; a replaced file keeps its mode and, where allowed, its owner.  Temporary files of this
 * target that belong to no process any more are removed.
 * GOP_ESYSTEM if the target is not a regular file or is write-protected. */
typedef struct gop_file gop_file;
GOP_API gop_status gop_file_new(gop_file **f, const char *path, gop_error *err);
/* Owned by f; NULL for NULL. */
GOP_API FILE *gop_file_stream(gop_file *f);
/* Checks all writes to the stream.  Frees f.  On failure the target is unchanged, unless only its
 * folder could not be synced; the message then begins with the target and "was replaced". */
GOP_API gop_status gop_file_commit(gop_file *f, gop_error *err);
/* Removes the temporary file and frees f. */
GOP_API void gop_file_discard(gop_file *f);

/* Sets *same to whether two paths lead to one target, symbolic links followed: to one regular file
 * or, where neither exists yet, to one name in one folder.  Equal texts are always the same.
 * GOP_EINVAL, GOP_ENOMEM. */
GOP_API gop_status gop_file_same(bool *same, const char *a, const char *b, gop_error *err);

/* A lock on the target `path`, for programs that write it more than once or long after they
 * started.  gop_file does not look at locks.  The lock is a flock on the empty file .NAME.lock
 * beside the target and ends with the process.  GOP_ESYSTEM if another process, or this one, holds
 * it, or if no file can be created there. */
typedef struct gop_lock gop_lock;
GOP_API gop_status gop_lock_new(gop_lock **lock, const char *path, gop_error *err);
/* False if the file system has no locks, or for NULL. */
GOP_API bool gop_lock_holds(const gop_lock *lock);
/* Removes the lock's file and the temporary files that this process writes for the target.  Safe
 * in a handler of a signal that ends the process. */
GOP_API void gop_lock_abort(gop_lock *lock);
/* Removes the lock's file and frees the lock. */
GOP_API void gop_lock_free(gop_lock *lock);

/* The length of the character that begins the n bytes at `text`: valid UTF-8 and no control
 * character (below U+0020, U+007F to U+009F).  0 otherwise, and without a byte. */
GOP_API size_t gop_character(const char *text, size_t n);
/* Whether n bytes consist of such characters; only such texts are in files. */
GOP_API bool gop_is_text(const char *text, size_t n);

/* A graphop file: an eight-byte magic, a four-byte kind ("GDS1"), a version, the length and the
 * CRC-32 of the payload, then the payload in MessagePack.  The writer writes it through a
 * gop_file. */
typedef struct gop_writer gop_writer;
GOP_API gop_status gop_writer_open(gop_writer **w, const char *path, const char kind[4],
                                   uint32_t version, gop_error *err);
GOP_API void gop_write_map(gop_writer *w, size_t pairs);
GOP_API void gop_write_array(gop_writer *w, size_t items);
GOP_API void gop_write_key(gop_writer *w, const char *key);
/* GOP_EINVAL unless gop_is_text. */
GOP_API void gop_write_text(gop_writer *w, const char *text);
GOP_API void gop_write_uint(gop_writer *w, uint64_t v);
GOP_API void gop_write_int(gop_writer *w, int64_t v);
GOP_API void gop_write_bool(gop_writer *w, bool v);
GOP_API void gop_write_double(gop_writer *w, double v);
/* As one binary string of little-endian float32. */
GOP_API void gop_write_floats(gop_writer *w, const float *v, size_t n);
GOP_API void gop_write_bytes(gop_writer *w, const void *v, size_t n);
/* The first failure, or GOP_OK. */
GOP_API gop_status gop_writer_status(const gop_writer *w, gop_error *err);
/* Checks all writes and commits as gop_file_commit does.  Frees w. */
GOP_API gop_status gop_writer_commit(gop_writer *w, gop_error *err);
GOP_API void gop_writer_abandon(gop_writer *w);

/* A bounded cursor over a whole file.  The first failure is sticky and names
 * the file, the key and the offset; reads after it return zeros. */
typedef struct gop_reader gop_reader;
/* GOP_EFORMAT for another kind or version. */
GOP_API gop_status gop_reader_open(gop_reader **r, const char *path, const char kind[4],
                                   uint32_t version, gop_error *err);
GOP_API void gop_reader_free(gop_reader *r);
/* The kind of a file and the version of its payload (may be NULL).  GOP_EFORMAT if it is not a
 * graphop file. */
GOP_API gop_status gop_file_kind(char kind[5], uint32_t *version, const char *path, gop_error *err);
GOP_API gop_status gop_reader_status(const gop_reader *r, gop_error *err);
/* Makes the reader's status GOP_EFORMAT, for data that is well-formed but makes no sense. */
GOP_API void gop_reader_fail(gop_reader *r, const char *format, ...) GOP_PRINTF(2, 3);
/* The same with the sentence of a function that refused the data.  GOP_ENOMEM is passed on
 * unchanged, because the file is then not at fault. */
GOP_API void gop_reader_refuse(gop_reader *r, const gop_error *why);
/* The bytes not read yet.  No valid count can exceed this; check before you allocate. */
GOP_API size_t gop_reader_left(const gop_reader *r);
GOP_API size_t gop_read_map(gop_reader *r);   /* pairs */
GOP_API size_t gop_read_array(gop_reader *r); /* items */
/* Fails unless the next key is `key`: files have their keys in a fixed order. */
GOP_API void gop_read_key(gop_reader *r, const char *key);
/* Reads the next key, whatever it is, as gop_read_text does. */
GOP_API void gop_read_any_key(gop_reader *r, char *buf, size_t size);
/* Writes at most size - 1 bytes and a terminator to buf.  Fails for a longer text, and unless
 * gop_is_text. */
GOP_API void gop_read_text(gop_reader *r, char *buf, size_t size);
GOP_API uint64_t gop_read_uint(gop_reader *r, uint64_t max);
GOP_API int64_t gop_read_int(gop_reader *r);
GOP_API bool gop_read_bool(gop_reader *r);
GOP_API double gop_read_double(gop_reader *r);
/* Fails unless there are exactly n elements. */
GOP_API void gop_read_floats(gop_reader *r, float *v, size_t n);
GOP_API void gop_read_bytes(gop_reader *r, void *v, size_t n);

/* A file with data: plain float32 before the payload, which is their index.  Opening reads and
 * checks the payload only; the numbers are read on demand, so that a file may be larger than
 * memory.  No checksum of the file covers them. */
typedef struct gop_data gop_data;
GOP_API gop_status gop_writer_open_data(gop_writer **w, const char *path, const char kind[4],
                                        uint32_t version, gop_error *err);
/* Pads the data to a multiple of 64 bytes, where a piece begins, and returns its offset in the
 * data.  All data precede the first value of the payload, else GOP_ESTATE. */
GOP_API uint64_t gop_write_data_begin(gop_writer *w);
/* Appends numbers, little-endian. */
GOP_API void gop_write_data(gop_writer *w, const float *v, size_t n);
/* What has been written so far, to read it back; NULL for a file without data.  Owned by w. */
GOP_API const gop_data *gop_writer_data(const gop_writer *w);
/* As gop_reader_open.  *data stays usable when the reader is freed. */
GOP_API gop_status gop_reader_open_data(gop_reader **r, gop_data **data, const char *path,
                                        const char kind[4], uint32_t version, gop_error *err);
/* Bytes of data; 0 for NULL. */
GOP_API uint64_t gop_data_size(const gop_data *data);
/* The file's path; empty for NULL. */
GOP_API const char *gop_data_path(const gop_data *data);
/* Reads n numbers from byte `at` of the data on.  Safe in several threads at once.  GOP_EINVAL
 * beyond the end, GOP_EFORMAT if the file has become shorter, GOP_ESYSTEM. */
GOP_API gop_status gop_data_read(const gop_data *data, float *v, uint64_t at, size_t n,
                                 gop_error *err);
GOP_API void gop_data_free(gop_data *data);

/* Parts of a checkpoint: parameters with names and shapes, an optimiser's state, an average.  NaNs and
 * infinities are not written: gop_writer_commit then fails with GOP_ENUMERIC.  gop_read_params
 * fills an empty gop_params; with recorded ones it requires the same names and shapes. */
GOP_API void gop_write_params(gop_writer *w, const gop_params *params);
GOP_API void gop_read_params(gop_reader *r, gop_params *params);
GOP_API void gop_write_optimiser(gop_writer *w, const gop_optimiser *opt);
GOP_API void gop_read_optimiser(gop_reader *r, gop_optimiser *opt);
GOP_API void gop_write_ema(gop_writer *w, const gop_ema *ema);
GOP_API void gop_read_ema(gop_reader *r, gop_ema *ema);

#ifdef __cplusplus
}
#endif
#endif
