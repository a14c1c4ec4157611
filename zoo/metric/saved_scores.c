/*
 * saved_scores.c: writes and reads files of scores (saved_scores.h).  Reads files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/saved_scores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/numeral.h"

#define HEADING     "protocol,sequence,start,truth"
#define FIELDS      4    /* before the probabilities */
#define TOLERANCE   1e-2 /* of a sum of probabilities */
#define START_SIZE  17   /* digits of a start that a double holds */
#define NUMBER_SIZE 64

struct zoo_scores {
    FILE *file;
    char *path;
    size_t line; /* the number of the present one, from 1 */
    int after;   /* what ended the last field: ',', '\n' or EOF */
    size_t room;
    zoo_domain domain; /* of the classes, which are actions */
    gop_real *p;       /* [classes] */
    char sequence[ZOO_SEQUENCE_NAME_SIZE];
    zoo_scored clip;
};

/* ------------------------------------------------------------------ writing */

/* A field of RFC 4180. */
static void put_field(FILE *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

void zoo_scores_heading(FILE *out, const zoo_domain *domain)
{
    if (out == NULL || domain == NULL)
        return;
    fputs(HEADING, out);
    for (size_t i = 0; i < domain->actions; i++) {
        putc(',', out);
        put_field(out, domain->action[i]);
    }
    putc('\n', out);
}

void zoo_scores_line(FILE *out, const zoo_scored *clip, const zoo_domain *domain)
{
    if (out == NULL || clip == NULL || domain == NULL || clip->label >= domain->actions)
        return;
    fprintf(out, "%s,", clip->protocol->name);
    put_field(out, clip->sequence);
    fprintf(out, ",%zu,", clip->start + 1);
    put_field(out, domain->action[clip->label]);
    for (size_t i = 0; i < domain->actions; i++) {
        char number[ZOO_NUMERAL_SIZE];
        zoo_numeral_write(number, sizeof number, (double)clip->score[i], true);
        fprintf(out, ",%s", number);
    }
    putc('\n', out);
}

bool zoo_scores_begin(const char *head)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (head == NULL)
        return false;
    if (strncmp(head, mark, sizeof mark - 1) == 0)
        head += sizeof mark - 1;
    return strncmp(head, HEADING ",", sizeof HEADING) == 0;
}

/* ------------------------------------------------------------------- fields */

static gop_status bad(const zoo_scores *s, const char *what, gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: %s", s->path, s->line, what);
}

/* The next byte; the two of a line's end in the other convention are one. */
static int next_byte(zoo_scores *s)
{
    int c = getc(s->file);
    if (c == '\r') {
        const int d = getc(s->file);
        if (d == '\n')
            return d;
        ungetc(d, s->file);
    }
    return c;
}

/* Reads a field into buf, and what ends it into s->after. */
static gop_status read_field(zoo_scores *s, char *buf, size_t size, gop_error *err)
{
    size_t n = 0;
    int c = next_byte(s);
    const bool quoted = c == '"';
    bool open = quoted;
    if (quoted)
        c = next_byte(s);
    for (;; c = next_byte(s)) {
        if (open && c == '"') {
            c = next_byte(s);
            open = c == '"'; /* two stand for one */
        }
        if (c == EOF || (!open && (c == ',' || c == '\n')))
            break;
        if ((quoted && !open) || (!quoted && c == '"') || c == '\0')
            return bad(s, "a quote or a zero byte is inside of a field", err);
        if (n + 1 == size)
            return bad(s, "a field is too long", err);
        buf[n++] = (char)c;
    }
    buf[n] = '\0';
    s->after = c;
    if (ferror(s->file))
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", s->path, strerror(errno));
    return open ? bad(s, "a quote is never closed", err) : GOP_OK;
}

/* -------------------------------------------------------------------- files */

static size_t find_name(const zoo_scores *s, const char *name)
{
    for (size_t i = 0; i < s->domain.actions; i++)
        if (strcmp(s->domain.action[i], name) == 0)
            return i;
    return SIZE_MAX;
}

static gop_status add_class(zoo_scores *s, gop_error *err)
{
    char text[ZOO_NAME_SIZE];
    gop_try(read_field(s, text, sizeof text, err));
    if (text[0] == '\0' || find_name(s, text) != SIZE_MAX)
        return bad(s, "a class has no name or that of another", err);
    if (s->domain.actions == ZOO_MAX_ACTIONS)
        return bad(s, "the heading has too many classes", err);
    if (s->domain.actions == s->room) {
        s->room = s->room == 0 ? 16 : 2 * s->room;
        void *grown = realloc(s->domain.action, s->room * sizeof *s->domain.action);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for the classes of %s", s->path);
        s->domain.action = grown;
    }
    memcpy(s->domain.action[s->domain.actions++], text, sizeof text);
    return GOP_OK;
}

