/*
 * test_kinematics.c: positions of joints by forward kinematics: on chains computed by hand, on
 * random ones against quaternions, and CMU's skeleton against a recording in its original form (an
 * .asf and an .amc file, read here), if both are available ($GRAPHOP_CMU and $GRAPHOP_ASF, or
 * ../shared/data beside the source).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "zoo/dataset/prepare.h"
#include "zoo/metric/metric.h"
#include "zoo/skeleton/layout.h"

#define PI             3.14159265358979323846
/* In units: angles in the text and bones in the table have five or six digits. */
#define BONE_TOLERANCE 1e-4

/* -------------------------------------------------------------------- by hand */

/* An arm of three bones that lies along x, and a joint off the root. */
static const uint32_t arm_parent[5] = {0, 0, 1, 2, 0};
static const double arm_offset[15] = {9, 9, 9, 1, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0.5, 0};
static const uint8_t arm_counted[5] = {0, 1, 1, 1, 1};
static const uint32_t arm_twin[5] = {0, 1, 2, 3, 4};
static const zoo_chain arm = {"arm",      5,           18,       10,  arm_parent,
                              arm_offset, arm_counted, arm_twin, NULL};

static void check_place(const double *p, double x, double y, double z)
{
    ck_assert_double_eq_tol(p[0], x, 1e-5);
    ck_assert_double_eq_tol(p[1], y, 1e-5);
    ck_assert_double_eq_tol(p[2], z, 1e-5);
}

START_TEST(an_arm_unturned_lies_as_its_bones)
{
    float frame[18] = {0};
    double p[15];
    zoo_chain_positions(p, &arm, frame);
    check_place(p, 0, 0, 0);
    check_place(p + 3, 10, 0, 0);
    check_place(p + 6, 30, 0, 0);
    check_place(p + 9, 60, 0, 0);
    check_place(p + 12, 0, 5, 0);
}
END_TEST

/* With vectors as rows, a map of +90 degrees about z turns x to -y. */
START_TEST(a_joint_turns_what_hangs_on_it)
{
    float frame[18] = {0};
    double p[15];
    frame[3 + 3 * 1 + 2] = (float)(PI / 2);
    zoo_chain_positions(p, &arm, frame);
    check_place(p + 3, 10, 0, 0);
    check_place(p + 6, 10, -20, 0);
    check_place(p + 9, 10, -50, 0);
    /* The next joint about its own x axis: in line with its bone, nothing moves. */
    frame[3 + 3 * 2] = 1;
    zoo_chain_positions(p, &arm, frame);
    check_place(p + 9, 10, -50, 0);
    /* About its own z axis by -90 degrees: back to the direction of the root. */
    frame[3 + 3 * 2] = 0;
    frame[3 + 3 * 2 + 2] = (float)(-PI / 2);
    zoo_chain_positions(p, &arm, frame);
    check_place(p + 6, 10, -20, 0);
    check_place(p + 9, 40, -20, 0);
}
END_TEST

START_TEST(the_root_is_left_out)
{
    float frame[18] = {3, 4, 5, 0.5f, 0.25f, -1};
    double p[15];
    zoo_chain_positions(p, &arm, frame);
    check_place(p, 0, 0, 0);
    check_place(p + 9, 60, 0, 0);
}
END_TEST

/* ---------------------------------------------------------------- quaternions */

typedef struct quaternion {
    double w, x, y, z;
} quaternion;

