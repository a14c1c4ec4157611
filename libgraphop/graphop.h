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
 *   - A function that can fail returns a gop_status.  If it takes a gop_error, it writes
 *     one sentence there that names what was wrong.
 *   - Recording functions return a gop_var.  The first failure makes the net's status
 *     sticky, later recording functions do nothing, and gop_net_plan reports the failure.
 *   - Results come first in parameter lists, inputs are const, every type with
 *     a _new or _open has one _free that accepts NULL.
 *   - NULL pointers, indices out of range, sizes of zero and calls out of order are
 *     reported where the function can fail.  Elsewhere they are harmless: the function
 *     does nothing and returns zero, NULL or SIZE_MAX.  The comment of a function that
 *     does not check states it.
 *   - The library never prints, exits, aborts or keeps global state.
 *   - The same seed, data, build and CPU give the same bytes at any number of
 *     threads.
 *
 * Threads
 *   Functions may be called from several threads at the same time on different objects.
 *   On one object, functions that take it as const may run at the same time; all others
 *   must run one after another.  A net uses its context and its params.  A context serves
 *   one thread at a time, any thread (OpenMP restarts its threads when the calling thread
 *   changes).  For params:
 *   - Inference nets only read closed params (gop_params_close; a model read from a file is
 *     closed).  Any number of them may be made, recorded, planned, run and freed at the same
 *     time, each with its own context, as long as no thread writes the params or calls
 *     gop_params_values, gop_params_stats or gop_params_changed.
 *   - Recording into open params, forward runs of a training net, optimiser steps and
 *     reading a file into params write them: nothing else may use the same params then.
 *   A context of one thread starts no other thread, and its runs take no lock.
 *   A child of fork() runs with one thread if the forking thread had used several.
 *
 * This file is an umbrella; each header below has one topic.  graphop/ops.h, the
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
#include "graphop/stepper.h"

/* training and files */
#include "graphop/train.h"
#include "graphop/file.h"

/* custom operators and their checks */
#include "graphop/operator.h"
#include "graphop/check.h"

#endif
