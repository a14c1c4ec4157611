/*
 * synth.c: the procedural motion set: subjects, styles, noise, the split.
 *
 * Every sequence draws from its own random stream, keyed by subject and action, so that sequences
 * do not influence each other.  Subjects differ in limb lengths, tempo, strength and posture;
 * sequences in heading, side, aim, how arms and feet are held, phase and drifting tempo; cycles in
 * strength.  Positions have sensor noise.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/synth/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/store/store.h"

#define RATE           25.0
#define TRAIN_SUBJECTS 20
#define TEST_SUBJECTS  6
#define TRAIN_FRAMES   80
#define TEST_FRAMES    100
#define NOISE          0.004 /* standard deviation of each coordinate, metres */
#define WAVES          6     /* slow movements on top of every action */
#define CYCLES         64    /* more than any sequence has, at any starting phase */
#define LATEST_START   16
#define TWO_PI         6.28318530717958647692

static const char *const action_name[SYNTH_ACTIONS] = {"jump", "kick",  "punch", "reach",
                                                       "run",  "squat", "walk",  "wave"};

static double between(gop_rng *rng, double low, double high)
{
    return low + (high - low) * gop_rng_uniform(rng);
}

/* A factor around 1. */
static double about_one(gop_rng *rng, double spread)
{
    return exp(spread * gop_rng_normal(rng));
}

typedef struct subject {
    synth_body body;
    double tempo, strength, stoop, spread, bounce;
} subject;

static subject draw_subject(gop_rng *rng)
{
    subject s;
    double size = between(rng, 0.85, 1.12), arm = size * about_one(rng, 0.05);
    double leg = size * about_one(rng, 0.05), wide = size * about_one(rng, 0.08);
    double back = size * about_one(rng, 0.04);
    s.body = (synth_body){.back = 0.33 * back,
                          .neck = 0.24 * back,
                          .head = 0.24 * size,
                          .shoulder = 0.18 * wide,
                          .upper_arm = 0.29 * arm,
                          .forearm = 0.26 * arm,
                          .hand = 0.10 * arm,
                          .hip = 0.095 * wide,
                          .thigh = 0.44 * leg,
                          .shank = 0.42 * leg,
                          .foot = 0.17 * leg};
    s.tempo = about_one(rng, 0.14);
    s.strength = about_one(rng, 0.12);
    s.stoop = between(rng, -0.06, 0.16);
    s.spread = between(rng, 0.06, 0.24);
    s.bounce = about_one(rng, 0.1);
    return s;
}

/* A slow sine added to a joint. */
typedef struct sway {
    double size, frequency, phase;
} sway;

static double swing(const sway *w, double seconds)
{
    return w->size * sin(TWO_PI * (w->frequency * seconds + w->phase));
}

static void add_sways(synth_pose *p, const sway *w, double seconds)
{
    p->yaw += swing(&w[0], seconds);
    p->lean += swing(&w[1], seconds);
    p->look += 3 * swing(&w[2], seconds);
    p->arm[LEFT].flex += 2 * swing(&w[3], seconds);
    p->arm[RIGHT].flex += 2 * swing(&w[4], seconds);
    p->shift += 0.5 * swing(&w[5], seconds);
}

