#!/bin/sh
# measures.sh: the options of graphop eval: sets of clips, standard deviations, PCK, top-K
# accuracy, confusion matrices as files; and their wrong use.
. "${top_srcdir:?}/tests/lib.sh"

cmu_folder cmu
ok prepare cmu cmu -o cmu.gds
ok train symgnn -d cmu.gds -o cmu.gop $tiny --steps 2
ok prepare synth -o toy.gds
ok train symgnn -d toy.gds -o toy.gop $tiny --steps 3

# value KEY ACTION: the number, or the first number of an array, in the last output.
value()
{
    sed -n "/\"action\":\"$2\"/s/.*\"$1\":\[*\([-0-9.e+]*\).*/\1/p" io/out
}

# ---------------------------------------------------------------- sets of clips
ok eval cmu.gop -d cmu.gds --protocol cmu-3d
cp io/out eight
ok eval cmu.gop -d cmu.gds --protocol cmu-3d --clips 8
same io/out eight
says '^cmu-3d: 8 clips an action by '
says '^action +mm '
ok eval cmu.gop -d cmu.gds --protocol cmu-3d --clips 8,20,all
says '^cmu-3d: 8 clips an action by '
says '^cmu-3d: 20 clips an action by '
says '^cmu-3d: every window of the test sequences; mean distance '
[ "$(grep -c '^average ' io/out)" -eq 3 ] || fail "three sets of clips have not three averages"
sed -n '1,/^The average/p' io/out >first
sed -n '1,/^The average/p' eight >io/out
same io/out first
# 250 lines are 125 frames; every window of 75 of them.
ok eval cmu.gop -d cmu.gds --protocol cmu-3d --clips 8,20,all --json
for set in 8 20 all; do
    n=$(grep -c "\"clip_set\":\"$set\"" io/out)
    [ "$n" -eq 3 ] || fail "$n lines of clip_set $set"
done
says '"action":"walking".*"clip_set":"all","clips":51,"unit":"mm","trained":true\}$'
says '"action":"average".*"clip_set":"20","clips":40,"unit":"mm","actions":2,"left_out":0,"left_out_of":\{\}\}$'
cp io/out one
ok eval cmu.gop -d cmu.gds --protocol cmu-3d --clips 8,20,all --json --threads 3 --batch 7
same io/out one
# Protocols that draw no clips are measured once.
ok eval cmu.gop -d cmu.gds --clips 8,all --json
[ "$(grep -c '"protocol":"dense"' io/out)" -eq 3 ] || fail "dense was not measured once"
[ "$(grep -c '"protocol":"cmu-csm"' io/out)" -eq 6 ] || fail "cmu-csm was not measured twice"
grep -q '"protocol":"cmu-3d-38"' io/out && fail "cmu-3d-38 was measured unasked"
ok eval --data cmu.gds --protocol cmu-3d-38
says '^average +zero velocity( +[0-9.]+){8} +16$'

# ------------------------------------------------------- spread and near joints
ok eval cmu.gop -d cmu.gds --protocol cmu-csm --std
[ "$(grep -Ec '^ +std( +[0-9.]+){4}$' io/out)" -eq 9 ] || fail "not nine lines of std"
ok eval cmu.gop -d cmu.gds --protocol cmu-csm --json
grep -q '"pck' io/out && fail "angles have near joints"
says '"error_std":\[[0-9.e-]+,.*"zero_velocity_std":.*"clip_set":"8","clips":8,"unit":"rad"'
ok eval toy.gop -d toy.gds --protocol windows --pck 0.1
says '^ +PCK@0.1, % +[0-9.]+'
says '^PCK: the share of joints within 0.1 of the longest side of the box around the true pose\.$'
ok eval toy.gop -d toy.gds --protocol windows --pck 0.1 --pck-of metre
says '^PCK: the share of joints within 0.1 m\.$'
ok eval toy.gop -d toy.gds --protocol windows --json
says '"pck_limit":0.05,"pck_of":"box","pck":\['
box=$(value zero_velocity_pck average)
ok eval toy.gop -d toy.gds --protocol windows --json --pck 1000 --pck-of std
says '"pck_limit":1000,"pck_of":"std","pck":\[1,1,1,1\],"zero_velocity_pck":\[1,1,1,1\]'
awk -v box="$box" 'BEGIN { exit !(box > 0 && box < 1) }' || fail "a share of $box joints"
# Joints placed by forward kinematics have no standard deviation.
ok eval --data cmu.gds --protocol cmu-3d --json --pck-of std
says '"zero_velocity_pck":\[null(,null){7}\]'
ok eval --data cmu.gds --protocol cmu-3d --pck 0.05 --pck-of std
says '^ +PCK@0.05, % +-( +-){7}$'

