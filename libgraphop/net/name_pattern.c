/*
 * name_pattern.c: the rule by which one name selects parameters and statistics.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "graphop.h"

bool gop_name_matches(const char *pattern, const char *name)
{
    const char *star = NULL, *again = NULL;

    if (pattern == NULL || name == NULL || *pattern == '\0')
        return false;
    for (;;)
        if (*pattern == '*') {
            star = pattern++;
            again = name;
        } else if (*pattern == '\0' && (*name == '\0' || *name == '.')) {
            return true;
        } else if (*name != '\0' && (*pattern == '?' || *pattern == *name)) {
            pattern++;
            name++;
        } else if (star != NULL && *again != '\0') {
            pattern = star + 1;
            name = ++again;
        } else {
            return false;
        }
}
