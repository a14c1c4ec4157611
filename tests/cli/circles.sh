#!/bin/sh
# circles.sh: no files of libgraphop, zoo and apps depend on each other in a circle, no
# layer includes one above it, and no two rooms have a file of the same name.  A file depends
# on the headers that it includes, and on the sources whose symbols it uses, by nm.
. "${top_srcdir:?}/tests/lib.sh"
: "${top_builddir:?is the build folder}" "${NM:?}"

sources()
{
    (cd "$top_srcdir" && find libgraphop zoo apps -name '*.[ch]' | sort)
}

# objects: "OBJECT SOURCE", one object for each source.
objects()
{
    (cd "$top_builddir" && find libgraphop zoo apps -name '*.o' ! -name '*double_la-*') |
        sed -E 's|^(.*)/([^/]*)\.o$|\1/\2.o \1/\2|; s| (.*)/\.libs/| \1/|' |
        sed -E 's#/(libgraphop_(zoo_)?core_la|core_la|zoo_core_la|graphop)-([^/ ]*)$#/\3.c#' |
        sort -u -k 2,2
}

# Edges between files: "FROM TO".
symbols()
{
    objects | while read -r object file; do
        $NM -g "$top_builddir/$object" | awk -v file="$file" '
            NF == 2 && $1 == "U" { print "uses", file, $2 }
            NF == 3 { print "defines", file, $3 }'
    done | awk '
        $1 == "defines" { home[$3] = $2 }
        $1 == "uses" { uses[$2 " " $3] = 1 }
        END {
            for (use in uses) {
                split(use, part, " ")
                if (part[2] in home && home[part[2]] != part[1])
                    print part[1], home[part[2]]
            }
        }'
}
includes()
{
    sources | while read -r file; do
        sed -nE 's/^ *# *include "(.*)"$/\1/p' "$top_srcdir/$file" | while read -r header; do
            for place in "libgraphop/$header" "$header" "apps/$header" "${file%/*}/$header"; do
                if [ -f "$top_srcdir/$place" ]; then
                    echo "$file $place"
                    break
                fi
            done
        done
    done | awk '$1 != $2'
}

includes >io/includes
symbols >io/symbols
checks=$((checks + 2))
[ "$(wc -l <io/includes)" -gt 200 ] || fail "only $(wc -l <io/includes) includes were found"
[ "$(wc -l <io/symbols)" -gt 200 ] || fail "only $(wc -l <io/symbols) uses of symbols were found"

checks=$((checks + 1))
sort -u io/includes io/symbols | tsort >io/order 2>io/circles || :
grep -q . io/circles && fail "files depend on each other in a circle:
$(sed 's/^tsort: //' io/circles)"

# Layers: dependencies go one way, as drawn in HACKING.
checks=$((checks + 1))
awk '
function layer(file) {
    return file ~ /^libgraphop/ ? 1 : file ~ /^zoo/ ? 2 : 3
}
layer($1) < layer($2) { print $1, "depends on", $2 }' io/includes io/symbols | sort -u >io/above
grep -q . io/above && fail "a lower layer depends on a higher one: $(cat io/above)"

# Rooms of libgraphop: op/ stands on core/ and the public functions, core/ on nothing.
checks=$((checks + 1))
grep -E '^libgraphop/(op|core|io|graph)/[^ ]* libgraphop/(net|check|layer|train)/' io/includes >io/rooms
grep -q . io/rooms && fail "a room includes one above it: $(cat io/rooms)"

checks=$((checks + 1))
sources | grep -v '^libgraphop/graphop/' | sed 's|.*/||' | sort | uniq -d >io/twice
grep -q . io/twice && fail "two rooms have a file of this name: $(cat io/twice)"

finish
