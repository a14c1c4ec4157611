#!/bin/sh
# sweep.sh [STRIDE]: every verb of graphop, and a program that calls the library, with each
# allocation and each system call failing in turn, and killed before each system call
# (interpose.c, sweep.c).  With a stride only every STRIDE-th place is tried.  `make torture` runs
# it with 1, `.ci/run` with more.  FAULT_VERBS and FAULT_MODES narrow it; FAULT_SEED moves the
# first place of each stride.
# Files are synced often.
[ -n "${TMPDIR-}" ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "${top_srcdir:?}/tests/lib.sh"
. "$top_srcdir/tests/fault/inputs.sh"
: "${INTERPOSE:?}" "${SWEEP:?}" "${STREAM:?}"
export INTERPOSE

status=0
GOP_FAULT=io:1000000 LD_PRELOAD="$INTERPOSE" true || status=$?
if [ "$status" -eq 77 ]; then
    echo "SKIP: faults: this system does not allow a program to filter its system calls (seccomp)"
    exit 0
fi

stride=${1-1}
jobs=$(getconf _NPROCESSORS_ONLN)

# sweep [-l] [-m] [-t SCRIPT] VERB COMMAND...: all modes; `before` is as the caller made it.
sweep()
{
    flags=
    script=
    while :; do
        case $1 in
        -[lm]) flags="$flags $1"; shift ;;
        -t) script=$2; shift 2 ;;
        *) break ;;
        esac
    done
    verb=$1
    shift
    case " ${FAULT_VERBS-$verb} " in *" $verb "*) ;; *) return ;; esac
    for mode in ${FAULT_MODES-alloc alloc+ io io+ kill}; do
        # Allocations are many.
        case $mode in
        alloc*) step=$stride ;;
        *) step=$(((stride + 3) / 4)) ;;
        esac
        rm -rf work.*
        checks=$((checks + 1))
        "$SWEEP" $flags ${script:+-t "$script"} -s "$step" -r "${FAULT_SEED-1}" -j "$jobs" \
            "$mode" "$verb" "$@" || fail "$verb, $mode"
    done
}

# before FILE...: the files from which each run starts.
before()
{
    rm -rf before
    mkdir before
    for file; do
        cp "in/$file" before/
    done
}

in=$PWD/in
train="$PROGRAM train template --data $in/own.gds --batch 2 --threads 1"
train="$train --set observed=4 --set width=2 --set taps=3"

before
sweep -t "[ -f n.gop ] || exec $train --steps 2 -o n.gop" train-new $train --steps 2 -o n.gop
before old.gop old.gop.jsonl
sweep train-over $train --steps 2 -o old.gop
sweep -m train-validate $train --steps 2 -o old.gop --validate 0.5 --validate-every 1
before
seeds="$train --steps 2 -o n.gop --validate 0.5 --validate-every 1 --seeds 2"
sweep -m -t "[ -f n.1.gop ] || exec $seeds; exec $seeds --resume" train-seeds $seeds
before half.gop half.gop.jsonl
resume="$PROGRAM train template --resume --data $in/own.gds -o half.gop --threads 1"
sweep -t "$resume" resume $resume
before
"$PROGRAM" layout tiny5 --draw before/old.svg || exit 99
sweep predict "$PROGRAM" predict "$in/symgnn.gop" "$in/own/test/nod/1.csv" --threads 1 \
    --svg old.svg
sweep samples "$PROGRAM" predict "$in/mean.gop" "$in/own/test/nod/1.csv" --threads 1 --samples 0 \
    --svg old.svg
before old.gds
sweep predict-far "$PROGRAM" predict "$in/symgnn.gop" "$in/own/test/nod/1.csv" --threads 1 \
    --horizon 5 -o old.gds
