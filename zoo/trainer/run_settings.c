/*
 * run_settings.c: the table of a run's settings, which command line, log and file share.  Touches
 * only a zoo_training.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/dataset/view_rows.h"
#include "zoo/trainer/internal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(zoo_training, field)

_Static_assert(sizeof(zoo_schedule) == sizeof(uint32_t) &&
                   sizeof(zoo_optimiser) == sizeof(uint32_t),
               "enums are choices");
_Static_assert(GOP_MGDA_FIXED == 0 && GOP_MGDA_EXACT == 1 && GOP_MGDA_UB == 2 &&
                   GOP_MGDA_UB_NORMALISED == 3,
               "the choices of lambda are in the order of gop_mgda");

static const zoo_setting settings[] = {
    {"steps", ZOO_SETTING_STEPS, AT(steps), 1, 1e12, NULL, "2000",
     "Steps to train for; 5e is five epochs.", NULL},
    {"batch", ZOO_SETTING_COUNT, AT(batch), 1, 65536, NULL, "32", "Windows in each step.", NULL},
    {"seed", ZOO_SETTING_LONG, AT(seed), 0, 9e15, NULL, "1",
     "Seed of initial values, sampling, dropout and noise.", NULL},
    ZOO_VIEW_ROWS(zoo_training, view.),
    {"optimiser", ZOO_SETTING_CHOICE, AT(optimiser), 0, 0, "adam|sgd|adamw", "adam",
     "The optimiser.", NULL},
    {"lr", ZOO_SETTING_NUMBER, AT(lr), 1e-12, 1e3, NULL, "0.001", "Learning rate.", NULL},
    {"weight_decay", ZOO_SETTING_NUMBER, AT(weight_decay), 0, 1, NULL, "0",
     "Add this times the parameters to their gradients; adamw shrinks them by it directly.", NULL},
    {"momentum", ZOO_SETTING_NUMBER, AT(momentum), 0, 0.9999, NULL, "0.9", "Momentum.",
     "optimiser=sgd"},
    {"schedule", ZOO_SETTING_CHOICE, AT(schedule), 0, 0, "constant|step|cosine", "cosine",
     "How the learning rate falls after the warm-up.", NULL},
    {"warmup", ZOO_SETTING_STEPS, AT(warmup), 0, 1e9, NULL, "50",
     "Steps over which the learning rate first rises linearly; 5e is five epochs.", NULL},
    {"decay_every", ZOO_SETTING_STEPS, AT(decay_every), 1, 1e9, NULL, "1000",
     "Steps between decays; 30e is thirty epochs.", "schedule=step"},
    {"decay", ZOO_SETTING_NUMBER, AT(decay), 0, 1, NULL, "0.1", "Factor of a decay.",
     "schedule=step"},
    {"decay_at", ZOO_SETTING_TEXT, AT(decay_at), 0, ZOO_DECAYS_SIZE - 1, NULL, NULL,
     "Steps of decays, separated by commas, instead of regular ones; 30e is thirty epochs.",
     "schedule=step"},
    {"floor", ZOO_SETTING_NUMBER, AT(floor), 0, 1, NULL, "0.03",
     "Last learning rate as a share of the first.", "schedule=cosine"},
    {"clip", ZOO_SETTING_NUMBER, AT(clip), 0, 1e9, NULL, "0.5",
     "Scale longer gradients down to "
     "this length; 0 is no limit.",
     NULL},
    {"lambda", ZOO_SETTING_MIXED, AT(lambda), 0, 1, "exact|ub|ub-normalised", "0.5",
     "Weight of the recognition loss against the prediction loss, if the model has both: a number "
     "from 0 to 1, or exact, ub (upper bound) or ub-normalised, which compute it at every step by "
     "multiple-gradient descent.",
     NULL},
    {"draw", ZOO_SETTING_CHOICE, AT(draw), 0, 0, "random|shuffled|balanced", "random",
     "The order of training sequences: at random; all before any comes again; classes with the same "
     "probability.",
     NULL},
    {"augment", ZOO_SETTING_TEXT, AT(augment), 0, ZOO_AUGMENT_SIZE - 1, NULL, NULL,
     "Random changes of training windows, KIND:NUMBER,...: rotate (radians), scale, shear, speed, "
     "crop (shares), mirror, reverse, drop_joints, drop_bodies (probabilities), noise.",
     NULL},
    {"smoothing", ZOO_SETTING_NUMBER, AT(smoothing), 0, 0.99, NULL, "0",
     "Share of each label that is spread over all classes.", NULL},
    {"class_weights", ZOO_SETTING_CHOICE, AT(class_weights), 0, 0, "none|balanced", "none",
     "Weights of the classes in the recognition loss; balanced: the inverse of their sequences.",
     NULL},
    {"noisy_labels", ZOO_SETTING_NUMBER, AT(noisy_labels), 0, 1, NULL, NULL,
     "Exchange the labels of this share of the training sequences.", NULL},
    {"noisy_targets", ZOO_SETTING_NUMBER, AT(noisy_targets), 0, 1, NULL, NULL,
     "Exchange the target poses of this share of the training sequences.", NULL},
    {"clip_frames", ZOO_SETTING_LONG, AT(clip_frames), 1, 1e9, NULL, NULL, NULL, NULL},
    {"freeze", ZOO_SETTING_TEXT, AT(freeze), 0, ZOO_FREEZE_SIZE - 1, NULL, NULL,
     "Freeze the parameters with these names, separated by commas, those below them, and the "
     "running statistics of batch norms there; with :N or :5e, only the parameters, for N steps "
     "or five epochs.",
     NULL},
    {"recipe", ZOO_SETTING_TEXT, AT(recipe), 0, ZOO_NAME_SIZE - 1, NULL, NULL, NULL, NULL},
    {"init", ZOO_SETTING_HASH, AT(init), 0, 0, NULL, NULL, NULL, NULL},
    {"validate", ZOO_SETTING_NUMBER, AT(validate), 1e-6, 0.9, NULL, NULL,
     "Hold out this share of the training sequences, measure the model on them regularly, and "
     "keep the best model in a file with .best added to the name.",
     NULL},
    {"validate_every", ZOO_SETTING_STEPS, AT(validate_every), 1, 1e9, NULL, NULL,
     "Steps between measurements on the held-out sequences; 1e is one epoch.", "validate"},
    {"validate_by", ZOO_SETTING_CHOICE, AT(validate_by), 0, 0, "sequence|subject", "sequence",
     "What is held out: a share of each action's sequences, or of the subjects.", "validate"},
    {"patience", ZOO_SETTING_COUNT, AT(patience), 1, 1000000, NULL, NULL,
     "Stop after this many measurements without a better one.", "validate"},
    {"accumulate", ZOO_SETTING_COUNT, AT(accumulate), 1, 4096, NULL, NULL,
     "Sum the gradients of this many batches in each step, which then takes the memory of one.",
     NULL},
    {"average", ZOO_SETTING_NUMBER, AT(average), 1e-6, 0.9999999, NULL, NULL,
     "Validate and save an exponential moving average of the parameters with this decay, such as "
     "0.999.",
     NULL},
    {"factor", ZOO_SETTING_TEXT, AT(factor), 0, ZOO_FACTOR_SIZE - 1, NULL, NULL,
     "Multiply the learning rate, and with a colon the weight decay, of the parameters with these "
     "names: NAME=RATE or NAME=RATE:DECAY, separated by commas; in a name * stands for any "
     "characters.",
     NULL},
    {0},
};

const zoo_setting *zoo_training_settings(void)
{
    return settings;
}

zoo_training zoo_training_default(void)
{
    zoo_training t;
    memset(&t, 0, sizeof t);
    zoo_settings_default(settings, &t, NULL);
    return t;
}

uint64_t zoo_epoch_steps(uint64_t epochs, uint64_t sequences, uint32_t batch)
{
    if (epochs == 0 || sequences == 0 || batch == 0)
        return 0;
    if (epochs > (UINT64_MAX - batch) / sequences)
        return UINT64_MAX;
    return (epochs * sequences + batch - 1) / batch;
}

uint32_t zoo_training_windows(const zoo_training *t)
{
    return t == NULL ? 0 : t->accumulate > 1 ? t->batch * t->accumulate : t->batch;
}

/* Whether a setting still counts epochs; *n gets its value. */
static bool in_epochs(const zoo_setting *s, const zoo_training *t, uint64_t *n)
{
    if (s->kind != ZOO_SETTING_STEPS)
        return false;
    memcpy(n, (const char *)t + s->offset, sizeof *n);
    return (*n & ZOO_EPOCHS) != 0;
}