# ------------------------------------------------------- ranks, confusion matrices
# The first part of each clip: 48 clips of 100 frames.
ok eval toy.gop -d toy.gds --early
says '^ +10 % +[0-9.]+ % +[0-9.]+ % +48$'
says '^ +100 % +[0-9.]+ % +[0-9.]+ % +48$'
ok eval toy.gop -d toy.gds --early --json
cp io/out one
[ "$(grep -c '"task":"early"' io/out)" -eq 10 ] || fail "there are not ten shares"
says '"share":0.1,"mean_class_accuracy":[0-9.e-]+,"overall_accuracy":[0-9.e-]+,"clips":48,"left_out":0'
ok eval toy.gop -d toy.gds --early --json --threads 3 --batch 7
same io/out one
bad 1 'early cannot be used with --top' eval toy.gop -d toy.gds --early --top 2
bad 1 'early needs MODEL' eval -d toy.gds --early
ok eval toy.gop -d toy.gds --protocol dense --top 3
says '^action +top-1 +top-5 +top-3 +clips$'
says '^Mean class accuracy [0-9.]+ %, overall accuracy [0-9.]+ % of 528 clips\.$'
says '^Expected calibration error [0-9.]+ %\.$'
ok eval toy.gop -d toy.gds --protocol dense --top 8 --json
says '"action":"average","top1":[0-9.]+,"top5":[0-9.]+,"top8":1,"ece":[0-9.e-]+,"mean_class_accuracy":'
ok eval toy.gop -d toy.gds --protocol dense --top 5
says '^action +top-1 +top-5 +clips$'

ok eval toy.gop -d toy.gds --confusion m.txt
cp io/out with
ok eval toy.gop -d toy.gds
same io/out with
n=$(grep -c '^Mean class accuracy ' with) # protocols of recognition
[ "$n" -ge 3 ] || fail "$n protocols of recognition were measured"
ok eval toy.gop -d toy.gds --confusion m.csv
ok eval toy.gop -d toy.gds --confusion m.svg
ok eval toy.gop -d toy.gds --protocol dense --json
grep -o '"top1":[0-9.e-]*\|"mean_class_accuracy.*accuracy":[0-9.e-]*' io/out >tops
# The rows add up to the numbers of clips, and the diagonals to the accuracies.
checks=$((checks + 1))
awk -F, -v lines=$((8 * n)) '
    BEGIN { clips["8-seed"] = 8; clips["dense"] = 66; clips["beginning"] = 6 }
    NR == 1 {
        if (NF != 10 || $1 != "protocol" || $2 != "truth") exit 1
        for (i = 3; i <= NF; i++) head[i] = $i
    }
    NR > 1 {
        if (NF != 10 || $2 != head[(NR - 2) % 8 + 3]) exit 1
        sum = 0
        for (i = 3; i <= NF; i++) sum += $i
        if (!($1 in clips ? sum == clips[$1] : sum > 0)) exit 1
        if ($1 == "dense") printf "\"top1\":%.9g\n", $((NR - 2) % 8 + 3) / sum
        seen[$1]++
    }
    END {
        for (protocol in clips)
            if (seen[protocol] != 8) exit 1
        exit NR - 1 != lines
    }' m.csv >diagonal || fail "m.csv: $(head -n 4 m.csv)"
head -n 8 tops >io/out
same io/out diagonal
# The table has the same numbers.
sed -n 's/^ *[0-9]\{1,\}  [a-z_]* *\(.*[0-9]\)  *[0-9]*$/\1/p' m.txt | tr -s ' ' ',' >from_text
sed 1d m.csv | cut -d, -f3- >io/out
same io/out from_text
[ "$(grep -c 'rows are the truth' m.txt)" -eq "$n" ] || fail "m.txt has not $n tables"
[ "$(grep -c '<rect class="cell"' m.svg)" -eq $((64 * n)) ] ||
    fail "m.svg has not $((64 * n)) cells"
[ "$(tail -n 1 m.svg)" = "</svg>" ] || fail "m.svg is not whole"
if command -v python3 >/dev/null; then
    checks=$((checks + 1))
    python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("m.svg")' || fail "m.svg is no XML"
fi
ok eval toy.gop -d toy.gds --protocol dense --confusion one.csv --json
[ "$(wc -l <one.csv)" -eq 9 ] || fail "one.csv has $(wc -l <one.csv) lines"
grep '^dense,' m.csv >io/out
sed 1d one.csv >one
same io/out one

# ------------------------------------------------------------------ wrong usage
for list in 0 x 8, ,8 8,,9 -1 ALL 1e3 99999999999999999999 1000001; do
    bad 1 "clips takes numbers from 1 to 1000000 or 'all'" \
        eval cmu.gop -d cmu.gds --clips "$list"
done
bad 1 'clips takes at most 16 values' \
    eval cmu.gop -d cmu.gds --clips 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
bad 1 '--clips cannot be used with protocol windows, which draws no clips' \
    eval toy.gop -d toy.gds --protocol windows --clips 9
bad 1 'confusion takes a file name that ends in .txt, .csv or .svg, not m.png' \
    eval toy.gop -d toy.gds --confusion m.png