before
sweep features "$PROGRAM" predict "$in/symgnn.gop" "$in/own/test/nod" --threads 1 --features
sweep live "$PROGRAM" stream "$in/symgnn.gop" "$in/own/test/nod/1.csv" --poses
sweep eval "$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1
sweep eval-far "$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1 --horizon 4
sweep eval-json "$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --json --threads 1
sweep info "$PROGRAM" info "$in/symgnn.gop" --tensors
sweep info-data "$PROGRAM" info "$in/own.gds"
before old.gop
sweep fuse "$PROGRAM" fuse "$in/symgnn.gop" "$in/bone.gop" -o old.gop
"$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1 --scores "$in/scores.csv" \
    >/dev/null || exit 99
before
sweep fuse-scores "$PROGRAM" fuse "$in/scores.csv" "$in/scores.csv" --scores old.csv
before old.gop
sweep convert "$PROGRAM" convert "$in/ancient.gop" -o old.gop
sweep import "$PROGRAM" import "$in/weights.safetensors" --as stgcn --layout tiny5 --frames 9 \
    --labels "$in/classes" -o old.gop
before old.gds
sweep prepare-csv "$PROGRAM" prepare csv "$in/own" --layout tiny5 --rate 30 -o old.gds
printf '1,up,1,4\n1,down,5,8\n2,up,2,6\n3,down,1,9\n' >in/cuts
sweep prepare-segments "$PROGRAM" prepare csv "$in/own" --layout tiny5 --rate 30 -o old.gds \
    --segments "$in/cuts" --pattern 'subject=(.)$' --split subject:1,2 --centre a:each --fill 12
sweep prepare-uncut "$PROGRAM" prepare csv "$in/own" --layout tiny5 --rate 30 -o old.gds \
    --segments "$in/cuts" --pattern 'subject=(.)$' --split subject:1,2 --background none:9:0 \
    --uncut
sweep prepare-ntu "$PROGRAM" prepare ntu "$in/ntu" -o old.gds
sweep prepare-kinetics "$PROGRAM" prepare kinetics "$in/kinetics" -o old.gds
sweep prepare-keypoints "$PROGRAM" prepare keypoints "$in/keypoints" -o old.gds
sweep prepare-h36m "$PROGRAM" prepare h36m "$in/h36m" -o old.gds
sets=$top_srcdir/tests/numpy
"$PROGRAM" prepare npz "$sets/set.npz" --layout tiny5 -o npz.gds >io/out 2>io/err
grep -q "without libzip" io/err ||
    sweep prepare-npz "$PROGRAM" prepare npz "$sets/set.npz" --layout tiny5 -o old.gds
sweep prepare-npy "$PROGRAM" prepare npy "$sets/arrays" --layout tiny5 -o old.gds
sweep prepare-pyskl "$PROGRAM" prepare pyskl "$sets/pyskl-3d.pkl" -o old.gds
sweep prepare-cmu "$PROGRAM" prepare cmu "$in/cmu" -o old.gds
sweep prepare-gds "$PROGRAM" prepare gds "$in/own.gds" "$in/own.gds" -o old.gds --split random:0.5 \
    --only 'class:*' --fill 12
sweep prepare-synth "$PROGRAM" prepare synth -o old.gds
before
sweep layout "$PROGRAM" layout "$top_srcdir/zoo/skeleton/layouts/ntu25.json" --output new.json
"$PROGRAM" layout tiny5 --output before/old.json --draw before/old.svg || exit 99
sweep layout-over "$PROGRAM" layout tiny5 --output old.json --draw old.svg
before
"$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1 --confusion before/old.csv \
    >/dev/null || exit 99
sweep eval-over "$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1 \
    --confusion old.csv
before
"$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1 --scores before/old.csv \
    >/dev/null || exit 99
sweep eval-scores "$PROGRAM" eval "$in/symgnn.gop" --data "$in/own.gds" --threads 1 \
    --scores old.csv
before
sweep -l stream "$STREAM" "$in/own.gds" "$in/symgnn.gop" new.gop

finish
