/*
 * test_file.c: files that are written whole or not at all, their targets, temporaries and locks.
 * Interposes flock and fsync.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include "suite.h"

#include "graphop.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

/* ------------------------------------------------------------------- targets */

/* Writes a line to the stream of a new file at `path`. */
static gop_status write_line(const char *path, gop_error *err)
{
    gop_file *f;
    gop_status s = gop_file_new(&f, path, err);
    if (s != GOP_OK) {
        ck_assert_ptr_null(f);
        return s;
    }
    fputs("new\n", gop_file_stream(f));
    return gop_file_commit(f, err);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    return st.st_mode & 0777;
}

START_TEST(a_stream_appears_at_commit)
{
    gop_file *f;
    gop_error err = {GOP_OK, ""};
    struct stat st;
    const char *path = scratch_path("target");
    scratch_write(path, "old", 3);
    ck_assert_int_eq(gop_file_new(&f, path, &err), GOP_OK);
    fputs("never", gop_file_stream(f));
    gop_file_discard(f);
    scratch_expect_old(path);
    ck_assert_int_eq(write_line(path, &err), GOP_OK);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 4);
    ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(a_stream_that_fails_leaves_the_target)
{
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("target");
    struct rlimit limit, none;
    scratch_write(path, "old", 3);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    none = limit;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    gop_status s = write_line(path, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(s, GOP_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "File too large"));
    scratch_expect_old(path);
}
END_TEST

START_TEST(the_mode_of_a_file_is_kept)
{
    gop_writer *w;
    gop_error err = {GOP_OK, ""};
    mode_t before = umask(022);
    ck_assert_int_eq(write_line(scratch_path("file"), &err), GOP_OK);
    ck_assert_uint_eq(mode_of(scratch_path("file")), 0644);
    ck_assert_int_eq(chmod(scratch_path("file"), 0600), 0);
    ck_assert_int_eq(write_line(scratch_path("file"), &err), GOP_OK);
    ck_assert_uint_eq(mode_of(scratch_path("file")), 0600);
    ck_assert_int_eq(chmod(scratch_path("file"), 0666), 0);
    ck_assert_int_eq(gop_writer_open(&w, scratch_path("file"), "TST1", 1, &err), GOP_OK);
    gop_write_map(w, 0);
    ck_assert_int_eq(gop_writer_commit(w, &err), GOP_OK);
    ck_assert_uint_eq(mode_of(scratch_path("file")), 0666);
    umask(before);
}
END_TEST

/* root may write to everything and becomes nobody for a while.  False: it cannot. */
static bool become_nobody(void)
{
    return geteuid() != 0 || setresuid(65534, 65534, 0) == 0;
}

static void become_root_again(void)
{
    uid_t real, effective, saved;
    ck_assert_int_eq(getresuid(&real, &effective, &saved), 0);
    if (effective != saved)
        ck_assert_int_eq(setresuid(saved, saved, saved), 0);
}

START_TEST(a_protected_file_is_left)
{
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("target");
    scratch_write(path, "old", 3);
    ck_assert_int_eq(chmod(path, 0444), 0);
    if (!become_nobody())
        return;
    const gop_status s = write_line(path, &err);
    become_root_again();
    ck_assert_int_eq(s, GOP_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "Permission denied"));
    scratch_expect_old(path);
}
END_TEST

