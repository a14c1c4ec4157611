/*
 * option_help.h: the text of --help.
 */
#ifndef APPS_OPTION_HELP_H
#define APPS_OPTION_HELP_H

#include "option_table.h"

/* `options` is the table that option_table_make made of `usage`. */
void option_help(const app_usage *usage, const app_option *options);

#endif
