/*
 * split_rule.h: rules that put sequences of any source into training or test data or choose some, and
 * patterns that find subject, camera, setup and repetition in names.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_SPLIT_RULE_H
#define ZOO_DATASET_STORE_SPLIT_RULE_H

#include "zoo/dataset/dataset.h"

/* The fields of a sequence by which it can be split. */
#define ZOO_FIELDS 4

typedef struct zoo_split_rule {
    enum { ZOO_RULE_NONE, ZOO_RULE_RANDOM, ZOO_RULE_TRAIN, ZOO_RULE_LEAVE_OUT } kind;
    double share; /* of test data */
    uint64_t seed;
    size_t field;
    char list[256]; /* values: "1,3,5-9", "P00*" */
} zoo_split_rule;

/* Whether a text is a rule: it has a colon. */
bool zoo_split_is_rule(const char *text);
/* Reads "random:SHARE", "FIELD:LIST" (these are training data, the others test data) or
 * "leave-out:FIELD:LIST" (these are test data).  GOP_EINVAL. */
gop_status zoo_split_rule_read(zoo_split_rule *rule, const char *text, uint64_t seed,
                               gop_error *err);
/* The split of a sequence.  GOP_EFORMAT if it lacks the field. */
gop_status zoo_split_rule_apply(zoo_split *split, const zoo_split_rule *rule, const zoo_sequence *q,
                                gop_error *err);

/* The sequences that are chosen: "FIELD:LIST", as above, or "class:LIST". */
typedef struct zoo_choice {
    size_t field;    /* ZOO_FIELDS: the class */
    char list[1024]; /* "1,3,5-9", "A05*,walking" */
} zoo_choice;

/* GOP_EINVAL. */
gop_status zoo_choice_read(zoo_choice *choice, const char *text, gop_error *err);
/* Whether the sequence, of a class with this name, is chosen. */
bool zoo_choice_has(const zoo_choice *choice, const zoo_sequence *q, const char *action);

/* Most characters, classes and escapes of a pattern. */
#define ZOO_MOST_TOKENS 64

/* One pattern: sets of bytes, each once, or as often as ?, * or + says. */
typedef struct zoo_pattern {
    size_t n;
    struct zoo_token {
        unsigned char set[32]; /* a bit for each byte */
        bool optional, repeats;
    } token[ZOO_MOST_TOKENS];
    size_t open, close; /* the tokens of the group */
    bool begin, end;    /* anchored there */
} zoo_pattern;

/* Patterns of fields, "subject=s(\d+) camera=c(\d+)".  The group in parentheses is the value. A
 * pattern has characters, . for any, \d for a digit, [a-z] and [^a-z], each followed by ?, * or + if
 * need be, and ^ and $.  The C library's regular expressions hide that memory is lacking. */
typedef struct zoo_patterns {
    bool set[ZOO_FIELDS];
    zoo_pattern pattern[ZOO_FIELDS];
    char value[ZOO_FIELDS][64]; /* of the last name */
} zoo_patterns;

/* GOP_EINVAL names the bad pattern. */
gop_status zoo_patterns_read(zoo_patterns *p, const char *text, gop_error *err);
/* Sets the fields that the sequence's name has; their texts last until the next call. */
void zoo_patterns_apply(zoo_patterns *p, zoo_sequence *q);

#endif
