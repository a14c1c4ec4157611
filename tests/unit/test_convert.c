/*
 * test_convert.c: converts files of older versions: everything in them is kept, and invalid
 * contents are refused, whatever the bytes.  tests/cli/convert.sh checks the converted models'
 * answers.  Writes its files to the current folder and removes them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "suite.h"
#include "trainer_fixture.h"

static const char *old_file(const char *name)
{
    static char path[1024];
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/convert/%s", top != NULL ? top : ".", name);
    return path;
}

START_TEST(runs_come_along)
{
    zoo_provenance p;
    uint32_t version = 0;
    ck_assert_int_eq(recorded(zoo_provenance_load(&p, NULL, old_file("old-held.gop"), &err), &err),
                     GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "graphop convert") != NULL, "%s", err.message);
    CHECK(zoo_convert(old_file("old-held.gop"), "held.gop", NULL, &version, &err));
    ck_assert_uint_eq(version, 1);
    CHECK(zoo_provenance_load(&p, NULL, "held.gop", &err));
    ck_assert(p.trained && p.steps > 4 && p.steps < p.training.steps);
    ck_assert_uint_eq(p.training.steps, 26);
    ck_assert_uint_eq(p.training.batch, 4);
    ck_assert_uint_eq(p.training.seed, 5);
    ck_assert_uint_eq(p.training.lambda.choice, GOP_MGDA_UB_NORMALISED);
    ck_assert(p.training.lr == 0.005 && p.training.validate == 0.4 &&
              p.training.noisy_targets == 0.5 && p.training.noisy_labels == 0);
    ck_assert_uint_eq(p.training.validate_every, 4);
    ck_assert_uint_eq(p.training.clip_frames, 10);
    ck_assert(p.training.init != 0 && p.best.step % 4 == 0 && p.best.step > 0 && p.best.loss > 0);
    ck_assert_int_eq(recorded(zoo_convert("held.gop", "again.gop", NULL, &version, &err), &err),
                     GOP_EINVAL);
    ck_assert_uint_eq(version, ZOO_MODEL_VERSION);
    CHECK(zoo_convert(old_file("old-fused.gop"), "held.gop", NULL, NULL, &err));
    CHECK(zoo_provenance_load(&p, NULL, "held.gop", &err));
    ck_assert(!p.trained);
    remove("held.gop");
}
END_TEST

/* The name of a data set and the description of the data give what older files do not store. */
START_TEST(the_origin_is_found_once)
{
    zoo_model *model;
    zoo_dataset *set;
    uint32_t version = 0;
    CHECK(zoo_convert(old_file("old-clips.gop"), "new.gop", NULL, &version, &err));
    ck_assert_uint_eq(version, 2);
    CHECK(zoo_model_load(&model, NULL, "new.gop", &err));
    ck_assert_str_eq(model->domain.origin, "kinetics");
    ck_assert_uint_eq(model->domain.steps.n, 2);
    ck_assert_str_eq(model->domain.steps.step[0], "bodies 1:score");
    ck_assert_str_eq(model->domain.steps.step[1], "missing zero");
    CHECK(zoo_convert(old_file("clips.gds"), "new.gds", NULL, &version, &err));
    ck_assert_uint_eq(version, 1);
    CHECK(zoo_dataset_load(&set, "new.gds", &err));
    CHECK(zoo_domain_fits(&model->domain, &set->domain, &err));
    zoo_model_free(model);
    zoo_dataset_free(set);
    CHECK(zoo_convert(old_file("data.gds"), "new.gds", NULL, NULL, &err));
    CHECK(zoo_dataset_load(&set, "new.gds", &err));
    ck_assert_str_eq(set->domain.origin, "csv");
    ck_assert_uint_eq(set->domain.steps.n, 0);
    zoo_dataset_free(set);
    remove("new.gds");
    remove("new.gop");
}
END_TEST

/* With correct sums and a wrong byte, a file is refused with a sentence or converts to a readable
 * model in the present form. */
