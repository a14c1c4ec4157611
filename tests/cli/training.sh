#!/bin/sh
# training.sh: options of train: epochs and recipes, noise in labels and targets, the
# beginnings of clips, parameters copied from another model, frozen parameters.  All runs
# end in the same bytes with any number of threads and after interruptions.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
tiny="$tiny --set observed=8 --set predicted=2 --set gamma=1 --set orders=0,1"
t0="train symgnn --data toy.gds $tiny --threads 1"
t="$t0 --recipe plain"

# setting MODEL KEY: a value from the first line of the model's log.
setting()
{
    head -n 1 "$1.jsonl" | sed -n "s/.*[,{]\"$2\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

# holds MODEL KEY VALUE...: the settings in the first line of the log.
holds()
{
    model=$1
    shift
    while [ $# -gt 1 ]; do
        checks=$((checks + 1))
        [ "$(setting "$model" "$1")" = "$2" ] ||
            fail "$model: $1 is $(setting "$model" "$1"), not $2"
        shift 2
    done
}

# tensors MODEL: name, least and greatest value of each, as text.
tensors()
{
    ok info "$1" --tensors
    sed -n '/^tensor /,$p' io/out | tr -s ' '
}

# cut SIGNAL STEP ARGUMENT... -o MODEL ...: a run that is sent SIGNAL once that step is logged.
cut()
{
    signal=$1 step=$2
    shift 2
    log=$(echo " $*" | sed -n 's/.* -o \([^ ]*\).*/\1.jsonl/p')
    rm -f io/pid "$log"
    (
        while [ ! -s io/pid ]; do sleep 0.02 2>io/null || sleep 1; done
        read -r pid <io/pid
        while ! grep -q "^{\"step\":$step," "$log" 2>io/null && kill -0 "$pid" 2>io/null; do
            sleep 0.02 2>io/null || sleep 1
        done
        kill "-$signal" "$pid"
    ) &
    sh -c 'echo $$ >io/pid; exec "$GRAPHOP" "$@"' sh "$@" >io/out 2>io/err
    wait
}

# ------------------------------------------------------- epochs and recipes

# 160 training sequences, batches of 4: 40 steps an epoch.
ok $t -o e.gop --epochs 2 --warmup 1e --decay-every 3e --schedule step
holds e.gop steps 80 warmup 40 decay_every 120
says '^2 epochs of 160 windows are 80 steps\.$'
ok train symgnn --data toy.gds -o e.gop --resume --epochs 2 --warmup 1e
ok train symgnn --data toy.gds -o e.gop --resume --steps 2e --decay-every 120
bad 1 "another --steps" train symgnn --data toy.gds -o e.gop --resume --epochs 3
bad 1 "another --warmup" train symgnn --data toy.gds -o e.gop --resume --warmup 2e
ok $t -o e3.gop --epochs 1 --batch 48 # 3 1/3 batches
holds e3.gop steps 4
ok $t -o same.gop --steps 80 --warmup 40 --decay-every 120 --schedule step
same e.gop same.gop

ok $t0 -o ntu.gop --recipe paper-ntu --steps 3
holds ntu.gop steps 3 batch 4 optimiser sgd lr 0.1 momentum 0.9 schedule step decay 0.1 \
    decay_every 1200 warmup 0 clip 0 weight_decay 0 lambda exact
ok train symgnn --data toy.gds $(echo "$tiny" | sed 's/--batch 4//') -o ntu.gop --threads 2 \
    --recipe paper-ntu --epochs 1 --lambda ub --lr 0.05
holds ntu.gop steps 4 batch 48 decay_every 100 lr 0.05 lambda ub optimiser sgd
ok $t0 -o light.gop --recipe paper-light --time 1s
holds light.gop optimiser adam lr 0.0001 schedule constant warmup 0 clip 0 lambda exact
ok $t0 -o light.gop --recipe paper-light --time 1s --resume
ok train template --data toy.gds -o ntu.gop --recipe paper-ntu --epochs 1 --batch 160
holds ntu.gop steps 1 batch 160 optimiser sgd lambda ""

# Rotations cannot be turned as points are, so the automatic recipe does not augment them.
mkdir -p turns/train/a turns/train/b
awk 'BEGIN { for (t = 0; t < 12; t++) for (c = 0; c < 99; c++)
    printf "%.3f%s", sin(t + c), c < 98 ? "," : "\n" }' >turns/train/a/x.csv
cp turns/train/a/x.csv turns/train/b
ok prepare csv turns --layout h36m20 --rate 30 -o turns.gds
ok train template -d turns.gds -o turns.gop --epochs 1
says 'Recipe auto, few clips'
holds turns.gop augment "" sample uniform
mkdir -p points/train/a points/train/b
command cut -d, -f1-15 turns/train/a/x.csv >points/train/a/x.csv
cp points/train/a/x.csv points/train/b
ok prepare csv points --layout tiny5 --rate 30 -o points.gds
ok train template -d points.gds -o points.gop --epochs 1
holds points.gop augment rotate:0.3 sample uniform

# Models that only predict have one, and run windows backwards, angles too.
for data in toy turns; do
    ok train simlpe -d $data.gds -o poses.gop --set observed=6 --set predicted=3 --set blocks=1 \
        --batch 2 --steps 1 -T 1
    says 'Recipe auto, poses: '
    holds poses.gop augment reverse:0.5 optimiser adam batch 2 lr 0.003
done
ok train symgnn --preset modern -d toy.gds -o poses.gop --batch 2 --steps 1 -T 1
says 'Recipe auto, poses, symgnn: '
holds poses.gop decoder dct augment reverse:0.5 lr 0.004
ok train symgnn --preset modern --set heads=both -d toy.gds -o poses.gop --batch 2 --steps 1 -T 1
holds poses.gop recipe 'auto: plain' heads both augment ""

# A type of model may have a row of its own.  A variant without poses asks for none.
ok train symgnn -d points.gds -o joints.gop --epochs 1 --variant no-bone
says 'Recipe auto, few clips, symgnn'
holds joints.gop optimiser adam sample resize
holds joints.gop stream joint
bad 1 "frames that follow exist for windows only" \
    train symgnn -d points.gds -o x.gop --epochs 1 --predict 2 --sample resize
bad 1 "rotate needs coordinates of points" \
    train template -d turns.gds -o x.gop --epochs 1 --recipe ctrgcn

# What becomes of short clips matters to whole ones too, and may be missing frames.
ok train template -d points.gds -o points.gop --recipe plain --steps 1 --batch 2 --set observed=20 \
    --sample whole --short missing
holds points.gop short missing
ok info points.gop
says '^view .*sample=whole short=missing'
bad 1 'short needs --sample uniform or whole, not window' \
    train template -d points.gds -o x.gop --recipe plain --steps 1 --short missing

# The memory of prototypes keeps its dropout, which is none of the network.
ok train protogcn -d points.gds -o proto.gop --epochs 1 --set widths=6 --set strides=1 \
    --set groups=2 --set prototypes=4 --set hidden=3
ok info proto.gop
says ' memory_dropout=0\.1( |$)'
bad 1 "memory_dropout needs weight other than 0" train protogcn -d points.gds -o x.gop --epochs 1 \
    --set weight=0 --set memory_dropout=0.2
bad 1 "average-bodies needs --bodies other than 1, not 1" \
    train template -d points.gds -o x.gop --epochs 1 --average-bodies present
bad 1 "a KIND:NUMBER is missing at a comma of 'scale:0.1,'" \
    train template -d points.gds -o x.gop --epochs 1 --augment scale:0.1,

# What concerns scores of classes needs a model that has some.
for option in "smoothing 0.1" "class-weights balanced" "test-clips 3" "bodies 2 --average-bodies present"; do
    bad 1 "cannot be used: simlpe recognises no actions" train simlpe -d points.gds -o x.gop \
        --set observed=6 --set predicted=4 --steps 1 --batch 2 --$option
done

bad 1 "unknown recipe 'paper-nut'; did you mean 'paper-ntu'" $t0 -o x.gop --recipe paper-nut
bad 1 "steps and --epochs exclude" $t -o x.gop --epochs 2 --steps 3
bad 1 "steps and --epochs exclude" $t -o x.gop --epochs 2 --steps 2e
bad 1 "epochs and --time exclude" $t -o x.gop --epochs 2 --time 3
bad 1 "steps and --time exclude" $t0 -o x.gop --recipe paper-light --steps 2 --time 3
# 2^62 is ZOO_OPEN.
for option in steps warmup decay-every validate-every; do
    bad 1 "--$option takes a whole number of steps" $t -o x.gop --$option 4611686018427387904
done
bad 1 "--freeze: the value is empty" $t -o x.gop --freeze ''
bad 2 "has no training sequence of 902 frames" $t -o x.gop --epochs 2 --set observed=900
for wrong in 3x e -1 1.5e 5e5 '' ' 5e'; do
    bad 1 "decay-every(: the value is empty| takes a whole number of steps)" \
        $t -o x.gop --decay-every "$wrong"
done
bad 1 "decay-every takes" $t -o x.gop --decay-every 0
bad 1 "warmup takes" $t -o x.gop --warmup 1h
bad 1 "--time with schedule cosine needs a --warmup" $t -o x.gop --time 3 --warmup 0

# --------------------------------------------- lambda, found and logged at each step

for how in 0.25 exact ub ub-normalised; do
    ok $t -o l.gop --steps 12 --lambda $how
    holds l.gop lambda $how
    checks=$((checks + 1))
    sed -n 's/^{"step":.*"lambda":\([^,]*\),.*/\1/p' l.gop.jsonl >lambdas
    [ "$(wc -l <lambdas)" -eq 12 ] || fail "--lambda $how: not a lambda in each step's line"
    awk '$1 < 0 || $1 > 1 { exit 1 }' lambdas || fail "--lambda $how: outside of [0, 1]"
    different=$(sort -u lambdas | wc -l)
    case $how in
    0.25) [ "$(sort -u lambdas)" = 0.25 ] || fail "--lambda 0.25 is $(sort -u lambdas)" ;;
    ub-normalised) [ "$different" -eq 12 ] || fail "--lambda $how does not change" ;;
    esac
