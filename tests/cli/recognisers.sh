#!/bin/sh
# recognisers.sh: models that only recognise, with every verb.
. "${top_srcdir:?}/tests/lib.sh"

# logged MODEL: the keys in the lines of its log.  The settings are those that info shows; with
# one loss there is no lambda.
logged()
{
    ok info "$1"
    settings=$(sed -n '/^settings/,/^options/p' io/out | grep -v '^options' | sed 's/^settings//' |
        tr -s ' \n' '\n\n' | sed 's/=.*//' | xargs)
    for key in steps batch seed optimiser lr weight_decay momentum schedule warmup decay_every \
        decay floor clip; do
        echo "$settings" | grep -qw "$key" || fail "info $1 does not show $key: $settings"
    done
    echo "$settings" | grep -qw lambda && fail "info $1 shows lambda: $settings"
    cp "$1.jsonl" io/out
    keys | sort -u >all
    [ "$(wc -l <all)" -eq 2 ] &&
        grep -qx 'step loss_recognition lr gradient_norm samples_per_second' all &&
        grep -qx "event model preset options data $settings sequences" all ||
        fail "the lines of $1.jsonl have the keys: $(cat all)"
}

# model NAME DATA SEQUENCE LEFT OPTION...: trains, stops, resumes, and uses the model; LEFT
# are the protocols that are left out.
model()
{
    m=$1 data=$2 sequence=$3 left=$4
    shift 4
    set -- train "$m" --recipe plain --data "$data" --set observed=10 "$@" --batch 4
    ok "$@" -o a.gop --steps 6 --threads 1
    says "^$m [a-z]* on "
    logged a.gop
    ok "$@" -o b.gop --steps 6 --threads 2
    same a.gop b.gop
    # Killed after its first saves and resumed: the same bytes.
    "$GRAPHOP" "$@" -o c.gop --steps 500 --save-every 0 >io/out 2>io/err &
    pid=$!
    for i in $(seq 200); do
        [ -s c.gop ] && break
        sleep 0.05
    done
    kill -KILL $pid 2>io/err
    wait $pid 2>io/err
    [ -s c.gop ] || fail "$m: nothing was saved"
    ok "$@" -o c.gop --resume --steps 500 --threads 1
    ok "$@" -o d.gop --steps 500 --threads 2
    same c.gop d.gop
    bad 1 "--lambda needs two losses to weigh, and $m predicts no poses" "$@" -o n.gop --lambda ub
    bad 1 "--lambda needs two losses to weigh, and $m predicts no poses" \
        "$@" -o a.gop --resume --lambda 0.5

    ok info a.gop
    says "^model +$m, preset "
    says '^frames +10 observed$'
    says '^settings   steps=[0-9]+ batch=4 seed=1 bodies=1 '
    ok info a.gop --json --tensors
    says '"observed":10,"predicted":0,'
    grep -q '"lambda"' io/out && fail "info of $m names a lambda"

    ok eval a.gop -d "$data"
    says '^8-seed: '
    says '^average +[0-9.]+ % +[0-9.]+ % +[0-9]+$'
    says "^The model predicts no poses; left out: $left\\.$"
    grep -q 'zero velocity' io/out && fail "eval of $m measures a prediction"
    ok eval a.gop -d "$data" --json
    grep -v '"task":"recognition"' io/out && fail "eval --json of $m: another line"
    bad 1 "protocol ${left%%,*} measures predicted poses, but the model predicts none" \
        eval a.gop -d "$data" --protocol "${left%%,*}"

    ok predict a.gop "$sequence" -d "$data"
    sed -n '3,$p' io/out | grep -Evq '^[a-z_]+ +[01]\.[0-9]{3}$' &&
        fail "predict of $m says more than actions: $(cat io/out)"
    ok predict a.gop "$sequence" -d "$data" --json
    [ "$(keys)" = "poses from observed rate probabilities" ] || fail "predict of $m: $(keys)"
    bad 1 "--truth cannot be used with a.gop, which predicts no poses" \
        predict a.gop "$sequence" -d "$data" --truth
    rm -f [a-d].gop
}

