/*
 * zoo.h: everything a user of the zoo includes: layouts, data sets, protocols,
 * models and their training.  Structs that these headers define are open for good: programs
 * may read their fields, and functions change them.  A release may add fields, so initialise
 * structs of options by designated initialisers.
 */
#ifndef ZOO_H
#define ZOO_H

#include "zoo/convert/convert.h"
#include "zoo/dataset/prepare.h"
#include "zoo/dataset/sampler.h"
#include "zoo/inference.h"
#include "zoo/metric/evaluate.h"
#include "zoo/metric/feedback.h"
#include "zoo/metric/metric.h"
#include "zoo/metric/samples.h"
#include "zoo/metric/saved_scores.h"
#include "zoo/metric/spans.h"
#include "zoo/model.h"
#include "zoo/plugin.h"
#include "zoo/predictor.h"
#include "zoo/recogniser.h"
#include "zoo/settings.h"
#include "zoo/stream/frame_lines.h"
#include "zoo/streams.h"
#include "zoo/skeleton/layout.h"
#include "zoo/temporal.h"
#include "zoo/trainer/trainer.h"
#include "zoo/trajectory.h"
#include "zoo/weights/import.h"

#endif