static void draw_sequence(float *out, size_t n, gop_rng *rng, const subject *who,
                          synth_action action)
{
    synth_style style;
    style.tempo = who->tempo * about_one(rng, 0.12);
    style.strength = who->strength * about_one(rng, 0.1);
    style.stoop = who->stoop + between(rng, -0.1, 0.35);
    style.spread = who->spread;
    style.bounce = who->bounce;
    style.side = gop_rng_below(rng, 2) == 0 ? LEFT : RIGHT;
    style.aim[0] = between(rng, -1, 1);
    style.aim[1] = between(rng, -1, 1);
    for (int side = LEFT; side <= RIGHT; side++) {
        style.carry[side] = between(rng, 0, 1);
        style.hold[side] = between(rng, 0, 1.6);
    }
    style.stance = between(rng, -0.35, 0.35);
    style.sink = between(rng, 0, 0.35);
    sway sways[WAVES];
    double strength[CYCLES + 1], place[3 * SYNTH_NODES];
    double heading = between(rng, -1, 1), phase = between(rng, 0, LATEST_START);
    double drift = between(rng, 0.05, 0.25), drift_phase = between(rng, 0, 1);
    double frequency = zoo_synth_frequency(action) * style.tempo;
    for (int i = 0; i < WAVES; i++) {
        sways[i].size = between(rng, 0.01, 0.04);
        sways[i].frequency = between(rng, 0.1, 0.5);
        sways[i].phase = between(rng, 0, 1);
    }
    for (int i = 0; i <= CYCLES; i++)
        strength[i] = about_one(rng, 0.08);
    for (size_t t = 0; t < n; t++) {
        double seconds = (double)t / RATE;
        double whole = floor(phase), part = phase - whole;
        size_t cycle = (size_t)whole % CYCLES;
        synth_pose pose;
        zoo_synth_move(&pose, action, &style, phase,
                       (1 - part) * strength[cycle] + part * strength[cycle + 1]);
        pose.yaw += heading;
        add_sways(&pose, sways, seconds);
        zoo_synth_place(place, &who->body, &pose);
        for (size_t c = 0; c < 3 * SYNTH_NODES; c++)
            out[t * 3 * SYNTH_NODES + c] = (float)(place[c] + NOISE * gop_rng_normal(rng));
        phase += frequency / RATE * (1 + 0.15 * sin(TWO_PI * (drift * seconds + drift_phase)));
    }
}

static gop_status add_subject(zoo_store *store, uint64_t seed, size_t number, zoo_split split,
                              gop_error *err)
{
    char name[ZOO_NAME_SIZE], who_text[24];
    size_t n = split == ZOO_TRAIN ? TRAIN_FRAMES : TEST_FRAMES;
    snprintf(name, sizeof name, "synth/%zu", number);
    gop_rng rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, name, strlen(name)));
    subject who = draw_subject(&rng);
    snprintf(who_text, sizeof who_text, "%zu", number);
    for (size_t a = 0; a < SYNTH_ACTIONS; a++) {
        snprintf(name, sizeof name, "synth/%zu/%s", number, action_name[a]);
        rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, name, strlen(name)));
        float *frames = malloc(n * 3 * SYNTH_NODES * sizeof *frames);
        if (frames == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for the procedural motion set");
        draw_sequence(frames, n, &rng, &who, (synth_action)a);
        snprintf(name, sizeof name, "%s_%02zu", action_name[a], number);
        gop_status s = zoo_store_add(store,
                                     &(zoo_sequence){.name = name,
                                                     .subject = who_text,
                                                     .action = (uint32_t)a,
                                                     .split = split,
                                                     .frames = n},
                                     frames, err);
        if (s != GOP_OK)
            return s;
    }
    return GOP_OK;
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    zoo_dataset *data = store->data;
    gop_status s = zoo_domain_create(&data->domain, "synth", zoo_layout_find("procedural22"), RATE,
                                     1, action_name, SYNTH_ACTIONS, err);
    snprintf(data->source, sizeof data->source,
             "procedural motion set, seed %llu, %d training and %d test subjects",
             (unsigned long long)raw->seed, TRAIN_SUBJECTS, TEST_SUBJECTS);
    for (size_t i = 0; i < TRAIN_SUBJECTS + TEST_SUBJECTS && s == GOP_OK; i++)
        s = add_subject(store, raw->seed, i + 1, i < TRAIN_SUBJECTS ? ZOO_TRAIN : ZOO_TEST, err);
    return s;
}

const zoo_source zoo_source_synth = {
    .name = "synth", .text = "the procedural motion set", .takes = "seed steps", .take = take};

gop_status zoo_synth(zoo_dataset **out, zoo_report *report, uint64_t seed, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_synth: the result pointer is NULL");
    *out = NULL;
    const zoo_raw raw = {.seed = seed};
    zoo_store store;
    gop_status s = zoo_store_open(&store, report, NULL, err);
    if (s == GOP_OK)
        s = zoo_store_take(&store, &zoo_source_synth, &raw, err);
    if (s == GOP_OK)
        s = zoo_store_finish(&store, err);
    zoo_store_close(&store, s == GOP_OK ? out : NULL);
    if (s != GOP_OK)
        zoo_report_clear(report);
    return s;
}
