/*
 * golden.c: reads the files of tests/golden and fails tests.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far above any case: a damaged count fails here and not in malloc. */
#define MAX_SIZE 1000000

static void *grown(void *p, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0) /* room for 2^k is already allocated */
        return p;
    p = realloc(p, (n == 0 ? 1 : 2 * n) * size);
    ck_assert_msg(p != NULL, "out of memory for golden values");
    return p;
}

/* The line at the cursor, terminated at its newline; NULL at the end. */
static char *next_line(char **cursor)
{
    char *line = *cursor, *end;
    if (*line == '\0')
        return NULL;
    end = strchr(line, '\n');
    ck_assert_msg(end != NULL, "the last line of a golden file is cut short");
    *end = '\0';
    *cursor = end + 1;
    return line;
}

static char *whole_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "cannot open %s", path);
    ck_assert(fseek(f, 0, SEEK_END) == 0);
    long size = ftell(f);
    ck_assert(size >= 0 && fseek(f, 0, SEEK_SET) == 0);
    char *text = malloc((size_t)size + 1);
    ck_assert_msg(text != NULL, "out of memory for %s", path);
    ck_assert_msg(fread(text, 1, (size_t)size, f) == (size_t)size, "cannot read %s", path);
    text[size] = '\0';
    fclose(f);
    return text;
}

static void read_attr(golden *g, const char *line, const char *path, size_t number)
{
    g->attr = grown(g->attr, g->n_attrs, sizeof *g->attr);
    golden_attr *a = &g->attr[g->n_attrs++];
    ck_assert_msg(sscanf(line, "attr %47s %191[^\n]", a->name, a->value) == 2,
                  "%s:%zu: not 'attr NAME VALUE'", path, number);
}

/* "tensor KIND NAME RANK DIM..." and the lines of values. */
static size_t read_tensor(golden *g, const char *line, char **cursor, const char *path,
                          size_t number)
{
    int rank = -1, at = 0;
    g->tensor = grown(g->tensor, g->n_tensors, sizeof *g->tensor);
    golden_tensor *t = &g->tensor[g->n_tensors++];
    memset(t, 0, sizeof *t);
    ck_assert_msg(sscanf(line, "tensor %7s %95s %d%n", t->kind, t->name, &rank, &at) == 3 &&
                      rank >= 0 && rank <= GOP_MAX_RANK,
                  "%s:%zu: not 'tensor KIND NAME RANK DIM...'", path, number);
    t->shape = gop_shape0();
    t->shape.rank = rank;
    t->size = 1;
    for (int i = 0; i < rank; i++) {
        char *end;
        unsigned long d = strtoul(line + at, &end, 10);
        ck_assert_msg(end != line + at && d > 0 && d <= MAX_SIZE && t->size * d <= MAX_SIZE,
                      "%s:%zu: dimension %d of %s makes no sense", path, number, i, t->name);
        t->shape.dim[i] = d;
        t->size *= d;
        at = (int)(end - line);
    }
    t->v = malloc(t->size * sizeof *t->v);
    ck_assert_msg(t->v != NULL, "out of memory for %s", t->name);
    for (size_t i = 0; i < t->size;) {
        char *p = next_line(cursor), *end;
        number++;
        ck_assert_msg(p != NULL, "%s ends inside %s %s", path, t->kind, t->name);
        for (; *p != '\0'; p = end) {
            double v = strtod(p, &end);
            ck_assert_msg(end != p && isfinite(v) && i < t->size,
                          "%s:%zu: not a value of %s %s (%zu values): '%.24s'", path, number,
                          t->kind, t->name, t->size, p);
            t->v[i++] = v;
        }
    }
    return number;
}

golden *golden_open(const char *name)
{
    const char *top = getenv("top_srcdir");
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/golden/%s.txt", top != NULL ? top : ".", name);
    golden *g = calloc(1, sizeof *g);
    ck_assert_msg(g != NULL, "out of memory for %s", path);
    snprintf(g->name, sizeof g->name, "%s", name);
    char *text = whole_file(path), *cursor = text, *line;
    for (size_t number = 1; (line = next_line(&cursor)) != NULL; number++) {
        if (strncmp(line, "attr ", 5) == 0)
            read_attr(g, line, path, number);
        else
            number = read_tensor(g, line, &cursor, path, number);
    }
    free(text);
    return g;
}

