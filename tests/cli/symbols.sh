#!/bin/sh
# symbols.sh: the shared libraries export, their installed headers declare and the pages of
# section 3 document exactly the same names.
. "${top_srcdir:?}/tests/lib.sh"
: "${stage:?is where make check installs to}" "${libdir:?}" "${includedir:?}" "${NM:?}"
include=$stage$includedir

# plain FILE...: without comments and preprocessor lines.
plain()
{
    awk '{
        line = $0
        out = ""
        while (line != "") {
            if (inside) {
                if (!(at = index(line, "*/"))) break
                line = substr(line, at + 2)
                inside = 0
            } else if ((at = index(line, "/*"))) {
                out = out substr(line, 1, at - 1)
                line = substr(line, at + 2)
                inside = 1
            } else {
                out = out line
                break
            }
        }
        print out
    }' "$@"
}
code()
{
    plain "$@" | awk '/^[ \t]*#/ { while (/\\$/ && (getline) > 0) continue; next } { print }'
}

# functions WORDS FILE...: names of functions declared GOP_API or static inline.
functions()
{
    words=$1
    shift
    code "$@" | awk -v words="$words" 'BEGIN { RS = ";" }
    (at = index($0, words " ")) {
        text = substr($0, at + length(words))
        if (match(text, /[a-z_0-9]+\(/))
            print substr(text, RSTART, RLENGTH - 1)
    }' | sort
}

# data FILE...: names of constants declared extern GOP_API.
data()
{
    code "$@" | awk 'BEGIN { RS = ";" } /extern GOP_API/ && !/\(/ { print $NF }' | sort
}

# macros FILE...: names of function-like macros.
macros()
{
    sed -nE 's/^# *define ((gop|zoo)_[a-z_]+)\(.*/\1/p' "$@"
}

# types PREFIX FILE...
types()
{
    prefix=$1
    shift
    code "$@" | awk -v prefix="$prefix" 'BEGIN { RS = ";" }
    { gsub(/[ \t\n]+/, " "); sub(/ $/, ""); name = "" }
    /} [a-z0-9_]+$/ { name = $NF }
    /(^| )typedef [^{}]*$/ { name = $NF }
    /typedef [^{}]*\(\*[a-z0-9_]+\)/ { match($0, /\(\*[a-z0-9_]+/); name = substr($0, RSTART + 2, RLENGTH - 2) }
    index(name, prefix) == 1 { print name }' | sort -u
}

# constants FILE...: names of enumerators, and of macros for users.
constants()
{
    code "$@" | awk 'BEGIN { RS = ";" }
    /(^|[ \t\n])enum[ \t\n]/ && /{/ {
        text = $0
        sub(/[^{]*{/, "", text)
        sub(/}.*/, "", text)
        n = split(text, item, ",")
        for (i = 1; i <= n; i++)
            if (match(item[i], /[A-Z][A-Z0-9_]+/))
                print substr(item[i], RSTART, RLENGTH)
    }'
    plain "$@" | sed -n 's/^[ \t]*#[ \t]*define[ \t]*\([A-Z][A-Z0-9_]*\).*/\1/p' |
        grep -Ev '_H$|^GOP_(API|PRINTF)$'
}

# differ TEXT A B: two files of sorted names; reports names that are only in A.
differ()
{
    checks=$((checks + 1))
    only=$(comm -23 "$2" "$3" | tr '\n' ' ')
    [ -z "$only" ] || fail "$1: $only"
}

# exported LIBRARY: names without versions.
exported()
{
    # shellcheck disable=SC2086
    $NM -D --defined-only "$stage$libdir/$1.so" >io/nm || fail "nm does not read $1"
    awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' io/nm | sort >io/exported
    checks=$((checks + 1))
    if grep -q @@ io/nm && grep -v " A " io/nm | grep -v @@; then
        fail "$1: some symbols have no version"
    fi
    [ -s io/exported ] || fail "$1 exports nothing"
    if command -v objdump >/dev/null; then
        checks=$((checks + 1))
        objdump -p "$stage$libdir/$1.so" | grep -Eq "SONAME +$1\.so\.[0-9]+$" ||
            fail "$1 has no soname with a number"
    fi
}

# called FILE...: functions that a unit test calls by name.
called()
{
    cat "$top_srcdir"/tests/unit/*.[ch] | grep -Eo '\<(gop|zoo)_[a-z0-9_]+' | sort -u >io/called
}

# documented PREFIX: io/declared, io/inline, io/types and io/constants in man3.
documented()
{
    set -- "$1" "$top_srcdir"/man/"$1"*.3
    if [ ! -f "$2" ]; then
        fail "man/$1*.3: no page"
        return
    fi
    prefix=$1
    shift
    awk '/^\.Sh/ { name = /NAME/ } name && /^\.Nm/ { print $2 }' "$@" | sort >io/nm-names
    awk '/^\.Sh/ { inside = /SYNOPSIS/ } inside && /^\.F[no]/ { print $2 }
        inside && /^\.Fd #define [a-z]/ { sub(/\(.*/, "", $3); print $3 }' "$@" | sort -u >io/synopsis
    awk '/^\.F[no]/ { print $2 }' "$@" | grep "^$prefix" | sort -u >io/mentioned
    grep -Eho '[A-Za-z_][A-Za-z0-9_]+' "$@" | sort -u >io/words
    sort -u io/declared io/inline >io/functions
    sort -u io/nm-names >io/once
    differ "under no page's NAME" io/functions io/once
    differ "in no SYNOPSIS" io/functions io/synopsis
    differ "in a SYNOPSIS, but not declared" io/synopsis io/functions
    differ "called a function in man3, but not declared" io/mentioned io/functions
    sort -u io/functions io/types >io/public
    differ "under NAME, but not public" io/once io/public
    differ "under NAME of two pages" io/nm-names io/once
    differ "type in no page" io/types io/words
    differ "constant in no page" io/constants io/words
    differ "data in no page" io/data io/words
}

# library NAME PREFIX HEADER...
library()
{
    name=$1 prefix=$2
    shift 2
    functions GOP_API "$@" >io/declared
    { functions "static inline" "$@"; macros "$@"; } | sort >io/inline
    data "$@" >io/data
    types "$prefix" "$@" >io/types
    constants "$@" | sort -u >io/constants
    echo "$name: $(wc -l <io/declared) functions, $(wc -l <io/inline) inline," \
        "$(wc -l <io/types) types, $(wc -l <io/constants) constants"
    if [ -f "$stage$libdir/$name.so" ]; then
        exported "$name"
        sort io/declared io/data >io/symbols
        differ "$name exports what no header declares" io/exported io/symbols
        differ "$name does not export what a header declares" io/symbols io/exported
    else
        echo "$name is not there as a shared library: its exports were left out"
    fi
    documented "$prefix"
}

# The functions above find names that are known to exist.
known()
{
    for word in $2; do
        checks=$((checks + 1))
        grep -qx "$word" "io/$1" || fail "$word is not among the $1"
    done
}

called
zoo=$(find "$include/graphop/zoo" -name '*.h' | sort)
library libgraphop gop_ "$include/graphop.h" "$include"/graphop/*.h
known declared "gop_none gop_init_uniform gop_net_plan gop_relu gop_op_list gop_parallel gop_fail"
known inline "gop_try"
known types "gop_status gop_net gop_real gop_case gop_op gop_mgda gop_roll_step"
known constants "GOP_ESTATE GOP_MAX_RANK GOP_OP_ELEMENTWISE GOP_MGDA_UB GOP_REDUCE_MAX"
for word in gop_op_relu gop_philox gop_net_value_ptr; do
    checks=$((checks + 1))
    grep -qx $word io/exported 2>/dev/null && fail "$word is exported"
done
# Cases call the operators.
# shellcheck disable=SC2046
functions GOP_API $(find "$include"/graphop -maxdepth 1 -name '*.h' ! -name ops.h) >io/core
differ "no unit test calls" io/core io/called

# shellcheck disable=SC2086
library libgraphop-zoo zoo_ $zoo
known declared "zoo_model_new zoo_layout_find zoo_trainer_step"
known types "zoo_model zoo_layout zoo_setting"
known constants "ZOO_TRAIN ZOO_NAME_SIZE ZOO_EXPMAP"
differ "no unit test calls" io/declared io/called

finish
