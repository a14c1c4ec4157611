#!/bin/sh
# examples.sh: the C examples of sections 3 and 7 compile without warnings against this
# build, and run.  An example with a main is a program, and the display after it is its
# output.  Any other example is the body of a function with arguments `ctx`, `params`,
# `net`, an empty training net, and `err`; its net is planned, if the example has not done
# so, and run, and every result must be finite.  In zoo_*.3 the arguments are `ctx`,
# `data`, the procedural motion set, `model`, a template for ten frames of it, and `err`.
. "${top_srcdir:?}/tests/lib.sh"

: "${top_builddir:?is the build folder}"
CC=${CC:-cc}
CFLAGS=${CFLAGS-}
LIBM=${LIBM--lm}
strict="-Wall -Wextra -Werror -I$top_srcdir/libgraphop -I$top_builddir/libgraphop"
zoo="$top_builddir/libgraphop-zoo.la"

# displays PAGE: writes the literal displays of EXAMPLES to PAGE.1, PAGE.2, ..., and the
# number of the first line of each to PAGE.N.line.  man.sh tests shell prompts.
displays()
{
    awk -v name="$(basename "$1")" '
    /^\.Sh/ { inside = /EXAMPLES/ }
    !inside { next }
    /^\.Bd -literal/ {
        n++
        file = name "." n
        print NR + 1 >(file ".line")
        close(file ".line")
        next
    }
    /^\.Ed/ { close(file); file = ""; next }
    file == "" { next }
    /^\$ / { print >(file ".shell"); close(file ".shell") }
    { sub(/^\\&/, ""); gsub(/\\e/, "\\"); print >file }' "$1"
}

# build NAME FLAG...: compiles NAME.c to a program that runs in place.  Only programs that
# include headers of the zoo are linked with its library.
build()
{
    name=$1
    shift
    libraries="$top_builddir/libgraphop.la $LIBM"
    if grep -q '^#include <zoo/' "$name.c"; then
        set -- "$@" "-I$top_srcdir"
        libraries="$zoo $libraries"
    fi
    # shellcheck disable=SC2086
    $CC $CFLAGS $strict "$@" -c -o "$name.o" "$name.c" &&
        "$top_builddir/libtool" --silent --tag=CC --mode=link $CC $CFLAGS -no-install \
            -o "$name" "$name.o" $libraries
}

# program PAGE I: builds display I of a page and compares what it prints with the next.
program()
{
    programs=$((programs + 1))
    { printf '#line %s "%s"\n' "$(cat "$1.$2.line")" "$1" && cat "$1.$2"; } >"program$programs.c"
    if [ ! -f "$1.$(($2 + 1))" ]; then
        fail "$1: it does not say what its program prints"
    elif ! build "program$programs" >io/out 2>&1; then
        fail "$1: its program cannot be built: $(cat io/out)"
    elif ! "./program$programs" >io/out 2>io/err; then
        fail "$1: its program fails: $(cat io/out io/err)"
    else
        diff "$1.$(($2 + 1))" io/out || fail "$1: its program (>) prints something else"
    fi
}

# fragment PAGE I: display I of a page, as a function, to gop.c or zoo.c.
fragment()
{
    fragments=$((fragments + 1))
    line=$(cat "$1.$2.line")
    case $1 in
    zoo_*) kind=zoo given="gop_ctx *ctx, const zoo_dataset *data, zoo_model *model" ;;
    *) kind=gop given="gop_ctx *ctx, gop_params *params, gop_net *net" ;;
    esac
    {
        echo "static void example$fragments($given, gop_error *err)"
        echo "{"
        if [ $kind = zoo ]; then
            echo "    (void)ctx, (void)data, (void)model, (void)err;"
        else
            echo "    (void)ctx, (void)params, (void)net, (void)err;"
        fi
        echo "#line $line \"$1\""
        cat "$1.$2"
        echo "}"
    } >>$kind.c
    echo "    {\"$1, line $line\", example$fragments}," >>$kind.table
}