bool zoo_next_decay(uint64_t *step, const char **at)
{
    char *end;
    if (!isdigit((unsigned char)**at))
        return false;
    errno = 0;
    *step = strtoull(*at, &end, 10);
    if (errno != 0 || *step >= ZOO_OPEN)
        return false;
    *step += *end == 'e' ? ZOO_EPOCHS : 0;
    end += *end == 'e';
    *at = end + (*end == ',' && end[1] != '\0');
    return *at > end || *end == '\0';
}

const char *zoo_next_frozen(char name[ZOO_FREEZE_SIZE], uint64_t *until, const char *list)
{
    const size_t n = strcspn(list, ",");
    memcpy(name, list, n);
    name[n] = '\0';
    char *colon = strrchr(name, ':');
    *until = UINT64_MAX;
    if (colon != NULL) {
        const char *number = colon + 1;
        *colon = '\0';
        if (!zoo_next_decay(until, &number) || *number != '\0' || (*until & ~ZOO_EPOCHS) == 0)
            *until = 0;
    }
    return list[n] == ',' ? list + n + 1 : NULL;
}

/* Converts the decays in epochs. */
static void count_decays(zoo_training *t, size_t sequences)
{
    char text[ZOO_DECAYS_SIZE] = "";
    const char *at = t->decay_at;
    size_t used = 0;
    uint64_t n;
    while (used < sizeof text && zoo_next_decay(&n, &at)) {
        if (n & ZOO_EPOCHS)
            n = zoo_epoch_steps(n & ~ZOO_EPOCHS, sequences, zoo_training_windows(t));
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRIu64, used > 0 ? "," : "",
                                 n);
    }
    if (used < sizeof text && *at == '\0')
        memcpy(t->decay_at, text, sizeof text);
}