void golden_close(golden *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->n_tensors; i++)
        free(g->tensor[i].v);
    free(g->tensor);
    free(g->attr);
    free(g);
}

static const char *attribute(const golden *g, const char *attr)
{
    for (size_t i = 0; i < g->n_attrs; i++)
        if (strcmp(g->attr[i].name, attr) == 0)
            return g->attr[i].value;
    return NULL;
}

const char *golden_text(const golden *g, const char *attr)
{
    const char *text = attribute(g, attr);
    ck_assert_msg(text != NULL, "golden case %s has no attribute %s", g->name, attr);
    return text;
}

const char *golden_text_or(const golden *g, const char *attr, const char *otherwise)
{
    const char *text = attribute(g, attr);
    return text != NULL ? text : otherwise;
}

double golden_number_or(const golden *g, const char *attr, double otherwise)
{
    return attribute(g, attr) != NULL ? golden_number(g, attr) : otherwise;
}

double golden_number(const golden *g, const char *attr)
{
    const char *text = golden_text(g, attr);
    char *end;
    double v = strtod(text, &end);
    ck_assert_msg(end != text && *end == '\0', "attribute %s of golden case %s is '%s', no number",
                  attr, g->name, text);
    return v;
}

const golden_tensor *golden_find(const golden *g, const char *kind, const char *name)
{
    for (size_t i = 0; i < g->n_tensors; i++)
        if (strcmp(g->tensor[i].kind, kind) == 0 && strcmp(g->tensor[i].name, name) == 0)
            return &g->tensor[i];
    return NULL;
}

const golden_tensor *golden_get(const golden *g, const char *kind, const char *name)
{
    const golden_tensor *t = golden_find(g, kind, name);
    ck_assert_msg(t != NULL, "golden case %s has no tensor %s %s", g->name, kind, name);
    return t;
}

size_t golden_count(const golden *g, const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_tensors; i++)
        n += strcmp(g->tensor[i].kind, kind) == 0;
    return n;
}

gop_real *golden_reals(const golden_tensor *t)
{
    gop_real *v = malloc(t->size * sizeof *v);
    ck_assert_msg(v != NULL, "out of memory for %s", t->name);
    for (size_t i = 0; i < t->size; i++)
        v[i] = (gop_real)t->v[i];
    return v;
}

static void expect_shape(const golden *g, const golden_tensor *t, gop_shape shape)
{
    char want[96], got[96];
    ck_assert_msg(gop_shape_equal(t->shape, shape), "%s %s of %s has the shape %s, here %s",
                  t->kind, t->name, g->name, gop_shape_text(want, sizeof want, t->shape),
                  gop_shape_text(got, sizeof got, shape));
}

void golden_copy(gop_real *to, gop_shape shape, const golden *g, const char *kind, const char *name)
{
    const golden_tensor *t = golden_get(g, kind, name);
    ck_assert_msg(to != NULL, "no place for %s %s of %s", kind, name, g->name);
    expect_shape(g, t, shape);
    for (size_t i = 0; i < t->size; i++)
        to[i] = (gop_real)t->v[i];
}

double golden_error(const gop_real *got, const double *want, size_t n)
{
    double worst = 0, scale = 0;
    for (size_t i = 0; i < n; i++) {
        double e = fabs((double)got[i] - want[i]);
        if (isnan(e))
            return INFINITY;
        if (e > worst)
            worst = e;
        if (fabs(want[i]) > scale)
            scale = fabs(want[i]);
    }
    return scale < 1e-12 ? worst : worst / scale;
}

double golden_compare(const golden *g, const char *kind, const char *name, const gop_real *got,
                      gop_shape shape)
{
    const golden_tensor *t = golden_get(g, kind, name);
    ck_assert_msg(got != NULL, "%s: nothing to compare with %s %s", g->name, kind, name);
    expect_shape(g, t, shape);
    return golden_error(got, t->v, t->size);
}

void golden_uniform(double *u, const char *name, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *p = name; *p != '\0'; p++)
        h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < n; i++) {
        uint64_t z = h + (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        z ^= z >> 31;
        u[i] = (double)(z >> 11) * 0x1p-52 - 1;
    }
}
