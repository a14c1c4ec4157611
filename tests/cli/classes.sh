#!/bin/sh
# classes.sh: a model is trained further on data of other classes (--init-from, --freeze),
# and recognises from the beginning of each test sequence.
. "${top_srcdir:?}/tests/lib.sh"

# tensors MODEL NAMES: name, least and greatest value of each under NAMES, as text.
tensors()
{
    ok info "$1" --tensors
    sed -n '/^tensor /,$p' io/out | tr -s ' ' | grep -E "^($2)[. ]"
}

# Three classes on the skeleton of the procedural set, with four training and two test
# sequences each, and one test sequence that is too short.
for class in hop sit spin; do
    mkdir -p own/train/$class own/test/$class
    for i in 1 2 3 4 5 6 7; do
        [ $i -lt 7 ] || [ $class = sit ] || continue
        part=test
        [ $i -gt 4 ] || part=train
        awk -v i=$i -v class=$class 'BEGIN {
            speed = class == "hop" ? 2 : class == "sit" ? 3 : 5
            for (t = 0; t < (i == 7 ? 7 : 60); t++)
                for (c = 0; c < 66; c++)
                    printf "%.4f%s", sin(t / speed + c + i / 9), c < 65 ? "," : "\n"
        }' >own/$part/$class/$i.csv
    done
done
ok prepare csv own --layout procedural22 --rate 25 -o own.gds
ok prepare synth -o toy.gds

tiny="$tiny --set observed=8 --set predicted=2 --set gamma=1 --set orders=0,1"
ok train symgnn --data toy.gds $tiny -o toy.gop --steps 6
t="train symgnn --data own.gds $tiny --init-from toy.gop --freeze agim,branch"
bad 2 "the data have 3 actions, the model has 8" eval toy.gop --data own.gds
ok $t -o own.gop --steps 12
says '^[0-9]+ of [0-9]+ tensors are copied from toy.gop; initialised: cls\.weight,'
ok $t -o own2.gop --steps 12 --threads 2
same own.gop own2.gop

# Frozen parameters and statistics equal those of the other model; the others changed.
tensors toy.gop 'agim|branch' >before
tensors own.gop 'agim|branch' >after
same before after
checks=$((checks + 1))
grep -q ' statistic ' before || fail "no statistics were frozen"
tensors toy.gop mlp_recg >before
tensors own.gop mlp_recg >after
cmp -s before after && fail "the head has not moved"

ok train symgnn --data own.gds -o own.gop --resume
bad 1 "was not initialised from own2.gop" train symgnn --data own.gds -o own.gop --resume \
    --init-from own2.gop
ok predict own.gop own/test/hop/5.csv --json
says '(hop|sit|spin)'

# ----------------------------------------------------------------- the beginning

# For positions, measured by default; for rotations, only if named.
ok eval own.gop --data own.gds
says '^beginning: the first observed frames of each test sequence, '
says '^Left out: 1 test sequence, too short for a clip: [a-z]+ 1 of [0-9]+\.$'
says '^Mean class accuracy [0-9.]+ %, overall accuracy [0-9.]+ % of 6 clips\.$'
ok eval own.gop --data own.gds --protocol beginning --json
cp io/out one
[ "$(grep -c '"clips":2,"trained":true' one)" -eq 3 ] || fail "not two clips of each: $(cat one)"
says '"action":"average",.*"clips":6,"actions":3,"left_out":1,"left_out_of":\{"sit":1\}\}$'
ok eval own.gop --data own.gds --protocol beginning --json --threads 3 --batch 1
same one io/out
bad 1 "--clips cannot be used with protocol beginning" eval own.gop --data own.gds --protocol beginning --clips 9
bad 1 "beginning .*needs a model" eval --data own.gds --protocol beginning

# Repeated to 30 frames, the short one is tested too.
ok prepare csv own --layout procedural22 --rate 25 --fill 30 -o full.gds
says '^23 frames were added by repeating sequences that were too short$'
ok eval own.gop --data full.gds --protocol beginning --json
says '"action":"average",.*"clips":7,"actions":3,"left_out":0,"left_out_of":\{\}\}$'
ok train symgnn --data full.gds $tiny -o full.gop --steps 2
ok eval full.gop --data full.gds

# A protocol without a test sequence that is long enough is left out; it is an error if no
# protocol is left.
for file in own/test/*/*.csv; do
    sed -n 1,9p $file >cut && mv cut $file
done
ok prepare csv own --layout procedural22 --rate 25 -o brief.gds
ok eval own.gop --data brief.gds
says '^No test sequence is long enough; left out: windows, 8-seed\.$'
says '^beginning: '
bad 2 'no test sequence of 10 frames' eval own.gop --data brief.gds --protocol windows
for file in own/test/*/*.csv; do
    sed -n 1,7p $file >cut && mv cut $file
done
ok prepare csv own --layout procedural22 --rate 25 -o brief.gds
bad 2 'no test sequence of 10 frames .*; the longest has 7' eval own.gop --data brief.gds
bad 2 'no test sequence of 8 frames' eval own.gop --data brief.gds --protocol dense

cmu_folder cmu
ok prepare cmu cmu -o cmu.gds
ok train symgnn --data cmu.gds $tiny -o cmu.gop --steps 2
ok eval cmu.gop --data cmu.gds --json
checks=$((checks + 1))
grep -q '"protocol":"dense"' io/out || fail "dense was not measured"
grep -q '"protocol":"beginning"' io/out && fail "beginning was measured unasked"
ok eval cmu.gop --data cmu.gds --protocol beginning --json
says '"protocol":"beginning","action":"average",.*"left_out":0,"left_out_of":\{\}\}$'

finish
