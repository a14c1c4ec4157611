#!/bin/sh
# fuse.sh: separately trained networks of bones and motions; models of several networks;
# variants of a model; models that only predict.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
small="--data toy.gds $tiny --set observed=10 --threads 1"
one="--data toy.gds $bare --set observed=10 --threads 1"

# ------------------------------------------------------------------ one network each

# A file stores all options, so that a later change of a default does not change the model.
ok train symgnn --recipe plain $small -o joint.gop --steps 6
ok info joint.gop --json --tensors
says '"name":"agim.f_v0.fc1.weight"'
strings -n 4 joint.gop | grep -q bone_weight || fail "joint.gop does not name bone_weight"

for stream in bone joint-motion bone-motion; do
    ok train symgnn --recipe plain $small -o $stream.gop --steps 6 --set stream=$stream
    ok info $stream.gop
    says "stream=$stream"
    # Stopped and resumed: the same bytes.
    ok train symgnn --recipe plain $small -o other.gop --steps 6 --set stream=$stream --threads 2
    same $stream.gop other.gop
done
ok info bone.gop
says '^frames +10 observed, 10 predicted$'
ok predict bone.gop walk_21 -d toy.gds --truth
says '^10 predicted poses, 40 ms apart:$'
ok info bone-motion.gop
says '^frames +10 observed$'
ok eval bone-motion.gop -d toy.gds
says '^The model predicts no poses; left out: windows\.$'

# ------------------------------------------------------------------- several in one

ok fuse joint.gop bone.gop -o both.gop
ok fuse -o turned.gop bone.gop joint.gop
same both.gop turned.gop
ok info both.gop --json --tensors
says '"stream":"joint\+bone"'
says '"bone_weight":"0.5"'
says '"name":"bone.cls.weight"'
grep -q '"name":"bone.mlp_pred' io/out && fail "both.gop has a head that nothing reads"
grep -q '"training"' io/out && fail "both.gop has a training state"
ok eval both.gop -d toy.gds
says '^windows: '
says '^8-seed: '
ok predict both.gop walk_21 -d toy.gds --svg walk.svg
ok bench both.gop --repeat 1 --threads 1
says '^symgnn small, inference: layout procedural22, '
bad 2 "both.gop holds a model but no training state" \
    train symgnn $small -o both.gop --resume --steps 9

# A network with all of the weight gives the same answer as alone.
probabilities()
{
    sed 's/.*"probabilities":{\([^}]*\)}.*/\1/' io/out | tr , '\n' | sort | sed 's/\(\.....\).*/\1/'
}
for stream in bone joint; do
    ok fuse joint.gop bone.gop -o one.gop --weight $([ $stream = bone ] && echo 1 || echo 0)
    ok predict one.gop walk_21 -d toy.gds --json
    probabilities >fused
    from=$(sed 's/.*"from":\([0-9]*\).*/\1/' io/out)
    ok predict $stream.gop walk_21 -d toy.gds --json --from "$from"
    probabilities >alone
    same fused alone
done

ok fuse joint-motion.gop bone.gop bone-motion.gop joint.gop -o four.gop -w 0.4 --motion-weight 0.3
ok info four.gop
tr '\n' ' ' <io/out | tr -s ' ' | grep -q \
    'stream=joint+bone+joint-motion+bone-motion bone_weight=0.4 motion_weight=0.3' ||
    fail "four.gop: $(cat io/out)"
ok eval four.gop -d toy.gds --protocol 8-seed

# Trained as a whole from the beginning, with both kinds of computed lambda.
ok train symgnn --recipe plain $small -o whole.gop --steps 3 --variant joint-bone --lambda ub
ok train symgnn --recipe plain $small -o whole.gop --steps 3 --variant joint-bone --lambda exact
ok predict whole.gop walk_21 -d toy.gds
# Or initialised from separately trained networks.
ok train symgnn --recipe plain $small -o whole.gop --steps 3 --variant joint-bone --init-from both.gop
says '^([0-9]+) of \1 tensors are copied from both\.gop; initialised: none$'