bad 1 'confusion takes a file name that ends in' eval toy.gop -d toy.gds --confusion .csv
bad 1 'confusion needs MODEL' eval --data toy.gds --confusion new.csv
bad 1 '--confusion cannot be used with protocol windows, which recognises no actions' \
    eval toy.gop -d toy.gds --protocol windows --confusion new.csv
cp toy.gop model.txt
bad 1 'confusion would overwrite model.txt' eval model.txt -d toy.gds --confusion model.txt
cp toy.gds data.csv
bad 1 'confusion would overwrite data.csv' eval toy.gop -d data.csv --confusion data.csv
bad 1 'top takes a whole number from 1' eval toy.gop -d toy.gds --top 0
bad 1 'pck takes a number from' eval toy.gop -d toy.gds --pck 0
bad 1 'pck takes a number from' eval toy.gop -d toy.gds --pck nan
bad 1 "pck-of '?height" eval toy.gop -d toy.gds --pck-of height
bad 1 'h36m-3d does not suit data set cmu with its 117 columns' \
    eval --data cmu.gds --protocol h36m-3d
bad 1 'h36m-csm does not suit data set synth: it needs exponential maps' \
    eval --data toy.gds --protocol h36m-csm
mkdir folder.csv
# Detected before anything is measured.
bad 2 'cannot write folder.csv: not a regular file' \
    eval toy.gop -d toy.gds --protocol 8-seed --confusion folder.csv
bad 2 'missing/m.csv' eval toy.gop -d toy.gds --protocol 8-seed --confusion missing/m.csv
ls | grep -q '\.tmp$' && fail "a temporary file is left: $(ls)"

# ------------------------------------------- test files other than the protocol's
# The clips of Human3.6M come from two takes of each action by subject 5.
mkdir -p h36m/S1 h36m/S5
cmu_file 420 1 | cut -d, -f1-99 >h36m/S5/walking_1.txt
cmu_file 440 2 | cut -d, -f1-99 >h36m/S5/walking_2.txt
cmu_file 420 3 | cut -d, -f1-99 >h36m/S5/eating_1.txt
cp h36m/S5/walking_1.txt h36m/S5/posing_1.txt
head -n 200 h36m/S5/walking_2.txt >h36m/S5/posing_2.txt
for action in walking eating posing; do
    cmu_file 130 ${#action} | cut -d, -f1-99 >h36m/S1/${action}_1.txt
done
cp h36m/S1/walking_1.txt h36m/S1/walking_2.txt
ok prepare h36m h36m -o h36m.gds
says '^absent: eating lacks 1 of its 2 training files: S1_eating_2'
says '^absent: eating lacks 1 of its 2 test files: S5_eating_2'
says '^absent: posing lacks 1 of its 2 training files: S1_posing_2'
grep -q 'walking lacks' io/out && fail "walking is said to lack a file"
ok prepare h36m h36m -o h36m.gds --json
says '"text":"eating lacks 1 of its 2 training files: S1_eating_2"'
ok eval --data h36m.gds --protocol h36m-csm
says '^walking +zero velocity'
says '^eating \+ +zero velocity'
says '^posing \+ +zero velocity'
says '^The average is over 1 action\.$'
says '^\+ has other test files than the protocol, S5_ACTION_1 and S5_ACTION_2, and is$'
says '^left out of the average\. Missing or too short for a clip: S5_eating_2,$'
sed -n 's/^walking  *zero/zero/p' io/out >walking
sed -n 's/^average  *zero/zero/p' io/out | sed 's/  */ /g' >average
sed -i 's/  */ /g' walking
same walking average
ok eval --data h36m.gds --protocol h36m-csm --json
says '"action":"walking".*"unit":"rad","trained":true\}$'
says '"action":"eating".*"unit":"rad","protocol_files":false,"lacks":"S5_eating_2","trained":true\}$'
says '"action":"average".*"actions":1,'
# An action that is absent on purpose has no row, and the others stay.
rm h36m/S?/eating_?.txt h36m/S?/posing_?.txt
ok prepare h36m h36m -o h36m.gds
grep -q ' lacks ' io/out && fail "a file is said to be missing: $(cat io/out)"
ok eval --data h36m.gds
grep -q '^+' io/out && fail "an action is marked"

# CMU Mocap's come from one test file, ACTION_1.
mv cmu/test/running/running_1.txt cmu/test/running/running_2.txt
ok prepare cmu cmu -o other.gds
says '^absent: running lacks 1 of its 1 test files: running_1'
says '^absent: walking lacks 3 of its 5 training files: walking_3, walking_4, walking_5'
ok eval cmu.gop -d other.gds --protocol cmu-csm
says '^running \+ +model'
says '^walking +model'
says '^The average is over 1 action\.$'
says '^\+ has other test files than the protocol, ACTION_1, and is left out of the$'
ok eval cmu.gop -d other.gds --protocol dense
says '^running \+ '
# Substitutes are used, and named.
ok prepare cmu cmu -o part.gds --split partial
ok eval cmu.gop -d part.gds --protocol dense
says '^The average is over 2 actions\.$'
says '^Data set cmu-partial has substitutes for test files of the protocol\.$'

finish
