/*
 * ntu_samples.c: facts on NTU RGB+D 60 and 120: names of samples, actions, splits; lists of samples
 * to leave out.  Touches such lists by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/ntu_samples.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* --------------------------------------------------------------------- actions */

/* From 50 to 60 and from 106 on, two people act. */
static const char *const action_name[ZOO_NTU_ACTIONS] = {
    "drink_water", "eat", "brush_teeth", "brush_hair", "drop", "pick_up", "throw", "sit_down",
    "stand_up", "clap",
    /* 11 */
    "read", "write", "tear_up_paper", "put_on_jacket", "take_off_jacket", "put_on_shoe",
    "take_off_shoe", "put_on_glasses", "take_off_glasses", "put_on_hat",
    /* 21 */
    "take_off_hat", "cheer_up", "wave_hand", "kick_something", "reach_into_pocket", "hop",
    "jump_up", "answer_phone", "play_with_phone", "type_on_keyboard",
    /* 31 */
    "point_with_finger", "take_selfie", "check_time", "rub_hands", "nod_or_bow", "shake_head",
    "wipe_face", "salute", "put_palms_together", "cross_hands_in_front",
    /* 41 */
    "sneeze_or_cough", "stagger", "fall", "touch_head", "touch_chest", "touch_back", "touch_neck",
    "nausea_or_vomiting", "use_fan", "punch_other_person",
    /* 51 */
    "kick_other_person", "push_other_person", "pat_back_of_other_person",
    "point_finger_at_other_person", "hug_other_person", "give_to_other_person",
    "touch_pocket_of_other_person", "shake_hands", "walk_towards_each_other",
    "walk_apart_from_each_other",
    /* 61 */
    "put_on_headphone", "take_off_headphone", "shoot_at_basket", "bounce_ball", "swing_tennis_bat",
    "juggle_table_tennis_balls", "hush", "flick_hair", "thumb_up", "thumb_down",
    /* 71 */
    "make_ok_sign", "make_victory_sign", "staple_book", "count_money", "cut_nails", "cut_paper",
    "snap_fingers", "open_bottle", "sniff", "squat_down",
    /* 81 */
    "toss_coin", "fold_paper", "ball_up_paper", "play_magic_cube", "apply_cream_on_face",
    "apply_cream_on_hand", "put_on_bag", "take_off_bag", "put_into_bag", "take_out_of_bag",
    /* 91 */
    "open_box", "move_heavy_objects", "shake_fist", "throw_up_hat", "hands_up", "cross_arms",
    "arm_circles", "arm_swings", "run_on_the_spot", "butt_kicks",
    /* 101 */
    "cross_toe_touch", "side_kick", "yawn", "stretch", "blow_nose",
    "hit_other_person_with_something", "wield_knife_at_other_person", "knock_over_other_person",
    "grab_stuff_of_other_person", "shoot_at_other_person",
    /* 111 */
    "step_on_foot", "high_five", "cheers_and_drink", "carry_with_other_person",
    "take_photo_of_other_person", "follow_other_person", "whisper_to_other_person",
    "exchange_with_other_person", "support_other_person", "rock_paper_scissors"};

void zoo_ntu_class(char name[ZOO_NAME_SIZE], unsigned action)
{
    snprintf(name, ZOO_NAME_SIZE, "A%03u_%s", action, action_name[action - 1]);
}

/* ----------------------------------------------------------------------- names */

/* Parses a letter and three digits: "C002". */
static bool take_number(unsigned *v, const char *p, char letter)
{
    if (*p != letter || !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]) ||
        !isdigit((unsigned char)p[3]))
        return false;
    *v = (unsigned)(100 * (p[1] - '0') + 10 * (p[2] - '0') + (p[3] - '0'));
    return true;
}

/* Parses the name alone, at the begin of a text of at least its length. */
static bool take_name(zoo_ntu_sample *s, const char *text)
{
    memcpy(s->name, text, ZOO_NTU_NAME_LENGTH);
    s->name[ZOO_NTU_NAME_LENGTH] = '\0';
    for (size_t k = 0; k < 4; k++) {
        memcpy(s->part[k], text + 4 * k, 4);
        s->part[k][4] = '\0';
    }
    return take_number(&s->setup, text, 'S') && take_number(&s->camera, text + 4, 'C') &&
           take_number(&s->performer, text + 8, 'P') &&
           take_number(&s->repetition, text + 12, 'R') && take_number(&s->action, text + 16, 'A') &&
           s->action > 0;
}