static quaternion product(quaternion a, quaternion b)
{
    quaternion c = {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
                    a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
                    a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
                    a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
    return c;
}

/* A map that rotates row vectors rotates column vectors the other way. */
static quaternion inverse_of_map(const float *r)
{
    double theta = sqrt((double)r[0] * r[0] + (double)r[1] * r[1] + (double)r[2] * r[2]);
    double f = theta > 0 ? -sin(theta / 2) / theta : -0.5;
    quaternion q = {cos(theta / 2), f * r[0], f * r[1], f * r[2]};
    return q;
}

static void turn(double *to, quaternion q, const double *v)
{
    quaternion p = {0, v[0], v[1], v[2]}, back = {q.w, -q.x, -q.y, -q.z};
    p = product(product(q, p), back);
    to[0] = p.x;
    to[1] = p.y;
    to[2] = p.z;
}

static void check_against_quaternions(const zoo_chain *chain, const float *frame)
{
    quaternion q[ZOO_MAX_JOINTS] = {{1, 0, 0, 0}};
    double expected[3 * ZOO_MAX_JOINTS] = {0}, p[3 * ZOO_MAX_JOINTS];
    zoo_chain_positions(p, chain, frame);
    for (uint32_t j = 1; j < chain->joints; j++) {
        uint32_t parent = chain->parent[j];
        double bone[3];
        turn(bone, q[parent], chain->offset + 3 * j);
        for (int k = 0; k < 3; k++) {
            expected[3 * j + k] = expected[3 * parent + k] + chain->unit * bone[k];
            ck_assert_double_eq_tol(p[3 * j + k], expected[3 * j + k], 1e-6);
        }
        q[j] = product(q[parent], inverse_of_map(frame + 3 + 3 * j));
    }
}

static const char *const names[] = {"cmu38", "h36m32"};

START_TEST(random_poses_agree_with_quaternions)
{
    const zoo_chain *chain = zoo_chain_find(names[_i]);
    gop_rng rng = gop_rng_new(5, 0);
    float frame[3 + 3 * ZOO_MAX_JOINTS];
    for (int k = 0; k < 50; k++) {
        for (uint32_t c = 0; c < chain->columns; c++)
            frame[c] = (float)(4 * gop_rng_uniform(&rng) - 2);
        check_against_quaternions(chain, frame);
    }
}
END_TEST

/* --------------------------------------------------------------------- tables */

/* In every pose, joints that the table does not count are fixed or coincide with an earlier joint;
 * joints that count do neither. */
START_TEST(joints_that_count_move_and_lie_apart)
{
    const zoo_chain *chain = zoo_chain_find(names[_i]);
    static const uint32_t counting[] = {25, 22};
    float still[3 + 3 * ZOO_MAX_JOINTS] = {0}, frame[3 + 3 * ZOO_MAX_JOINTS];
    double p[3 * ZOO_MAX_JOINTS], q[3 * ZOO_MAX_JOINTS];
    uint32_t n = 0;
    for (uint32_t c = 0; c < chain->columns; c++)
        frame[c] = 0.3f * sinf((float)(c + 1));
    /* CMU's hip joints have no angles in the data, so that joints 2 and 8 stay. */
    if (_i == 0) {
        memset(frame + 6, 0, 3 * sizeof *frame);
        memset(frame + 24, 0, 3 * sizeof *frame);
    }
    ck_assert_uint_eq(chain->columns, 3 + 3 * chain->joints);
    zoo_chain_positions(p, chain, frame);
    zoo_chain_positions(q, chain, still);
    for (uint32_t j = 0; j < chain->joints; j++) {
        bool moves = zoo_mean_distance(p + 3 * j, q + 3 * j, 1) > 1e-3, apart = true;
        for (uint32_t k = 0; k < j; k++)
            apart = apart && zoo_mean_distance(p + 3 * j, p + 3 * k, 1) > 1e-3;
        ck_assert(j == 0 || chain->parent[j] < j);
        ck_assert_msg(chain->counted[j] == (moves && apart), "%s: joint %u", chain->name, j);
        if (chain->twin[j] != j)
            ck_assert(zoo_mean_distance(p + 3 * j, p + 3 * chain->twin[j], 1) < 1e-9);
        else
            ck_assert(chain->counted[j] || !moves);
        n += chain->counted[j];
    }
    ck_assert_uint_eq(n, counting[_i]);
}
END_TEST

START_TEST(unknown_chains_are_none)
{
    ck_assert_ptr_null(zoo_chain_find("cmu"));
    ck_assert_ptr_null(zoo_chain_find(NULL));
}
END_TEST

/* ------------------------------------------------------- a recording as it was */

#define MAX_BONES 40

typedef struct bone {
    char name[32];
    double direction[3], length, axis[3];
    int dofs, dof[3]; /* 0: x, 1: y, 2: z */
    int parent;       /* -1: the root */
    double turned[3][3], end[3];
} bone;

typedef struct skeleton {
    bone bone[MAX_BONES];
    int bones;
} skeleton;

static int find_bone(const skeleton *s, const char *name)
{
    for (int i = 0; i < s->bones; i++)
        if (strcmp(s->bone[i].name, name) == 0)
            return i;
    return -1;
}

static void read_bone_line(skeleton *s, const char *line)
{
    bone *b = &s->bone[s->bones - 1];
    char word[3][8];
    if (sscanf(line, " name %31s", b->name) == 1)
        return;
    if (sscanf(line, " direction %lf %lf %lf", &b->direction[0], &b->direction[1],
               &b->direction[2]) == 3)
        return;
    if (sscanf(line, " length %lf", &b->length) == 1)
        return;
    if (sscanf(line, " axis %lf %lf %lf", &b->axis[0], &b->axis[1], &b->axis[2]) == 3)
        return;
    int n = sscanf(line, " dof %7s %7s %7s", word[0], word[1], word[2]);
    if (n > 0)
        b->dofs = n;
    for (int i = 0; i < n; i++)
        b->dof[i] = word[i][1] - 'x';
}

static void read_children(skeleton *s, char *line)
{
    char *word = strtok(line, " \t\r\n");
    int parent = word != NULL ? find_bone(s, word) : -1;
    for (word = strtok(NULL, " \t\r\n"); word != NULL; word = strtok(NULL, " \t\r\n"))
        s->bone[find_bone(s, word)].parent = parent;
}

static void read_skeleton(skeleton *s, const char *path)
{
    FILE *in = fopen(path, "r");
    char line[512];
    bool bones = false, tree = false;
    ck_assert_ptr_nonnull(in);
    memset(s, 0, sizeof *s);
    while (fgets(line, sizeof line, in) != NULL) {
        if (line[0] == ':') {
            bones = strncmp(line, ":bonedata", 9) == 0;
            tree = strncmp(line, ":hierarchy", 10) == 0;
        } else if (bones && strstr(line, "begin") != NULL) {
            s->bones++;
            ck_assert_int_lt(s->bones, MAX_BONES);
        } else if (bones) {
            read_bone_line(s, line);
        } else if (tree && strstr(line, "begin") == NULL && strstr(line, "end") == NULL) {
            read_children(s, line);
        }
    }
    fclose(in);
    ck_assert_int_eq(s->bones, 30);
}

static void multiply(double C[3][3], double A[3][3], double B[3][3])
{
    double out[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = A[i][0] * B[0][j] + A[i][1] * B[1][j] + A[i][2] * B[2][j];
    memcpy(C, out, sizeof out);
}

/* Rz Ry Rx for vectors as columns, in degrees. */
static void xyz(double R[3][3], const double a[3])
{
    double identity[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    memcpy(R, identity, sizeof identity);
    for (int axis = 0; axis < 3; axis++) {
        double A[3][3] = {{0}}, s = sin(a[axis] * PI / 180), c = cos(a[axis] * PI / 180);
        int u = (axis + 1) % 3, v = (axis + 2) % 3;
        A[axis][axis] = 1;
        A[u][u] = A[v][v] = c;
        A[u][v] = -s;
        A[v][u] = s;
        multiply(R, A, R);
    }
}

/* Rotations and ends of all bones, parents first; the root is not rotated. */
static void pose_bone(skeleton *s, int i, const double angle[3])
{
    bone *b = &s->bone[i];
    double C[3][3], back[3][3], M[3][3];
    xyz(C, b->axis);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            back[r][c] = C[c][r];
    xyz(M, angle);
    multiply(M, C, M);
    multiply(M, M, back);
    if (b->parent >= 0)
        multiply(b->turned, s->bone[b->parent].turned, M);
    else
        memcpy(b->turned, M, sizeof M);
    for (int r = 0; r < 3; r++) {
        b->end[r] = b->parent >= 0 ? s->bone[b->parent].end[r] : 0;
        for (int c = 0; c < 3; c++)
            b->end[r] += b->turned[r][c] * b->direction[c] * b->length;
    }
}

/* Reads the next frame of an .amc file, whose number was already read; false at the end. */
static bool read_motion(skeleton *s, FILE *in)
{
    double angle[MAX_BONES][3];
    char line[512], name[32];
    bool some = false;
    memset(angle, 0, sizeof angle);
    while (fgets(line, sizeof line, in) != NULL && !(line[0] >= '0' && line[0] <= '9')) {
        int used, i;
        double v;
        if (sscanf(line, "%31s%n", name, &used) != 1 || (i = find_bone(s, name)) < 0)
            continue;
        some = true;
        const char *at = line + used;
        for (int k = 0; k < s->bone[i].dofs; k++) {
            ck_assert_int_eq(sscanf(at, "%lf%n", &v, &used), 1);
            angle[i][s->bone[i].dof[k]] = v;
            at += used;
        }
    }
    for (int i = 0; i < s->bones && some; i++)
        pose_bone(s, i, angle[i]);
    return some;
}

/* Bones that both have: the joint and its name in the .asf file.  In the literature's skeleton the
 * thorax and the wrists have length 0; after them the bones are compared, not the positions. */
static const struct pair {
    uint32_t joint;
    const char *bone;
} pairs[] = {{2, "lhipjoint"},  {3, "lfemur"},     {4, "ltibia"},     {5, "lfoot"},
             {6, "ltoes"},      {8, "rhipjoint"},  {9, "rfemur"},     {10, "rtibia"},
             {11, "rfoot"},     {12, "rtoes"},     {14, "lowerback"}, {15, "upperback"},
             {17, "lowerneck"}, {18, "upperneck"}, {19, "head"},      {21, "lclavicle"},
             {22, "lhumerus"},  {23, "lradius"},   {25, "lhand"},     {26, "lfingers"},
             {28, "lthumb"},    {30, "rclavicle"}, {31, "rhumerus"},  {32, "rradius"},
             {34, "rhand"},     {35, "rfingers"},  {37, "rthumb"}};

static char asf_folder[1024], cmu_folder[1024];

static double worst_bone(const skeleton *s, const double *p, const zoo_chain *chain)
{
    double worst = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        uint32_t j = pairs[i].joint, parent = chain->parent[j];
        int k = find_bone(s, pairs[i].bone);
        ck_assert_int_ge(k, 0);
        for (int c = 0; c < 3; c++) {
            int up = s->bone[k].parent;
            double theirs = s->bone[k].end[c] - (up >= 0 ? s->bone[up].end[c] : 0);
            double ours = (p[3 * j + c] - p[3 * parent + c]) / chain->unit;
            worst = fmax(worst, fabs(ours - theirs));
        }
    }
    return worst;
}

START_TEST(the_recording_gives_the_same_bones)
{
    const zoo_chain *chain = zoo_chain_find("cmu38");
    char path[1200];
    float *raw;
    size_t frames, seen = 0;
    gop_error err = {GOP_OK, ""};
    skeleton s;
    snprintf(path, sizeof path, "%s/train/walking/walking_1.txt", cmu_folder);
    ck_assert_msg(zoo_poses_read(&raw, &frames, 117, path, NULL, &err) == GOP_OK, "%s",
                  err.message);
    snprintf(path, sizeof path, "%s/02.asf", asf_folder);
    read_skeleton(&s, path);
    snprintf(path, sizeof path, "%s/02_01.amc", asf_folder);
    FILE *in = fopen(path, "r");
    ck_assert_ptr_nonnull(in);
    char line[512];
    while (fgets(line, sizeof line, in) != NULL && line[0] != '1')
        ;
    double worst = 0, p[3 * ZOO_MAX_JOINTS];
    while (read_motion(&s, in)) {
        seen++; /* line 1 of the text is an artificial pose */
        ck_assert_uint_lt(seen, frames);
        zoo_chain_positions(p, chain, raw + 117 * seen);
        worst = fmax(worst, worst_bone(&s, p, chain));
        /* Up to the thorax and in the legs the positions agree too. */
        for (size_t i = 0; i < 12; i++)
            for (int c = 0; c < 3; c++)
                worst = fmax(worst, fabs(p[3 * pairs[i].joint + c] / chain->unit -
                                         s.bone[find_bone(&s, pairs[i].bone)].end[c]));
    }
    fclose(in);
    free(raw);
    ck_assert_uint_eq(seen, 343);
    ck_assert_uint_eq(frames, 344);
    printf("test_kinematics: the recording's bones to %.1e of a unit\n", worst);
    ck_assert_double_lt(worst, BONE_TOLERANCE);
}
END_TEST

static bool find_folder(char *folder, size_t size, const char *variable, const char *beside)
{
    const char *given = getenv(variable), *source = getenv("top_srcdir");
    struct stat st;
    if (given != NULL && *given != '\0')
        snprintf(folder, size, "%s", given);
    else
        snprintf(folder, size, "%s/../shared/data/%s", source != NULL ? source : ".", beside);
    return stat(folder, &st) == 0;
}

TEST_MAIN("kinematics")
{
    tcase_add_test(t, an_arm_unturned_lies_as_its_bones);
    tcase_add_test(t, a_joint_turns_what_hangs_on_it);
    tcase_add_test(t, the_root_is_left_out);
    tcase_add_loop_test(t, random_poses_agree_with_quaternions, 0, 2);
    tcase_add_loop_test(t, joints_that_count_move_and_lie_apart, 0, 2);
    tcase_add_test(t, unknown_chains_are_none);
    if (find_folder(cmu_folder, sizeof cmu_folder, "GRAPHOP_CMU", "cmu_mocap") &&
        find_folder(asf_folder, sizeof asf_folder, "GRAPHOP_ASF", "cmu_raw/asfamc/subjects/02"))
        tcase_add_test(t, the_recording_gives_the_same_bones);
    else
        printf("test_kinematics: the recording is skipped, no data at %s and %s (set "
               "GRAPHOP_CMU and GRAPHOP_ASF)\n",
               cmu_folder, asf_folder);
}