START_TEST(hostile_files_are_refused)
{
    static const char *const name[] = {"old-sgd.gop", "old-held.gop", "old-sgd.gop"};
    gop_rng rng = gop_rng_new(3, 0);
    size_t n, refused = 0, trials = 0;
    if (_i == 2)
        CHECK(zoo_convert(old_file(name[_i]), "new.gop", NULL, NULL, &err));
    unsigned char *bytes = slurp(_i == 2 ? "new.gop" : old_file(name[_i]), &n);
    /* Changes each byte between the tensors, which are short in these files. */
    for (size_t i = 32; i < n; i += 1 + gop_rng_below(&rng, _i == 1 ? 30 : 3)) {
        const unsigned char kept = bytes[i];
        zoo_provenance p;
        bytes[i] = (unsigned char)(kept ^ (1 + gop_rng_below(&rng, 255)));
        put_sums(bytes, n);
        spill("wrong.gop", bytes, n);
        bytes[i] = kept;
        remove("right.gop");
        err.status = GOP_OK;
        const gop_status s = _i == 2 ? zoo_provenance_load(&p, NULL, "wrong.gop", &err)
                                     : zoo_convert("wrong.gop", "right.gop", NULL, NULL, &err);
        ck_assert_int_eq(s, err.status);
        trials++;
        refused += s != GOP_OK;
        if (s == GOP_OK && _i < 2)
            CHECK(zoo_provenance_load(&p, NULL, "right.gop", &err));
        else
            ck_assert_ptr_null(fopen("right.gop", "rb"));
    }
    ck_assert_uint_gt(refused, trials / 4);
    free(bytes);
    remove("wrong.gop");
    remove("right.gop");
    remove("new.gop");
}
END_TEST

static void open_file(gop_writer **w, const char *kind, uint32_t version)
{
    CHECK(gop_writer_open(w, "odd.gop", kind, version, &err));
}

static void refused(gop_status wanted, const char *words)
{
    ck_assert_int_eq(recorded(zoo_convert("odd.gop", "new.gop", NULL, NULL, &err), &err), wanted);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_ptr_null(fopen("new.gop", "rb"));
}

START_TEST(other_files_are_refused)
{
    gop_writer *w;
    zoo_model *m;
    open_file(&w, "TST1", 1);
    gop_write_map(w, 0);
    CHECK(gop_writer_commit(w, &err));
    refused(GOP_EFORMAT, "neither a model nor a data set");
    open_file(&w, ZOO_MODEL_KIND, 99);
    gop_write_map(w, 0);
    CHECK(gop_writer_commit(w, &err));
    refused(GOP_EFORMAT, "version 99 of its format, which this program does not know");
    open_file(&w, ZOO_MODEL_KIND, ZOO_MODEL_VERSION);
    gop_write_map(w, 0);
    CHECK(gop_writer_commit(w, &err));
    ck_assert_int_eq(recorded(zoo_model_load(&m, NULL, "odd.gop", &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "a model file must have two entries"));
    CHECK(zoo_convert(old_file("old-fused.gop"), "odd.gop", NULL, NULL, &err));
    CHECK(zoo_model_load(&m, NULL, "odd.gop", &err));
    ck_assert_int_eq(recorded(zoo_model_save(m, "no/such/folder.gop", &err), &err), GOP_ESYSTEM);
    zoo_model_free(m);
    remove("odd.gop");
}
END_TEST

START_TEST(two_runs_are_refused)
{
    static const char key[] = "\xa3run\x91"; /* an array of one */
    size_t n, at = 0;
    unsigned char *bytes = slurp(old_file("old-adam.gop"), &n);
    while (memcmp(bytes + at, key, strlen(key)) != 0)
        ck_assert_uint_lt(++at, n - 40);
    bytes[at + strlen(key) - 1] = 0x92;
    put_sums(bytes, n);
    spill("odd.gop", bytes, n);
    free(bytes);
    refused(GOP_EFORMAT, "a model can have only one run");
    remove("odd.gop");
}
END_TEST

/* A loss of a held-out part that is no number. */
START_TEST(losses_that_cannot_be_are_refused)
{
    static const char key[] = "loss_recognition\xcb";
    size_t n, at = 0;
    unsigned char *bytes = slurp(old_file("old-held.gop"), &n);
    while (memcmp(bytes + at, key, strlen(key)) != 0)
        ck_assert_uint_lt(++at, n - 40);
    memset(bytes + at + strlen(key), 0xff, 8);
    put_sums(bytes, n);
    spill("odd.gop", bytes, n);
    free(bytes);
    refused(GOP_EFORMAT, "the model cannot have these losses");
    remove("odd.gop");
}
END_TEST

TEST_MAIN("convert")
{
    tcase_set_timeout(t, 600);
    tcase_add_test(t, runs_come_along);
    tcase_add_test(t, the_origin_is_found_once);
    tcase_add_test(t, other_files_are_refused);
    tcase_add_test(t, two_runs_are_refused);
    tcase_add_test(t, losses_that_cannot_be_are_refused);
    tcase_add_loop_test(t, hostile_files_are_refused, 0, 3);
}