bool zoo_ntu_sample_parse(zoo_ntu_sample *s, const char *file)
{
    s->file = file;
    return strlen(file) == ZOO_NTU_NAME_LENGTH + strlen(ZOO_NTU_ENDING) && take_name(s, file);
}

/* ---------------------------------------------------------------------- splits */

const zoo_way zoo_ntu_ways[] = {{"cross-subject", "NTU RGB+D, tests on other subjects"},
                                {"cross-view", "NTU RGB+D, tests on another camera's view"},
                                {"cross-subject-120", "NTU RGB+D 120, tests on other subjects"},
                                {"cross-setup", "NTU RGB+D 120, tests on other setups"},
                                {NULL, NULL}};

/* In the order of the names. */
static const zoo_ntu_split splits[] = {{"NTU RGB+D", 60, ZOO_NTU_BY_SUBJECT},
                                       {"NTU RGB+D", 60, ZOO_NTU_BY_CAMERA},
                                       {"NTU RGB+D 120", 120, ZOO_NTU_BY_SUBJECT},
                                       {"NTU RGB+D 120", 120, ZOO_NTU_BY_SETUP}};

const zoo_ntu_split *zoo_ntu_split_find(const char *name)
{
    for (size_t i = 0; i < COUNT(splits); i++)
        if (strcmp(zoo_ntu_ways[i].name, name) == 0)
            return &splits[i];
    return &splits[0];
}

zoo_split zoo_ntu_split_of(const zoo_ntu_split *split, const zoo_ntu_sample *s)
{
    /* The larger set has performers 1 to 106; those up to 40 are the smaller one's. */
    static const unsigned char train[] = {1,  2,  4,  5,  8,  9,  13, 14, 15, 16,  17, 18, 19, 25,
                                          27, 28, 31, 34, 35, 38, 45, 46, 47, 49,  50, 52, 53, 54,
                                          55, 56, 57, 58, 59, 70, 74, 78, 80, 81,  82, 83, 84, 85,
                                          86, 89, 91, 92, 93, 94, 95, 97, 98, 100, 103};
    if (split->by == ZOO_NTU_BY_CAMERA)
        return s->camera == 2 || s->camera == 3 ? ZOO_TRAIN : ZOO_TEST;
    if (split->by == ZOO_NTU_BY_SETUP)
        return s->setup % 2 == 0 ? ZOO_TRAIN : ZOO_TEST;
    for (size_t i = 0; i < COUNT(train); i++)
        if (train[i] == s->performer)
            return ZOO_TRAIN;
    return ZOO_TEST;
}

/* ------------------------------------------------------------------- skip list */

static int by_name(const void *a, const void *b)
{
    return memcmp(a, b, ZOO_NTU_NAME_LENGTH);
}

static gop_status append(zoo_ntu_skip_list *list, const char *name, const char *path,
                         gop_error *err)
{
    if ((list->n & (list->n - 1)) == 0) {
        void *grown = realloc(list->name, (list->n == 0 ? 1 : 2 * list->n) * sizeof *list->name);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        list->name = grown;
    }
    memcpy(list->name[list->n++], name, ZOO_NTU_NAME_LENGTH);
    return GOP_OK;
}

gop_status zoo_ntu_skip_list_read(zoo_ntu_skip_list *list, zoo_bytes *bytes, const char *path,
                                  gop_error *err)
{
    zoo_drop why;
    gop_try(zoo_bytes_read(bytes, path, &why, err));
    const char *const end = bytes->data + bytes->n;
    for (const char *p = bytes->data, *eol; p < end; p = eol + 1) {
        zoo_ntu_sample found;
        eol = memchr(p, '\n', (size_t)(end - p));
        eol = eol == NULL ? end : eol;
        if (eol - p >= ZOO_NTU_NAME_LENGTH && take_name(&found, p))
            gop_try(append(list, found.name, path, err));
    }
    if (list->n == 0)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: not the name of a sample, such as S001C002P005R002A008", path);
    qsort(list->name, list->n, sizeof *list->name, by_name);
    return GOP_OK;
}

bool zoo_ntu_listed(const zoo_ntu_skip_list *list, const char *name)
{
    return list->n > 0 && bsearch(name, list->name, list->n, sizeof *list->name, by_name) != NULL;
}

void zoo_ntu_skip_list_clear(zoo_ntu_skip_list *list)
{
    free(list->name);
    *list = (zoo_ntu_skip_list){.n = 0};
}
