dnl gop_libs.m4: where BLIS, MessagePack and libzip are, under the names that
dnl upstream, Debian and Fedora give them.

dnl GOP_BLIS sets BLIS_CFLAGS and BLIS_LIBS, or stops.  Upstream installs blis.pc;
dnl Debian has none and keeps header and library in <multiarch>/blis-FLAVOUR/;
dnl Fedora keeps the header in blis/ and adds a letter to threaded libraries.
dnl Any flavour will do: BLIS is only ever asked to work on the calling thread.
AC_DEFUN([GOP_BLIS], [
    AC_ARG_VAR([BLIS_CFLAGS], [C compiler flags for BLIS, overriding the search])
    AC_ARG_VAR([BLIS_LIBS], [linker flags for BLIS, overriding the search])
    gop_blis_where=no
    AS_IF([test -n "$BLIS_CFLAGS$BLIS_LIBS"], [
        GOP_TRY_BLIS([as told], [$BLIS_CFLAGS], [${BLIS_LIBS:--lblis}])
    ], [
        AS_IF([test -n "$PKG_CONFIG" && $PKG_CONFIG --exists blis],
              [GOP_TRY_BLIS([blis.pc], [`$PKG_CONFIG --cflags blis`],
                            [`$PKG_CONFIG --libs blis`])])
        gop_multiarch=`$CC -print-multiarch 2>/dev/null`
        AS_IF([test -n "$gop_multiarch"], [
            for gop_flavour in openmp pthread serial; do
                gop_dir=$gop_multiarch/blis-$gop_flavour
                AS_IF([test -f "/usr/include/$gop_dir/blis.h"],
                      [GOP_TRY_BLIS([$gop_dir], [-isystem /usr/include/$gop_dir],
                                    [-L/usr/lib/$gop_dir -lblis])])
            done
        ])
        for gop_lib in blis bliso blisp; do
            GOP_TRY_BLIS([-l$gop_lib], [], [-l$gop_lib])
            AS_IF([test -f /usr/include/blis/blis.h],
                  [GOP_TRY_BLIS([-l$gop_lib], [-isystem /usr/include/blis], [-l$gop_lib])])
        done
    ])
    AC_MSG_CHECKING([for BLIS])
    AC_MSG_RESULT([$gop_blis_where])
    AS_IF([test "x$gop_blis_where" = xno],
          [AC_MSG_ERROR([m4_normalize([BLIS is missing: install libblis-openmp-dev (Debian) or
             blis-devel (Fedora), or set BLIS_CFLAGS and BLIS_LIBS.])])])
    GOP_BLIS_UKR
])

dnl GOP_TRY_BLIS(WHERE, CFLAGS, LIBS): takes these flags if nothing was found
dnl before and a program that multiplies with an explicit runtime object links.
AC_DEFUN([GOP_TRY_BLIS], [
    AS_IF([test "x$gop_blis_where" = xno], [
        gop_save_CFLAGS=$CFLAGS
        gop_save_LIBS=$LIBS
        CFLAGS="$CFLAGS $2"
        LIBS="$3 $LIBM $LIBS"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <blis.h>]], [[
                rntm_t rntm = BLIS_RNTM_INITIALIZER;
                float a = 1, b = 2, c = 0;
                bli_rntm_set_num_threads(1, &rntm);
                bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, 1, 1, 1, &a, &a, 1, 1, &b, 1, 1,
                             &a, &c, 1, 1, NULL, &rntm);]])],
            [gop_blis_where="$1"
             BLIS_CFLAGS="$2"
             BLIS_LIBS="$3"])
        CFLAGS=$gop_save_CFLAGS
        LIBS=$gop_save_LIBS
    ])
])

dnl HAVE_BLIS_UKR when BLIS hands out its micro-kernel, which later releases
dnl renamed; without it products go through bli_sgemm.
AC_DEFUN([GOP_BLIS_UKR], [
    AC_CACHE_CHECK([for BLIS's micro-kernel], [gop_cv_blis_ukr], [
        gop_save_CFLAGS=$CFLAGS
        gop_save_LIBS=$LIBS
        CFLAGS="$CFLAGS $BLIS_CFLAGS -Werror=implicit-function-declaration"
        LIBS="$BLIS_LIBS $LIBM $LIBS"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <blis.h>]], [[
                cntx_t *cntx = bli_gks_query_cntx();
                void_fp fn = bli_cntx_get_l3_nat_ukr_dt(BLIS_FLOAT, BLIS_GEMM_UKR, cntx);
                return fn == 0;]])],
            [gop_cv_blis_ukr=yes], [gop_cv_blis_ukr=no])
        CFLAGS=$gop_save_CFLAGS
        LIBS=$gop_save_LIBS
    ])
    AS_IF([test "x$gop_cv_blis_ukr" = xyes],
          [AC_DEFINE([HAVE_BLIS_UKR], [1], [Define to 1 if BLIS hands out its micro-kernel.])])
])

dnl GOP_MSGPACK sets MSGPACK_CFLAGS and MSGPACK_LIBS, or stops.  The C library's
dnl module is msgpack-c upstream and msgpack in Debian 12; msgpack can also be the
dnl C++ library alone, so the C header is tried.
AC_DEFUN([GOP_MSGPACK], [
    PKG_CHECK_MODULES([MSGPACK], [msgpack-c], [],
        [PKG_CHECK_MODULES([MSGPACK], [msgpack], [], [MSGPACK_LIBS=-lmsgpackc])])
    gop_save_CFLAGS=$CFLAGS
    gop_save_LIBS=$LIBS
    CFLAGS="$CFLAGS $MSGPACK_CFLAGS"
    LIBS="$MSGPACK_LIBS $LIBS"
    AC_MSG_CHECKING([whether MessagePack links])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <msgpack.h>]], [[
            msgpack_sbuffer sbuf;
            msgpack_packer pk;
            msgpack_sbuffer_init(&sbuf);
            msgpack_packer_init(&pk, &sbuf, msgpack_sbuffer_write);
            msgpack_pack_nil(&pk);
            msgpack_sbuffer_destroy(&sbuf);
            return msgpack_version() == 0;]])],
        [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         AC_MSG_ERROR([m4_normalize([MessagePack for C is missing: install libmsgpack-dev
            (Debian 12; later libmsgpack-c-dev) or msgpack-devel (Fedora).])])])
    CFLAGS=$gop_save_CFLAGS
    LIBS=$gop_save_LIBS
])

dnl GOP_LIBZIP sets LIBZIP_CFLAGS, LIBZIP_LIBS and gop_libzip, or stops.
dnl --without-libzip builds without it: archives of numpy are then refused.  The
dnl file graphop-zoo.pc names these flags and not Debian's libzip.pc, which for
dnl static linking wants libraries that libzip-dev does not bring along.
AC_DEFUN([GOP_LIBZIP], [
    AC_ARG_WITH([libzip], [AS_HELP_STRING([--without-libzip], [do not read .npz archives])],
                [], [with_libzip=yes])
    gop_libzip=no
    AC_SUBST([LIBZIP_CFLAGS])
    AC_SUBST([LIBZIP_LIBS])
    AS_IF([test "x$with_libzip" != xno], [
        PKG_CHECK_MODULES([LIBZIP], [libzip >= 1.2], [gop_libzip=yes],
            [AC_MSG_ERROR([m4_normalize([libzip is missing: install libzip-dev (Debian) or
                libzip-devel (Fedora), or configure --without-libzip; .npz archives are then not
                read.])])])
        AC_DEFINE([HAVE_LIBZIP], [1], [Define to 1 if libzip reads .npz archives.])
    ])
])