done

# ---------------------------------------------------------------------- noise

rich="--noisy-labels 0.4 --noisy-targets 0.25 --observe 0.7 --predict 2 --freeze branch.0,cls.bias"
r="$t $rich --lambda exact --weight-decay 0.01 --steps 40"
ok $t -o plain.gop --steps 40
ok $t -o labels.gop --steps 40 --noisy-labels 0.4
says '^64 of 160 training sequences have exchanged their labels\.$'
cmp -s plain.gop labels.gop && fail "noise in the labels changes nothing"
ok $t -o targets.gop --steps 40 --noisy-targets 1
says '^160 of 160 training sequences have exchanged their targets\.$'
holds targets.gop noisy_targets 1 noisy_labels ""
cmp -s plain.gop targets.gop && fail "noise in the targets changes nothing"
ok $t -o none.gop --steps 40 --noisy-labels 0 --noisy-targets 0
same plain.gop none.gop
bad 1 "noise in labels: a share of 0.001 of 160 training sequences" $t -o x.gop --noisy-labels 0.001
bad 1 "--noisy-targets cannot be used: template predicts no poses" \
    train template --recipe plain --data toy.gds -o x.gop --noisy-targets 0.5

# ------------------------------------------------------------------- held out

v="$t -o held.gop --validate 0.2"
ok $v --validate-every 15 --steps 40
says '^32 training sequences are held out and measured every 15 steps\.$'
says '^Best on the held-out sequences, after step [0-9]*: loss .*, top-1 .* %; saved as held\.gop\.best\.$'
holds held.gop validate 0.2 validate_every 15
measured=$(sed -n 's/^{"step":\([0-9]*\),"event":"validation",.*/\1/p' held.gop.jsonl | xargs)
[ "$measured" = "15 30 40" ] || fail "what is held out was measured after steps $measured"
best=$(sed -n 's/^{"step":\([0-9]*\),"event":"validation",.*"best":true.*/\1/p' held.gop.jsonl | tail -n 1)
ok info held.gop
says "^held out   best at step $best: loss "
ok info held.gop.best --json
grep -q "\"step\":$best,.*\"validate\":0.2,\"validate_every\":15,\"validate_by\":\"sequence\",\"best\":{\"step\":$best," io/out ||
    fail "the best model's file does not say what it is"