START_TEST(links_to_nothing_are_followed)
{
    gop_error err = {GOP_OK, ""};
    struct stat st;
    ck_assert_int_eq(mkdir(scratch_path("disk"), 0777), 0);
    ck_assert_int_eq(symlink("disk/second", scratch_path("first")), 0);
    ck_assert_int_eq(symlink("third", scratch_path("disk/second")), 0);
    ck_assert_int_eq(write_line(scratch_path("first"), &err), GOP_OK);
    ck_assert_int_eq(lstat(scratch_path("first"), &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(lstat(scratch_path("disk/third"), &st), 0);
    ck_assert(S_ISREG(st.st_mode));
    ck_assert_int_eq(unlink(scratch_path("disk/third")), 0);
    ck_assert_int_eq(symlink("../first", scratch_path("disk/third")), 0);
    ck_assert_int_eq(write_line(scratch_path("first"), &err), GOP_ESYSTEM);
    ck_assert_int_eq(unlink(scratch_path("disk/second")), 0);
    ck_assert_int_eq(unlink(scratch_path("disk/third")), 0);
    ck_assert_int_eq(rmdir(scratch_path("disk")), 0);
}
END_TEST

static bool is_same(const char *a, const char *b)
{
    gop_error err = {GOP_OK, ""};
    char other[4096];
    bool same = false, reverse = true;
    snprintf(other, sizeof other, "%s", scratch_path(b));
    ck_assert_int_eq(gop_file_same(&same, scratch_path(a), other, &err), GOP_OK);
    ck_assert_int_eq(gop_file_same(&reverse, other, scratch_path(a), &err), GOP_OK);
    ck_assert_int_eq(same, reverse);
    return same;
}

START_TEST(paths_to_one_target_are_the_same)
{
    bool same;
    ck_assert_int_eq(mkdir(scratch_path("disk"), 0777), 0);
    ck_assert_int_eq(symlink("disk", scratch_path("drive")), 0);
    ck_assert_int_eq(symlink("disk/new", scratch_path("link")), 0);
    ck_assert_int_eq(symlink("loop", scratch_path("loop")), 0);
    scratch_text("old", "old");
    ck_assert_int_eq(symlink("old", scratch_path("to_old")), 0);
    /* Files that exist, by their inode. */
    ck_assert(is_same("old", "to_old") && is_same("old", "./old"));
    ck_assert(!is_same("old", "link") && !is_same("old", "new") && !is_same("disk", "drive"));
    /* Files that do not, by their place. */
    ck_assert(is_same("new", "new") && is_same("new", "disk/../new"));
    ck_assert(is_same("link", "disk/new") && is_same("link", "drive/new"));
    ck_assert(!is_same("new", "disk/new") && !is_same("disk/new", "disk/newer"));
    /* No place at all. */
    ck_assert(!is_same("none/new", "none/./new") && !is_same("loop", "disk/../loop"));
    ck_assert_int_eq(gop_file_same(&same, "/dev/null", "/dev/./null", NULL), GOP_OK);
    ck_assert(!same);
    for (const char *const *name = (const char *const[]){"drive", "link", "loop", "to_old", NULL};
         *name != NULL; name++)
        ck_assert_int_eq(unlink(scratch_path(*name)), 0);
    ck_assert_int_eq(rmdir(scratch_path("disk")), 0);
}
END_TEST

/* ------------------------------------------------------ temporaries and locks */

/* Calls of the library that fail as if the file system did; 0: they do not. */
static int flock_fails, folder_fsync_fails;

int flock(int fd, int operation)
{
    int (*real)(int, int);
    *(void **)&real = dlsym(RTLD_NEXT, "flock");
    errno = flock_fails;
    return flock_fails ? -1 : real(fd, operation);
}

int fsync(int fd)
{
    int (*real)(int);
    struct stat st;
    *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    if (!folder_fsync_fails || fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
        return real(fd);
    errno = folder_fsync_fails;
    return -1;
}

static bool exists(const char *name)
{
    return access(scratch_path(name), F_OK) == 0;
}

START_TEST(temporaries_of_dead_processes_are_removed)
{
    gop_error err = {GOP_OK, ""};
    gop_file *f;
    static const char *const others[] = {".target.12-x.tmp", ".target.12-3.tm", ".target.-3.tmp",
                                         ".targets.12-3.tmp", ".target.12-3.tmp.tmp"};
    enum { OTHERS = sizeof others / sizeof others[0] };
    scratch_text(".target.12-0.tmp", "dead");
    scratch_text(".target.4711-30.tmp", "");
    for (size_t i = 0; i < OTHERS; i++)
        scratch_text(others[i], "another file");
    scratch_text(".target.12-1.tmp", "in use");
    const int live = open(scratch_path(".target.12-1.tmp"), O_RDWR);
    ck_assert_int_eq(flock(live, LOCK_EX), 0);
    ck_assert_int_eq(symlink("target", scratch_path(".target.12-2.tmp")), 0);
    /* Two files of this process leave each other's alone, too. */
    ck_assert_int_eq(gop_file_new(&f, scratch_path("target"), &err), GOP_OK);
    fputs("one\n", gop_file_stream(f));
    ck_assert_int_eq(write_line(scratch_path("target"), &err), GOP_OK);
    ck_assert_int_eq(gop_file_commit(f, &err), GOP_OK);
    ck_assert(!exists(".target.12-0.tmp") && !exists(".target.4711-30.tmp"));
    ck_assert(exists(".target.12-1.tmp") && exists(".target.12-2.tmp"));
    for (size_t i = 0; i < OTHERS; i++)
        ck_assert(exists(others[i]));
    ck_assert_uint_eq(scratch_entries(), OTHERS + 3);
    close(live);
    /* Without locks, nobody can see which are in use. */
    flock_fails = ENOLCK;
    ck_assert_int_eq(write_line(scratch_path("target"), &err), GOP_OK);
    ck_assert(exists(".target.12-1.tmp"));
    flock_fails = 0;
    ck_assert_int_eq(write_line(scratch_path("target"), &err), GOP_OK);
    ck_assert(!exists(".target.12-1.tmp"));
}
END_TEST

START_TEST(a_folder_that_cannot_be_synced_is_no_failed_write)
{
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("target");
    struct stat st;
    scratch_write(path, "old", 3);
    folder_fsync_fails = EIO;
    ck_assert_int_eq(write_line(path, &err), GOP_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "target was replaced, but its folder cannot be"));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 4);
    /* A file system that has no such thing. */
    folder_fsync_fails = EINVAL;
    ck_assert_int_eq(write_line(path, &err), GOP_OK);
    ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

static void long_name(char name[256], size_t n, char last)
{
    memset(name, 'n', n);
    name[n - 1] = last;
    name[n] = '\0';
}

START_TEST(a_target_has_one_lock)
{
    gop_error err = {GOP_OK, ""};
    gop_lock *lock, *other;
    char name[256];
    int status;
    ck_assert_int_eq(symlink("target", scratch_path("link")), 0);
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path("target"), &err), GOP_OK);
    ck_assert(gop_lock_holds(lock));
    ck_assert_int_eq(gop_lock_new(&other, scratch_path("link"), &err), GOP_ESYSTEM);
    ck_assert_ptr_null(other);
    ck_assert_ptr_nonnull(strstr(err.message, "link: another process is writing it"));
    ck_assert(exists(".target.lock"));
    /* Saving does not need the lock. */
    ck_assert_int_eq(write_line(scratch_path("target"), &err), GOP_OK);
    gop_lock_free(lock);
    ck_assert(!exists(".target.lock"));
    /* A killed process leaves its file, but no lock. */
    const pid_t child = fork();
    if (child == 0)
        _exit(gop_lock_new(&lock, scratch_path("target"), NULL) == GOP_OK ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert(exists(".target.lock"));
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path("target"), &err), GOP_OK);
    /* Names that differ only in their end, too long for ".NAME.lock". */
    long_name(name, 255, 'a');
    ck_assert_int_eq(gop_lock_new(&other, scratch_path(name), &err), GOP_OK);
    gop_lock_free(lock);
    long_name(name, 255, 'b');
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path(name), &err), GOP_OK);
    gop_lock_free(lock);
    gop_lock_free(other);
    ck_assert_uint_eq(scratch_entries(), 2);
    /* A file of somebody is no lock. */
    scratch_text(".target.lock", "mine");
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path("target"), &err), GOP_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, ".target.lock is not an empty file"));
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path("none/target"), &err), GOP_ESYSTEM);
}
END_TEST

