/*
 * settings.h: named values.  A table row holds a value's kind, offset, range, default and help
 * text.  Parsing, checks, comparison, files and the command line all work on the table.  A model's
 * options are settings of its configuration (zoo/model.h), a run's options are settings of
 * zoo_training (the table is zoo/trainer/run_settings.c).
 * May use graphop.h; touches only the values.
 */
#ifndef ZOO_SETTINGS_H
#define ZOO_SETTINGS_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum zoo_setting_kind {
    ZOO_SETTING_COUNT,  /* uint32_t in [low, high] */
    ZOO_SETTING_SWITCH, /* uint32_t: 0 or 1 */
    ZOO_SETTING_LONG,   /* uint64_t in [low, high] */
    ZOO_SETTING_STEPS,  /* uint64_t in [low, high], or epochs: "5e" is ZOO_EPOCHS + 5 */
    ZOO_SETTING_HASH,   /* uint64_t; as text: 16 hexadecimal digits */
    ZOO_SETTING_NUMBER, /* double, finite, in [low, high] */
    ZOO_SETTING_CHOICE, /* uint32_t: the index in `choices`, from 0 */
    ZOO_SETTING_SET,    /* uint32_t: bit i for choice i, at least one; as text: joined by '+' */
    ZOO_SETTING_MIXED,  /* zoo_mixed: a number in [low, high] or one of `choices` */
    ZOO_SETTING_LIST,   /* zoo_list of numbers in [low, high]; as text: separated by commas */
    ZOO_SETTING_TEXT    /* char [high + 1], high < ZOO_VALUE_SIZE: at most `high` bytes */
} zoo_setting_kind;

#define ZOO_LIST_MAX 64
typedef struct zoo_list {
    uint32_t n, v[ZOO_LIST_MAX];
} zoo_list;

typedef struct zoo_mixed {
    uint32_t choice; /* 0: the number; i > 0: the i-th choice */
    double number;
} zoo_mixed;

/* Added to a number of epochs until zoo_training_count_epochs turns it into steps. */
#define ZOO_EPOCHS (UINT64_C(1) << 63)
/* Steps of a run whose length is not known yet; in the range of every STEPS setting. */
#define ZOO_OPEN   (UINT64_C(1) << 62)

/* A table ends with a NULL key and has at most ZOO_SETTINGS_MAX rows. */
typedef struct zoo_setting {
    const char *key;
    zoo_setting_kind kind;
    size_t offset; /* of the value in its struct */
    double low, high;
    const char *choices;  /* separated by '|' */
    const char *standard; /* the default as text; NULL: unset (zero bytes) */
    const char *text;     /* a line of help; NULL: users cannot set it */
    /* It has an effect only if the table's values meet all these conditions, which blanks separate;
     * NULL: always.  A condition is "KEY=VALUE" (of a SET: VALUE is in it), "KEY!VALUE" (another
     * value), "KEY" (any value), or several of these joined by '|', of which one must hold. */
    const char *needs;
} zoo_setting;

#define ZOO_SETTINGS_MAX 128
/* Size of a value's longest text, with the terminator. */
#define ZOO_VALUE_SIZE   512

/* A named group of settings: a model's preset or variant, a run's recipe. */
typedef struct zoo_preset {
    const char *name;
    const char *settings; /* "key=value key=value ..." */
    const char *text;
} zoo_preset;

/* The row of a key, or NULL. */
GOP_API const zoo_setting *zoo_setting_find(const zoo_setting *table, const char *key);
/* A value as the shortest text that reads back to it, empty if unset.  The locale has no
 * influence. */
GOP_API void zoo_setting_get(const zoo_setting *setting, const void *values, char *buf,
                             size_t size);
/* The size of a setting's value in its struct, in bytes. */
GOP_API size_t zoo_setting_size(const zoo_setting *setting);
/* The values that a setting takes, for messages: "a number from 0 to 1". */
GOP_API void zoo_setting_takes(const zoo_setting *setting, char *buf, size_t size);
/* The first condition in the setting's `needs` that the values do not meet, and its *n bytes.  NULL:
 * the setting has an effect. */
GOP_API const char *zoo_setting_unmet(const zoo_setting *table, const zoo_setting *setting,
                                      const void *values, size_t *n);
/* Sets all values to their defaults. */
GOP_API gop_status zoo_settings_default(const zoo_setting *table, void *values, gop_error *err);
/* Sets one value from text.  Messages name `owner` as the owner of the setting.  GOP_EINVAL names
 * the key and the values it takes or, for an unknown key, the nearest one. */
GOP_API gop_status zoo_settings_set(const zoo_setting *table, void *values, const char *owner,
                                    const char *key, const char *text, gop_error *err);
/* The same for "key=value key=value ...". */
GOP_API gop_status zoo_settings_apply(const zoo_setting *table, void *values, const char *owner,
                                      const char *text, gop_error *err);
/* Checks that all values are in range; GOP_EINVAL names the first that is not. */
GOP_API gop_status zoo_settings_check(const zoo_setting *table, const void *values, gop_error *err);
/* The first setting in which a and b differ, or NULL.  Keys in `except` (separated by blanks, may
 * be NULL) are not compared. */
GOP_API const zoo_setting *zoo_settings_difference(const zoo_setting *table, const void *a,
                                                   const void *b, const char *except);
/* The number of edits (insert, delete, replace, swap of neighbours) from a to b, for suggestions.
 * SIZE_MAX if a word is longer than 32 bytes. */
GOP_API size_t zoo_edit_distance(const char *a, const char *b);

#ifdef __cplusplus
}
#endif
#endif
