/*
 * config.c: derives from a configuration of Sym-GNN which parts its networks have.  Touches
 * nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

const char *const symgnn_stream_name[SYMGNN_STREAMS] = {"joint", "bone", "joint-motion",
                                                        "bone-motion"};

bool symgnn_has_joints(const symgnn_config *c)
{
    return c->scales != SYMGNN_PARTS;
}

bool symgnn_has_parts(const symgnn_config *c)
{
    return c->scales != SYMGNN_JOINTS;
}

size_t symgnn_first_part_block(const symgnn_config *c)
{
    return symgnn_has_joints(c) && c->part_from == SYMGNN_FROM_BLOCK ? 1 : 0;
}

bool symgnn_infers(const symgnn_config *c)
{
    return symgnn_has_joints(c) && c->joint_graphs != SYMGNN_STRUCTURAL;
}

bool symgnn_has_hops(const symgnn_config *c)
{
    return symgnn_has_joints(c) && c->joint_graphs != SYMGNN_ACTIONAL;
}

bool symgnn_recognises(const symgnn_config *c)
{
    return c->heads != SYMGNN_PREDICTION;
}

unsigned symgnn_first_stream(const symgnn_config *c)
{
    unsigned k = 0;
    while (k + 1 < SYMGNN_STREAMS && !(c->stream >> k & 1))
        k++;
    return k;
}

bool symgnn_predicts(const symgnn_config *c)
{
    return c->heads != SYMGNN_RECOGNITION && symgnn_first_stream(c) < SYMGNN_JOINT_MOTION;
}

bool symgnn_fused_after(const symgnn_config *c, size_t block)
{
    for (uint32_t i = 0; i < c->fuse_after.n; i++)
        if (c->fuse_after.v[i] == block + 1)
            return true;
    return false;
}