/* The lock that another user's process left is taken, although it cannot be written to. */
START_TEST(a_lock_of_another_user_is_taken)
{
    gop_error err = {GOP_OK, ""};
    gop_lock *lock;
    scratch_text(".target.lock", "");
    ck_assert_int_eq(chmod(scratch_path(".target.lock"), 0444), 0);
    if (!become_nobody())
        return;
    const gop_status s = gop_lock_new(&lock, scratch_path("target"), &err);
    become_root_again();
    ck_assert_msg(s == GOP_OK, "%s", err.message);
    ck_assert(gop_lock_holds(lock));
    gop_lock_free(lock);
    ck_assert(!exists(".target.lock"));
}
END_TEST

START_TEST(a_file_system_without_locks_is_reported)
{
    gop_error err = {GOP_OK, ""};
    gop_lock *lock, *other;
    flock_fails = ENOLCK;
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path("target"), &err), GOP_OK);
    ck_assert(!gop_lock_holds(lock));
    ck_assert_int_eq(gop_lock_new(&other, scratch_path("target"), &err), GOP_OK);
    gop_lock_free(lock);
    gop_lock_abort(other);
    gop_lock_free(other);
    ck_assert_uint_eq(scratch_entries(), 0);
}
END_TEST

START_TEST(a_handler_removes_what_is_being_written)
{
    gop_error err = {GOP_OK, ""};
    enum { FILES = 12 };
    gop_lock *lock;
    gop_file *f[FILES];
    ck_assert_int_eq(gop_lock_new(&lock, scratch_path("target"), &err), GOP_OK);
    for (int i = 0; i < FILES; i++)
        ck_assert_int_eq(gop_file_new(&f[i], scratch_path("target"), &err), GOP_OK);
    ck_assert_uint_eq(scratch_entries(), FILES + 1);
    gop_lock_abort(lock);
    ck_assert_uint_eq(scratch_entries(), 0);
    for (int i = 0; i < FILES; i++)
        gop_file_discard(f[i]);
    gop_lock_free(lock);
}
END_TEST

TEST_MAIN("file")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, a_stream_appears_at_commit);
    tcase_add_test(t, a_stream_that_fails_leaves_the_target);
    tcase_add_test(t, the_mode_of_a_file_is_kept);
    tcase_add_test(t, a_protected_file_is_left);
    tcase_add_test(t, links_to_nothing_are_followed);
    tcase_add_test(t, paths_to_one_target_are_the_same);
    tcase_add_test(t, temporaries_of_dead_processes_are_removed);
    tcase_add_test(t, a_folder_that_cannot_be_synced_is_no_failed_write);
    tcase_add_test(t, a_target_has_one_lock);
    tcase_add_test(t, a_lock_of_another_user_is_taken);
    tcase_add_test(t, a_file_system_without_locks_is_reported);
    tcase_add_test(t, a_handler_removes_what_is_being_written);
}
