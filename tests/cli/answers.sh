#!/bin/sh
# answers.sh: what the verbs print, as tables and as JSON.
. "${top_srcdir:?}/tests/lib.sh"

# json: the output is one JSON value a line; checked if a JSON parser is installed.
json()
{
    command -v python3 >/dev/null || return
    checks=$((checks + 1))
    python3 -c '
import json, sys
def refuse(word):
    raise ValueError(word)
for line in sys.stdin:
    json.loads(line, parse_constant=refuse)' <io/out || fail "not JSON: $(head -c 300 io/out)"
}

# fields COUNT PATTERN: the output has COUNT lines, each an object with these keys in
# this order.
fields()
{
    checks=$((checks + 1))
    keys >all
    [ "$(grep -Exc -- "$2" all)" -eq "$1" ] && [ "$(wc -l <all)" -eq "$1" ] ||
        fail "not $1 objects with the keys $2: $(sort all | uniq -c)"
}

ok prepare synth -o toy.gds
says '^walk +20 +1600 +[0-9-]+ +6 +600 +[0-9-]+$'
ok prepare synth --seed 2 -o other.gds
cmp -s toy.gds other.gds && fail "another seed gave the same set"
ok prepare synth -o toy.gds --json
json

ok info toy.gds
says '^layout +procedural22: 22 nodes of 3 position channels, 21 edges, 10 parts$'
says '^all +160 +12800 +48 +4800$'
ok info toy.gds --sequences
says '^walk_21 +walk +test +1 +100$'
ok info toy.gds --json --sequences
says '^\{"kind":"dataset","name":"synth",'
says '\{"name":"walk_21","action":"walk","split":"test","frames":100,"bodies":1,"subject":"21"\}'
says '"most_bodies":1,"several_bodies":0,'
json

# Zero velocity needs no model.
ok eval --data toy.gds --predicted 10
says '^action +mm +80 ms +160 ms +320 ms +400 ms +clips$'
says '^average +zero velocity( +[0-9.]+){4} +240$'
says '^ +constant velocity( +[0-9.]+){4}$'
ok eval --data toy.gds --json
says '^\{"task":"prediction","protocol":"windows","action":"walk","ms":\[80,160,320,400,560,720,880,1000\],'
says '"action":"average".*"actions":8,"left_out":0,"left_out_of":\{\}\}$'
json
[ "$(wc -l <io/out)" -eq 9 ] || fail "eval --json gave $(wc -l <io/out) lines"
fields 9 'task protocol action ms true_ms zero_velocity constant_velocity zero_velocity_std constant_velocity_std pck_limit pck_of zero_velocity_pck constant_velocity_pck clips unit (trained|actions left_out left_out_of)'

ok train symgnn -d toy.gds -o toy.gop $tiny --steps 3
says '^symgnn small on synth: [0-9 ]+ parameters,'
says '^3 steps in '
[ "$(grep -c '^{"step":' toy.gop.jsonl)" -eq 3 ] || fail "the log has not three steps"
cp toy.gop.jsonl io/out
json
says '^\{"event":"start","model":"symgnn","preset":"small","options":\{"observed":"50",.*"widths":"4,6"'
says '^\{"step":3,"loss_recognition":[0-9.e-]+,"loss_prediction":[0-9.e-]+,"lambda":0.5,'

ok info toy.gop
says '^model +symgnn, preset small$'
says '^training +step 3 of 3 on procedural motion set'
says '^options .*widths=4,6|^ +.*widths=4,6'
ok info toy.gop --json --tensors
says '"parameters":[0-9]+,'
says '"training":\{"data":"procedural motion set, seed 1,[^}]*"step":3,"steps":3,'
json
bad 1 'toy.gop is a model, which has no sequences' info toy.gop --sequences
bad 1 'toy.gds is a data set, which has no tensors' info toy.gds --json --tensors
ok info toy.gop --tensors
says '^agim\..*weight +\[[0-9, ]+\] '

