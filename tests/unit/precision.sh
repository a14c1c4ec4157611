#!/bin/sh
# precision.sh: runs precision_double and then precision_float on what it wrote.
file=$(mktemp "${TMPDIR:-/tmp}/graphop-precision.XXXXXX") || exit 99
trap 'rm -f "$file"' EXIT
trap 'exit 99' HUP INT TERM
programs=${top_builddir:?}/tests/unit
"$programs/precision_double" "$file" &&
    "$programs/precision_float" "$file"