small="--set widths=4,6 --set strides=1,2 --set taps=3"
ok prepare synth -o toy.gds
model stgcn toy.gds walk_21 windows $small
model agcn toy.gds walk_21 windows $small
model aagcn toy.gds walk_21 windows $small
model ctrgcn toy.gds walk_21 windows --set widths=4,6 --set strides=1,2
model msg3d toy.gds walk_21 windows --set widths=6,8 --set strides=1,2 --set scales=3 \
    --set g3d_scales=2 --set windows=3
model stgcnpp toy.gds walk_21 windows --set widths=6,8 --set strides=1,2
model dgstgcn toy.gds walk_21 windows --set widths=6,8 --set strides=1,2 --set groups=2
model protogcn toy.gds walk_21 windows --set widths=6,8 --set strides=1,2 --set groups=2 \
    --set prototypes=4 --set hidden=3 --set stream=joint+long_bone
model agcn toy.gds walk_21 windows $small --set stream=joint+bone
model template toy.gds walk_21 windows --set width=4 --set taps=3
cmu_folder cmu
ok prepare cmu cmu -o cmu.gds
model stgcn cmu.gds test/walking_1 "cmu-dmgnn, cmu-csm, cmu-3d" $small
model agcn cmu.gds test/walking_1 "cmu-dmgnn, cmu-csm, cmu-3d" $small --set stream=bone

# A drawing shows the observed poses and nothing else.
ok train stgcn --recipe plain -d toy.gds -o a.gop $small --set observed=10 --batch 4 --steps 1
ok predict a.gop walk_21 -d toy.gds --svg walk.svg
for class in o:6 g:0 p:0 d:0; do
    n=$(grep -c "<path class=\"${class%:*}\"" walk.svg)
    [ "$n" -eq "${class#*:}" ] || fail "walk.svg has $n paths of class ${class%:*}"
done
grep -q '>predicted<' walk.svg && fail "walk.svg names predicted poses"

# ------------------------------------------------------------------------- bench

for m in stgcn agcn; do
    ok bench $m $small --set observed=12 --layout tiny5 --threads 1 --repeat 2
    says "^$m published, training step: layout tiny5, 5 nodes, 12 frames, 8 classes, "
    says '^graph_conv +backward '
    ok bench $m $small --set observed=12 --layout ntu25 --threads 1 --repeat 2 --json
    head -n 1 io/out >one
    grep -q '"lambda"' one && fail "bench $m names a lambda"
    grep -q '"observed":12,"predicted":0,' one || fail "bench $m: $(cat one)"
    ok bench $m $small --set observed=12 --what infer --threads 1 --repeat 2
    says "^$m published, inference: layout cmu26, 26 nodes, 12 frames, "
    # Chains, whose centre is their first node, down to a single edge; one frame.
    for nodes in 2 3 40; do
        ok bench $m $small --set observed=1 --nodes $nodes --threads 1 --repeat 1 --warm-up 0
    done
    ok bench $m $small --set observed=12 --layout tiny5 --scaling --repeat 1 --warm-up 0 --json
    keys | uniq -c | awk '{ $1 = $1; print }' >all
    for i in 1 2 3 4; do
        echo "4 axis size seconds seconds_per_sample madds_per_sample"
        echo "1 axis exponent madds_exponent"
    done >want
    same want all
    bad 1 "--lambda needs two losses to weigh, and $m predicts no poses" bench $m --lambda exact
done
ok bench a.gop --repeat 1 --threads 1
says '^stgcn published, inference: layout procedural22, 22 nodes, 10 frames, '

# ------------------------------------------------------------------------ errors

t="train stgcn --recipe plain --data toy.gds -o n.gop"
bad 1 "widths and strides have 2 and 1 entries" $t --set widths=4,4 --set strides=1
bad 1 "taps must be odd, not 4" $t --set taps=4
bad 1 "widths: at least one block" $t --set widths= --set strides=
bad 1 "unknown preset 'light'; the choices are published, paper, small" $t --preset light
bad 1 "stream_weights: 1 streams need as many weights, not all 0, or none; there are 2" \
    $t --set stream_weights=1,1
bad 1 "stream=bones: .*joint" train agcn --recipe plain --data toy.gds -o n.gop --set stream=bones

finish
