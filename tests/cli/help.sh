#!/bin/sh
# help.sh: --help and --version.  The command's help and the manual pages agree on verbs,
# options and their values, presets, options and defaults of models, protocols, and the
# defaults of a run.
. "${top_srcdir:?}/tests/lib.sh"

man=$top_srcdir/man

# agree WHAT: the files in_help and in_page are equal and not empty.
agree()
{
    checks=$((checks + 1))
    [ -s in_help ] || fail "$1: nothing was found in what the command says"
    diff in_help in_page || fail "$1: the command (<) and the page (>) differ"
}

# Options as "letter long VALUE", "-" where there is no letter or value.
help_options()
{
    sed -n -e 's/^      --/- --/p' -e 's/^  -\([A-Za-z]\), --/\1 --/p' io/out |
        awk '{ print $1, substr($2, 3), ($3 ~ /^[A-Z][A-Z=]*$/ ? $3 : "-") }' | sort
}
page_options()
{
    sed -n 's/^\.It Fl //p' "$1" | awk '{
        letter = $2 == "," ? $1 : "-"
        first = $2 == "," ? 4 : 1
        value = ""
        for (i = first + 1; i <= NF; i++)
            if ($i != "Ar" && $i != "Ns")
                value = value toupper($i)
        print letter, substr($first, 2), (value == "" ? "-" : value)
    }' | sort
}

ok --version
says '^graphop [0-9]+\.[0-9]+\.[0-9]+$'
says '^kernel .+, [0-9]+ threads?$'
cp io/out version
ok -V
same io/out version