# The separately trained streams of a model that only recognises make one of all, whatever their
# order.
a="--data toy.gds --set widths=4,6 --set strides=1,2 --set taps=3 --set observed=10 --batch 4"
for stream in joint bone; do
    ok train agcn --recipe plain $a -o a-$stream.gop --steps 4 --set stream=$stream
done
ok fuse a-bone.gop a-joint.gop -o a-both.gop
ok fuse a-joint.gop a-bone.gop -o other.gop
same a-both.gop other.gop
ok info a-both.gop --json --tensors
says '"stream":"joint\+bone"'
says '"name":"bone.fc.weight"'
ok eval a-both.gop -d toy.gds
ok train agcn --recipe plain $a -o whole.gop --steps 2 --set stream=joint+bone --init-from a-both.gop
says '^([0-9]+) of \1 tensors are copied from a-both\.gop; initialised: none$'

# Weights are in the order of the models.  The fused probabilities are the weighted mean of those of
# the parts.
for stream in joint_motion joint bone; do
    ok train stgcn --recipe plain $a -o s-$stream.gop --steps 40 --set stream=$stream
    ok predict s-$stream.gop walk_21 -d toy.gds --json --from 3
    probabilities >$stream.parts
done
ok fuse s-joint_motion.gop s-bone.gop s-joint.gop -o three.gop --weights 1,2,5
ok info three.gop --json --tensors
says '"stream":"joint\+bone\+joint_motion","stream_weights":"5,2,1"'
says '"name":"joint_motion.fc.weight"'
ok predict three.gop walk_21 -d toy.gds --json --from 3
probabilities >fused
paste -d : joint.parts bone.parts joint_motion.parts fused | awk -F : '
    { d = ($2 * 5 + $4 * 2 + $6) / 8 - $8; if (d < -2e-3 || d > 2e-3) exit 1; n++ }
    END { if (n < 8) exit 1 }' || fail "not the weighted mean: $(paste *.parts fused)"
ok eval three.gop -d toy.gds
bad 1 "2 models need as many weights, not 3" \
    fuse s-joint.gop s-bone.gop -o x.gop --weights 1,2,3
bad 1 "2 streams need as many weights, not all 0" fuse s-joint.gop s-bone.gop -o x.gop --weights 0,0
bad 1 "weights=1,x: up to 64 whole numbers" fuse s-joint.gop s-bone.gop -o x.gop --weights 1,x
bad 1 "agcn has no option 'bone_weight'" fuse a-bone.gop a-joint.gop -o x.gop --weight 0.3

# -------------------------------------------------------------- only prediction

ok train symgnn --recipe plain $small -o pred.gop --steps 3 --variant no-recg
grep -q loss_recognition pred.gop.jsonl && fail "a model that only predicts logs a recognition"
ok eval pred.gop -d toy.gds
says '^average  model '
says '^The model recognises no actions; left out: 8-seed, dense, beginning\.$'
grep -q 'top-1' io/out && fail "eval measures what the model does not say"
bad 1 "protocol dense measures recognition, but the model only predicts" \
    eval pred.gop -d toy.gds --protocol dense
ok predict pred.gop walk_21 -d toy.gds
[ "$(head -n 1 io/out)" = "10 predicted poses, 40 ms apart:" ] ||
    fail "predict: $(head -n 1 io/out)"
ok predict pred.gop walk_21 -d toy.gds --json
[ "$(keys)" = "poses from observed rate predicted" ] || fail "predict --json: $(keys)"
ok predict pred.gop walk_21 -d toy.gds --svg pred.svg
ok info pred.gop
grep -q ' lambda=' io/out && fail "info names a lambda where nothing is weighed"
bad 1 "--lambda needs two losses to weigh, and symgnn recognises no actions" \
    train symgnn --recipe plain $small -o x.gop --variant no-recg --lambda ub

# --------------------------------------------------------------------- variants

