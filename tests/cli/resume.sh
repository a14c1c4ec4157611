#!/bin/sh
# resume.sh: a run that was stopped and resumed ends in the same bytes as one that was not,
# with any number of threads; the log loses and repeats nothing.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
steps=300
tiny="$tiny --set observed=8 --set predicted=2 --set gamma=1 --set orders=0,1"
t="train symgnn --data toy.gds $tiny --steps $steps --lambda ub --seed 7"

# ------------------------------------------------------------- threads, repeats

ok $t -o whole.gop --threads 1
ok $t -o two.gop --threads 2
same whole.gop two.gop
ok $t -o four.gop --threads 4
same whole.gop four.gop
ok $t -o other.gop --threads 1 --seed 8
cmp -s whole.gop other.gop && fail "another seed gave the same model"

# ------------------------------------------------------------------ stopped

# The last step in a log.  The runs below save, and so flush their log, at every step.
last_step()
{
    sed -n 's/^{"step":\([0-9]*\),.*}$/\1/p' "$1.jsonl" 2>io/null | tail -n 1 | grep . || echo 0
}

# await MODEL STEP PID: waits until the run has done this step or has ended.
await()
{
    while [ "$(last_step "$1")" -lt "$2" ] && kill -0 "$3" 2>io/null; do
        sleep 0.02 2>io/null || sleep 1
    done
}

# The command, which writes its process id to io/pid.  It runs in the foreground, because
# background commands of a shell ignore SIGINT.
start()
{
    rm -f io/pid
    sh -c 'echo $$ >io/pid; exec "$GRAPHOP" "$@"' sh "$@" >io/out 2>io/err
}

# stop MODEL STEP SIGNAL STATUS ARGUMENT...: a run that is sent SIGNAL at STEP.
stop()
{
    model=$1 step=$2 signal=$3 want=$4
    shift 4
    checks=$((checks + 1))
    (
        while [ ! -s io/pid ]; do sleep 0.02 2>io/null || sleep 1; done
        read -r pid <io/pid
        await "$model" "$step" "$pid"
        kill "-$signal" "$pid"
    ) &
    start "$@" -o "$model" --save-every 0
    status=$?
    wait
    [ "$status" -eq "$want" ] || fail "SIG$signal at step $step: status $status: $(cat io/err)"
    [ -s "$model" ] || fail "SIG$signal at step $step: no model was saved"
    ok info "$model" --json
    reached=$(sed -n 's/.*"training":{[^}]*"step":\([0-9]*\),"steps":\([0-9]*\),.*/\1/p' io/out)
    # A step is logged before it is saved, and a kill may come in between.
    [ "$signal" = KILL ] && step=$((step - 1))
    [ "$reached" -ge "$step" ] && [ "$reached" -lt "$steps" ] ||
        fail "SIG$signal at step $step: the model is at step '$reached'"
}

# gapless LOG: has every step once, in order, and differs from whole's log only in times.
gapless()
{
    checks=$((checks + 1))
    sed -n 's/,"samples_per_second.*//; /^{"step"/p' whole.gop.jsonl >a
    sed -n 's/,"samples_per_second.*//; /^{"step"/p' "$1" >b
    cmp a b || fail "$1 has other steps than the log of the whole run"
    [ "$(wc -l <b)" -eq "$steps" ] || fail "$1 has not $steps steps"
    [ -z "$(sed -e '/^{"step":[^{}]*}$/d' -e '/^{"event":.*}$/d' "$1")" ] ||
        fail "$1 has other lines"
}

# If the caller of this test ignores a signal, the command ignores it too.
signals=
for signal in INT:130 TERM:143 HUP:129; do
    sh -c 'kill -"$1" $$' sh "${signal%:*}" 2>io/null
    [ $? -eq "${signal#*:}" ] && signals="$signals $signal"
done
[ -n "$signals" ] || fail "every signal is ignored"
reached=0
set --
for signal in $signals; do
    stop caught.gop $((reached + 10)) "${signal%:*}" "${signal#*:}" $t --threads 1 "$@"
    rm -f io/pid
    set -- --resume
done
ok $t -o caught.gop --resume --threads 3
same whole.gop caught.gop
gapless caught.gop.jsonl

# Killed three times.
reached=0
set --
for threads in 1 2 1; do
    stop killed.gop $((reached + 15)) KILL 137 $t --threads $threads "$@"
    rm -f io/pid
    set -- --resume
done
ok $t -o killed.gop --resume --threads 2
same whole.gop killed.gop
gapless killed.gop.jsonl
[ "$(grep -c '^{"event":"resume",' killed.gop.jsonl)" -eq 3 ] || fail "the log has not three resumptions"

# Resuming a complete run changes nothing; its settings need not be given again.
ok train symgnn --data toy.gds -o killed.gop --resume
same whole.gop killed.gop
# A kill inside a save leaves a temporary file, and each kill leaves locks; a later run with the
# same outputs removes them.
[ -z "$(find . -name '.*.*')" ] || fail "hidden files: $(find . -name '.*.*')"

# ------------------------------------------------------- what resuming refuses

