/*
 * test_weights.c: files of weights: every type of number, views, nested dictionaries, the three
 * formats; hostile files; and, where they are available ($GRAPHOP_WEIGHTS, or ../shared/data/weights
 * beside the source), files of other programs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "scratch.h"
#include "zoo/weights/weights.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *top(void)
{
    const char *path = getenv("top_srcdir");
    return path != NULL ? path : ".";
}

static gop_status open_file(zoo_weights **w, const char *name, gop_error *err)
{
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/tests/weights/%s", top(), name);
    return recorded(zoo_weights_open(w, path, err), err);
}

static zoo_weights *opened(const char *name)
{
    zoo_weights *w;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(open_file(&w, name, &err) == GOP_OK, "%s", err.message);
    return w;
}

/* The tensor has the shape ("2 3") and the elements first, first + step, ... */
static void expect(zoo_weights *w, const char *name, const char *shape, double first, double step)
{
    static gop_real v[10000];
    gop_error err = {GOP_OK, ""};
    char text[64] = "";
    const size_t i = zoo_weights_find(w, name);
    ck_assert_msg(i != SIZE_MAX, "no tensor %s", name);
    const zoo_weight *t = zoo_weights_at(w, i);
    ck_assert_uint_le(t->elements, COUNT(v));
    for (size_t k = 0, used = 0; k < t->rank; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, k > 0 ? " %d" : "%d",
                                 (int)t->shape[k]);
    ck_assert_str_eq(text, shape);
    ck_assert_msg(zoo_weights_read(v, w, i, &err) == GOP_OK, "%s", err.message);
    for (size_t k = 0; k < t->elements; k++) {
        const double told = step == 2 ? (double)(k % 2) : first + step * (double)k;
        ck_assert_msg(fabs((double)v[k] - told) < 1e-9, "%s: %zu: %g, not %g", name, k,
                      (double)v[k], told);
    }
}

static const char *const kinds[] = {"kinds.pth", "kinds.safetensors", "kinds.npz", "deflated.npz"};

START_TEST(numbers_of_every_type_are_read)
{
    static const char *const types[] = {"f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1"};
    zoo_weights *w = opened(kinds[_i]);
    for (size_t k = 0; k < COUNT(types); k++) {
        expect(w, types[k], "2 3", 0, 1);
        ck_assert_str_eq(zoo_weights_at(w, zoo_weights_find(w, types[k]))->type, types[k]);
    }
    expect(w, "b1", "2 3", 0, 2);
    if (_i < 2)
        expect(w, "bf2", "2 3", 0, 1);
    if (_i >= 2)
        expect(w, "swapped", "2 3", 0, 1);
    expect(w, "scalar", "", 7, 0);
    expect(w, "empty", "0 3", 0, 0);
    static const char *const format[] = {"PyTorch", "safetensors", "npz", "npz"};
    ck_assert_str_eq(zoo_weights_format(w), format[_i]);
    ck_assert_str_eq(zoo_weights_part(w), "");
    ck_assert_uint_eq(zoo_weights_find(w, "other"), SIZE_MAX);
    ck_assert_ptr_null(zoo_weights_at(w, zoo_weights_count(w)));
    zoo_weights_close(w);
}
END_TEST

START_TEST(long_tensors_are_read_in_pieces)
{
    static gop_real v[3 * 3001];
    gop_error err;
    zoo_weights *w = opened(_i == 0 ? "kinds.safetensors" : "deflated.npz");
    ck_assert_int_eq(zoo_weights_read(v, w, zoo_weights_find(w, "long"), &err), GOP_OK);
    for (size_t k = 0; k < COUNT(v); k++)
        ck_assert(v[k] == (gop_real)(k % 128) + (gop_real)0.25);
    zoo_weights_close(w);
}
END_TEST

START_TEST(views_are_read_as_they_are_seen)
{
    zoo_weights *w = opened("views.pth");
    expect(w, "turned", "3 4", 0, 1);
    expect(w, "part", "4 5", 0, 1);
    expect(w, "shared", "1 5", 0, 1);
    expect(w, "step", "6", 0, 1);
    expect(w, "same", "4 3", 0, 0);
    expect(w, "deep", "2 3 4", 0, 1);
    zoo_weights_close(w);
}
END_TEST

static const struct {
    const char *file, *part;
} nested[] = {{"layer.pth", ""}, {"nested.pth", "state_dict"}, {"unnamed.pth", "net.inner"}};

