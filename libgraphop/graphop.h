/*
 * graphop.h: everything a user of libgraphop includes.
 *
 * libgraphop is a library of trainable operators on batches of small dense
 * graphs.  A network is recorded once as a sequence of operators (gop_net),
 * planned once (shapes, memory), and run many times, forward and backward,
 * without allocating.  Values are laid out [N, M, T, C]: batch, nodes, frames,
 * channels; the last axis is contiguous.
 *
 * Conventions
 *   - A function that can fail returns a gop_status and, where it takes a
 *     gop_error, leaves one sentence there that names what was wrong.
 *   - Recording functions return a gop_var.  The first one that fails makes the
 *     net's status sticky; later ones do nothing; gop_net_plan reports it.
 *   - Results come first in parameter lists, inputs are const, every type with
 *     a _new or _open has one _free that accepts NULL.
 *   - NULL for a pointer, an index out of range, a size of zero and a call out of
 *     order are errors where a function can report one, and harmless elsewhere:
 *     nothing is done, and zero, NULL or SIZE_MAX comes back.  Exceptions, which trust
 *     their caller, say so.
 *   - The library never prints, exits, aborts or keeps global state.
 *   - The same seed, data, build and CPU give the same bytes at any number of
 *     threads.
 *
 * Threads
 *   Functions may be called from several threads at the same time on different objects.
 *   On one object, functions that take it as const may run at the same time, others one
 *   after another.  A net belongs to its context, which serves one thread at a time, whichever that is (for another one
 *   OpenMP makes its threads again), and to its params:
 *   - Inference nets over params that are closed (gop_params_close; a model read from a
 *     file is) only read them.  Any number may be made, recorded, planned, run and freed
 *     at the same time, each with a context of its own, as long as nobody writes the
 *     params, takes gop_params_values or gop_params_stats or calls gop_params_changed.
 *   - Recording into params that are not closed, forward runs of a training net, steps of
 *     an optimiser and reading a file into params write them: nothing else may use the
 *     same params then.
 *   A context of one thread starts no other, and runs with it take no lock.
 *
 * This file is an umbrella; each header below is of one theme.  graphop/ops.h, the
 * constructors of the operators, is generated from libgraphop/op/.
 */
#ifndef GRAPHOP_H
#define GRAPHOP_H

/* what every program needs */
#include "graphop/status.h"
#include "graphop/context.h"
#include "graphop/shape.h"
#include "graphop/random.h"

/* data of a model */
#include "graphop/graph.h"
#include "graphop/params.h"

/* networks */
#include "graphop/net.h"
#include "graphop/kinds.h"
#include "graphop/ops.h"
#include "graphop/layer.h"
#include "graphop/profile.h"

/* training and files */
#include "graphop/train.h"
#include "graphop/file.h"

/* writing an operator of one's own, and checking it */
#include "graphop/operator.h"
#include "graphop/check.h"

#endif
