/*
 * augment_space.c: changes of coordinates, the same for all frames and bodies of a window: rotation,
 * scale, shear, mirror.  Three coordinates change about the origin, two, which are places in an
 * image, about the mean of the observed frames.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/augment/augment.h"

#include <math.h>

#include "zoo/dataset/transform/transform.h"

void zoo_scene_find_middle(zoo_scene *s, const zoo_layout *l)
{
    const size_t D = zoo_coordinates(l);
    for (size_t k = 0; k < 3; k++) {
        double sum = 0;
        size_t n = 0;
        for (size_t f = 0; D == 2 && k < 2 && f < s->bodies * s->frames; f++)
            for (size_t i = 0; i < l->nodes; i++) {
                const float v = s->raw[f * l->columns + zoo_columns_of(l, i)[k]];
                sum += isnan(v) ? 0 : (double)v;
                n += !isnan(v);
            }
        s->middle[k] = n > 0 ? sum / (double)n : 0;
    }
}

/* x = matrix (x - middle) + middle for each node of each frame. */
static void multiply(double matrix[3][3], const zoo_layout *l, zoo_scene *s)
{
    const size_t D = zoo_coordinates(l);
    for (size_t f = 0; f < s->bodies * s->frames; f++)
        for (size_t i = 0; i < l->nodes; i++) {
            const uint32_t *c = zoo_columns_of(l, i);
            float *frame = s->raw + f * l->columns;
            double x[3] = {0, 0, 0};
            for (size_t k = 0; k < D; k++)
                x[k] = (double)frame[c[k]] - s->middle[k];
            for (size_t k = 0; k < D; k++) {
                double sum = 0;
                for (size_t j = 0; j < D; j++)
                    sum += matrix[k][j] * x[j];
                frame[c[k]] = (float)(sum + s->middle[k]);
            }
        }
}

/* a = b a */
static void chain(double a[3][3], double b[3][3])
{
    double c[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i][j] = b[i][0] * a[0][j] + b[i][1] * a[1][j] + b[i][2] * a[2][j];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            a[i][j] = c[i][j];
}

/* About x, then y, then z, by angles uniform in [-amount, amount]; in an image about z alone. */
static void rotate(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    double matrix[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int axis = zoo_coordinates(l) == 3 ? 0 : 2; axis < 3; axis++) {
        const double angle = zoo_draw_about(rng, amount);
        const int a = (axis + 1) % 3, b = (axis + 2) % 3;
        double turn[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        turn[a][a] = turn[b][b] = cos(angle);
        turn[a][b] = -sin(angle);
        turn[b][a] = sin(angle);
        chain(matrix, turn);
    }
    multiply(matrix, l, s);
}

/* Each axis by a factor uniform in [1 - amount, 1 + amount]. */
static void scale(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    double matrix[3][3] = {{0}};
    for (int k = 0; k < 3; k++)
        matrix[k][k] = 1 + zoo_draw_about(rng, amount);
    multiply(matrix, l, s);
}

/* Off the diagonal, numbers uniform in [-amount, amount]. */
static void shear(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    double matrix[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            matrix[i][j] = i == j ? 1 : zoo_draw_about(rng, amount);
    multiply(matrix, l, s);
}

/* The coordinate from the subject's left to its right. */
static int across(const zoo_layout *l)
{
    const int up = ((int)zoo_layout_up(l) - 1) % 3, ahead = ((int)zoo_layout_ahead(l) - 1) % 3;
    return zoo_coordinates(l) == 3 ? 3 - up - ahead : 0;
}

/* With probability `amount`: nodes change places with their counterparts, and the coordinate across
 * the body changes its sign. */
static void mirror(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    double matrix[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    if (gop_rng_uniform(rng) >= amount)
        return;
    matrix[across(l)][across(l)] = -1;
    multiply(matrix, l, s);
    for (size_t f = 0; f < s->bodies * s->frames; f++)
        for (size_t p = 0; p < l->n_pairs; p++)
            for (size_t k = 0; k < l->channels; k++) {
                float *frame = s->raw + f * l->columns;
                float *a = &frame[zoo_columns_of(l, l->pairs[p].a)[k]];
                float *b = &frame[zoo_columns_of(l, l->pairs[p].b)[k]];
                const float kept = *a;
                *a = *b;
                *b = kept;
            }
}

const zoo_change zoo_change_rotate = {.name = "rotate",
                                      .text = "an angle in radians",
                                      .most = 3.15,
                                      .places = true,
                                      .frames = rotate};
const zoo_change zoo_change_scale = {
    .name = "scale", .text = "a share", .most = 0.9, .places = true, .frames = scale};
const zoo_change zoo_change_shear = {
    .name = "shear", .text = "a share", .most = 1, .places = true, .frames = shear};
const zoo_change zoo_change_mirror = {
    .name = "mirror", .text = "a probability", .most = 1, .places = true, .frames = mirror};
