#!/bin/sh
# run.sh: what was installed, from outside: pkg-config's files, each header by itself in C
# and in C++, and programs that are compiled with nothing but pkg-config's flags, against
# the shared library and, where it was installed, the static one; last a plugin and the command.
# Takes CC, outside_cflags, CXX (may be empty), PKG_CONFIG, bindir, libdir, includedir, pkgconfigdir,
# DESTDIR and the folder of these sources, `outside`, from the environment.
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
    # shellcheck disable=SC2046
    c -o "$work/list" "$outside/own_list.c" "$outside/own_type.c" $("$1" graphop-zoo)
    (cd "$work" && ./list)
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

# ------------------------------------------------------------------------- plugins
# shellcheck disable=SC2086

if [ ! -f "$DESTDIR$libdir/libgraphop-zoo.so" ]; then
    echo "the shared library was not built: plugins were left out"
    exit 0
fi
cd "$work"
graphop=$DESTDIR$bindir/graphop

# plugin FILE ARGUMENT...: compiles a shared object.
plugin()
{
    file=$1
    shift
    # shellcheck disable=SC2046
    c -shared -fPIC -o "$file" "$@" $(flags graphop-zoo)
}
# ok VERB...: succeeds; fails TEXT VERB...: ends with 1 or 2 and a message with the text.
ok()
{
    "$graphop" "$@" >out 2>err || {
        echo "graphop $*: $(cat err)"
        exit 1
    }
}
fails()
{
    text=$1 status=0
    shift
    "$graphop" "$@" >out 2>err || status=$?
    if [ "$status" != 1 ] && [ "$status" != 2 ]; then
        echo "graphop $*: ended with $status"
        exit 1
    fi
    case $(cat err) in
    *"$text"*) ;;
    *)
        echo "graphop $*: $(cat err)"
        echo "    is not: $text"
        exit 1
        ;;
    esac
}
# has TEXT: in the last output.
has()
{
    grep -q -- "$1" out || {
        echo "not in the output: $1"
        cat out
        exit 1
    }
}

plugin libpulse.so "$outside/own_type.c"
use='--plugin ./libpulse.so'
ok prepare synth -o toy.gds
ok train pulse --list $use
has 'stream=pose'
ok train pulse --data toy.gds -o pose.gop --steps 8 --batch 4 --threads 1 $use
ok train pulse --preset motion --data toy.gds -o motion.gop --steps 8 --batch 4 $use
cp motion.gop again.gop
ok train pulse --data toy.gds -o motion.gop --resume $use
cmp motion.gop again.gop
ok train pulse --preset motion --data toy.gds -o from.gop --init-from motion.gop --steps 2 --batch 4 $use
ok fuse pose.gop motion.gop -o both.gop $use
ok fuse motion.gop pose.gop -o turned.gop $use
cmp both.gop turned.gop
fails 'one network of poses and one of motion are needed' fuse pose.gop pose.gop -o none.gop $use
fails 'pulse has no option' fuse pose.gop motion.gop -o none.gop --weight 0.5 $use
for file in pose motion both; do
    ok eval $file.gop --data toy.gds $use
    ok info $file.gop $use
    has 'model      pulse'
    has 'one clip '
    ok info $file.gop --json --tensors
    has '"model":"pulse"'
    ok bench $file.gop --repeat 1 $use
    ok predict $file.gop --data toy.gds walk_26 $use
done
ok bench pulse --repeat 1 $use

# Without the plugin: the type and the option are named, and info shows what it can.
unknown='a model of type pulse, which no list of types has; give its plugin by --plugin'
fails "$unknown" eval pose.gop --data toy.gds
fails "$unknown" predict pose.gop --data toy.gds x
fails "$unknown" fuse pose.gop motion.gop -o none.gop
fails "$unknown" bench pose.gop
fails "unknown model 'pulse'" train pulse --data toy.gds -o none.gop
fails "$unknown" train template --data toy.gds -o pose.gop --resume
fails "$unknown" train template --data toy.gds -o none.gop --init-from pose.gop --steps 1
ok info motion.gop --tensors
has 'model      pulse, preset motion'
has 'stream=motion'
has 'hidden.weight'
has 'training   step 8 of 8'

# What is no plugin.
echo 'this is text' >text.so
echo 'int nothing_here;' >empty.c
plugin empty.so empty.c
plugin old.so "$outside/own_type.c" -DOLD_ABI
plugin bad.so "$outside/own_type.c" -DBAD_TYPE
echo 'extern int nowhere(void); int somewhere(void); int somewhere(void) { return nowhere(); }' >open.c
plugin open.so open.c
if [ -n "$CXX" ]; then
    printf '%s\n' '#include <zoo/zoo.h>' 'static const zoo_model_type *const types[] = {0};' \
        'ZOO_PLUGIN(types);' >plus.cc
    # shellcheck disable=SC2046
    cxx -shared -fPIC -o plus.so plus.cc $(flags graphop-zoo)
    fails 'cannot use the plugin plus.so: it has no types of models' info pose.gop --plugin plus.so
fi
fails 'cannot load the plugin missing.so: ' info pose.gop --plugin missing.so
fails 'cannot load the plugin text.so: ' info pose.gop --plugin text.so
fails 'cannot load the plugin open.so: ' info pose.gop --plugin open.so
fails 'empty.so is not a plugin: it does not define graphop_plugin' info pose.gop --plugin empty.so
fails 'cannot use the plugin old.so: it was built for plugin ABI 0' info pose.gop --plugin old.so
fails 'cannot use the plugin bad.so: type pulse has no presets' info pose.gop --plugin bad.so
fails 'cannot use the plugin libpulse.so: there already is a type of models called pulse' \
    info pose.gop $use --plugin libpulse.so
fails 'would overwrite libpulse.so, which --plugin reads' \
    fuse pose.gop motion.gop -o ./libpulse.so --plugin libpulse.so
echo "a plugin: trained, resumed, fused, measured, refused"