ok train symgnn --list
for variant in $(sed -n '/^Variants:/,/^$/s/^  \([a-z][a-z0-9.-]*\) .*/\1/p' io/out); do
    case $variant in
    only-j* | only-part | no-part) parts=$one ;;
    *) parts=$small ;;
    esac
    ok train symgnn --recipe plain $parts -o v.gop --steps 2 --variant $variant
    ok eval v.gop -d toy.gds --json
done
ok train symgnn --recipe plain $one -o v.gop --steps 2 --variant only-js,gamma-1
ok info v.gop --json --tensors
says '"gamma":"1".*"joint_graphs":"structural","scales":"joint"'
grep -Eq '"name":"[^"]*(agim|w_act|part)' io/out && fail "only-js has parameters in vain"
ok bench symgnn $bare --variant only-part --set observed=10 --repeat 1

# ----------------------------------------------------------------------- errors

bad 1 "too few arguments" fuse joint.gop -o x.gop
bad 1 "output" fuse joint.gop bone.gop
echo 1,2,3 >raw.txt
bad 1 "--output would overwrite raw.txt, which is not a model" fuse joint.gop bone.gop -o raw.txt
bad 1 "--output would overwrite raw.txt, which is not a model" train symgnn --recipe plain $small -o raw.txt
bad 1 "weight needs a stream on each of its sides, and the model has joint\+joint-motion" \
    fuse joint.gop joint-motion.gop -o x.gop --weight 0.3
bad 1 "motion-weight needs a stream on each of its sides, and the model has joint\+bone-motion" \
    fuse joint.gop bone-motion.gop -o x.gop --motion-weight 0.3
ok fuse joint.gop bone-motion.gop -o pair.gop --weight 0.3
ok fuse bone.gop bone-motion.gop -o pair.gop --motion-weight 0.3
bad 1 "would overwrite bone.gop" fuse joint.gop bone.gop -o bone.gop
bad 2 "joint.gop: it has the same parameters as model 1" fuse joint.gop joint.gop -o x.gop
bad 2 "a-bone.gop: another model has a network of its stream too" fuse a-bone.gop a-bone.gop -o x.gop
bad 2 "both.gop: it already has several networks" fuse joint.gop both.gop -o x.gop
bad 2 "v.gop: .* differs from the first model's" fuse bone.gop v.gop -o x.gop
bad 2 "a-bone.gop: its type is agcn, the first model's is symgnn" fuse joint.gop a-bone.gop -o x.gop
bad 2 "toy.gds" fuse joint.gop toy.gds -o x.gop
ok prepare synth -o other.gds --seed 2
ok train symgnn --recipe plain $(echo "$small" | sed s/toy/other/) -o far.gop --steps 2 --set stream=bone
bad 2 "far.gop: it was trained on other data" fuse joint.gop far.gop -o x.gop
ok train template --recipe plain --data toy.gds -o s.gop --set observed=10 --steps 2
bad 2 "s.gop: models of type template cannot be fused" fuse s.gop s.gop -o x.gop
bad 1 "models of type symgnn have no weights of streams" \
    fuse joint.gop bone.gop -o x.gop --weights 1,1
[ -e x.gop ] && fail "a refused fusion left a file"
t="train symgnn --recipe plain --data toy.gds -o x.gop"
bad 1 "unknown variant 'only-j'; did you mean 'only-js'" $t --variant only-j
bad 1 "unknown variant ''" $t --variant gamma-1,
bad 1 "stgcn has no variants" train stgcn --recipe plain --data toy.gds -o x.gop --variant only-js
bad 1 "stream=bones: it must be one of joint" $t --set stream=bones
bad 1 "stream=bone\+bone: it must be one of joint" $t --set stream=bone+bone
bad 1 "a network of motions cannot predict" $t --set stream=joint-motion --set heads=prediction
bad 1 "fusing several networks needs class scores" \
    $t --set stream=joint+bone --set heads=prediction

finish
