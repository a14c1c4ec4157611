/*
 * topk.c: ranks labels by scores (metric.h).  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/metric.h"

bool zoo_top_k(const gop_real *score, size_t n, size_t label, size_t k)
{
    size_t not_below = 0;
    if (score == NULL || label >= n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (i != label && !(score[i] < score[label]))
            not_below++;
    return not_below < k;
}

size_t zoo_answer(const gop_real *score, size_t n, size_t label)
{
    size_t best = n;
    if (score == NULL || label >= n)
        return n;
    if (zoo_top_k(score, n, label, 1))
        return label;
    for (size_t i = 0; i < n; i++)
        if (i != label && (best == n || score[i] > score[best]))
            best = i;
    return best;
}
