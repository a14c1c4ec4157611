/*
 * joints.c: the step that takes the nodes of another layout, by their names.
 *
 * Names agree as they are or, if none does, without case, separators and the way in which left and
 * right are written: LShoulder, left_shoulder and ShoulderLeft.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

static gop_status parse(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    char name[ZOO_STEP_SIZE] = "";
    size_t used = 0;
    for (size_t k = 0; k < words && used < sizeof name; k++) /* a name may have blanks */
        used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", k > 0 ? " " : "",
                                 word[k]);
    const zoo_layout *known = zoo_layout_find(name);
    return words == 0 ? GOP_EINVAL
                      : zoo_step_word(step, 0, known != NULL ? known->name : name, err);
}

static void print(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s", step->word[0]);
}

/* ----------------------------------------------------------------------- names */

static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == '.' || c == ' ';
}

/* The side that a name's first word means, 'l' or 'r', and in *n that word's length; 0: none.  A
 * single letter is a word before a capital or a separator. */
static char side_first(const char *name, size_t *n)
{
    static const char *const word[] = {"left", "right", "l", "r"};
    for (size_t k = 0; k < 4; k++) {
        size_t i = 0;
        while (word[k][i] != '\0' && tolower((unsigned char)name[i]) == word[k][i])
            i++;
        if (word[k][i] != '\0' || name[i] == '\0')
            continue;
        if (i > 1 || is_separator(name[i]) ||
            (isupper((unsigned char)name[0]) && isupper((unsigned char)name[i]))) {
            *n = i;
            return word[k][0];
        }
    }
    return 0;
}

/* The same for its last word, which begins behind a separator or, if it is long, with a capital. */
static char side_last(const char *name, size_t *n)
{
    static const char *const word[] = {"left", "right", "l", "r"};
    const size_t length = strlen(name);
    for (size_t k = 0; k < 4; k++) {
        const size_t size = strlen(word[k]);
        size_t i = 0;
        if (length <= size)
            continue;
        const char *at = name + length - size;
        while (i < size && tolower((unsigned char)at[i]) == word[k][i])
            i++;
        if (i == size && (is_separator(at[-1]) || (size > 1 && isupper((unsigned char)at[0])))) {
            *n = size;
            return word[k][0];
        }
    }
    return 0;
}

/* A name without what may differ: its side, then its other words in small letters. */
static void plain(char to[ZOO_NAME_SIZE + 1], const char *name)
{
    size_t skip = 0, cut = 0, used = 1;
    char side = side_first(name, &skip);
    if (side == 0)
        side = side_last(name, &cut);
    to[0] = side == 0 ? '-' : side;
    for (const char *p = name + skip, *end = name + strlen(name) - cut; p < end; p++)
        if (!is_separator(*p) && used < ZOO_NAME_SIZE)
            to[used++] = (char)tolower((unsigned char)*p);
    to[used] = '\0';
}

/* The node of this name: as it is, else by its plain form if one node alone has that. */
static gop_status find(uint32_t *node, const zoo_layout *layout, const char *name,
                       const char *wanted, gop_error *err)
{
    char form[ZOO_NAME_SIZE + 1], other[ZOO_NAME_SIZE + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i < layout->nodes; i++)
        if (strcmp(layout->node_name[i], name) == 0) {
            *node = i;
            return GOP_OK;
        }
    plain(form, name);
    for (uint32_t i = 0; i < layout->nodes; i++) {
        plain(other, layout->node_name[i]);
        if (strcmp(form, other) != 0)
            continue;
        if (n++ > 0)
            return gop_fail(err, GOP_EINVAL,
                            "transformation joints: node %s of layout %s may be %s or %s of "
                            "layout %s",
                            name, wanted, layout->node_name[*node], layout->node_name[i],
                            layout->name);
        *node = i;
    }
    return n == 1 ? GOP_OK
                  : gop_fail(err, GOP_EINVAL,
                             "transformation joints: layout %s of the data has no node %s, which "
                             "layout %s needs",
                             layout->name, name, wanted);
}

/* ----------------------------------------------------------------------- plans */

static gop_status find_all(zoo_step *step, const zoo_layout *wanted, const zoo_layout *layout,
                           gop_error *err)
{
    if (wanted->feature != layout->feature || wanted->channels != layout->channels)
        return gop_fail(err, GOP_EINVAL,
                        "transformation joints: layout %s has %u channels a node (%s), the data %u "
                        "(%s)",
                        wanted->name, (unsigned)wanted->channels, zoo_feature_name(wanted->feature),
                        (unsigned)layout->channels, zoo_feature_name(layout->feature));
    step->from = calloc(wanted->nodes, sizeof *step->from);
    if (step->from == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for transformation joints");
    for (uint32_t i = 0; i < wanted->nodes; i++)
        gop_try(find(&step->from[i], layout, wanted->node_name[i], wanted->name, err));
    return GOP_OK;
}

/* The layout is the wanted one, but its axes are those of the data, which stay as they are. */
static gop_status plan(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    const char *name = step->word[0];
    const zoo_layout *wanted = step->named != NULL && strcmp(step->named->name, name) == 0
                                   ? step->named
                                   : zoo_layout_find(name);
    zoo_layout changed;
    if (wanted == NULL)
        return gop_fail(err, GOP_EINVAL, "transformation joints: unknown layout %s", name);
    gop_try(find_all(step, wanted, &setting->layout, err));
    gop_try(zoo_layout_copy(&changed, wanted, err));
    changed.up = setting->layout.up;
    changed.ahead = setting->layout.ahead;
    zoo_layout_clear(&setting->layout);
    setting->layout = changed;
    step->named = &setting->layout; /* the plan keeps it */
    return GOP_OK;
}

/* ----------------------------------------------------------------------- clips */

/* Columns of no node are 0 in a frame in which the body has a node, else missing. */
static void take(float *to, const zoo_step *step, const float *frame, const zoo_layout *before)
{
    const zoo_layout *layout = step->named;
    bool any = false;
    for (size_t c = 0; c < layout->columns; c++)
        to[c] = 0;
    for (size_t i = 0; i < layout->nodes; i++)
        for (size_t k = 0; k < layout->channels; k++) {
            const float v = frame[before->column[step->from[i] * layout->channels + k]];
            to[layout->column[i * layout->channels + k]] = v;
            any = any || !isnan(v);
        }
    for (size_t c = 0; c < layout->columns && !any; c++)
        to[c] = NAN;
}

static gop_status apply(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err)
{
    const size_t rows = clip->bodies * clip->frames, columns = step->named->columns;
    float *taken = zoo_recording_room(clip, columns);
    if (taken == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory taking the joints of a layout");
    for (size_t t = 0; t < rows; t++)
        take(taken + t * columns, step, clip->values + t * clip->columns, &before->layout);
    zoo_recording_take(clip, taken, columns);
    return GOP_OK;
}

const zoo_transform zoo_transform_joints = {
    .name = "joints",
    .form = "LAYOUT",
    .text = "takes the nodes of another layout by their names and leaves out all others",
    .parse = parse,
    .print = print,
    .plan = plan,
    .apply = apply};
