/*
 * fuse_scores.c: fuses files of scores (fuse_scores.h).  Reads them, writes to stdout and one
 * file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "fuse_scores.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "eval_report.h"

/* The file of the fused scores, and their classes. */
typedef struct saving {
    gop_file *file; /* NULL: nothing is saved */
    const zoo_domain *domain;
} saving;

int fuse_is_scores(const app_usage *usage, bool *is, const char *path)
{
    char head[64];
    FILE *file = fopen(path, "rb");
    const size_t n = file ? fread(head, 1, sizeof head - 1, file) : 0;
    const int code = !file || ferror(file) ? errno : 0;

    head[n] = '\0';
    if (file)
        fclose(file);
    *is = code == 0 && zoo_scores_begin(head);
    return code == 0 ? APP_OK
                     : app_fail(usage, APP_DATA, "cannot %s %s: %s.", file ? "read" : "open", path,
                                strerror(code));
}

static gop_status save(void *user, const zoo_scored *clip, gop_error *err)
{
    const saving *s = user;

    (void)err; /* gop_file_commit reports what could not be written */
    if (s->file)
        zoo_scores_line(gop_file_stream(s->file), clip, s->domain);
    return GOP_OK;
}

static void print(const saving *s, zoo_table *const *table, size_t tables, bool json)
{
    for (size_t i = 0; i < tables; i++) {
        if (json)
            eval_json(table[i], s->domain);
        else
            eval_print(table[i], s->domain, false);
    }
}

/* Measures open files. */
static gop_status fuse(saving *s, zoo_scores *const *scores, size_t n, const zoo_list *weights,
                       const char *output, bool json, gop_error *err)
{
    const zoo_measure measure = {.seen = save, .user = s};
    zoo_table *table[ZOO_MAX_TABLES];
    double w[ZOO_FUSE_MAX];
    size_t tables = 0;
    gop_status status = GOP_OK;

    for (size_t i = 0; weights && i < n; i++)
        w[i] = weights->v[i];
    s->domain = zoo_scores_domain(scores[0]);
    if (output)
        status = gop_file_new(&s->file, output, err);
    if (!status && output)
        zoo_scores_heading(gop_file_stream(s->file), s->domain);
    if (!status)
        status = zoo_scores_fuse(table, &tables, scores, n, weights ? w : NULL, &measure, err);
    if (!status && s->file) {
        status = gop_file_commit(s->file, err);
        s->file = NULL;
    }
    gop_file_discard(s->file);
    if (!status)
        print(s, table, tables, json);
    for (size_t i = 0; i < tables; i++)
        zoo_table_free(table[i]);
    return status;
}

int fuse_scores(const app_usage *usage, char *const *path, size_t n, const zoo_list *weights,
                const char *output, bool json)
{
    zoo_scores *scores[ZOO_FUSE_MAX] = {NULL};
    saving s = {0};
    gop_error err = {GOP_OK, ""};
    gop_status status = GOP_OK;

    if (weights && weights->n != n)
        return app_fail(usage, APP_USE, "--weights: %zu files need as many weights, not %u", n,
                        (unsigned)weights->n);
    for (size_t i = 0; i < n && !status; i++)
        status = zoo_scores_open(&scores[i], path[i], &err);
    if (!status)
        status = fuse(&s, scores, n, weights, output, json, &err);
    for (size_t i = 0; i < n; i++)
        zoo_scores_close(scores[i]);
    return status ? app_fail_error(usage, status == GOP_EINVAL ? APP_USE : APP_DATA, &err) : APP_OK;
}