# run_fragments KIND: builds KIND.c, and runs it.
run_fragments()
{
    # Results of an example that are only for its reader are unused.
    if ! build "$1" -Wno-unused-variable -Wno-unused-but-set-variable >io/out 2>&1; then
        fail "an example does not compile: $(cat io/out)"
    elif ! "./$1" >io/out 2>io/err; then
        fail "an example fails: $(cat io/err)"
    fi
}

# Files that examples read.
cp "$top_srcdir/tests/weights/models/stgcnpp-pyskl.safetensors" other.safetensors
for stream in joint bone; do
    printf '%s\n' protocol,sequence,start,truth,nod,bow dense,a,1,nod,0.75,0.25 \
        dense,b,1,bow,0.5,0.5 >$stream.csv
done

programs=0
fragments=0
printf '#include <%s>\n' graphop.h stdio.h stdlib.h string.h >gop.c
printf '#include <%s>\n' stdio.h stdlib.h string.h zoo/zoo.h >zoo.c
for page in "$top_srcdir"/man/*.3 "$top_srcdir"/man/*.7; do
    page_name=$(basename "$page")
    displays "$page"
    case $page_name in
    *.3) [ -f "$page_name.1" ] || fail "$page_name has no example" ;;
    esac
    i=1
    while [ -f "$page_name.$i" ]; do
        checks=$((checks + 1))
        if grep -q '^int main(' "$page_name.$i"; then
            program "$page_name" $i
            i=$((i + 1))
        elif [ ! -f "$page_name.$i.shell" ]; then
            fragment "$page_name" $i
        fi
        i=$((i + 1))
    done
done
[ "$programs" -ge 10 ] && [ "$fragments" -ge 25 ] ||
    fail "there are only $programs programs and $fragments other examples"

cat >main.c <<'END'

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        gop_error err = {GOP_OK, ""};
        if (run(&examples[i], &err) != GOP_OK) {
            fprintf(stderr, "%s: %s\n", examples[i].name, err.message);
            failed = 1;
        }
    }
    return failed;
}
END

{
    cat <<'END'
typedef struct example {
    const char *name;
    void (*run)(gop_ctx *ctx, gop_params *params, gop_net *net, gop_error *err);
} example;

static const example examples[] = {
END
    cat gop.table
    cat <<'END'
};

/* What the example recorded has to run.  Only a planned net has a profile. */
static gop_status run_all(gop_net *net, gop_error *err)
{
    if (gop_net_status(net) == GOP_OK && gop_net_costs(net).ops == 0)
        return GOP_OK;
    if (gop_net_profile(net, false, NULL) != GOP_OK && gop_net_plan(net, err) != GOP_OK)
        return err->status;
    return gop_net_forward_finite(net, err);
}

static gop_status run(const example *e, gop_error *err)
{
    gop_ctx *ctx = NULL;
    gop_params *params = NULL;
    gop_net *net = NULL;

    if (gop_ctx_new(&ctx, 1, 0, err) == GOP_OK && gop_params_new(&params, 1, err) == GOP_OK &&
        gop_net_new(&net, ctx, params, GOP_TRAINING, err) == GOP_OK) {
        e->run(ctx, params, net, err);
        if (err->status == GOP_OK)
            run_all(net, err);
    }
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return err->status;
}
END
    cat main.c
} >>gop.c
run_fragments gop

{
    cat <<'END'
typedef struct example {
    const char *name;
    void (*run)(gop_ctx *ctx, const zoo_dataset *data, zoo_model *model, gop_error *err);
} example;

static const example examples[] = {
END
    cat zoo.table
    cat <<'END'
};

static gop_status run(const example *e, gop_error *err)
{
    gop_ctx *ctx = NULL;
    zoo_dataset *data = NULL;
    zoo_model *model = NULL;

    if (gop_ctx_new(&ctx, 1, 0, err) == GOP_OK && zoo_synth(&data, NULL, 1, err) == GOP_OK &&
        zoo_model_new(&model, zoo_model_type_find(NULL, "template"), NULL, &data->domain, 1, err) ==
            GOP_OK && zoo_model_set(model, "observed", "10", err) == GOP_OK)
        e->run(ctx, data, model, err);
    zoo_model_free(model);
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
    return err->status;
}
END
    cat main.c
} >>zoo.c
run_fragments zoo

finish