START_TEST(tensors_are_found_in_nested_dictionaries)
{
    zoo_weights *w = opened(nested[_i].file);
    ck_assert_str_eq(zoo_weights_part(w), nested[_i].part);
    ck_assert_uint_eq(zoo_weights_count(w), 7);
    expect(w, "0.weight", "2 3", 0, 1);
    expect(w, "0.bias", "2", 0, 1);
    expect(w, "1.running_var", "2", 1, 0);
    expect(w, "1.num_batches_tracked", "", 0, 0);
    for (size_t i = 1; i < 7; i++) /* sorted */
        ck_assert_int_lt(strcmp(zoo_weights_at(w, i - 1)->name, zoo_weights_at(w, i)->name), 0);
    zoo_weights_close(w);
}
END_TEST

/* ------------------------------------------------------------------- hostile files */

static const struct {
    const char *file, *words;
} bad[] = {
    {"old.pth", "old.pth is a file of PyTorch before 1.6, which is not read; torch.save("},
    {"old.tar", "old.tar is a file of PyTorch before 1.6"},
    {"make-weights", "make-weights is no file of weights"},
    {"hostile/stride.pth", "tensor a reaches over 7 elements, and 6 are stored"},
    {"hostile/stride-sign.pth", "the shape and the strides of tensor a must be"},
    {"hostile/stride-huge.pth", "tensor a has more elements than can be counted"},
    {"hostile/strides.pth", "the shape and the strides of tensor a must be"},
    {"hostile/offset.pth", "tensor a reaches over 6 elements, and 5 are stored"},
    {"hostile/offset-sign.pth", "tensor a begins outside of its storage"},
    {"hostile/offset-huge.pth", "tensor a begins outside of its storage"},
    {"hostile/shape.pth", "tensor a has more elements than can be counted"},
    {"hostile/rank.pth", "the shape and the strides of tensor a must be"},
    {"hostile/elements.pth", "member data/0 has 24 bytes, too few for 7 elements"},
    {"hostile/no-member.pth", "tensor a lies in data/1, and the archive has no one such"},
    {"hostile/no-storage.pth", "tensor a has no storage of numbers"},
    {"hostile/wide.pth", "member data/0 has 24 bytes, too few for 6 elements"},
    {"hostile/complex.pth", "names torch.ComplexFloatStorage, which is not read"},
    {"hostile/call.pth", "names posix.system, which is not read"},
    {"hostile/evaluate.pth", "names __builtin__.eval, which is not read"},
    {"hostile/name.pth", "a tensor's name"},
    {"hostile/name-long.pth", "a tensor's name"},
    {"hostile/deflated.pth", "member a/data.pkl is compressed"},
    {"hostile/bomb.pth", "member a/data.pkl is compressed"},
    {"hostile/no-tensors.pth", "has a dictionary without tensors by name"},
    {"hostile/list.pth", "has a list without tensors by name"},
    {"hostile/cut-pickle.pth", "ends too early"},
    {"hostile/order.pth", "its byteorder is neither little nor big"},
    {"hostile/program.pth", "is a program (TorchScript)"},
    {"hostile/twice.pth", "or there are several"},
    {"hostile/cut.pth", "cut.pth"},
    {"hostile/long-head.safetensors", "its head of 1125899906842624 bytes is longer than"},
    {"hostile/offsets.safetensors", "tensor a lies outside of the file"},
    {"hostile/offsets-turned.safetensors", "tensor a lies outside of the file"},
    {"hostile/bytes.safetensors", "tensor a needs 4 bytes and has 8"},
    {"hostile/shape.safetensors", "tensor a has more elements than can be counted"},
    {"hostile/shape-sign.safetensors", "tensor a has a shape that is no list"},
    {"hostile/type.safetensors", "tensor a has type F8_E4M3, which is not read"},
    {"hostile/lacks.safetensors", "tensor a lacks dtype, shape or data_offsets"},
    {"hostile/text.safetensors", "tensor a is no object"},
    {"hostile/twice.safetensors", "has two tensors a"},
    {"hostile/json.safetensors", "of its head: "},
    {"hostile/none.safetensors", "has no tensors"},
    {"hostile/other.zip", "member a.txt is neither data.pkl of PyTorch nor an array"},
};

START_TEST(hostile_files_end_in_a_sentence)
{
    zoo_weights *w;
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(open_file(&w, bad[_i].file, &err), GOP_EFORMAT);
    ck_assert_ptr_null(w);
    ck_assert_msg(strstr(err.message, bad[_i].words) != NULL, "%s: %s", bad[_i].file, err.message);
}
END_TEST

