/*
 * source.c: which fields of zoo_raw a source needs and takes, and whose data it can read.  Touches
 * its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/dataset/build.h"
#include "zoo/dataset/prepare.h"

/* Whether `word` is one of `words`, separated by blanks. */
static bool is_among(const char *words, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = words; n > 0 && at != NULL && (at = strstr(at, word)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

bool zoo_source_needs(const zoo_source *source, const char *field)
{
    return is_among(source->needs, field);
}

bool zoo_source_is_of(const zoo_source *from, const zoo_domain *domain)
{
    return strcmp(from->name, domain->origin) == 0 || is_among(from->family, domain->origin);
}

bool zoo_source_takes(const zoo_source *source, const char *field)
{
    return source != NULL && field != NULL &&
           (is_among(source->needs, field) || is_among(source->takes, field));
}
