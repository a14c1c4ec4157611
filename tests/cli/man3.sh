#!/bin/sh
# man3.sh: the pages of section 3 agree with the headers.  Every function, type, enumeration
# and macro of the installed headers of a library is in exactly one SYNOPSIS of its pages,
# with its types and parameter names, and nothing else is.  NAME lists the functions of the
# SYNOPSIS in their order.  Every function, type or constant in the text is declared.
. "${top_srcdir:?}/tests/lib.sh"
: "${stage:?is where make check installs to}" "${includedir:?}"

man=$top_srcdir/man
include=$stage$includedir

# declarations FILE...: one declaration a line, without comments, attributes and
# insignificant spaces; an inline function without its body.  The double build and C++ are
# left out.
declarations()
{
    awk '
    /^#ifdef (__cplusplus|GOP_REAL_IS_DOUBLE)/ { skipped = 1 }
    skipped { if (/^#(else|endif)/) skipped = 0; next }
    /^# *define (GOP|ZOO)_[A-Z_]+ [^_]/ { sub(/^# */, "#"); print; next }
    /^# *define (gop|zoo|ZOO)_[A-Za-z_]+\(/ {
        name = $0
        sub(/^# */, "#", name)
        sub(/\).*/, ")", name)
        print name
    }
    /^ *#/ { while (/\\$/ && (getline) > 0) continue; next }
    { text = text $0 "\n" }
    END {
        while ((from = index(text, "/*")) > 0) {
            rest = substr(text, from + 2)
            text = substr(text, 1, from - 1) " " substr(rest, index(rest, "*/") + 2)
        }
        gsub(/GOP_PRINTF\([0-9], [0-9]\)/, "", text)
        gsub(/GOP_API/, "", text)
        gsub(/[ \t\n]+/, " ", text)
        gsub(/ ?[][(){},;*=] ?/, "&", text)
        depth = 0
        one = ""
        for (i = 1; i <= length(text); i++) {
            c = substr(text, i, 1)
            body = body || (c == "{" && depth == 0 && one ~ /\) *$/)
            depth += (c == "{") - (c == "}")
            if (!body)
                one = one c
            if (depth == 0 && (c == ";" || (body && c == "}"))) {
                print one
                one = ""
                body = 0
            }
        }
    }' "$@" | sed 's/^ *static inline //' | plain
}

# Keeps spaces only between words, and removes the final semicolon.
plain()
{
    sed -e 's/[ 	][ 	]*/ /g' -e 's/ *\([][(){},;*=]\) */\1/g' -e 's/^ //' -e 's/ $//' -e 's/;$//' |
        grep .
}

# synopsis PAGE: the same for a page.
synopsis()
{
    awk '
    /^\.Sh/ { inside = /^\.Sh SYNOPSIS/; next }
    !inside { next }
    /^\.Fd / { gsub(/\\\(dq/, "\""); print substr($0, 5); next }
    /^\.Bd/ { text = ""; literal = 1; next }
    /^\.Ed/ { print text; literal = 0; next }
    literal { text = text " " $0; next }
    /^\.Ft / { type = substr($0, 5); gsub(/"/, "", type); next }
    /^\.Fo / { text = type " " $2 "("; comma = ""; next }
    /^\.Fa / { arg = substr($0, 5); gsub(/"/, "", arg); text = text comma arg; comma = ", "; next }
    /^\.Fc/ { print text ")"; next }
    /^\.Fn / {
        line = substr($0, 5)
        name = line
        sub(/ .*/, "", name)
        text = type " " name "("
        comma = ""
        rest = substr(line, length(name) + 1)
        while (match(rest, /"[^"]*"|[^ "]+/)) {
            arg = substr(rest, RSTART, RLENGTH)
            gsub(/"/, "", arg)
            text = text comma arg
            comma = ", "
            rest = substr(rest, RSTART + RLENGTH)
        }
        print text ")"
    }' "$1" | plain
}

# ------------------------------------------------------------- declarations

# agree PREFIX LEAST HEADER...: the headers of one library, with at least LEAST functions,
# agree with its pages; appends to the file declared.
agree()
{
    prefix=$1 least=$2
    shift 2
    declarations "$@" | sort >headers
    [ "$(grep -c '(' headers)" -gt "$least" ] ||
        fail "the headers were not understood: $(cat headers)"
    : >described
    for page in "$man/$prefix"_*.3; do
        synopsis "$page" >one
        checks=$((checks + $(wc -l <one)))
        sort one | comm -23 - headers >strange
        while read -r line; do
            fail "${page##*/}: not in the headers, or not so: $line"
        done <strange
        cat one >>described
    done
    sort described | uniq -d >twice
    while read -r line; do fail "on two pages: $line"; done <twice
    sort described | comm -13 - headers | grep -vE '^struct [a-z_]+$' >missing
    while read -r line; do fail "on no page: $line"; done <missing
    cat headers >>declared
}

: >declared
agree gop 150 "$include/graphop.h" "$include"/graphop/*.h
# shellcheck disable=SC2046
agree zoo 75 $(find "$include/graphop/zoo" -name '*.h' | sort)

# ------------------------------------------------------------ names in pages

# Every word of a declaration with a prefix of our own.
tr -c 'A-Za-z0-9_' '\n' <declared | grep -E '^(gop|GOP|zoo|ZOO)_' | sort -u >words
echo GOP_REAL_IS_DOUBLE >>words
# A page may have a type of its own in NAME, too.
sed -nE -e 's/^typedef.*[ }*]((gop|zoo)_[a-z0-9_]*)$/\1/p' \
    -e 's/^typedef [^{]*\(\*((gop|zoo)_[a-z0-9_]*)\).*/\1/p' declared | sort -u >types
for page in "$man"/*.3 "$man"/graphop.7; do
    awk '/^\.Sh/ { inside = /NAME/ } inside && sub(/^\.Nm /, "") { sub(/ ,$/, ""); print }' \
        "$page" >names
    synopsis "$page" | sed -nE -e '/^typedef/d' -e 's/^[^({]*[ *]((gop|zoo)_[a-z0-9_]*)\(.*/\1/p' >functions
    checks=$((checks + 1))
    [ "${page##*/}" = graphop.7 ] || grep -vxF -f types names | cmp -s - functions ||
        fail "${page##*/}: NAME and SYNOPSIS differ: $(diff names functions)"
    awk '
    /^\.Sh/ { inside = !/NAME|SYNOPSIS/ }
    inside && /^\./ {
        for (i = 1; i <= NF; i++)
            if ($i ~ /^(gop|GOP|zoo|ZOO)_[A-Za-z0-9_]+$/ && $(i + 1) !~ /^[1-9]$/)
                print $i
    }' "$page" | sort -u >used
    checks=$((checks + $(wc -l <used)))
    while read -r word; do
        grep -qx "$word" words || fail "${page##*/}: $word is declared nowhere"
    done <used
done

finish