ok eval toy.gop -d toy.gds
says '^average +model( +[0-9.]+){4} +240$'
says '^8-seed: '
says '^average +[0-9.]+ % +[0-9.]+ % +528$'
cp io/out one
ok eval toy.gop -d toy.gds --threads 3 --batch 5
same io/out one
ok eval toy.gop -d toy.gds --protocol dense --json
fields 9 'task protocol action top1 top5 (confusion|ece mean_class_accuracy overall_accuracy) clips (trained|actions left_out left_out_of)'
says '^\{"task":"recognition","protocol":"dense","action":"average","top1":[0-9.e-]+,"top5":[0-9.e-]+,"ece":[0-9.e-]+,"mean_class_accuracy":[0-9.e-]+,"overall_accuracy":[0-9.e-]+,"clips":528,"actions":8,"left_out":0,"left_out_of":\{\}\}$'
json

ok eval toy.gop -d toy.gds --protocol windows --json
fields 9 'task protocol action ms true_ms error zero_velocity constant_velocity error_std zero_velocity_std constant_velocity_std pck_limit pck_of pck zero_velocity_pck constant_velocity_pck clips unit (trained|actions left_out left_out_of)'
says '"action":"walk","ms":\[80,160,320,400\],"true_ms":\[80,160,320,400\],"error":\['
says '"action":"average".*"unit":"mm","actions":8,"left_out":0,"left_out_of":\{\}\}$'
# The average is the plain mean over the actions.
sed -n 's/.*"error":\[\([0-9.e+-]*\),.*/\1/p' io/out |
    awk '{ v[NR] = $1 } END {
        for (i = 1; i < NR; i++)
            sum += v[i]
        mean = sum / (NR - 1)
        exit !(NR == 9 && v[9] > 0 && (mean - v[9]) ^ 2 < (1e-6 * v[9]) ^ 2)
    }' || fail "the average is not the mean of the actions"
ok eval toy.gop -d toy.gds --json
# Nine lines a protocol: the actions and their average.
for protocol in windows 8-seed dense beginning; do
    [ "$(grep -c "\"protocol\":\"$protocol\"" io/out)" -eq 9 ] ||
        fail "eval --json gave $(wc -l <io/out) lines"
done
[ "$(wc -l <io/out)" -eq $((9 * $(grep -c '"action":"average"' io/out))) ] ||
    fail "eval --json gave $(wc -l <io/out) lines"

ok predict toy.gop walk_21 -d toy.gds
says '^action +probability$'
sed '/^$/,$d' io/out | awk 'NR > 2 { sum += $2; n++; bad += $2 > last && n > 1; last = $2 }
    END { exit !(n == 8 && sum > 0.995 && sum < 1.005 && !bad) }' ||
    fail "the probabilities are not eight, sorted, with the sum 1: $(head -n 12 io/out)"
says '^10 predicted poses, 40 ms apart:$'
tail -n 10 io/out >next.txt
[ "$(head -n 1 next.txt | tr , '\n' | wc -l)" -eq 66 ] || fail "a pose has not 66 columns"
cat next.txt next.txt next.txt next.txt next.txt >poses.txt
ok predict toy.gop poses.txt --json
fields 1 'poses from observed rate probabilities predicted'
sed 's/.*"probabilities":{\([^}]*\)}.*/\1/' io/out | tr ',' '\n' | sed 's/.*://' |
    awk '{ sum += $1 } $1 < 0 || $1 > 1 { exit 1 }
        END { exit !(NR == 8 && sum > 0.99999 && sum < 1.00001) }' ||
    fail "the probabilities are not eight with the sum 1"
says '^\{"poses":"poses.txt","from":1,"observed":50,"rate":25,"probabilities":\{"[a-z]+":'
json
cp io/out file
"$GRAPHOP" predict toy.gop - --json <poses.txt | sed 's/standard input/poses.txt/' >io/out
same io/out file
ok predict toy.gop walk_21 -d toy.gds --truth --svg walk.svg --json
says '"true":\[\[' && json
# Further than the model predicts: its first answer stays, and eval measures as far.
poses_of()
{
    sed 's/.*"'"$1"'":\[\([^"]*\]\)\].*/\1/;s/\],\[/\n/g;s/[][]//g' io/out
}
ok predict toy.gop walk_21 -d toy.gds --from 1 --json
poses_of predicted >near
[ "$(wc -l <near)" -eq 10 ] || fail "the model predicts $(wc -l <near) poses"
for far in 25 1s 1000ms; do
    ok predict toy.gop walk_21 -d toy.gds --from 1 --json --horizon $far --truth -o ahead.gds
    poses_of predicted >far
    poses_of true >true
    [ "$(wc -l <far)" -eq 25 ] && [ "$(wc -l <true)" -eq 25 ] ||
        fail "--horizon $far gives $(wc -l <far) poses"
    head -n 10 far >io/out
    same io/out near
