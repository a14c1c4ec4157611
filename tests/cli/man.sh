#!/bin/sh
# man.sh: the manual pages are well formed, and their examples run.
. "${top_srcdir:?}/tests/cli/lib.sh"

if command -v mandoc >/dev/null; then
    for page in "$top_srcdir"/man/*.[0-9]; do
        checks=$((checks + 1))
        mandoc -Tlint -W style "$page" || fail "mandoc has something to say about $page"
    done
else
    echo "mandoc is not there: the pages' form was not checked"
fi

# The folder that the examples read.
cmu_folder cmu_mocap
graphop() { "$GRAPHOP" "$@"; }

for page in "$top_srcdir"/man/*.[0-9]; do
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\$ //p' "$page" >examples
    while read -r line; do
        checks=$((checks + 1))
        echo "$ $line"
        eval "$line" >io/out 2>io/err </dev/null ||
            fail "$(basename "$page"): '$line' fails: $(cat io/err)"
        [ -s io/err ] && fail "$(basename "$page"): '$line' says: $(cat io/err)"
    done <examples
done

finish
