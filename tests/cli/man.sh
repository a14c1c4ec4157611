#!/bin/sh
# man.sh: the manual pages are well formed, and their shell examples run.
. "${top_srcdir:?}/tests/lib.sh"

if command -v mandoc >/dev/null; then
    cd "$top_srcdir/man" || exit 99 # where the pages find each other
    for page in *.[0-9]; do
        checks=$((checks + 1))
        mandoc -Tlint -W style "$page" || fail "mandoc reports problems in $page"
    done
    cd "$work" || exit 99
else
    echo "mandoc is not installed: the form of the pages was not checked"
fi
# Most systems show pages with groff; it takes some names, such as those of authors, as macros.
if command -v groff >/dev/null; then
    for page in "$top_srcdir"/man/*.[0-9]; do
        checks=$((checks + 1))
        groff -mdoc -Tascii -z -ww "$page" >io/out 2>&1
        [ -s io/out ] && fail "groff reports problems in ${page##*/}: $(cat io/out)"
    done
fi

graphop() { "$GRAPHOP" "$@"; }

# examples PAGE: the lines after a prompt, with their continuations.
examples()
{
    awk '
    /^\.Sh/ { inside = /EXAMPLES/ }
    !inside { next }
    more { sub(/^ */, ""); line = line " " $0 }
    /^(\.Dl )?\$ / { sub(/^(\.Dl )?\$ /, ""); line = $0; more = 1 }
    more { more = sub(/ *\\e$/, "", line); if (!more) print line }' "$1"
}

# What some examples read.
cmu_folder "$work/io/cmu_mocap"
for page in "$top_srcdir"/man/*.[0-9]; do
    name=$(basename "$page")
    examples "$page" >"$work/io/examples"
    case $name in
    *.3 | *.7) ;; # examples.sh has those in C
    *) [ -s "$work/io/examples" ] || fail "$name has no examples" ;;
    esac
    [ -s "$work/io/examples" ] || continue
    # The examples of a page run in their own folder, with the data that some of them read.
    mkdir "$work/$name" "$work/$name/io"
    cd "$work/$name" || exit 99
    cp -r "$work/io/cmu_mocap" .
    cp "$top_srcdir/tests/convert/old-adam.gop" old.gop
    cp "$top_srcdir/tests/weights/models/ctrgcn-pyskl.safetensors" ctrgcn.safetensors
    while read -r line; do
        checks=$((checks + 1))
        echo "$ $line"
        (eval "$line") >io/out 2>io/err </dev/null ||
            fail "$name: '$line' fails: $(cat io/err)"
        [ -s io/err ] && fail "$name: '$line' prints to stderr: $(cat io/err)"
    done <"$work/io/examples"
done

finish
