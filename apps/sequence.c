/*
 * sequence.c: see sequence.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "sequence.h"

#include <string.h>

size_t app_sequence(const zoo_dataset *data, const char *name)
{
    static const char *const split[] = {[ZOO_TRAIN] = "train/", [ZOO_TEST] = "test/"};
    size_t found = data->sequences;

    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        size_t n = strlen(split[s->split]);
        if (strncmp(name, split[s->split], n) == 0 && strcmp(name + n, s->name) == 0)
            return i;
        if (strcmp(name, s->name) == 0 && (found == data->sequences || s->split == ZOO_TEST))
            found = i;
    }
    return found;
}

int app_check_source(const app_usage *usage, const char *source)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    for (const zoo_source *const *s = zoo_source_list(); *s && n < MAX; s++) {
        if ((*s)->read_one && strcmp(source, (*s)->name) == 0)
            return APP_OK;
        if ((*s)->read_one)
            names[n++] = (*s)->name;
    }
    names[n] = NULL;
    return app_fail_unknown(usage, "source", source, names);
}