ok eval held.gop.best --data toy.gds
cp held.gop whole.gop
cp held.gop.best whole.best
# Killed after the second measurement.
cut KILL 33 $v --validate-every 15 --steps 40 --save-every 0
[ -e held.gop ] || fail "the run was killed before it was saved"
ok $v --resume
same whole.gop held.gop
same whole.best held.gop.best
[ "$(grep -c '"event":"validation"' held.gop.jsonl)" = 3 ] || fail "the log is not that of a whole run"
bad 1 "another --validate; --resume" $t -o held.gop --resume --validate 0.3
bad 1 "another --validate-every; --resume" $v --resume --validate-every 10
# 128 sequences in batches of 4: 32 steps an epoch.
ok $t -o held.gop --validate 0.2 --validate-every 1e --epochs 1
holds held.gop steps 32 validate_every 32
ok $t -o held.gop --validate 0.2 --steps 3
holds held.gop validate_every 100
bad 2 "has no training sequence of 502 frames" $t -o x.gop --observe 0.1 --set observed=500 --validate 0.2
bad 1 "--validate-every needs --validate" $t -o x.gop --validate-every 5
bad 1 "--validate-every takes a whole number" $t -o x.gop --validate 0.2 --validate-every 0
bad 1 "--validate" $t -o x.gop --validate 1
echo precious >x.gop.best
bad 1 "would overwrite x.gop.best, which is not a model" $t -o x.gop --validate 0.2
[ "$(cat x.gop.best)" = precious ] && [ ! -e x.gop ] || fail "something was written"
rm x.gop.best
mkdir x.gop.best
bad 2 "cannot write x.gop.best: not a regular file" $t -o x.gop --validate 0.2
rmdir x.gop.best
cp held.gop y.gop
ln -s y.gop y.gop.best
bad 1 "the best model would overwrite y.gop" $t -o y.gop --validate 0.2
rm y.gop y.gop.best held.gop.best
ok $t -o held.gop --resume
says '^Best on .*; its file held\.gop\.best is gone\.$'
# A new run's best model is never left beside a former run's model, and a run is not lost
# if its best model can no longer be written.
{
    "$GRAPHOP" $t -o held.gop --validate 0.3 --validate-every 1 --steps 400 >io/new 2>io/late
    echo $? >io/status
} &
# Until the run has saved a few models.
while { [ ! -e held.gop.best ] || [ "$(wc -l <held.gop.jsonl)" -lt 20 ]; } && [ ! -e io/status ]; do
    sleep 0.02 2>io/null || sleep 1