static gop_status read_heading(zoo_scores *s, gop_error *err)
{
    char head[sizeof HEADING + 4]; /* a byte order mark, and the comma that follows */
    const size_t n = fread(head, 1, sizeof head - 1, s->file);
    head[n] = '\0';
    if (ferror(s->file))
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", s->path, strerror(errno));
    if (!zoo_scores_begin(head))
        return gop_fail(err, GOP_EFORMAT, "%s is no file of scores: it must begin with %s", s->path,
                        HEADING);
    /* The bytes that were read too far are put back by reading the fields again. */
    if (fseek(s->file, head[0] == '\xef' ? 3 : 0, SEEK_SET) != 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", s->path, strerror(errno));
    s->line = 1;
    for (size_t i = 0; i < FIELDS; i++)
        gop_try(read_field(s, head, sizeof head, err));
    while (s->after == ',')
        gop_try(add_class(s, err));
    s->p = calloc(s->domain.actions, sizeof *s->p);
    return s->p != NULL ? GOP_OK
                        : gop_fail(err, GOP_ENOMEM, "out of memory for the classes of %s", s->path);
}

gop_status zoo_scores_open(zoo_scores **out, const char *path, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_scores_open: the result pointer is NULL");
    *out = NULL;
    if (path == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_scores_open: a path is needed");
    zoo_scores *s = calloc(1, sizeof *s);
    if (s == NULL || (s->path = strdup(path)) == NULL) {
        free(s);
        return gop_fail(err, GOP_ENOMEM, "out of memory for %s", path);
    }
    s->file = fopen(path, "rb");
    gop_status status = s->file != NULL ? read_heading(s, err)
                                        : gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path,
                                                   strerror(errno));
    if (status != GOP_OK) {
        zoo_scores_close(s);
        return status;
    }
    *out = s;
    return GOP_OK;
}

void zoo_scores_close(zoo_scores *s)
{
    if (s == NULL)
        return;
    if (s->file != NULL)
        fclose(s->file);
    free(s->path);
    free(s->domain.action);
    free(s->p);
    free(s);
}

const zoo_domain *zoo_scores_domain(const zoo_scores *s)
{
    return s == NULL ? NULL : &s->domain;
}

/* -------------------------------------------------------------------- lines */

/* The next field of a line that has more. */
static gop_status read_next(zoo_scores *s, char *buf, size_t size, gop_error *err)
{
    if (s->after != ',')
        return bad(s, "the line has fewer fields than the heading", err);
    return read_field(s, buf, size, err);
}

static gop_status read_start(zoo_scores *s, gop_error *err)
{
    char text[START_SIZE];
    gop_try(read_next(s, text, sizeof text, err));
    if (text[0] < '1' || text[0] > '9' || text[strspn(text, "0123456789")] != '\0')
        return bad(s, "the start must be a whole number from 1 on", err);
    s->clip.start = (size_t)strtoull(text, NULL, 10) - 1;
    return GOP_OK;
}

static gop_status read_truth(zoo_scores *s, gop_error *err)
{
    char text[ZOO_NAME_SIZE];
    gop_try(read_next(s, text, sizeof text, err));
    const size_t last = s->clip.label; /* often the same */
    s->clip.label = strcmp(s->domain.action[last], text) == 0 ? last : find_name(s, text);
    if (s->clip.label != SIZE_MAX)
        return GOP_OK;
    s->clip.label = 0;
    return bad(s, "the heading lacks the true class", err);
}

static gop_status read_probabilities(zoo_scores *s, gop_error *err)
{
    double sum = 0;
    for (size_t i = 0; i < s->domain.actions; i++) {
        char text[NUMBER_SIZE];
        double v;
        gop_try(read_next(s, text, sizeof text, err));
        if (!zoo_numeral_read(&v, text, strlen(text)) || v < 0 || v > 1)
            return bad(s, "a probability must be a number from 0 to 1", err);
        s->p[i] = (gop_real)v;
        sum += v;
    }
    if (s->after == ',')
        return bad(s, "the line has more fields than the heading", err);
    if (sum < 1 - TOLERANCE || sum > 1 + TOLERANCE)
        return bad(s, "the sum of the probabilities is not 1", err);
    return GOP_OK;
}

/* Whether nothing follows the last line. */
static bool ended(zoo_scores *s)
{
    if (s->after == EOF)
        return true;
    const int c = getc(s->file);
    if (c != EOF)
        ungetc(c, s->file);
    return c == EOF && !ferror(s->file);
}

gop_status zoo_scores_next(const zoo_scored **clip, zoo_scores *s, gop_error *err)
{
    char text[ZOO_NAME_SIZE];
    if (clip == NULL || s == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_scores_next: a file and a clip are needed");
    *clip = NULL;
    if (ended(s))
        return GOP_OK;
    s->line++;
    gop_try(read_field(s, text, sizeof text, err));
    s->clip.protocol = zoo_protocol_find(text);
    if (s->clip.protocol == NULL || s->clip.protocol->task != ZOO_RECOGNITION)
        return bad(s, "the first field is no protocol of recognition", err);
    gop_try(read_next(s, s->sequence, sizeof s->sequence, err));
    s->clip.sequence = s->sequence;
    gop_try(read_start(s, err));
    gop_try(read_truth(s, err));
    gop_try(read_probabilities(s, err));
    s->clip.score = s->p;
    *clip = &s->clip;
    return GOP_OK;
}
