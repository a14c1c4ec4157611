#!/bin/sh
# seeds.sh: train --seeds: the same runs as with --seed alone, their names, their figures, and how they
# end and go on.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
t="train template --recipe plain --data toy.gds --set observed=5 --set width=4 --batch 2 -T 1"
v="$t --steps 4 --validate 0.2 --validate-every 2"

# ------------------------------------------------------------------- equal runs

ok $v -o m.gop --seeds 3
says '^Seed 3, 3 of 3:$'
says '^mean +[0-9.]+ +[0-9.]+ %$'
says '^deviation +[0-9.]+ +[0-9.]+ %$'
says '^These figures are in m.seeds.gop.jsonl\.$'
[ "$(echo m.*)" = "m.1.gop m.1.gop.best m.1.gop.jsonl m.2.gop m.2.gop.best m.2.gop.jsonl \
m.3.gop m.3.gop.best m.3.gop.jsonl m.seeds.gop.jsonl" ] || fail "files: $(echo m.*)"
ok $v -o one.gop --seed 2
same one.gop m.2.gop
same one.gop.best m.2.gop.best
ok $v -o m2.gop --seed 2 --seeds 1
same one.gop m2.2.gop
[ "$(echo m2.*)" = "m2.2.gop m2.2.gop.best m2.2.gop.jsonl m2.seeds.gop.jsonl" ] ||
    fail "files: $(echo m2.*)"
says '^deviation +- +-$'
grep -q '"deviation":null' m2.seeds.gop.jsonl || fail "one run: $(cat m2.seeds.gop.jsonl)"

# ---------------------------------------------------------------------- figures

cp m.seeds.gop.jsonl io/out
keys >all
cat >want <<'END'
event seed model steps loss loss_recognition top1 best
event seed model steps loss loss_recognition top1 best
event seed model steps loss loss_recognition top1 best
event runs loss loss_recognition top1 best
END
same want all
for i in 1 2 3; do
    grep '"validation"' m.$i.gop.jsonl | tail -n 1 | sed 's/.*"loss":\([^,]*\),.*/\1/'
done >losses
awk '{ x[NR] = $1; mean += $1 / 3 }
    END {
        for (i = 1; i <= 3; i++)
            s += (x[i] - mean) ^ 2
        printf "%.6f %.6f\n", mean, sqrt(s / 2)
    }' losses >want
sed -n '$s/.*"runs":3,"loss":{"mean":\([^,]*\),"deviation":\([^}]*\)}.*/\1 \2/p' \
    m.seeds.gop.jsonl | awk '{ printf "%.6f %.6f\n", $1, $2 }' >all
same want all
grep '"seed":2' m.seeds.gop.jsonl | grep -q "\"loss\":$(sed -n 2p losses)," ||
    fail "seed 2: $(sed -n 2p losses) in $(cat m.seeds.gop.jsonl)"

ok train symgnn --recipe plain --data toy.gds $tiny --steps 1 --validate 0.2 -o both.gop --seeds 2
says '^seed +step +loss +recognition +prediction +top-1$'
ok $t --steps 1 -o none.gop --seeds 2
says '^Nothing is held out \(--validate\), so the runs have no figures to compare\.$'
tail -n 1 none.seeds.gop.jsonl >all
echo '{"event":"summary","runs":2}' >want
same want all

# ------------------------------------------------------------------------ names

mkdir d.x
ok $t --steps 1 -o d.x/model --log d.x/a.b.jsonl --seeds 2 --seed 9
[ "$(echo d.x/*)" = "d.x/a.b.10.jsonl d.x/a.b.9.jsonl d.x/a.b.seeds.jsonl d.x/model.10 d.x/model.9" ] ||
    fail "files: $(echo d.x/*)"
ok $t --steps 1 -o d.x/.hidden --seeds 1
[ -s d.x/.hidden.1 ] || fail "no .hidden.1: $(ls -A d.x)"
ok $t --steps 1 -o d.x/many.gop --seeds 24
[ "$(ls d.x/many.*.gop | wc -l)" -eq 24 ] || fail "many: $(ls d.x)"

