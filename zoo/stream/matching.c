/*
 * matching.c: see matching.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/matching.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

gop_status zoo_matching_open(zoo_matching *m, const zoo_layout *layout, size_t tracks, double reach,
                             gop_error *err)
{
    *m = (zoo_matching){.layout = layout,
                        .coordinates = zoo_coordinates(layout),
                        .reach = reach,
                        .tracks = tracks,
                        .next = 1};
    m->distance = calloc(ZOO_STREAM_CROWD * tracks, sizeof *m->distance);
    m->track = calloc(tracks, sizeof *m->track);
    return m->distance != NULL && m->track != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for %zu bodies", tracks);
}

void zoo_matching_close(zoo_matching *m)
{
    free(m->distance);
    free(m->track);
    m->distance = NULL;
    m->track = NULL;
}

/* ------------------------------------------------------------------- distances */

/* The diagonal of the box around a body's joints. */
static double size_of(const zoo_matching *m, const float *v)
{
    double square = 0;
    for (size_t k = 0; k < m->coordinates; k++) {
        double least = INFINITY, most = -INFINITY;
        for (size_t i = 0; i < m->layout->nodes; i++) {
            const double x = v[m->layout->column[i * m->layout->channels + k]];
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
        square += most > least ? (most - least) * (most - least) : 0;
    }
    return sqrt(square);
}

/* The mean distance of the joints that both have; INFINITY without any. */
static double mean_distance(const zoo_matching *m, const float *a, const float *b)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < m->layout->nodes; i++) {
        double square = 0;
        for (size_t k = 0; k < m->coordinates; k++) {
            const size_t c = m->layout->column[i * m->layout->channels + k];
            const double d = (double)a[c] - (double)b[c];
            square += d * d;
        }
        if (!isfinite(square))
            continue;
        sum += sqrt(square);
        n++;
    }
    return n > 0 ? sum / (double)n : INFINITY;
}

/* In layouts without positions all are equally near. */
static double far_apart(const zoo_matching *m, const zoo_followed *t, const float *body)
{
    if (m->coordinates == 0)
        return 0;
    const double d = mean_distance(m, t->last, body), size = size_of(m, t->last);
    return d == 0 ? 0 : d / size;
}

/* --------------------------------------------------------------------- matching */

static int64_t id_of(const zoo_frame *f, size_t i)
{
    return f->id != NULL && f->id[i] >= 0 ? f->id[i] : -1;
}

static bool is_number(const zoo_matching *m, int64_t number)
{
    for (size_t k = 0; k < m->tracks; k++)
        if (m->track[k].alive && m->track[k].number == number)
            return true;
    return false;
}

static void begin(zoo_matching *m, size_t k, const zoo_frame *f, size_t i)
{
    zoo_followed *t = &m->track[k];
    const int64_t id = id_of(f, i);
    while (id < 0 && is_number(m, m->next))
        m->next++;
    t->given = id >= 0;
    t->number = id >= 0 ? id : m->next++;
    t->alive = true;
    t->now = i;
}

/* Joins bodies with an id that is followed.  taken[i]: body i has a track, or none may have it. */
static void join_by_id(zoo_matching *m, const zoo_frame *f, size_t n, bool *taken, uint64_t *lost)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t id = id_of(f, i);
        for (size_t j = 0; j < i && id >= 0 && !taken[i]; j++)
            if (id_of(f, j) == id) {
                taken[i] = true;
                ++*lost;
            }
        for (size_t k = 0; k < m->tracks && id >= 0 && !taken[i]; k++)
            if (m->track[k].alive && m->track[k].given && m->track[k].number == id) {
                m->track[k].now = i;
                taken[i] = true;
            }
    }
}

static bool is_open(const zoo_matching *m, size_t k)
{
    return m->track[k].alive && !m->track[k].given && m->track[k].now == SIZE_MAX;
}

/* Joins the nearest pair of a body and a track, both without ids, until none is within reach. */
static void join_by_place(zoo_matching *m, const zoo_frame *f, size_t n, bool *taken)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m->tracks && !taken[i] && id_of(f, i) < 0; k++)
            if (is_open(m, k))
                m->distance[i * m->tracks + k] = far_apart(m, &m->track[k],
                                                           f->values + i * m->layout->columns);
    for (;;) {
        double least = INFINITY;
        size_t body = 0, track = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < m->tracks && !taken[i] && id_of(f, i) < 0; k++)
                if (is_open(m, k) && m->distance[i * m->tracks + k] < least) {
                    least = m->distance[i * m->tracks + k];
                    body = i;
                    track = k;
                }
        if (!(least <= m->reach))
            return;
        m->track[track].now = body;
        taken[body] = true;
    }
}

static bool is_empty(const zoo_matching *m, const float *v)
{
    for (size_t c = 0; c < m->layout->columns; c++)
        if (isfinite(v[c]))
            return false;
    return true;
}

void zoo_matching_take(zoo_matching *m, const zoo_frame *f, bool *begun, uint64_t *dropped)
{
    bool taken[ZOO_STREAM_CROWD];
    const size_t n = f->bodies < ZOO_STREAM_CROWD ? f->bodies : ZOO_STREAM_CROWD;
    *dropped = f->bodies - n;
    for (size_t i = 0; i < n; i++)
        taken[i] = is_empty(m, f->values + i * m->layout->columns);
    for (size_t k = 0; k < m->tracks; k++) {
        m->track[k].now = SIZE_MAX;
        begun[k] = false;
    }
    join_by_id(m, f, n, taken, dropped);
    join_by_place(m, f, n, taken);
    for (size_t i = 0, k = 0; i < n; i++) {
        if (taken[i])
            continue;
        while (k < m->tracks && m->track[k].alive)
            k++;
        if (k == m->tracks) {
            ++*dropped;
            continue;
        }
        begin(m, k, f, i);
        begun[k] = true;
    }
    for (size_t k = 0; k < m->tracks; k++)
        if (m->track[k].alive && m->track[k].now != SIZE_MAX)
            m->track[k].seen = f->time;
}
