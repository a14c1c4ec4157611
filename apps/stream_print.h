/*
 * stream_print.h: prints what graphop stream finds: one object of JSON a line, each flushed.
 */
#ifndef APPS_STREAM_PRINT_H
#define APPS_STREAM_PRINT_H

#include "zoo/zoo.h"

typedef struct stream_shown {
    bool probabilities, poses;
} stream_shown;

/* An event, or an answer if something of it is shown.  False if it cannot be written. */
bool stream_print_item(const zoo_stream_item *item, const zoo_domain *domain, stream_shown shown);
/* What became of the frames; `bad` inputs were none.  `time` is that of the last one. */
bool stream_print_end(const zoo_stream_counts *counts, uint64_t bad, double time);

#endif
