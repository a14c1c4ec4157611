/*
 * kinematics.c: computes positions from joint angles (chain.h).  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/skeleton/rotation.h"

/* The root's position and rotation come first in a frame. */
#define ROOT_COLUMNS 3

/* p = a + unit o G, with vectors as rows. */
static void place(double *p, const double *a, const double *o, double unit, double G[3][3])
{
    for (int c = 0; c < 3; c++)
        p[c] = a[c] + unit * (o[0] * G[0][c] + o[1] * G[1][c] + o[2] * G[2][c]);
}

/* C = A B. */
static void multiply(double C[3][3], double A[3][3], double B[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            C[i][j] = A[i][0] * B[0][j] + A[i][1] * B[1][j] + A[i][2] * B[2][j];
}

void zoo_chain_positions(double *p, const zoo_chain *chain, const float *frame)
{
    static const double still[3] = {0, 0, 0};
    double G[ZOO_MAX_JOINTS][3][3];
    if (p == NULL || chain == NULL || frame == NULL || chain->joints > ZOO_MAX_JOINTS)
        return;
    for (size_t j = 0; j < chain->joints; j++) {
        const float *from = frame + ROOT_COLUMNS + 3 * j;
        const double r[3] = {from[0], from[1], from[2]};
        double R[3][3];
        zoo_rotation(R, j == 0 ? still : r, ZOO_AXIS_MAX_EPS);
        if (j == 0) {
            memcpy(G[0], R, sizeof R);
            memset(p, 0, 3 * sizeof *p);
            continue;
        }
        size_t parent = chain->parent[j];
        multiply(G[j], R, G[parent]);
        place(p + 3 * j, p + 3 * parent, chain->offset + 3 * j, chain->unit, G[parent]);
    }
}
