/*
 * option_help.h: the text of --help.
 */
#ifndef APPS_OPTION_HELP_H
#define APPS_OPTION_HELP_H

#include "option_table.h"

/* `options`: those of usage as option_table_make has them. */
void option_help(const app_usage *usage, const app_option *options);

#endif
