dnl gop_compiler.m4: compiler flags, sanitizers, coverage and function
dnl multi-versioning.  Flags that the build always uses go to GOP_CFLAGS and
dnl GOP_LDFLAGS; CFLAGS stays the user's.

dnl GOP_TRY_FLAG(FLAG): appends FLAG to GOP_CFLAGS when the compiler takes it.
AC_DEFUN([GOP_TRY_FLAG], [
    AS_VAR_PUSHDEF([cache], [gop_cv_flag_$1])
    AC_CACHE_CHECK([whether $CC takes $1], [cache], [
        gop_save_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS -Werror $1"
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [AS_VAR_SET([cache], [yes])],
                          [AS_VAR_SET([cache], [no])])
        CFLAGS=$gop_save_CFLAGS
    ])
    AS_VAR_IF([cache], [yes], [GOP_CFLAGS="$GOP_CFLAGS $1"])
    AS_VAR_POPDEF([cache])
])

dnl Warnings, hidden symbols, and the freedoms that inner loops may take.  None
dnl of these changes a result's bits (-ffast-math would): they only say that
dnl nobody reads errno after sqrtf, nor floating-point exceptions.  -ffp-contract=off
dnl takes a freedom away: a product joined with a sum rounds once instead of twice, and
dnl which ones GCC joins depends on -march and on where a loop's vectors end.  The x87
dnl unit of i386 also rounds where the compiler pleases, so SSE2 computes there instead.
AC_DEFUN([GOP_COMPILER_FLAGS], [
    GOP_CFLAGS=
    GOP_LDFLAGS=
    m4_foreach_w([flag], [-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
                          -fvisibility=hidden -fno-math-errno -fno-trapping-math -ffp-contract=off
                          -fopenmp-simd],
                 [GOP_TRY_FLAG(flag)
])
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
        #if defined __i386__ && __FLT_EVAL_METHOD__ != 0
        #error the x87 unit computes
        #endif
    ]])], [], [GOP_TRY_FLAG([-msse2 -mfpmath=sse])])
    # clang warns of every loop that it could not vectorise as asked, which is
    # no mistake; gcc takes any -Wno- without knowing it.
    AS_CASE([`$CC --version 2>/dev/null`], [*clang*], [GOP_TRY_FLAG([-Wno-pass-failed])])
    AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
                  [AS_IF([test "x$enableval" != xno], [GOP_CFLAGS="$GOP_CFLAGS -Werror"])])
    AC_SUBST([GOP_CFLAGS])
    AC_SUBST([GOP_LDFLAGS])
])

dnl HAVE_VERSION_SCRIPT when the linker gives the symbols of a shared library the
dnl versions of a map (GNU ld, gold, lld).  A linker that only ignores the flag takes a
dnl map that makes no sense, too.
AC_DEFUN([GOP_VERSION_SCRIPT], [
    AC_CACHE_CHECK([whether the linker takes a map of symbol versions],
                   [gop_cv_version_script], [
        gop_cv_version_script=no
        gop_save_CFLAGS=$CFLAGS
        gop_save_LDFLAGS=$LDFLAGS
        CFLAGS="$CFLAGS -fPIC"
        LDFLAGS="$LDFLAGS -shared -Wl,--version-script=gop_symbols.map"
        AC_LANG_CONFTEST([AC_LANG_SOURCE([[int gop_probe(void); int gop_probe(void) { return 0; }]])])
        echo 'GOP_1 { global: gop_*; local: *; };' >gop_symbols.map
        AC_LINK_IFELSE([], [
            echo 'this is no map' >gop_symbols.map
            AC_LINK_IFELSE([], [], [gop_cv_version_script=yes])
        ])
        rm -f gop_symbols.map
        CFLAGS=$gop_save_CFLAGS
        LDFLAGS=$gop_save_LDFLAGS
    ])
    AM_CONDITIONAL([HAVE_VERSION_SCRIPT], [test "x$gop_cv_version_script" = xyes])
])

