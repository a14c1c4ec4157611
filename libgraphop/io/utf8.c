/*
 * utf8.c: the characters that texts of files may hold.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"

/* The least code point that needs n bytes; shorter ones are overlong. */
static const uint32_t least[] = {0, 0xa0, 0x800, 0x10000};

size_t gop_character(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p == NULL || n == 0 || p[0] < 0x20 || p[0] == 0x7f)
        return 0;
    size_t more = p[0] < 0x80 ? 0 : p[0] < 0xc0 ? 4 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    if (more >= n || more == 4)
        return 0;
    uint32_t code = p[0] & (more == 0 ? 0x7f : 0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    if (p[0] >= 0xf8 || code < least[more] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
        return 0;
    return more + 1;
}

bool gop_is_text(const char *text, size_t n)
{
    size_t at = 0, k = 1;
    while (text != NULL && at < n && k > 0) {
        k = gop_character(text + at, n - at);
        at += k;
    }
    return text != NULL && at == n;
}
