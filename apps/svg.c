/*
 * svg.c: see svg.h.  Writes to a stream.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "svg.h"

#include <string.h>

#define BEGINNING "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
#define FONT      "font-family=\"Helvetica, Arial, sans-serif\">\n  <style>"

void svg_begin(FILE *out, double width, double height, const char *style)
{
    fprintf(out,
            BEGINNING "%.0f %.0f\" width=\"%.0f\" height=\"%.0f\" " FONT "%s</style>\n"
                      "  <rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
            width, height, width, height, style);
}

void svg_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else
            putc(c < 0x20 || c >= 0x7f ? '?' : c, out);
    }
}

void svg_end(FILE *out)
{
    fputs("</svg>\n", out);
}

bool svg_begins(const char *head)
{
    return strncmp(head, BEGINNING, sizeof BEGINNING - 1) == 0 && strstr(head, FONT);
}
