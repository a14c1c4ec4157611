#!/bin/sh
# resume.sh: a run that was stopped and gone on with ends in the same bytes as
# one that was not, at any number of threads; the log loses and repeats nothing.
. "${top_srcdir:?}/tests/cli/lib.sh"

ok prepare synth -o toy.gds
t="train symgnn --data toy.gds $tiny --steps 60 --lambda ub --seed 7"
ok $t -o whole.gop --threads 1
ok $t -o again.gop --threads 3
same whole.gop again.gop

# stopped FILE: waits until the run in the background has written three steps.
stopped()
{
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ "$(grep -c '^{"step":' "$1.jsonl" 2>/dev/null)" -ge 3 ] && return
        sleep 0.2
    done
}

# Stopped by signals that it catches, then one that it does not.
set --
for signal in TERM INT KILL; do
    checks=$((checks + 1))
    "$GRAPHOP" $t -o parts.gop --save-every 0 --steps 60 "$@" >io/out 2>io/err &
    pid=$!
    stopped parts.gop
    kill -"$signal" $pid
    wait $pid
    status=$?
    case $signal in
    TERM) want=143 ;;
    INT) want=130 ;;
    KILL) want=137 ;;
    esac
    # A run that was faster than the signal is complete.
    [ $status -eq $want ] || [ $status -eq 0 ] || fail "stopped by $signal: status $status: $(cat io/err)"
    set -- --resume
done
ok $t -o parts.gop --resume --threads 2
same whole.gop parts.gop
ok $t -o parts.gop --resume
same whole.gop parts.gop

sed -n 's/,"samples_per_second.*//; /^{"step"/p' whole.gop.jsonl >a
sed -n 's/,"samples_per_second.*//; /^{"step"/p' parts.gop.jsonl >b
same a b

# By time: the length is fixed by the clock, then the run goes on as any other.
ok train symgnn --data toy.gds -o time.gop $tiny --time 2s
says '^[0-9]+ steps in '
ok info time.gop
says '^training +step ([0-9]+) of \1 on '

# Nothing is left lying about.
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files: $(find . -name '*.tmp')"

finish
