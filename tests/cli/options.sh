#!/bin/sh
# options.sh: an option that has no effect where it is given is refused, and layouts that are
# told apart are told apart by what differs.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
t="train template --recipe plain --data toy.gds -o x.gop --set observed=5 --batch 2 --steps 1 -T 1"
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

# Options of a model that others switch off.
s="train symgnn --recipe plain --data toy.gds -o y.gop --preset small --set observed=6 --batch 2 --steps 1 -T 1"
bad 1 '[-]-set bone_weight needs stream=bone or bone-motion, not joint\.$' $s --set bone_weight=0.4
bad 1 '[-]-set motion_weight needs stream=joint-motion or bone, not joint\.$' $s --set motion_weight=0.4
bad 1 '[-]-set gru_carry needs heads=both or prediction, not recognition\.$' \
    $s --variant no-pred --set gru_carry=jgc
bad 1 '[-]-set gru_carry needs stream=joint or bone, not joint-motion\.$' \
    $s --set stream=joint-motion --set gru_carry=hidden
bad 1 '[-]-set p_out needs out_hidden_layers other than 0, not 0\.$' \
    $s --set out_hidden_layers=0 --set p_out=0.2
bad 1 '[-]-set agim_k needs joint_graphs=both or actional, not structural\.$' \
    $s --variant only-js --set agim_k=1
bad 1 '[-]-set fuse_from needs fuse_after\.$' $s --set fuse_after= --set fuse_from=before
bad 1 '[-]-set edge_masks needs scales=both or part or joint_graphs=both or structural, not joint\.$' \
    $s --variant only-ja --set edge_masks=none
bad 1 '[-]-variant act-0\.1: lambda_act needs joint_graphs=both or actional, not structural\.$' \
    $s --variant only-js,act-0.1
bad 1 '[-]-set shared needs heads=both, not recognition\.$' \
    bench symgnn --variant no-pred --set shared=both
bad 1 '[-]-set gru_carry needs heads=both or prediction, not recognition\.$' \
    $s --predict none --set gru_carry=hidden
bad 1 '[-]-set coefficients needs decoder=dct, not gru\.$' $s --set coefficients=3
bad 1 '[-]-set residual needs decoder=gru, not dct\.$' $s --set decoder=dct --set residual=last
bad 1 '[-]-set dec_trajectory needs heads=both or prediction, not recognition\.$' \
    $s --variant no-pred --set dec_trajectory=1
ok $s --predict none --set predicted=4
ok $s --predict none --set predicted=4 --resume
ok train symgnn --list
tr -s ' \n' '  ' <io/out >io/flat
checks=$((checks + 1))
grep -qF 'Needs stream=joint or joint-motion, and stream=bone or bone-motion.' io/flat ||
    fail "train symgnn --list lacks what bone_weight needs"

# Options of verbs.
run train template --recipe plain --data toy.gds -o m.gop --set observed=5 --batch 2 --steps 2 --warmup 0 -T 1
bad 1 '[-]-list cannot be used with --data\.$' train symgnn --list --data toy.gds
e="eval m.gop --data toy.gds"
bad 1 '[-]-std cannot be used with --json\.$' $e --std --json
bad 1 '[-]-pck-of needs --pck or --json\.$' $e --pck-of metre
bad 1 '[-]-std has no effect: none of the protocols .*dense.* predicts poses\.$' $e --std
bad 1 '[-]-clips has no effect: none of the protocols .* draws clips\.$' $e --clips 8
bad 1 '[-]-pck has no effect: none of the protocols .* compares places of joints\.$' $e --pck 0.1
bad 1 'protocol windows measures predicted poses, but the model predicts none\.$' \
    $e --protocol windows --top 2
for option in "--top 2" "--batch 2" "--threads 1" "--confusion x.txt"; do
    bad 1 "${option%% *} needs MODEL\.$" eval --data toy.gds $option
done
bad 1 '[-]-predicted cannot be used with MODEL\.$' $e --predicted 9
bad 1 '[-]-source cannot be used with --data\.$' predict m.gop --data toy.gds x --source csv
bad 1 '[-]-variant cannot be used with ops\.$' bench ops relu --variant no-pred
bad 1 'm.gop is a trained model' bench ./m.gop --variant no-pred
bad 1 '[-]-lambda cannot be used with --what infer\.$' bench symgnn --what infer --lambda ub

# What a run is too short for is said.
ok $t --validate 0.3
says '^The warm-up takes 50 steps, and the run has 1: the learning rate stays below --lr\.$'
says '^The first validation comes after 100 steps, and the run has 1: the held-out sequences are'
ok $t --schedule step --decay-every 2 --warmup 0
says '^The first decay comes after 2 steps, and the run has 1: the learning rate never decays\.$'
grep -q 'warm-up' io/out && fail "a run without warm-up: $(cat io/out)"
ok train template --recipe plain --data toy.gds -o x.gop --set observed=5 --batch 2 --steps 2 --warmup 1 -T 1 \
    --validate 0.3 --validate-every 2
grep -q ', and the run has' io/out && fail "a run that is long enough: $(cat io/out)"

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
ok train template --recipe plain --data plain.gds -o p.gop --set observed=5 --batch 2 --steps 1 -T 1
bad 2 'puppet \(3 nodes, 9 columns\); they differ in: pairs\.$' eval p.gop --data pairs.gds -T 1
bad 2 'they differ in: centre\.$' predict p.gop --data centre.gds bow/b -T 1
bad 2 'they differ in: pairs\.$' train template --recipe plain --data pairs.gds -o q.gop --init-from p.gop \
    --set observed=5 --batch 2 --steps 1 -T 1

# With exit status 2 the report may be what failed.
if [ -c /dev/full ]; then
    checks=$((checks + 1))
    "$GRAPHOP" prepare synth -o full.gds >/dev/full 2>io/err
    [ $? -eq 2 ] && grep -q 'cannot write to standard output' io/err || fail "$(cat io/err)"
    ok info full.gds
fi

finish