ok prepare synth --seed 2 -o toy2.gds
bad 1 "trained with another --lr; --resume cannot change it" $t -o whole.gop --resume --lr 0.5
bad 1 "another --steps" $t -o whole.gop --resume --steps 500
bad 1 "another --seed" $t -o whole.gop --resume --seed 9
bad 1 "another --lambda" $t -o whole.gop --resume --lambda exact
bad 1 "agim_k=1; --resume cannot change it" $t -o whole.gop --resume --set agim_k=2
# A subset of them may be given again.
r="train symgnn --data toy.gds -o killed.gop --resume"
ok $r --preset small
ok $r --set agim_k=1 --set observed=8
ok $r --variant no-bone,gamma-1
ok $r --observe 0.8 --predict 2
ok $r --predict all
same whole.gop killed.gop
bad 1 "trained with preset small; --resume cannot change it" $r --preset light
bad 1 "agim_k=1; --resume cannot change it" $r --set agim_k=2
bad 1 "stream=joint; --resume cannot change it" $r --variant only-bone
bad 1 "observed=8; --resume cannot change it" $r --observe 0.7
bad 1 "predicted=2; --resume cannot change it" $r --predict 1
bad 1 "another --observe" $r --set observed=14 --observe 0.5 --predict 2
# If more frames are observed and predicted than the clip has, their number is the clip's
# length.
ok $t -o more.gop --steps 4 --observe 0.8 --predict 5
m="train symgnn --data toy.gds -o more.gop --resume"
ok $t -o more.gop --steps 4 --observe 0.8 --predict 5 --resume
ok $m --observe 0.8
ok $m --observe 0.8 --predict 5
ok $m --observe 0.8 --set observed=8 --preset small
ok $m --predict 5
bad 1 "observed=8; --resume cannot change it" $m --observe 0.5
bad 1 "predicted=5; --resume cannot change it" $m --observe 0.8 --predict all
bad 1 "predicted=5; --resume cannot change it" $m --predict 4
bad 1 "predicted=5; --resume cannot change it" $m --observe 0.8 --set predicted=2
# An option is checked against the run, not against the default preset.
ok $t -o long.gop --steps 2 --set observed=70 --set predicted=10 --observe 0.04
ok train symgnn --data toy.gds -o long.gop --resume --observe 0.04
bad 1 "observed=3; --resume" train symgnn --data toy.gds -o long.gop --resume --observe 0.09
bad 1 "observed=2: " train symgnn --data toy.gds -o long.gop --resume --observe 0.02
bad 2 "whole.gop was trained on other data" train symgnn --data toy2.gds -o whole.gop --resume
bad 2 "cannot open none.gop" $t -o none.gop --resume

# --------------------------------------------------------------- runs by time

# The clock fixes the length; after that the run resumes like any other.
ok train symgnn --data toy.gds -o time.gop $tiny --time 2s
says '^[0-9]+ steps in '
ok info time.gop
says '^training +step ([0-9]+) of \1 on '

# ------------------------------------------------------------------ infinities

# A value that is not finite ends the run; the file keeps the model as it was last saved.
cp whole.gop kept.gop
cp whole.gop.jsonl kept.gop.jsonl
run train symgnn --data toy.gds -o kept.gop $tiny --steps 200 --optimiser sgd --lr 1000 --clip 0 \
    --schedule constant --warmup 0
[ "$status" -eq 2 ] || fail "a run to infinity: status $status"
grep -Eq '^graphop train: step [0-9]+: .*(not finite|infinity|NaN)' io/err ||
    fail "a run to infinity: $(cat io/err)"
[ "$(wc -l <io/err)" -eq 1 ] || fail "a run to infinity: $(cat io/err)"
same whole.gop kept.gop
# The log is kept too; without a saved model, it still has the steps of the run.
same whole.gop.jsonl kept.gop.jsonl
rm kept.gop
run train symgnn --data toy.gds -o kept.gop $tiny --steps 200 --optimiser sgd --lr 1000 --clip 0 \
    --schedule constant --warmup 0
grep -q '"optimiser":"sgd"' kept.gop.jsonl || fail "a run to infinity has no log"
# Saving at every step never leaves an unreadable file.
for variant in no-pred no-recg no-bone; do
    rm -f kept.gop
    run train symgnn --data toy.gds -o kept.gop ${tiny% --set predicted=2*} --steps 200 \
        --optimiser sgd --lr 1000 --clip 1e9 --schedule constant --warmup 0 --variant $variant \
        --save-every 0
    [ "$status" -eq 2 ] || fail "a run to infinity: status $status"
    grep -Eq '^graphop train: step [0-9]+: .*infinity' io/err || fail "$variant: $(cat io/err)"
    ok info kept.gop
done
# A new run that is saved replaces the log.
cp whole.gop kept.gop
ok train symgnn --data toy.gds -o kept.gop $tiny --steps 3
[ "$(grep -c '^{"step"' kept.gop.jsonl)" -eq 3 ] || fail "the log is not the new run's"
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files: $(find . -name '*.tmp')"

finish