done
ok info held.gop --json
grep -q '"validate":0.3' io/out || fail "the best is not of the run in held.gop"
rm -f held.gop
while ! mkdir held.gop.best 2>io/null && [ ! -e io/status ]; do rm -f held.gop.best; done
wait
[ "$(cat io/status)" = 2 ] && grep -q 'cannot [a-z ]* held.gop.best' io/late ||
    fail "the best model was written over a folder: $(cat io/status io/late)"
ok info held.gop
rmdir held.gop.best
cp toy.gds toy.best
bad 1 "the best model would overwrite toy.best" $t --data toy.best -o toy --validate 0.2

# ---------------------------------------------- the same bytes, gone on with

ok $r -o rich.gop --threads 1
says '^The model observes 7 and predicts 2 of 10 frames\.$'
says '^Frozen: branch\.0,cls\.bias\.$'
ok $r -o rich3.gop --threads 3
same rich.gop rich3.gop
cut TERM 9 $r -o cut.gop --save-every 0
ok info cut.gop --json
grep -q '"step":40,' io/out && fail "the run was not interrupted"
ok $r -o cut.gop --resume --threads 2
same rich.gop cut.gop
ok train symgnn --data toy.gds -o cut.gop --resume
bad 1 "another --noisy-labels" train symgnn --data toy.gds -o cut.gop --resume --noisy-labels 0.5
bad 1 "another --noisy-targets" train symgnn --data toy.gds -o cut.gop --resume --noisy-targets 0
bad 1 "another --freeze" train symgnn --data toy.gds -o cut.gop --resume --freeze cls
bad 1 "observed=7; --resume" $t -o cut.gop --resume --observe 0.8 --predict 2
bad 1 "observed=7; --resume" $t -o cut.gop --resume
bad 1 "observed=7; --resume" $t -o cut.gop --resume --set observed=5 --observe 1 --predict 2
ok info cut.gop
for setting in noisy_labels=0.4 noisy_targets=0.25 clip_frames=10 freeze=branch.0,cls.bias; do
    says " $setting( |\$)"
