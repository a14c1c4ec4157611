/*
 * fuzz_layout.c: a layout's file is loaded, inspected, made into graphs, and saved again.
 */
#include "fuzz.h"

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {
    "\"nodes\":",    "\"edges\":", "\"name\":", "\"parts\":", "\"pairs\":", "\"columns\":",
    "\"features\":", "null",       "true",      "[]",         "{}",         "[0,1]",
    "\"left\"",      "\\u0000",    "\\ud83c",   "1e999",      "-0",         NULL};

static void hear(void *user, bool wrong, const char *sentence)
{
    (void)wrong;
    *(size_t *)user += sentence[0] != '\0';
}

static void draw_graphs(const zoo_layout *layout)
{
    gop_status (*const make[])(gop_graph **, const zoo_layout *, gop_error *) = {
        zoo_layout_graph, zoo_layout_part_graph, zoo_layout_bone_graph};
    gop_error err;
    for (size_t i = 0; i < 3; i++) {
        gop_graph *graph = NULL;
        if (make[i](&graph, layout, &err) == GOP_OK)
            gop_graph_free(graph);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_write("a.json", bytes, size);
    zoo_layout layout = {0}, again = {0};
    gop_error err;
    size_t heard = 0;
    if (zoo_layout_load(&layout, path, &err) == GOP_OK) {
        fuzz_allow((size_t)16 << 20);
        draw_graphs(&layout);
        if (zoo_layout_save(&layout, fuzz_path("again.json"), &err) != GOP_OK)
            fuzz_fault("a layout that was loaded is not saved: %s", err.message);
        if (zoo_layout_load(&again, fuzz_path("again.json"), &err) != GOP_OK ||
            !zoo_layout_equal(&layout, &again))
            fuzz_fault("a layout that was saved is another one: %s", err.message);
        zoo_layout_clear(&again);
    }
    zoo_layout_clear(&layout);
    (void)zoo_layout_inspect(&layout, path, hear, &heard, &err);
    zoo_layout_clear(&layout);
    return 0;
}