/* Converts the epochs after which parameters thaw. */
static void count_frozen(zoo_training *t, size_t sequences)
{
    char text[ZOO_FREEZE_SIZE] = "", name[ZOO_FREEZE_SIZE];
    size_t used = 0;
    uint64_t until;
    if (memchr(t->freeze, '\0', sizeof t->freeze) == NULL || strchr(t->freeze, ':') == NULL)
        return;
    for (const char *list = t->freeze; list != NULL && used < sizeof text;) {
        const char *part = list;
        list = zoo_next_frozen(name, &until, list);
        const size_t n = list == NULL ? strlen(part) : (size_t)(list - part) - 1;
        const bool epochs = until != UINT64_MAX && (until & ZOO_EPOCHS) != 0;
        if (epochs)
            until = zoo_epoch_steps(until & ~ZOO_EPOCHS, sequences, zoo_training_windows(t));
        used += (size_t)(epochs ? snprintf(text + used, sizeof text - used, "%s%s:%" PRIu64,
                                           used > 0 ? "," : "", name, until)
                                : snprintf(text + used, sizeof text - used, "%s%.*s",
                                           used > 0 ? "," : "", (int)n, part));
    }
    if (used < sizeof text)
        memcpy(t->freeze, text, sizeof text);
}

/* Names thaw after a number of steps. */
static gop_status check_frozen(const zoo_training *t, gop_error *err)
{
    char name[ZOO_FREEZE_SIZE];
    uint64_t until;
    for (const char *list = t->freeze; list != NULL;) {
        list = zoo_next_frozen(name, &until, list);
        if (until == 0 || (until != UINT64_MAX && (until & ZOO_EPOCHS) != 0))
            return gop_fail(err, GOP_EINVAL,
                            "freeze takes a number of steps or epochs behind a colon, such as "
                            "'*.B:5e', not '%.200s'",
                            t->freeze);
    }
    return GOP_OK;
}

/* Decays must be steps in rising order. */
static gop_status check_decays(const zoo_training *t, gop_error *err)
{
    const char *at = t->decay_at;
    uint64_t n = 0, last = 0;
    while (*at != '\0') {
        if (!zoo_next_decay(&n, &at) || n & ZOO_EPOCHS || n <= last)
            return gop_fail(err, GOP_EINVAL,
                            "decay_at takes numbers of steps or epochs in rising order, such as "
                            "30e,40e, not '%s'",
                            t->decay_at);
        last = n;
    }
    return GOP_OK;
}

void zoo_training_count_epochs(zoo_training *t, size_t sequences)
{
    uint64_t n;
    for (const zoo_setting *s = settings; t != NULL && s->key != NULL; s++)
        if (in_epochs(s, t, &n)) {
            n = zoo_epoch_steps(n & ~ZOO_EPOCHS, sequences, zoo_training_windows(t));
            memcpy((char *)t + s->offset, &n, sizeof n);
        }
    if (t == NULL)
        return;
    count_decays(t, sequences);
    count_frozen(t, sequences);
}

gop_status zoo_training_check(const zoo_training *t, gop_error *err)
{
    uint64_t n;
    for (const zoo_setting *s = settings; s->key != NULL; s++)
        if (in_epochs(s, t, &n))
            return gop_fail(err, GOP_EINVAL, "%s is in epochs and must be converted to steps first",
                            s->key);
    if (t->validate > 0 && t->validate_every == 0)
        return gop_fail(err, GOP_EINVAL, "a share of %g is held out but never measured",
                        t->validate);
    gop_try(check_decays(t, err));
    gop_try(zoo_settings_check(settings, t, err));
    return check_frozen(t, err);
}
