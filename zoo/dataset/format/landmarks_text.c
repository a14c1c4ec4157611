/*
 * landmarks_text.c: see landmarks_text.h.
 *
 * A cell of the heading names a channel by its first or last word, without the number of its node:
 * x1, x_1, NOSE_x, "nose x", v1, nose_visibility.  Touches a file by reading its beginning.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/landmarks_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zoo/bom.h"
#include "zoo/dataset/format/files.h"

#define BEGINNING ((size_t)1 << 16)
#define MOST      (5 * 1024)
#define WORD      80

enum { OTHER, FRAME, JOINT, X, Y, Z, SCORE };

/* A cell in small letters, with blanks for marks and without a number at its end. */
static void fold(char word[WORD], const zoo_cell *cell)
{
    size_t n = 0;
    for (; n + 1 < WORD && n < cell->n; n++) {
        const unsigned char c = (unsigned char)cell->text[n];
        word[n] = isalnum(c) ? (char)tolower(c) : ' ';
    }
    while (n > 0 && (word[n - 1] == ' ' || isdigit((unsigned char)word[n - 1])))
        n--;
    word[n] = '\0';
}

static bool begins(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

/* Whether the word's first or last part, behind or before a blank or a digit, is `part`. */
static bool has_part(const char *word, const char *part)
{
    const size_t n = strlen(word), m = strlen(part);
    if (n < m)
        return false;
    const char *end = word + n - m;
    return (begins(word, part) && !isalpha((unsigned char)word[m])) ||
           (strcmp(end, part) == 0 && (end == word || !isalpha((unsigned char)end[-1])));
}

static int role_of(const zoo_cell *cell)
{
    static const char *const scores[] = {"v", "s", "c", "vis", "visibility", "score", "confidence"};
    char word[WORD];
    fold(word, cell);
    if (begins(word, "frame"))
        return FRAME;
    for (int k = 0; k < 3; k++)
        if (has_part(word, k == 0 ? "x" : k == 1 ? "y" : "z"))
            return X + k;
    for (size_t k = 0; k < sizeof scores / sizeof *scores; k++)
        if (has_part(word, scores[k]))
            return SCORE;
    return begins(word, "landmark") || begins(word, "joint") || begins(word, "keypoint") ? JOINT
                                                                                         : OTHER;
}

static void put(char list[ZOO_COLUMNS_SIZE], const char *name)
{
    const size_t n = strlen(list);
    snprintf(list + n, ZOO_COLUMNS_SIZE - n, "%s%s", n > 0 ? "," : "", name);
}

/* Adds a column to both lists. */
static void put_role(zoo_landmarks *l, int role, bool seen)
{
    static const char *const names[] = {"-", "frame", "joint", "x", "y", "-", "score"};
    put(l->image, seen ? "-" : names[role]);
    put(l->space, seen || role == SCORE ? "-" : role == Z ? "z" : names[role]);
}

/* The lines of the first frame of a table with one landmark a line. */
static size_t count_lines(const zoo_sample *s, size_t frame)
{
    zoo_cell first = {NULL, 0}, *cell = malloc((frame + 1) * sizeof *cell);
    const char *p = s->text, *line, *past;
    size_t n = 0;
    if (cell == NULL || !zoo_sample_line(&line, &past, &p, s->end)) {
        free(cell);
        return 0;
    }
    while (zoo_sample_line(&line, &past, &p, s->end) &&
           zoo_cells_cut(cell, frame + 1, &s->dialect, line, past) > frame) {
        if (n > 0 &&
            (cell[frame].n != first.n || memcmp(cell[frame].text, first.text, first.n) != 0))
            break;
        first = cell[frame];
        n++;
    }
    free(cell);
    return n;
}

static bool look(zoo_landmarks *l, const zoo_sample *s, zoo_cell *cell)
{
    const char *p = s->text, *line, *past;
    int role[MOST];
    size_t count[SCORE + 1] = {0}, first = SIZE_MAX, frame = SIZE_MAX, joint = SIZE_MAX;
    if (!zoo_sample_line(&line, &past, &p, s->end))
        return false;
    const size_t n = zoo_cells_cut(cell, MOST, &s->dialect, line, past);
    if (n > MOST)
        return false;
    for (size_t i = 0; i < n; i++) {
        char word[WORD];
        fold(word, &cell[i]);
        role[i] = role_of(&cell[i]);
        l->world |= strstr(word, "world") != NULL;
        first = role[i] == X && first == SIZE_MAX ? i : first;
        frame = role[i] == FRAME && frame == SIZE_MAX ? i : frame;
        joint = role[i] == JOINT && joint == SIZE_MAX ? i : joint;
        count[role[i]]++;
    }
    if (count[X] == 0 || count[Y] != count[X])
        return false;
    l->depth = count[Z] == count[X];
    l->scored = count[SCORE] >= count[X];
    const bool wide = count[X] > 1;
    size_t each = n - first; /* columns of a node */
    for (size_t i = first + 1; wide && i < n && each == n - first; i++)
        each = role[i] == X ? i - first : each;
    if (wide && first + each * count[X] != n)
        return false;
    l->nodes = wide ? count[X] : frame != SIZE_MAX ? count_lines(s, frame) : 0;
    unsigned seen = 0;
    for (size_t i = 0; i < (wide ? first + each : n); i++) {
        const bool again = role[i] != OTHER && (seen & 1u << role[i]) != 0;
        put_role(l, wide && role[i] == JOINT ? OTHER : role[i], again);
        seen |= 1u << role[i];
        if (wide && i >= first && role[i] != role[i + each * (count[X] - 1)])
            return false;
    }
    if (wide) {
        put(l->image, "...");
        put(l->space, "...");
    }
    return wide || (frame != SIZE_MAX && joint != SIZE_MAX);
}

gop_status zoo_landmarks_look(zoo_landmarks *l, const char *path, zoo_drop *why, gop_error *err)
{
    int fd;
    size_t n = 0;
    ssize_t k = 1;
    memset(l, 0, sizeof *l);
    gop_try(zoo_regular_open(&fd, why, path, err));
    char *text = malloc(BEGINNING);
    zoo_cell *cell = malloc(MOST * sizeof *cell);
    while (text != NULL && n < BEGINNING && (k > 0 || errno == EINTR)) {
        k = read(fd, text + n, BEGINNING - n);
        n += k > 0 ? (size_t)k : 0;
        if (k == 0)
            break;
    }
    const int code = errno;
    close(fd);
    gop_status s = GOP_OK;
    *why = ZOO_DROP_FORMAT;
    if (text == NULL || cell == NULL) {
        s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    } else if (k < 0) {
        *why = zoo_drop_of(code);
        s = gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(code));
    } else {
        const char *begin = text + zoo_bom(text, n), *end = text + n;
        while (n == BEGINNING && end > begin && end[-1] != '\n')
            end--; /* complete lines */
        zoo_sample sample;
        zoo_sample_take(&sample, begin, end);
        if (!look(l, &sample, cell))
            s = gop_fail(err, GOP_EFORMAT,
                         "%s: no heading that names x and y of landmarks; source csv reads text "
                         "without one",
                         path);
    }
    free(text);
    free(cell);
    return s;
}
