/*
 * verbs.h: the verbs of the command.  Each is one const table in a file verb_*.c; main.c lists
 * them.
 */
#ifndef APPS_VERBS_H
#define APPS_VERBS_H

typedef struct app_verb {
    const char *name;
    const char *summary;               /* a few words, for graphop --help */
    int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
} app_verb;

extern const app_verb app_verb_prepare;
extern const app_verb app_verb_train;
extern const app_verb app_verb_eval;
extern const app_verb app_verb_predict;
extern const app_verb app_verb_stream;
extern const app_verb app_verb_fuse;
extern const app_verb app_verb_info;
extern const app_verb app_verb_layout;
extern const app_verb app_verb_bench;
extern const app_verb app_verb_convert;
extern const app_verb app_verb_import;

#endif
