#!/bin/sh
# run.sh: what was installed, from outside: pkg-config's files, each header by itself in C
# and in C++, and two programs that are compiled with nothing but pkg-config's flags, against
# the shared library and, where it was installed, the static one.
# Takes CC, outside_cflags, CXX (may be empty), PKG_CONFIG, libdir, includedir, pkgconfigdir, DESTDIR
# and the folder of these sources, `outside`, from the environment.
set -eu
work=$(mktemp -d "${TMPDIR:-/tmp}/graphop-outside.XXXXXX")
trap 'rm -rf "$work"' EXIT

PKG_CONFIG_PATH=$DESTDIR$pkgconfigdir${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$DESTDIR$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
OMP_WAIT_POLICY=${OMP_WAIT_POLICY-passive}
export PKG_CONFIG_PATH LD_LIBRARY_PATH OMP_WAIT_POLICY

# flags LIBRARY: as a user gets them, with the folder that `make install` was given.
flags()
{
    if [ -n "$DESTDIR" ]; then
        PKG_CONFIG_SYSROOT_DIR=$DESTDIR "$PKG_CONFIG" --cflags --libs "$1"
    else
        "$PKG_CONFIG" --cflags --libs "$1"
    fi
}
# What is usual on the system is not usual under DESTDIR.
[ -z "$DESTDIR" ] || {
    PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
    export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS PKG_CONFIG_ALLOW_SYSTEM_LIBS
}

# static_flags LIBRARY: the same with our own libraries as archives.  Folders of other
# libraries are not under DESTDIR, so that pkg-config is not told of it.
static_flags()
{
    "$PKG_CONFIG" --static --cflags --libs "$1" | sed \
        -e "s#-I$includedir#-I$DESTDIR$includedir#g" \
        -e "s#-lgraphop-zoo#$DESTDIR$libdir/libgraphop-zoo.a#" \
        -e "s#-lgraphop #$DESTDIR$libdir/libgraphop.a #" \
        -e "s#-lgraphop\$#$DESTDIR$libdir/libgraphop.a#"
}

# The compiler's languages as strict as they come; optimisation and sanitizers last.
c()
{
    # shellcheck disable=SC2086
    $CC -std=c11 -pedantic -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror $outside_cflags "$@"
}
cxx()
{
    # shellcheck disable=SC2086
    $CXX -std=c++11 -Wall -Wextra -pedantic -Werror $outside_cflags "$@"
}

"$PKG_CONFIG" --validate graphop graphop-zoo
echo "pkg-config: $("$PKG_CONFIG" --modversion graphop), $("$PKG_CONFIG" --modversion graphop-zoo)"

if [ -z "$CXX" ]; then
    echo "no C++ compiler is there: C++ was left out"
else
    echo 'int main() { return 0; }' >"$work/probe.cc"
    cxx -o "$work/probe" "$work/probe.cc" 2>/dev/null || {
        echo "$CXX does not take these flags: C++ was left out"
        CXX=
    }
fi

# Each header stands alone, before anything else was included.
for header in graphop.h $(cd "$DESTDIR$includedir/graphop" && find zoo -name '*.h' | sort); do
    echo "#include <$header>" | tee "$work/header.cc" >"$work/header.c"
    folders="-I$DESTDIR$includedir -I$DESTDIR$includedir/graphop"
    # shellcheck disable=SC2086
    c $folders -fsyntax-only "$work/header.c"
    # shellcheck disable=SC2086
    [ -z "$CXX" ] || cxx $folders -fsyntax-only "$work/header.cc"
done

# programs KIND FLAGS: KIND names the function above that gives the flags.
programs()
{
    # shellcheck disable=SC2046
    c -o "$work/own" "$outside/own_operator.c" $("$1" graphop)
    "$work/own" "$work/own.gop"
    [ -n "$CXX" ] || return 0
    # shellcheck disable=SC2046
    cxx -o "$work/plus" "$outside/plus_plus.cc" $("$1" graphop-zoo)
    "$work/plus"
}

echo "shared:"
programs flags
if [ -f "$DESTDIR$libdir/libgraphop.a" ]; then
    echo "static:"
    programs static_flags
    if ldd "$work/own" 2>/dev/null | grep libgraphop; then
        echo "the program with the static library wants the shared one"
        exit 1
    fi
else
    echo "the static library was not built: left out"
fi
