#!/bin/sh
# install.sh: `make installcheck`: the README's example builds and runs against
# what was installed, by pkg-config's flags, and so does a program that uses the
# zoo; the installed command runs; so does all of tests/outside/run.sh.  Takes CFLAGS,
# bindir, top_srcdir and DESTDIR from the environment, and what run.sh takes.
set -eu
work=$(mktemp -d "${TMPDIR:-/tmp}/graphop-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
sh "$outside/run.sh"

PKG_CONFIG_PATH=$DESTDIR$pkgconfigdir${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
[ -z "$DESTDIR" ] || { PKG_CONFIG_SYSROOT_DIR=$DESTDIR; export PKG_CONFIG_SYSROOT_DIR; }
LD_LIBRARY_PATH=$DESTDIR$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

{
    cat <<'END'
#include <graphop.h>
#include <stdio.h>

int main(void)
{
    enum { batch = 2, nodes = 3, frames = 4, channels = 5 };
    static const gop_edge bones[] = {{0, 1}, {1, 2}};
    gop_graph *skeleton;
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;

    if (gop_graph_new(&skeleton, nodes, bones, 2, &err) || gop_ctx_new(&ctx, 1, 0, &err) ||
        gop_params_new(&params, 1, &err) || gop_net_new(&net, ctx, params, GOP_INFERENCE, &err))
        return 1;
END
    sed -n '/^```c$/,/^```$/{/^```/!p;}' "$top_srcdir/README.md"
    cat <<'END'
    gop_shape out = gop_net_shape(net, y);
    printf("%zu %zu %zu %zu\n", out.dim[0], out.dim[1], out.dim[2], out.dim[3]);
    gop_graph_free(skeleton);
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return err.status != GOP_OK;
}
END
} >"$work/example.c"
# shellcheck disable=SC2046,SC2086
$CC $CFLAGS -Werror -o "$work/example" "$work/example.c" $($PKG_CONFIG --cflags --libs graphop)
[ "$("$work/example")" = "2 3 4 64" ]

cat >"$work/zoo.c" <<'END'
#include <stdio.h>
#include <zoo/zoo.h>

int main(void)
{
    const zoo_layout *layout = zoo_layout_find("cmu26");
    gop_error err;

    if (!layout || zoo_layout_check(layout, &err) || !zoo_model_type_find(NULL, "symgnn"))
        return 1;
    printf("%u\n", (unsigned)layout->nodes);
    return 0;
}
END
# shellcheck disable=SC2046,SC2086
$CC $CFLAGS -Werror -o "$work/zoo" "$work/zoo.c" $($PKG_CONFIG --cflags --libs graphop-zoo)
[ "$("$work/zoo")" = 26 ]

"$DESTDIR$bindir/graphop" --version
"$DESTDIR$bindir/graphop" eval --help >"$work/help"
echo "installed: the README's example, a program on the zoo and the command run"
