#!/bin/sh
# windows.sh: sequences that are too short for a window are counted and reported, by class,
# by train, its log, --validate, eval and prepare.
. "${top_srcdir:?}/tests/lib.sh"

# poses FRAMES: frames of layout tiny5 on stdout.
columns=$("$GRAPHOP" layout tiny5 | sed -n 's/.* \([0-9]*\) columns.*/\1/p' | head -n 1)
poses()
{
    awk -v n="$1" -v c="${columns:-15}" -v at="${2:-0}" 'BEGIN {
        for (t = 0; t < n; t++)
            for (k = 0; k < c; k++)
                printf "%.4f%s", sin(at + 0.1 * t + k), k + 1 < c ? "," : "\n"
    }'
}

# sequence SPLIT CLASS NAME FRAMES
sequence()
{
    mkdir -p "set/$1/$2"
    poses "$4" "${#2}" >"set/$1/$2/$3.csv"
}

# bow has two long sequences, nod one of four, wave none.
sequence train bow a 12
sequence train bow b 15
sequence train nod a 14
for i in b c d; do sequence train nod $i 9; done
for i in a b; do sequence train wave $i 6; done
sequence test bow a 12
sequence test nod a 12
sequence test nod b 8
sequence test wave a 12
ok prepare csv set --layout tiny5 --rate 30 -o d.gds
says '^action +training +frames +shortest +test +frames +shortest$'
says '^nod +4 +41 +9 +2 +20 +8$'
tr '\n' ' ' <io/out >io/flat
mv io/flat io/out
short='sequences have fewer than 10 frames, which models observe by default:'
says "5 of 8 training $short nod 3 of 4, wave 2 of 2\. "
says "1 of 4 test $short nod 1 of 2\. "
ok prepare csv set --layout tiny5 --rate 30 -o d.gds --json
says '"short":\{"frames":10,"train":\{"nod":3,"wave":2\},"test":\{"nod":1\}\}'
says '"action":"wave","train_sequences":2,"train_frames":12,"train_shortest":6,'

t="train template --recipe plain --data d.gds --set observed=10 --batch 2 --steps 2 -T 1"
ok $t -o a.gop
says '^5 of 8 training sequences have fewer than 10 frames and are not used: nod 3 of$'
says '^4, wave 2 of 2\.$'
says '^Not learned: wave\.$'
log='"sequences":\{"frames":10,"all":8,"too_short":5,"held_out":0,"actions":\{'
log="$log"'"bow":\{"all":2,"too_short":0,"held_out":0\},"nod":\{"all":4,"too_short":3,"held_out":0\},'
head -n 1 a.gop.jsonl >io/out
says "$log"'"wave":\{"all":2,"too_short":2,"held_out":0\}\}\}'

ok $t -o v.gop --validate 0.3
says '^Neither learned nor held out: wave\.$'
says '^Learned from a single sequence, so not held out: nod\.$'
says '^1 training sequences are held out'

ok eval a.gop --data d.gds -T 1 -p beginning
says '^wave \* '
says '^The average is over 2 actions\.$'
says '^Left out: 1 test sequence, too short for a clip: nod 1 of 2\.$'
says '^\* has no training sequence of 10 frames and is left out of the average\.$'
ok eval a.gop --data d.gds -T 1 -p beginning --json
says '"action":"nod",.*"trained":true\}$'
says '"action":"wave",.*"trained":false\}$'
says '"action":"average",.*"actions":2,"left_out":1,"left_out_of":\{"nod":1\}\}$'
# A clip that is longer than the window decides, as in training.
ok train template --recipe plain --data d.gds --set observed=14 --observe 0.5 --batch 2 --steps 1 -T 1 -o c.gop
ok eval c.gop --data d.gds -T 1 -p beginning
says '^\* has no training sequence of 14 frames'

# The same sentence however the length is given, in the frames that info counts.
none='data set csv has no training sequence of 50 frames \(50 observed and 0 predicted\); the longest has 15\.$'
bad 2 "$none" train stgcn --recipe plain --data d.gds -o s.gop --steps 4
bad 2 "$none" train stgcn --recipe plain --data d.gds -o s.gop --epochs 4
bad 2 "$none" train stgcn --recipe plain --data d.gds -o s.gop --epochs 4 --validate 0.3
bad 2 "$none" train stgcn --recipe plain --data d.gds -o s.gop --steps 4 --warmup 1e
bad 2 "$none" train stgcn --recipe plain --data d.gds -o s.gop --time 5
ok prepare csv set --layout tiny5 --rate 120 --factor 4 -o f.gds
bad 2 'no training sequence of 37 frames \(10, one in 4: 10 observed and 0 predicted\); the longest has 15\.$' \
    train template --recipe plain --data f.gds --set observed=10 -o s.gop --steps 1
bad 2 'no test sequence of 45 frames' eval --data f.gds --observed 10 --predicted 2 -p windows
ok train template --recipe plain --data f.gds --set observed=4 --batch 2 --steps 1 -T 1 -o g.gop
says '^6 of 8 training sequences have fewer than 13 frames \(a window of 4, one in 4\) and'

finish
