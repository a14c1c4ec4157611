/*
 * carry.c: a run of training that goes from one machine to another.  For build-aux/cross.
 *
 *     carry DATA.gds RUN.gop OPTIMISER STEPS   resumes the run, or begins it if there is no such
 *                                              file, takes STEPS steps and saves; prints each
 *                                              step's losses to three digits
 *     carry DATA.gds RUN.gop RUN.gop           the greatest difference of two runs' weights, which
 *                                              rounding must explain
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graphop.h"
#include "zoo/zoo.h"

static gop_error err;

/* A run in which everything is drawn that a run can draw. */
static gop_status begin(zoo_trainer **t, zoo_model **m, gop_ctx *ctx, const zoo_dataset *data,
                        const char *optimiser)
{
    static const char *const set[][2] = {
        {"observed", "16"},     {"predicted", "3"}, {"widths", "4,6,8,8"},
        {"kernels", "5,5,3,3"}, {"hidden", "8"},    {"agim_dim", "6"},
    };
    zoo_training training = zoo_training_default();
    training.steps = 4;
    training.batch = 3;
    training.warmup = 2;
    training.noisy_labels = 0.3;
    training.noisy_targets = 0.6;
    gop_try(zoo_settings_set(zoo_training_settings(), &training, "", "optimiser", optimiser, &err));
    gop_try(zoo_model_new(m, zoo_model_type_find(NULL, "symgnn"), "small", &data->domain, 1, &err));
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        gop_try(zoo_model_set(*m, set[i][0], set[i][1], &err));
    return zoo_trainer_new(t, ctx, *m, data, &training, &err);
}

static gop_status carry(gop_ctx *ctx, const zoo_dataset *data, char **argv)
{
    zoo_trainer *t = NULL;
    zoo_model *m = NULL;
    zoo_progress p;
    gop_status s = access(argv[2], F_OK) == 0
                       ? zoo_trainer_resume(&t, &m, NULL, ctx, argv[2], data, NULL, &err)
                       : begin(&t, &m, ctx, data, argv[3]);
    for (int i = atoi(argv[4]); s == GOP_OK && i > 0; i--) {
        s = zoo_trainer_step(t, &p, &err);
        if (s == GOP_OK)
            printf("%llu %.2e %.2e\n", (unsigned long long)zoo_trainer_steps(t), p.loss_recognition,
                   p.loss_prediction);
    }
    if (s == GOP_OK)
        s = zoo_trainer_save(t, argv[2], &err);
    zoo_trainer_free(t);
    zoo_model_free(m);
    return s;
}

static gop_status compare(gop_ctx *ctx, const zoo_dataset *data, char **argv)
{
    zoo_trainer *t[2] = {NULL, NULL};
    zoo_model *m[2] = {NULL, NULL};
    gop_status s = zoo_trainer_resume(&t[0], &m[0], NULL, ctx, argv[2], data, NULL, &err);
    if (s == GOP_OK)
        s = zoo_trainer_resume(&t[1], &m[1], NULL, ctx, argv[3], data, NULL, &err);
    double worst = 0;
    if (s == GOP_OK) {
        const gop_real *a = gop_params_values(m[0]->params), *b = gop_params_values(m[1]->params);
        for (size_t i = gop_params_size(m[0]->params); i-- > 0;)
            worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
        printf("%llu steps, weights within %.1e\n", (unsigned long long)zoo_trainer_steps(t[1]),
               worst);
        if (zoo_trainer_steps(t[0]) != zoo_trainer_steps(t[1]) || worst > 1e-4)
            s = gop_fail(&err, GOP_ENUMERIC, "%s and %s differ", argv[2], argv[3]);
    }
    for (int i = 0; i < 2; i++) {
        zoo_trainer_free(t[i]);
        zoo_model_free(m[i]);
    }
    return s;
}

int main(int argc, char **argv)
{
    gop_ctx *ctx = NULL;
    zoo_dataset *data = NULL;
    if (argc != 4 && argc != 5)
        return 1;
    gop_status s = gop_ctx_new(&ctx, 1, 0, &err);
    if (s == GOP_OK)
        s = zoo_dataset_load(&data, argv[1], &err);
    if (s == GOP_OK)
        s = (argc == 5 ? carry : compare)(ctx, data, argv);
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
    if (s != GOP_OK)
        fprintf(stderr, "carry: %s.\n", err.message);
    return s == GOP_OK ? 0 : 2;
}