START_TEST(other_faults)
{
    zoo_weights *w;
    gop_error err = {GOP_OK, ""};
    gop_real v[6];
    ck_assert_int_eq(open_file(&w, "missing.pth", &err), GOP_ESYSTEM);
    ck_assert_int_eq(open_file(&w, "hostile", &err), GOP_ESYSTEM);
    zoo_weights_close(NULL);
    w = opened("hostile/circle.pth");
    expect(w, "a", "2 3", 0, 1);
    zoo_weights_close(w);
    w = opened("hostile/checksum.pth");
    ck_assert_int_eq(recorded(zoo_weights_read(v, w, zoo_weights_find(w, "0.weight"), &err), &err),
                     GOP_EFORMAT);
    zoo_weights_close(w);
}
END_TEST

/* Every file of these formats that is cut somewhere ends in a sentence. */
START_TEST(cut_files_end_in_a_sentence)
{
    static const char *const whole[] = {"layer.pth", "kinds.safetensors", "kinds.npz"};
    static char bytes[40000];
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/tests/weights/%s", top(), whole[_i]);
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    scratch_open();
    for (size_t cut = 0; cut < n; cut += 1 + n / 97) {
        zoo_weights *w;
        gop_error err = {GOP_OK, ""};
        scratch_write(scratch_path("cut"), bytes, cut);
        ck_assert_int_eq(recorded(zoo_weights_open(&w, scratch_path("cut"), &err), &err),
                         GOP_EFORMAT);
        ck_assert_ptr_null(w);
    }
    scratch_close();
}
END_TEST

/* ----------------------------------------------------------------- of other programs */

static const struct {
    const char *file, *tensor, *shape;
    size_t count;
} given[] = {
    {"hagrid.pth", "cls_head.fc_cls.weight", "40 128", 0},
    {"simlpe.pth", "motion_fc_in.weight", "66 66", 0},
    {"pyskl-stgcn.pth", "backbone.gcn.0.gcn.PA", "3 25 25", 0},
};

START_TEST(files_of_other_programs)
{
    char path[SCRATCH_PATH], text[64] = "";
    zoo_weights *w;
    gop_error err = {GOP_OK, ""};
    const char *folder = getenv("GRAPHOP_WEIGHTS");
    snprintf(path, sizeof path, "%s%s/%s", folder != NULL ? folder : top(),
             folder != NULL ? "" : "/../shared/data/weights", given[_i].file);
    if (access(path, R_OK) != 0) {
        printf("skipped: %s is absent\n", path);
        return;
    }
    ck_assert_msg(zoo_weights_open(&w, path, &err) == GOP_OK, "%s", err.message);
    const size_t i = zoo_weights_find(w, given[_i].tensor);
    ck_assert_msg(i != SIZE_MAX, "%s", given[_i].tensor);
    const zoo_weight *t = zoo_weights_at(w, i);
    for (size_t k = 0, used = 0; k < t->rank; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, k > 0 ? " %d" : "%d",
                                 (int)t->shape[k]);
    ck_assert_str_eq(text, given[_i].shape);
    uint64_t most = 0;
    for (size_t k = 0; k < zoo_weights_count(w); k++)
        most = zoo_weights_at(w, k)->elements > most ? zoo_weights_at(w, k)->elements : most;
    gop_real *v = malloc((size_t)most * sizeof *v);
    for (size_t k = 0; k < zoo_weights_count(w); k++)
        ck_assert_msg(zoo_weights_read(v, w, k, &err) == GOP_OK, "%s", err.message);
    free(v);
    zoo_weights_close(w);
}
END_TEST

TEST_MAIN("weights")
{
    tcase_add_loop_test(t, numbers_of_every_type_are_read, 0, (int)COUNT(kinds));
    tcase_add_loop_test(t, long_tensors_are_read_in_pieces, 0, 2);
    tcase_add_test(t, views_are_read_as_they_are_seen);
    tcase_add_loop_test(t, tensors_are_found_in_nested_dictionaries, 0, (int)COUNT(nested));
    tcase_add_loop_test(t, hostile_files_end_in_a_sentence, 0, (int)COUNT(bad));
    tcase_add_test(t, other_faults);
    tcase_add_loop_test(t, cut_files_end_in_a_sentence, 0, 3);
    tcase_add_loop_test(t, files_of_other_programs, 0, (int)COUNT(given));
}
