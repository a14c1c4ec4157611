/*
 * fuzz_raw.c: raw data of one source, FUZZ_SOURCE, or with labels a table of classes or of segments, a
 * list of columns and a list of names to skip.  The input is a training and a test file at once; the set that is made of it must
 * be one that is loaded.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {",",
                                  "25\n",
                                  "1\n",
                                  "0 0 0",
                                  "nod",
                                  "1,nod",
                                  "\"skeleton\":",
                                  "\"pose\":",
                                  "\"label\":",
                                  "\"label_index\":",
                                  "\"score\":",
                                  "\"data\":",
                                  "\"image_id\":",
                                  "\"keypoints\":",
                                  "\"people\":",
                                  "\"pose_keypoints_2d\":",
                                  "\"instances\":",
                                  "\"frame_id\":",
                                  "\"poseLandmarks\":",
                                  "{\"x\":1,\"y\":0}",
                                  "\"idx\":[[1]]",
                                  "[[[[",
                                  "train",
                                  "test",
                                  "0.5",
                                  "'shape': (1,3,2,5,2)",
                                  "(I1\nl.",
                                  "S'label'\n",
                                  "S'keypoint'\n",
                                  "frame,joint,x,y,z\n",
                                  "body",
                                  ",...",
                                  "nan",
                                  ";",
                                  "\t",
                                  "\"",
                                  "s01_e01\n",
                                  "walk: 1 2\n",
                                  NULL};

/* How a source's files lie in its folder. */
static const struct place {
    const char *source, *folders[6], *files[2];
} places[] = {
    {"csv",
     {"csv", "csv/train", "csv/test", "csv/train/nod", "csv/test/nod"},
     {"csv/train/nod/1.csv", "csv/test/nod/2.csv"}},
    {"cmu",
     {"cmu", "cmu/train", "cmu/test", "cmu/train/walking", "cmu/test/walking"},
     {"cmu/train/walking/walking_1.txt", "cmu/test/walking/walking_1.txt"}},
    {"h36m", {"h36m", "h36m/S1", "h36m/S5"}, {"h36m/S1/walking_1.txt", "h36m/S5/walking_1.txt"}},
    {"ntu", {"ntu"}, {"ntu/S001C001P001R001A001.skeleton", "ntu/S001C001P003R001A002.skeleton"}},
    {"kinetics",
     {"kinetics", "kinetics/kinetics_train", "kinetics/kinetics_val"},
     {"kinetics/kinetics_train/a.json", "kinetics/kinetics_val/b.json"}},
    {"keypoints",
     {"keypoints", "keypoints/train", "keypoints/train/nod", "keypoints/train/nod/c",
      "keypoints/test", "keypoints/test/nod"},
     {"keypoints/train/nod/c/c_1_keypoints.json", "keypoints/test/nod/b.json"}},
    {"npy", {"npy"}, {"npy/train_data.npy", "npy/val_data.npy"}},
    {"npz", {"npz"}, {"npz/a.npz", "npz/a.npz"}},
    {"pyskl", {"pyskl"}, {"pyskl/train.pkl", "pyskl/train.pkl"}},
};

static void prepare(const zoo_raw *raw)
{
    gop_error err;
    zoo_report report;
    zoo_dataset *index = NULL, *data = NULL;
    memset(&report, 0, sizeof report);
    const char *out = fuzz_path("out.gds");
    if (zoo_prepare(&index, &report, raw, out, &err) == GOP_OK) {
        if (zoo_dataset_load(&data, out, &err) != GOP_OK)
            fuzz_fault("a data set that was prepared is not loaded: %s", err.message);
        if (data->sequences != index->sequences)
            fuzz_fault("a data set has %zu sequences of %zu", data->sequences, index->sequences);
        zoo_dataset_free(data);
        zoo_dataset_free(index);
        unlink(out);
    }
    zoo_report_clear(&report);
}

static const struct place *make_folders(const char *source)
{
    const struct place *p = places;
    while (strcmp(p->source, source) != 0)
        p++;
    static const struct place *made;
    for (int i = 0; made != p && i < 6 && p->folders[i] != NULL; i++)
        fuzz_folder(p->folders[i]);
    made = p;
    return p;
}

static const zoo_source *find(const char *name)
{
    const zoo_source *const *s = zoo_source_list();
    while (strcmp((*s)->name, name) != 0)
        s++;
    return *s;
}

static void labels(const uint8_t *bytes, size_t size)
{
    static const char row[] = "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14\n1,1,2,3,4,5,6,7,8,9,10,11,12,"
                              "13,14\n";
    fuzz_folder("clips");
    fuzz_write("clips/1.csv", row, sizeof row - 1);
    fuzz_write("clips/2.csv", row, sizeof row - 1);
    const zoo_raw raw = {.source = "csv",
                         .dir = fuzz_path("clips"),
                         .layout = zoo_layout_find("tiny5"),
                         .rate = 30,
                         .labels = fuzz_write("labels.csv", bytes, size)};
    prepare(&raw);
    zoo_raw other = raw;
    other.labels = NULL;
    other.segments = raw.labels;
    prepare(&other);
    char list[300];
    snprintf(list, sizeof list, "%.*s", (int)(size < sizeof list ? size : sizeof list - 1),
             (const char *)bytes);
    list[strcspn(list, "\n")] = '\0';
    other.segments = NULL;
    other.labels = fuzz_write("table", "1,nod\n2,bow\n", 12);
    other.columns = list;
    prepare(&other);
    make_folders("ntu");
    const zoo_raw skip = {
        .source = "ntu", .dir = fuzz_path("ntu"), .skip_list = fuzz_write("skip", bytes, size)};
    prepare(&skip);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (strcmp(FUZZ_SOURCE, "labels") == 0) {
        labels(bytes, size);
        return 0;
    }
    const struct place *p = make_folders(FUZZ_SOURCE);
    for (int i = 0; i < 2; i++)
        fuzz_write(p->files[i], bytes, size);
    zoo_raw raw = {.source = p->source, .dir = fuzz_path(p->source)};
    const bool pickle = strcmp(p->source, "pyskl") == 0;
    if (pickle || strcmp(p->source, "npz") == 0)
        raw.dir = fuzz_path(p->files[0]);
    if (zoo_source_takes(find(p->source), "layout") && strcmp(p->source, "h36m") != 0 &&
        strcmp(p->source, "keypoints") != 0)
        raw.layout = zoo_layout_find("tiny5");
    if (strcmp(p->source, "csv") == 0)
        raw.rate = 30;
    if (strcmp(p->source, "npy") == 0) {
        fuzz_write("npy/train_label.pkl", "(I1\nI0\nl.", 9);
        fuzz_write("npy/val_label.pkl", "(I1\nl.", 6);
    }
    prepare(&raw);
    for (int i = 0; i < 4 && strcmp(p->source, "csv") == 0; i++) {
        static const char *const columns[] = {"frame,*", "x,y,z,score", "frame,joint,x,y,z",
                                              "time,body,joint,x,y,z,-"};
        zoo_raw named = raw;
        named.columns = columns[i];
        prepare(&named);
    }
    if (strcmp(p->source, "cmu") != 0) {
        raw.strict = true;
        if (strcmp(p->source, "ntu") == 0)
            raw.steps = "align pyskl";
        raw.shortest = 2;
        raw.fill = 3;
        prepare(&raw);
    }
    return 0;
}
