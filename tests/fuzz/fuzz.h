/*
 * fuzz.h: what the fuzz targets share.  A target is a file fuzz_NAME.c with
 * LLVMFuzzerTestOneInput and fuzz_kind; loop.c runs it without libFuzzer, and mutate.c makes its
 * inputs.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "graphop.h"
#include "zoo/zoo.h"

/* The kind of the container that mutate.c keeps valid, such as "GDS1"; "" for text. */
extern const char fuzz_kind[];
/* Words to put into a text; ends with NULL. */
extern const char *const fuzz_words[];

/* Reads one input.  Returns 0; anything wrong ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Changes `size` bytes of `data`, which has room for `room`, and returns the new size.  `other` is
 * another input to take pieces from. */
size_t fuzz_mutate(uint8_t *data, size_t size, size_t room, const uint8_t *other, size_t other_size,
                   unsigned seed);

/* The path of a name in the scratch folder of this process; valid until the next four calls. */
const char *fuzz_path(const char *name);
/* Makes a folder there. */
void fuzz_folder(const char *name);
/* Writes a file there and returns its path. */
const char *fuzz_write(const char *name, const void *data, size_t size);
/* Ends the process with a sentence: the input has shown a fault. */
void fuzz_fault(const char *format, ...) GOP_PRINTF(1, 2);

/* Memory that is in use at once during an input may be 16 times its size, 16 MiB and what
 * the target adds by fuzz_allow, of which 64 MiB count.  fuzz_begin begins an input. */
void fuzz_begin(size_t size);
void fuzz_allow(size_t bytes);

#endif
