#!/bin/sh
# kill.sh KILLS: a training that saves after every step is killed KILLS times, after pauses drawn
# from FAULT_SEED, and resumed each time, until it is done; then the next run begins.  The model can
# always be read, and the last one has the bytes of an undisturbed run.
# Files are synced often.
[ -n "${TMPDIR-}" ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "${top_srcdir:?}/tests/lib.sh"
. "$top_srcdir/tests/fault/inputs.sh"

kills=$1
set -- train template --data in/own.gds --batch 2 --save-every 0
begin="--set observed=4 --set width=2 --set taps=3 --steps 200 --validate 0.5 --validate-every 10"
ok "$@" $begin --threads 1 -o whole.gop || exit 99

killed=0
runs=0
more=
threads=1
rm -f k.gop*
for pause in $(awk -v n=$((kills * 4)) -v seed="${FAULT_SEED-1}" 'BEGIN {
    srand(seed); for (; n > 0; n--) printf "%.4f ", rand() * rand() * 0.15 }'); do
    [ "$killed" -lt "$kills" ] || break
    if [ -f k.gop ]; then more=--resume; else more=$begin; fi
    "$PROGRAM" "$@" $more --threads $threads -o k.gop >io/out 2>io/err &
    pid=$!
    sleep "$pause"
    kill -9 $pid 2>io/late
    wait $pid 2>io/late
    status=$?
    threads=$((3 - threads))
    case $status in
    137) killed=$((killed + 1)) ;;
    0)
        same whole.gop k.gop
        same whole.gop.best k.gop.best
        rm -f k.gop* .k.gop*
        runs=$((runs + 1))
        continue
        ;;
    *) fail "status $status: $(cat io/err)" ;;
    esac
    for model in k.gop k.gop.best; do
        [ ! -f $model ] || ok info $model
    done
    for left in .k.gop*; do
        case $left in
        '.k.gop*' | .k.gop.*.tmp | .k.gop*.lock) ;;
        *) fail "$left is left behind" ;;
        esac
    done
done
if [ -f k.gop ]; then
    ok "$@" --resume -o k.gop --threads 1
    same whole.gop k.gop
    same whole.gop.best k.gop.best
    runs=$((runs + 1))
fi
echo "kill: $killed kills in $runs runs"
finish
