/*
 * horizon.h: how far a prediction reaches, as options give it.
 */
#ifndef APPS_HORIZON_H
#define APPS_HORIZON_H

#include "options.h"
#include "zoo/zoo.h"

/* Parses a length of frames that a model sees ("50"), seconds ("2s", "0.4s") or milliseconds
 * ("400ms"), which is rounded to frames.  Returns APP_OK or reports the text. */
int app_horizon(size_t *frames, const app_usage *usage, const char *text, const zoo_domain *domain);

#endif