done
ok info ahead.gds --json --sequences
says '"name":"predicted",'
says '"name":"walk_21-predicted","action":"walk","split":"test","frames":25,'
says '"name":"walk_21-true","action":"walk","split":"test","frames":25,'
ok info ahead.gds
says '^rate +25 Hz'
ok predict toy.gop walk_21 -d toy.gds --horizon 1
says '^1 predicted pose, 40 ms apart:$'
ok predict toy.gop walk_21 -d toy.gds --from 31 --horizon 50 -o ahead.gds
says '^50 predicted poses, 40 ms apart:$'
ok info ahead.gds --json --sequences
says '"name":"walk_21-true","action":"walk","split":"test","frames":20,'
mkdir -p walks
cp poses.txt walks/a.csv
cp poses.txt walks/b.csv
ok predict toy.gop walks --horizon 60 -o ahead.gds
ok info ahead.gds --json --sequences
says '"name":"a.csv-predicted",' && says '"name":"b.csv-predicted",'
bad 1 "has no sequence 'ahead'" predict toy.gop ahead -d toy.gds -o none.gds
[ -e none.gds ] && fail "a failed predict leaves none.gds"
ok eval toy.gop -d toy.gds --protocol windows --json --horizon 1.2s
says '"ms":\[80,160,320,400,560,720,880,1000,1200\],'
for far in 0 2m s 1e3s 100001 -1; do
    bad 1 "--horizon takes a number of frames from 1 to 100000 or a time of as many, as in 50, 2s or 400ms, not '$far'" \
        eval toy.gop -d toy.gds "--horizon=$far"
    bad 1 "--horizon takes a number of frames" predict toy.gop walk_21 -d toy.gds "--horizon=$far"
done
bad 1 "--horizon (needs|cannot|has no)" eval -d toy.gds --horizon 2s
bad 1 "--horizon cannot be used with --features" predict toy.gop walk_21 -d toy.gds --features --horizon 2s
ok predict toy.gop walk_21 -d toy.gds --truth --svg walk.svg --json
for class in o g p; do
    n=$(grep -c "<path class=\"$class\"" walk.svg)
    [ "$n" -eq 6 ] || fail "walk.svg has $n paths of class $class"
done
[ "$(tail -n 1 walk.svg)" = "</svg>" ] || fail "walk.svg is not whole"

# An action without training data is marked, and left out of the average.
cmu_folder cmu
rm -r cmu/train/running
ok prepare cmu cmu -o cmu.gds
says '^absent: running has no training data'
ok eval --data cmu.gds --protocol cmu-dmgnn
says '^running \* +zero velocity'
says '^The average is over 1 action\.$'
says '^\* has no training data and is left out of the average\.$'
ok eval --data cmu.gds --protocol cmu-csm --json
says '"action":"running".*"trained":false\}$'
says '"action":"average".*"true_ms":\[33\.3333333,.*"actions":1,"left_out":0,"left_out_of":\{\}\}$'

# A sequence of a data set and the file that it was read from give the same answer;
# training and test sequences may have the same name.
ok train symgnn -d cmu.gds -o cmu.gop $tiny --steps 2
ok predict cmu.gop cmu/test/walking/walking_1.txt --json
sed 's/"poses":"[^"]*"//' io/out >file
ok predict cmu.gop test/walking_1 --data cmu.gds --json
sed 's/"poses":"[^"]*"//' io/out >set
same file set
ok predict cmu.gop walking_1 --data cmu.gds --json
sed 's/"poses":"[^"]*"//' io/out >set
same file set
ok predict cmu.gop train/walking_1 --data cmu.gds --json
sed 's/"poses":"[^"]*"//' io/out >set
cmp -s file set && fail "train/walking_1 gave the answer to test/walking_1"
# The window begins at --from, and without it as late as possible.
ok predict cmu.gop test/walking_1 --data cmu.gds --json --from 152
sed 's/"poses":"[^"]*"//' io/out >set
same file set

finish
