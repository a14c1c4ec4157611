/*
 * stream_print.c: see stream_print.h.  Writes to stdout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "stream_print.h"

#include <stdio.h>

#include "report.h"

static bool flush(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

static void print_body(report_json *json, const char *key, int64_t body)
{
    if (body >= 0)
        report_count(json, key, (uint64_t)body);
    else
        report_null(json, key);
}

static void print_poses(report_json *json, const zoo_stream_item *item, const zoo_domain *domain)
{
    const size_t columns = domain->layout.columns;

    report_array(json, "poses");
    for (size_t b = 0; b < item->bodies; b++) {
        if (item->ids[b] < 0)
            continue;
        report_object(json, NULL);
        print_body(json, "id", item->ids[b]);
        report_array(json, "frames");
        for (size_t t = 0; t < item->frames; t++) {
            report_array(json, NULL);
            for (size_t c = 0; c < columns; c++)
                report_number(json, NULL,
                              (double)item->poses[(b * item->frames + t) * columns + c]);
            report_end_array(json);
        }
        report_end_array(json);
        report_end_object(json);
    }
    report_end_array(json);
}

bool stream_print_item(const zoo_stream_item *item, const zoo_domain *domain, stream_shown shown)
{
    static const char *const name[] = {
        [ZOO_STREAM_ANSWER] = "answer", [ZOO_STREAM_ON] = "on", [ZOO_STREAM_OFF] = "off"};
    const bool answer = item->kind == ZOO_STREAM_ANSWER;
    const bool poses = answer && shown.poses && item->poses;
    report_json json = report_json_on(stdout);

    if (answer && !shown.probabilities && !poses)
        return true;
    report_object(&json, NULL);
    report_time(&json, "t", item->time);
    print_body(&json, "body", item->body);
    report_text(&json, "event", name[item->kind]);
    if (!answer || item->probabilities) {
        if (item->action != SIZE_MAX)
            report_text(&json, "class", domain->action[item->action]);
        else
            report_null(&json, "class");
        report_number(&json, "p", item->p);
    }
    if (shown.probabilities && item->probabilities) {
        report_object(&json, "probabilities");
        for (size_t i = 0; i < domain->actions; i++)
            report_number(&json, domain->action[i], (double)item->probabilities[i]);
        report_end_object(&json);
    }
    if (poses)
        print_poses(&json, item, domain);
    report_end_object(&json);
    return flush();
}

bool stream_print_end(const zoo_stream_counts *counts, uint64_t bad, double time)
{
    const struct {
        const char *key;
        uint64_t value;
    } row[] = {{"frames", counts->frames},     {"bad", bad},
               {"late", counts->late},         {"repeated", counts->repeated},
               {"restarts", counts->restarts}, {"bodies", counts->bodies},
               {"dropped", counts->dropped},   {"missing", counts->missing},
               {"answers", counts->answers},   {"blind", counts->blind}};
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    if (counts->frames > 0)
        report_time(&json, "t", time);
    else
        report_null(&json, "t");
    report_text(&json, "event", "end");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        report_count(&json, row[i].key, row[i].value);
    report_end_object(&json);
    return flush();
}
