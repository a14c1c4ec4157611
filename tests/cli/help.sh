#!/bin/sh
# help.sh: --help and --version, and that --help and the manual pages name the
# same options, models' options and verbs.
. "${top_srcdir:?}/tests/cli/lib.sh"

# Long options that a page documents, and that --help prints.
page_options() { sed -n 's/^\.It .*Fl .*-\([a-z][a-z-]*\).*/\1/p; s/^\.It Fl -\([a-z-]*\).*/\1/p' "$1" | sort -u; }
help_options() { sed -n 's/^ *\(-[A-Za-z], \)\{0,1\}--\([a-z-]*\).*/\2/p' io/out | sort -u; }
page_letters() { sed -n 's/^\.It Fl \([A-Za-z]\) , -.*/\1/p' "$1" | sort; }
help_letters() { sed -n 's/^  -\([A-Za-z]\), --.*/\1/p' io/out | sort; }

ok --version
says '^graphop [0-9]+\.[0-9]+\.[0-9]+$'
says '^kernel '

ok --help
cp io/out help
verbs=$(sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' help)
[ "$(echo $verbs)" = "prepare train eval predict info" ] || fail "verbs: $verbs"
for verb in "" $verbs; do
    page=$top_srcdir/man/graphop${verb:+-}$verb.1
    ok $verb --help
    says "^Usage: graphop ${verb:-VERB}"
    help_options >in_help
    page_options "$page" >in_page
    diff in_help in_page || fail "graphop $verb --help and $page have other long options"
    help_letters >in_help
    page_letters "$page" >in_page
    diff in_help in_page || fail "graphop $verb --help and $page have other short options"
    [ "$(wc -L <io/out)" -le 80 ] || fail "graphop $verb --help is wider than 80 columns"
    [ -z "$verb" ] || grep -q "^\.It Xr graphop-$verb 1" "$top_srcdir/man/graphop.1" ||
        fail "graphop.1 does not name $verb"
    cp io/out long
    [ -z "$verb" ] || { ok $verb -h; same io/out long; }
done

ok train symgnn --list
sed -n '/^Options/,$s/^  \([a-z_]*\)=.*/\1/p' io/out | sort >in_list
sed -n '/^\.Ss Options of symgnn/,/^\.Sh/s/^\.It Cm //p' "$top_srcdir/man/graphop-train.1" |
    sed 's/ , /\n/g' | sort >in_page
diff in_list in_page || fail "train --list and graphop-train.1 have other options of symgnn"

finish
