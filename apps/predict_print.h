/*
 * predict_print.h: the answer of a model in graphop predict, and how it is printed.
 */
#ifndef APPS_PREDICT_PRINT_H
#define APPS_PREDICT_PRINT_H

#include "predict_runner.h"
#include "zoo/zoo.h"

/* The results of a model, and the poses and settings they come from. */
typedef struct predict_answer {
    zoo_model *model;
    predict_runner runner;
    zoo_dataset *data; /* the sequence's */
    size_t sequence;
    bool labelled; /* its action is known */
    float *raw;    /* all poses of its first body [frames, columns] */
    size_t frames;
    char title[ZOO_NAME_SIZE + ZOO_SEQUENCE_NAME_SIZE + 16];
    size_t observed, predicted, columns;
    size_t classes;        /* 0 if the model recognises none */
    float *past, *truth;   /* [observed | predicted, columns], every factor-th line */
    float *future;         /* [predicted, columns]; means with `samples` */
    size_t samples;        /* predictions that `future` is the mean of; 0: it is the model's */
    float *deviation;      /* [predicted, columns]: their standard deviations, with `samples` */
    gop_real *scores;      /* [classes] */
    size_t n_features;     /* 0 if none are asked for */
    gop_real *features;    /* [n_features], means over the views */
    size_t *order;         /* classes, the most probable first */
    bool chooses;          /* an action is to be named */
    zoo_stream_options by; /* by its `none` and `reject` */
    size_t first;          /* line, from 0 */
    zoo_dataset *kept;     /* of all answers, for --output; NULL: none */
} predict_answer;

/* The class that the answer names, or SIZE_MAX if it is none. */
size_t predict_action(const predict_answer *a);
/* Probabilities and predicted poses, or the features alone. */
void predict_print_text(const predict_answer *a);
/* All of them as one object on a line. */
void predict_print_json(const predict_answer *a);

#endif