ok --help
cp io/out help
ok -h
same io/out help
says '^Exit status: 0 '
verbs=$(sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' help)
[ "$(echo $verbs)" = "prepare train eval predict stream info fuse import convert layout bench" ] || fail "verbs: $verbs"
echo "$verbs" >in_help
sed -n '/^\.Bl -tag -width prepare/,/^\.El/s/^\.It Cm //p' "$man/graphop.1" >in_page
agree "the verbs of graphop.1"

for verb in "" $verbs; do
    page=$man/graphop${verb:+-}$verb.1
    ok $verb --help
    says "^Usage: graphop ${verb:-VERB}"
    help_options >in_help
    page_options "$page" >in_page
    agree "options of $page"
    [ -z "$(awk 'length($0) > 80' io/out)" ] || fail "graphop $verb --help is wider than 80 columns"
    [ -z "$verb" ] || grep -q "Xr graphop-$verb 1" "$man/graphop.1" ||
        fail "graphop.1 does not name $verb"
    cp io/out long
    [ -z "$verb" ] || { ok $verb -h; same io/out long; }
    # --help takes precedence over errors after it.
    [ -z "$verb" ] || ok $verb --help --no-such-option
done

# ------------------------------------------------------------ models, protocols

run train no-model-has-this-name --list
models=$(sed 's/.*the choices are \(.*\)\.$/\1/; s/, */ /g' io/err)
named=$(sed -n 's/^extern const zoo_model_type \(.*\)_type;$/\1/p' "$top_srcdir/zoo/types.h" | sort)
[ "$(echo "$models" | tr ' ' '\n' | sort)" = "$named" ] ||
    fail "models: $models; zoo/types.h: $named"
for verb in train bench; do
    ok $verb --help
    tr '\n' ' ' <io/out | tr -s ' ' >all
    for model in $models; do
        grep -q "model (.*$model" all || fail "$verb --help does not name $model"
        grep -q "^\.Cm $model" "$man/graphop-$verb.1" || fail "graphop-$verb.1 does not name $model"
    done
done
for model in $models; do
    page=$man/graphop-$model.7
    ok train "$model" --list
    sed -n '/^Options for --set/,$s/^  \([a-z_]*=[^ ]*\).*/\1/p' io/out | sort >in_help
    sed -n 's/^\.It Cm \([a-z_]*\) Ns =\( Ns *\)*\(Ar \)*/\1=/p' "$page" | sort >in_page
    agree "the options of $model and their defaults in graphop-$model.7"

    sed -n '/^Presets:/,/^$/p' io/out >presets
    sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' presets >in_help
    sed -n '/^\.Ss Presets/,/^\.Ss \(Variants\|Options\)/s/^\.It Cm //p' "$page" >in_page
    agree "the presets of $model in graphop-$model.7"
    tr ' ' '\n' <presets | grep = >in_help
    sed -n '/^\.Ss Presets/,/^\.Ss \(Variants\|Options\)/s/^\.Li \(.*\) \.$/\1/p' "$page" |
        tr ' ' '\n' >in_page
    agree "what the presets of $model set in graphop-$model.7"

    if grep -q '^Variants:' io/out; then
        sed -n '/^Variants:/,/^$/p' io/out >variants
        sed -n 's/^  \([a-z][a-z0-9.-]*\) .*/\1/p' variants >in_help
        sed -n '/^\.Ss Variants/,/^\.Ss Options/s/^\.It Cm //p' "$page" >in_page
        agree "the variants of $model in graphop-$model.7"
        tr ' ' '\n' <variants | grep = >in_help
        sed -n '/^\.Ss Variants/,/^\.Ss Options/s/^\.Li \(.*\) \.$/\1/p' "$page" |
            tr ' ' '\n' >in_page
        agree "what the variants of $model set in graphop-$model.7"
    fi
done

# listed VERB WHAT SECTION [QUOTE]: the choices in the last message stand in that section of
# graphop-VERB.1, and each one, in QUOTEs, in the help of VERB.
listed()
{
    sed 's/.*the choices are \(.*\)\.$/\1/; s/, */\n/g' io/err | sort >in_help
    sed -n "/^$3/,/^\.El/s/^\.It Cm //p" "$man/graphop-$1.1" | sort >in_page
    agree "the $2 of graphop-$1.1"
    ok "$1" --help
    tr '\n' ' ' <io/out >all
    for choice in $(cat in_help); do
        grep -q -- "${4-}$choice${4-}" all || fail "$1 --help does not name $choice"
    done
}

run prepare no-source-has-this-name -o none.gds
listed prepare sources 'The sources are:' "'"
run eval --data none --protocol no-protocol-has-this-name
listed eval protocols '\.Ss Protocols'
run train symgnn --data none --output none.gop --recipe no-recipe-has-this-name
listed train recipes '\.Sh RECIPES'

# ------------------------------------------------------------ a run's defaults

# The run is stopped at once: the first line of the log has its settings.
ok prepare synth -o toy.gds
set -- train symgnn --recipe plain --data toy.gds -o toy.gop --threads 1 $(echo "$tiny" | sed 's/--preset small//; s/--batch 4//')
"$GRAPHOP" "$@" >io/out 2>io/err &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s io/out ] && break
    sleep 1
done
sleep 1
kill -TERM $pid 2>io/err
wait $pid
head -n 1 toy.gop.jsonl | tr -d '{}"' | tr ',' '\n' | sed -n \
    -e 's/_/-/' -e '/^[a-z-]*:[a-z0-9.-]*$/s/:/ /p' |
    grep -E "^($(page_options "$man/graphop-train.1" | cut -d ' ' -f 2 | xargs | tr ' ' '|')) " |
    grep -v '^recipe ' | sort >in_help
awk '
    /^\.It Fl/ { sub(/.* Fl -/, ""); sub(/^\.It Fl -/, ""); name = $1 }
    /^The default is / { value = $4; sub(/\.$/, "", value); print name, value }
' "$man/graphop-train.1" | grep -vE '^(save-every|recipe) ' | sort >in_page
agree "the defaults of a run in graphop-train.1"
[ "$(wc -l <in_help)" -ge 15 ] || fail "less than fifteen defaults: $(cat in_help)"

finish