done

# ------------------------------------------ batches, averages, factors of a step

w="$t --steps 40 --optimiser adamw --weight-decay 0.02 --accumulate 3 --average 0.9"
w="$w --factor *.bias=1:0,agim=0.5 --validate 0.2 --validate-every 10"
ok $w -o way.gop
holds way.gop optimiser adamw accumulate 3 average 0.9
ok info way.gop
says ' factor=\*\.bias=1:0,agim=0\.5( |$)'
ok $w -o way2.gop --threads 2
same way.gop way2.gop
same way.gop.best way2.gop.best
cut TERM 9 $w -o cutw.gop --save-every 0
ok $w -o cutw.gop --resume
same way.gop cutw.gop
ok eval way.gop --data toy.gds
ok $t -o fromway.gop --steps 2 --init-from way.gop --average 0.5
holds plain.gop accumulate "" average "" factor ""
bad 1 "another --average" train symgnn --data toy.gds -o cutw.gop --resume --average 0.8
bad 1 "another --accumulate" train symgnn --data toy.gds -o cutw.gop --resume --accumulate 2
bad 1 "another --factor" train symgnn --data toy.gds -o cutw.gop --resume --factor cls=2
bad 1 "no parameter to give a factor has the name or prefix 'bench'.*agim, branch" \
    $t -o x.gop --factor bench=2
bad 1 "weight_decay is 0" $t -o x.gop --factor cls=1:0
bad 1 "average" $t -o x.gop --average 1

# ------------------------------------------------- the beginnings of clips

ok $t -o all.gop --steps 4 --observe 0.3 --predict all
holds all.gop observed 3 predicted 7 clip_frames ""
ok eval all.gop --data toy.gds --protocol 8-seed
ok $t -o ten.gop --steps 4 --observe 0.3
holds ten.gop observed 3 predicted 2 clip_frames 10
ok $t -o five.gop --steps 4 --predict 5
holds five.gop observed 8 predicted 5
bad 1 "observed=1: " $t -o x.gop --observe 0.1
bad 1 "predict takes a number of frames, all or none" $t -o x.gop --predict some
ok train template --recipe plain --data toy.gds -o none.gop --steps 1 --batch 2 --observe 0.5 --predict none
bad 1 "predicts no poses" train template --recipe plain --data toy.gds -o x.gop --predict 3

# With none, the network has no prediction head, and the clips are the same.
ok $t -o early.gop --steps 4 --observe 0.3 --predict none
holds early.gop observed 3 heads recognition clip_frames 10 lambda ""
ok $t -o early.gop --steps 4 --observe 0.3 --predict none --resume
ok $(echo "$t" | sed 's/ --set predicted=2//') -o early2.gop --steps 4 --variant no-pred \
    --set observed=3
cmp -s early.gop early2.gop && fail "clips of another length gave the same model"
ok eval early.gop --data toy.gds --protocol 8-seed
bad 1 "--noisy-targets cannot be used: .* predicts no poses" \
    $t -o x.gop --predict none --noisy-targets 0.5
bad 1 "--noisy-labels cannot be used: .* recognises no actions" \
    $t -o x.gop --variant no-recg --noisy-labels 0.5
ok $t0 -o recg.gop --steps 4 --variant no-recg --recipe paper-light
holds recg.gop lambda "" steps 4

# ----------------------------------------------------------- taken and frozen

# frozen BEFORE AFTER NAME: all tensors below NAME, including statistics, are unchanged.
frozen()
{
    checks=$((checks + 1))
    tensors "$1" >before
    tensors "$2" >after
    for file in before after; do
        grep -E "^$3[. ]" "$file" >"$file.kept"
    done
    [ -s before.kept ] || fail "$1 has no tensors under $3"
    grep -q ' statistic ' before.kept || fail "$1 has no statistics under $3"
    cmp -s before.kept after.kept || fail "$2: tensors under $3 have moved"
    cmp -s before after && fail "$2: nothing has moved"
}