# Collisions are found before the first run.
s="$t --steps 1 -o n.gop --seeds 3"
cp toy.gds n.3.gop
bad 1 "--output would overwrite n.3.gop, which is not a model" $s
rm n.3.gop
echo a line >n.2.gop.jsonl
bad 1 "the log would overwrite n.2.gop.jsonl, which is not a log of a training run" $s
rm n.2.gop.jsonl
echo a line >n.3.gop.best
bad 1 "the best model would overwrite n.3.gop.best, which is not a model" $s --validate 0.2
rm n.3.gop.best
echo a line >n.seeds.gop.jsonl
bad 1 "the log would overwrite n.seeds.gop.jsonl, which is not a log" $s
rm n.seeds.gop.jsonl
cp one.gop n.2.gop
bad 1 "--output would overwrite n.2.gop, which --init-from reads" $s --init-from n.2.gop
rm n.2.gop
ln -s n.1.gop n.2.gop
bad 1 "--output would overwrite n.1.gop, which the command also writes" $s
rm n.2.gop
bad 1 "--output d.x is not a regular file, and --seeds writes one for each seed" \
    $t --steps 1 -o d.x --seeds 2
bad 1 "--log /dev/null is not a regular file" $s --log /dev/null
bad 1 "--seeds takes a whole number from 1 to 100, not '0'" $s --seeds 0
bad 1 "--seeds takes a whole number from 1 to 100, not '101'" $s --seeds 101
bad 1 "--seeds 3 from --seed 8999999999999999 on goes beyond 9000000000000000" \
    $s --seed 8999999999999999
bad 1 "--seed takes a whole number from 0 to 9e.15, not 'x'" $s --seed x

# A run that fails ends all.
run $t --steps 50 -o nan.gop --seeds 3 --optimiser sgd --lr 1000 --clip 0 --warmup 0 --set width=64
[ "$status" -eq 2 ] && [ "$(wc -l <io/err)" -eq 1 ] || fail "NaN: $status, $(cat io/err)"
[ ! -e nan.2.gop ] || fail "a run after a failure"

# ----------------------------------------------------------------------- resume

ok $v -o r.gop --seeds 2
cp r.1.gop r1
cp r.1.gop.jsonl r1.jsonl
ok $v -o r.gop --seeds 3 --resume
says '^r.2.gop is complete: 4 steps\.$'
same r1 r.1.gop
same r1.jsonl r.1.gop.jsonl
same m.3.gop r.3.gop
sed 's/"r\./"m./' r.seeds.gop.jsonl >all
same m.seeds.gop.jsonl all
bad 2 "cannot open r.4.gop" $v -o r.gop --seeds 4 --resume --seed 4
bad 1 "r.1.gop was trained with another --lr; --resume cannot change it" \
    $v -o r.gop --seeds 4 --resume --lr 0.1
r="train template --recipe plain --data toy.gds -T 1 -o r.gop --seeds 4 --resume"
other()
{
    what=$1
    shift
    bad 1 "^graphop train: r.4.gop is not there and would be trained with another $what than r.1.gop; give the options of the first command again\.$" "$@"
}
other --steps $r
other "--set observed" $r --batch 2 --steps 4 --validate 0.2 --validate-every 2
ok $v --init-from one.gop -o i.gop --seeds 1
bad 1 "i.2.gop is not there and would be trained with another --init-from than i.1.gop" \
    $v -o i.gop --seeds 2 --resume
ok $v --init-from one.gop -o i.gop --seeds 2 --resume

# An interruption ends all runs; --resume passes over those that are finished and goes on.
long="$t --validate 0.2 --validate-every 1000 --steps 20000 --save-every 0.1s"
ok $long -o whole.gop --seeds 3
find_program
"$PROGRAM" $long -o cut.gop --seeds 3 >io/out 2>io/err &
pid=$!
for i in $(seq 600); do
    [ -s cut.2.gop.best ] && break
    sleep 0.02
done
kill -TERM $pid
wait $pid
status=$?
[ "$status" -eq 143 ] || fail "interrupted: status $status, $(cat io/err)"
says '^Stopped at step [0-9]+; --resume continues from cut.2.gop\.$'
[ ! -e cut.3.gop ] || fail "a run after an interruption"
[ ! -e cut.seeds.gop.jsonl ] || fail "figures of an interrupted run"
ls -A | grep -q '^\..*\(tmp\|lock\)$' && fail "left: $(ls -A)"
cp cut.1.gop cut1
ok $long -o cut.gop --seeds 3 --resume
says '^cut.1.gop is complete: 20000 steps\.$'
same cut1 cut.1.gop
for i in 1 2 3; do
    same whole.$i.gop cut.$i.gop
done
sed 's/"cut\./"whole./' cut.seeds.gop.jsonl >all
same whole.seeds.gop.jsonl all

finish