AC_DEFUN([GOP_SANITIZE], [
    AC_ARG_ENABLE([sanitize],
        [AS_HELP_STRING([--enable-sanitize=LIST],
                        [build with the sanitizers of LIST, such as address,undefined])],
        [], [enable_sanitize=no])
    AS_IF([test "x$enable_sanitize" = xyes], [enable_sanitize=address,undefined])
    AS_IF([test "x$enable_sanitize" != xno], [
        gop_sanitize="-fsanitize=$enable_sanitize -fno-sanitize-recover=all"
        gop_save_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS $gop_sanitize"
        AC_MSG_CHECKING([whether $CC links with $gop_sanitize])
        AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])], [
            AC_MSG_RESULT([no])
            AC_MSG_ERROR([this compiler cannot link with -fsanitize=$enable_sanitize.])])
        CFLAGS=$gop_save_CFLAGS
        GOP_CFLAGS="$GOP_CFLAGS $gop_sanitize -fno-omit-frame-pointer"
        GOP_LDFLAGS="$GOP_LDFLAGS $gop_sanitize"
    ])
    AC_SUBST([enable_sanitize])
])

AC_DEFUN([GOP_COVERAGE], [
    AC_ARG_ENABLE([coverage],
        [AS_HELP_STRING([--enable-coverage], [count executed lines (gcov), without optimising])],
        [], [enable_coverage=no])
    AS_IF([test "x$enable_coverage" != xno], [
        AS_IF([test -z "$gop_user_cflags"], [CFLAGS="-g -O0"])
        GOP_CFLAGS="$GOP_CFLAGS --coverage"
        GOP_LDFLAGS="$GOP_LDFLAGS --coverage"
    ])
])

dnl What the sources do with it: a static helper inlined into a static function
dnl whose name occurs in other files too, and whose address is taken.
m4_define([GOP_TARGET_CLONES_COMMON], [[
    #include <stddef.h>
    #define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
    static inline float square(float x) { return x * x; }
    CLONES static void local(float *restrict y, const float *restrict x, size_t n)
    {
        for (size_t i = 0; i < n; i++)
            y[i] -= square(x[i]);
    }
    void global(float *restrict y, const float *restrict x, size_t n);
    extern void (*chosen)(float *restrict y, const float *restrict x, size_t n);
]])

dnl HAVE_TARGET_CLONES when the compiler, the linker and the loader can build a
dnl function for several CPUs and pick one at load time.  Two files are linked,
dnl because clang 14 takes the names of static ones for global, and compiled as
dnl the library is, because on i386 position-independent code cannot refer to
dnl static ones.  Sanitizers run before the loader's choice can be made, so it is
dnl off with them.
AC_DEFUN([GOP_TARGET_CLONES], [
    AC_CACHE_CHECK([for functions built for several CPUs], [gop_cv_target_clones], [
        gop_cv_target_clones=no
        AS_IF([test "x$enable_sanitize" = xno && test "x$enable_coverage" = xno], [
            gop_save_CFLAGS=$CFLAGS
            gop_save_LIBS=$LIBS
            CFLAGS="$CFLAGS $GOP_CFLAGS -fPIC -Werror"
            AC_COMPILE_IFELSE([AC_LANG_SOURCE([GOP_TARGET_CLONES_COMMON [
                CLONES void global(float *restrict y, const float *restrict x, size_t n)
                {
                    for (size_t i = 0; i < n; i++)
                        y[i] += square(x[i]);
                    chosen = local;
                    local(y, x, n);
                }
            ]])], [
                cp conftest.$ac_objext gop_clones.$ac_objext
                LIBS="gop_clones.$ac_objext $LIBS"
                AC_LINK_IFELSE([AC_LANG_SOURCE([GOP_TARGET_CLONES_COMMON [
                    void (*chosen)(float *restrict y, const float *restrict x, size_t n);
                    int main(int argc, char **argv)
                    {
                        float y[8] = {0}, x[8] = {(float)argc};
                        (void)argv;
                        global(y, x, 8);
                        chosen = local;
                        chosen(y, x, 8);
                        return (int)y[0];
                    }
                ]])], [gop_cv_target_clones=yes])
                rm -f gop_clones.$ac_objext
            ])
            CFLAGS=$gop_save_CFLAGS
            LIBS=$gop_save_LIBS
        ])
    ])
    AS_IF([test "x$gop_cv_target_clones" = xyes],
          [AC_DEFINE([HAVE_TARGET_CLONES], [1],
                     [Define to 1 if functions can be built for several CPUs.])])
])