ok $t -o fine.gop --steps 20 --init-from plain.gop --freeze branch,agim --lambda ub
says '^[0-9]+ of [0-9]+ tensors are copied from plain.gop; initialised: none$'
frozen plain.gop fine.gop branch
frozen plain.gop fine.gop agim
ok $t -o fine2.gop --steps 20 --init-from plain.gop --freeze branch,agim --lambda ub --threads 2
same fine.gop fine2.gop
ok $t -o fine.gop --steps 20 --init-from plain.gop --resume
bad 1 "was not initialised from labels.gop" $t -o fine.gop --init-from labels.gop --resume
bad 1 "plain.gop was not initialised from" $t -o plain.gop --init-from labels.gop --resume

# Tensors of another shape are initialised: here, wider heads.
ok $t -o wide.gop --steps 4 --set hidden=7 --init-from plain.gop --freeze agim
says 'initialised: mlp_recg\.weight,$'
frozen plain.gop wide.gop agim
checks=$((checks + 1))
head -n 1 wide.gop.jsonl | grep -q '"init_from":"plain.gop","initialised":\["mlp_recg' ||
    fail "the log does not say what was initialised: $(head -n 1 wide.gop.jsonl)"
ok eval wide.gop --data toy.gds --protocol 8-seed

cmu_folder cmu
ok prepare cmu cmu -o two.gds
bad 2 "have layout cmu26, but the initial model.*procedural22" \
    train symgnn --recipe plain --data two.gds $tiny -o x.gop --init-from plain.gop
bad 2 "symgnn cannot begin with the parameters of template" $t -o x.gop --init-from none.gop
bad 2 "cannot open no.gop" $t -o x.gop --init-from no.gop
bad 1 "would overwrite plain.gop" $t -o plain.gop --init-from plain.gop
# The log never overwrites an input, whatever its name.
bad 1 "log would overwrite plain.gop" $t -o x.gop --init-from plain.gop --log plain.gop
bad 1 "log would overwrite toy.gds" $t -o x.gop --log ./toy.gds
bad 1 "--log would overwrite x.gop, which --output writes" $t -o x.gop --log ./x.gop
cp toy.gds x.gop.jsonl
bad 1 "the log would overwrite x.gop.jsonl" train symgnn --recipe plain --data x.gop.jsonl $tiny -o x.gop
# Nor a file that is not a log, even if it ends like one; a log is overwritten or continued.
bad 1 "the log would overwrite x.gop.jsonl, which is not a log" $t --steps 1 -o x.gop
rm x.gop.jsonl
echo '{"name":"notes"}' >notes.json
tail -n 2 plain.gop.jsonl >end.jsonl
printf '{"eve' >short.jsonl
for file in notes.json end.jsonl short.jsonl; do
    bad 1 "--log would overwrite $file, which is not a log of a training run" \
        $t --steps 1 -o x.gop --log $file
    bad 1 "--log would overwrite $file, which is not a log" $t --steps 1 -o plain.gop --log $file
    bad 1 "--log would overwrite $file, which is not a log" \
        $t --steps 40 -o plain.gop --resume --log $file
done
: >new.jsonl
ok $t --steps 1 -o logged.gop --log new.jsonl
ok $t --steps 2 -o logged.gop --log new.jsonl
rm new.jsonl
ok $t --steps 2 -o logged.gop --resume --log new.jsonl # begins with the resumption
ok $t --steps 2 -o logged.gop --resume --log new.jsonl
[ "$(grep -c '^{"event":"resume"' new.jsonl)" -eq 2 ] || fail "new.jsonl: $(cat new.jsonl)"
bad 1 "no parameter to freeze has the name or prefix 'bench'.*agim, branch" $t -o x.gop --freeze bench
bad 1 "behind a colon, such as '\*.B:5e', not 'cls:e'" $t -o x.gop --freeze cls:e
ok $t --steps 2 -o thawed.gop --freeze 'cls:1e'
ok info thawed.gop
says ' freeze=cls:[0-9]+( |$)'
ok $t --steps 2 -o thawed.gop --resume --freeze 'cls:1e'
bad 1 "nothing is left to train" $t -o x.gop --freeze agim,branch,mlp_recg,cls,mlp_pred,dec

finish
