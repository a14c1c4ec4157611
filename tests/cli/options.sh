#!/bin/sh
# options.sh: an option that has no effect where it is given is refused, and layouts that are
# told apart are told apart by what differs.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
t="train template --data toy.gds -o x.gop --set observed=5 --batch 2 --steps 1 -T 1"
bad 1 '[-]-decay needs --schedule step, not cosine' $t --decay 0.1
bad 1 '[-]-decay-every needs --schedule step, not constant' $t --schedule constant --decay-every 5
bad 1 '[-]-momentum needs --optimiser sgd, not adam' $t --momentum 0.5
bad 1 '[-]-floor needs --schedule cosine, not step' $t --schedule step --floor 0.1
bad 1 '[-]-floor needs --schedule cosine, not constant' $t --recipe paper-light --floor 0.1
bad 1 '[-]-validate-every needs --validate\.' $t --validate-every 5
ok $t --schedule step --decay 0.1 --decay-every 5 --optimiser sgd --momentum 0.5
bad 1 '[-]-floor needs' $t --resume --floor 0.03
ok $t --floor 0.5
ok train --help
tr -s ' \n' '  ' <io/out >io/flat
for needs in 'Momentum. Needs --optimiser sgd.' 'Factor of a decay. Needs --schedule step.' \
    'one epoch. Needs --validate.' 'of the first. Needs --schedule cosine.'; do
    checks=$((checks + 1))
    grep -qF -- "$needs" io/flat || fail "train --help lacks '$needs'"
done

# Layouts of one name, of equal numbers of nodes and columns.
layout()
{
    cat <<EOF
{"graphop_layout": 1, "name": "puppet", "feature": "position", "centre": "body", "parts": ["all"],
 "nodes": [{"name": "body", "part": "all"}, {"name": "left", "part": "all"},
           {"name": "right", "part": "all"}],
 "edges": [["body", "left"], ["body", "right"]]$1}
EOF
}
layout '' >plain.json
layout ', "pairs": [["left", "right"]]' >pairs.json
layout '' | sed 's/"centre": "body"/"centre": "left"/' >centre.json
mkdir -p set/train/bow set/test/bow
awk 'BEGIN { for (t = 0; t < 12; t++) { for (k = 0; k < 9; k++)
    printf "%s%.3f", k ? "," : "", sin(t / 4 + k); print "" } }' >set/train/bow/a.csv
awk 'BEGIN { for (t = 0; t < 12; t++) { for (k = 0; k < 9; k++)
    printf "%s%.3f", k ? "," : "", cos(t / 4 + k); print "" } }' >set/test/bow/b.csv
for l in plain pairs centre; do ok prepare csv set --layout ./$l.json --rate 30 -o $l.gds; done
ok train template --data plain.gds -o p.gop --set observed=5 --batch 2 --steps 1 -T 1
bad 2 'puppet \(3 nodes, 9 columns\); they differ in: pairs\.$' eval p.gop --data pairs.gds -T 1
bad 2 'they differ in: centre\.$' predict p.gop --data centre.gds bow/b -T 1
bad 2 'they differ in: pairs\.$' train template --data pairs.gds -o q.gop --init-from p.gop \
    --set observed=5 --batch 2 --steps 1 -T 1

# With exit status 2 the report may be what failed.
if [ -c /dev/full ]; then
    checks=$((checks + 1))
    "$GRAPHOP" prepare synth -o full.gds >/dev/full 2>io/err
    [ $? -eq 2 ] && grep -q 'cannot write to standard output' io/err || fail "$(cat io/err)"
    ok info full.gds
fi

finish
