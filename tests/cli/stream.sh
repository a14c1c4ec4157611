#!/bin/sh
# stream.sh: graphop stream on text, JSON lines, folders, recordings and data sets; events and
# counts, bad input, signals; --reject and --none of predict.
. "${top_srcdir:?}/tests/lib.sh"

# Two actions of five joints at 30 Hz: one holds still, the other nods.
# clip ACTION FRAMES: the frames as text
clip()
{
    awk -v action="$1" -v frames="$2" 'BEGIN {
        for (t = 0; t < frames; t++)
            for (c = 0; c < 15; c++)
                printf "%.4f%s", c + 0.5 + (action == "nod" ? sin(0.5 * t + c) : 0.01 * (t % 3)), \
                    c < 14 ? "," : "\n"
    }'
}
mkdir -p own/train/nod own/train/rest own/test/nod own/test/rest
for i in 1 2 3 4; do
    clip nod $((30 + i)) >own/train/nod/$i.csv
    clip rest $((30 + i)) >own/train/rest/$i.csv
done
clip nod 40 >own/test/nod/9.csv
clip rest 40 >own/test/rest/9.csv
ok prepare csv own --layout tiny5 --rate 30 --centre c:each -o own.gds
ok train stgcn --data own.gds --preset small --set observed=16 --recipe plain --batch 8 --steps 100 \
    -o own.gop

# A rest, a nod, a rest.
{ clip rest 60 && clip nod 90 && clip rest 60; } >live.txt
few="--smooth 0.2 --hold 0.2 --threads 1"
run stream own.gop live.txt $few
[ "$status" -eq 0 ] || fail "stream: status $status: $(cat io/err)"
[ -s io/err ] && fail "stream: $(cat io/err)"
says '^\{"t":[0-9.]*,"body":1,"event":"on","class":"rest","p":[0-9.e-]*\}$'
says '"event":"on","class":"nod"'
says '"event":"off","class":"nod"'
says '^\{"t":6\.9[0-9]*,"event":"end","frames":210,"bad":0,"late":0,"repeated":0,"restarts":0,"bodies":1,"dropped":0,"missing":0,"answers":65,"blind":0\}$'
cp io/out whole

# The lines do not depend on how the bytes come, nor on the form or the locale.
checks=$((checks + 3))
dd if=live.txt bs=7 2>/dev/null | "$GRAPHOP" stream own.gop - $few >io/out 2>io/err ||
    fail "in pieces: $(cat io/err)"
same io/out whole
{
    printf '\357\273\277a,b,c\r\n\r\n'
    sed 's/$/\r/' live.txt
} | "$GRAPHOP" stream own.gop - $few >io/out 2>io/err || fail "dialect: $(cat io/err)"
same io/out whole
awk '{ printf "{\"t\":%.17g,\"bodies\":[{\"id\":1,\"pose\":[%s]}]}\n", (NR - 1) / 30, $0 }' \
    live.txt >live.jsonl
LC_ALL=de_DE.UTF-8 "$GRAPHOP" stream own.gop live.jsonl $few >io/out 2>io/err ||
    fail "JSON: $(cat io/err)"
same io/out whole
# A recording, as prepare reads it.
ok stream own.gop live.txt --source csv $few
same io/out whole
ok stream own.gop live.txt --replay 1000 $few
same io/out whole
run stream own.gop live.txt $few --probabilities
says '"event":"answer","class":"(nod|rest)","p":[0-9.e-]*,"probabilities":\{"nod":[0-9.e-]*,"rest":[0-9.e-]*\}\}$'
[ "$(grep -c answer io/out)" -eq 66 ] || fail "not 65 answers: $(grep -c answer io/out)"
ok stream own.gop live.txt $few --none rest
checks=$((checks + 1))
grep -q '"class":"rest"' io/out && fail "--none rest: $(grep rest io/out)"
ok stream own.gop live.txt $few --reject 1
checks=$((checks + 1))
[ "$(wc -l <io/out)" -eq 1 ] || fail "--reject 1: $(cat io/out)"

# A sequence of a data set, whose frames are transformed already.
ok stream own.gop nod/9 --data own.gds --hop 0
says '"event":"end","frames":40,.*"answers":25,'

# Time stamps, ids, missing values, bodies beyond the limit.
awk -F, '{
    t = NR - 1
    if (NR == 20) t = 18 # again
    if (NR == 30) t = 25 # late
    printf "{\"t\":%.9f,\"bodies\":[", 100 + t / 30
    for (b = 0; b < 12; b++)
        printf "%s{\"id\":%d,\"pose\":[%s]}", b ? "," : "", b, $0
    print "]}"
}' live.txt | sed 's/\[0\.5000,/[null,/' >crowd.jsonl
ok stream own.gop crowd.jsonl --bodies 3 $few
says '"event":"end","frames":208,"bad":0,"late":1,"repeated":1,"restarts":0,"bodies":3,"dropped":1872,"missing":0,'

# Bad lines are named and counted; the rest is read; the status says so.
{
    head -n 30 live.txt
    echo 1,2,3
    echo '{"t":1,"bodies":[{"pose":[1,2]}]}'
    echo '{"t":'
    tail -n 170 live.txt
} >bad.txt
run stream own.gop bad.txt $few
[ "$status" -eq 2 ] || fail "bad lines: status $status"
says '"event":"end","frames":200,"bad":3,'
for pattern in 'line 31: 3 columns instead of 15\.' 'line 32: a pose of 2 columns instead of 15\.' \
    'line 33: not JSON at byte ' 'bad.txt: 3 lines or files are no frames\.'; do
    checks=$((checks + 1))
    grep -Eq "^graphop stream: $pattern" io/err || fail "not '$pattern' in $(cat io/err)"
done
yes x | head -n 1000 >worse.txt

checks=$((checks + 2))
"$GRAPHOP" stream own.gop - $few <worse.txt >io/out 2>io/err
[ $? -eq 2 ] || fail "a thousand bad lines: status not 2"
says '"frames":0,"bad":999,' # the first one is a heading
[ "$(wc -l <io/err)" -eq 12 ] || fail "a thousand bad lines: $(cat io/err)"

# A signal ends the stream with its counts; a file that grows is followed.
head -n 100 live.txt >grows.txt
find_program
"$PROGRAM" stream own.gop grows.txt --follow $few >io/follow 2>io/err &
follower=$!
sed -n '101,$p' live.txt >>grows.txt
for try in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(grep -c '"on"' io/follow)" -ge 3 ] && break
    sleep 0.2
done
kill -INT "$follower" 2>/dev/null || kill -TERM "$follower"
sleep 0.2
kill -TERM "$follower" 2>/dev/null
wait "$follower"
status=$?
checks=$((checks + 1))
[ "$status" -eq 0 ] || fail "a signal: status $status: $(cat io/err)"
same io/follow whole

# OpenPose's folder, as it fills.
mkdir coco people
coco()
{
    awk -v t="$1" -v nod="$2" 'BEGIN {
        printf "{\"people\":[{\"pose_keypoints_2d\":["
        for (i = 0; i < 18; i++)
            printf "%s%.3f,%.3f,0.9", i ? "," : "", 0.5 + 0.01 * i, \
                0.3 + 0.02 * i + (nod ? 0.1 * sin(0.5 * t) : 0)
        print "]}]}"
    }'
}
for split in train test; do
    for k in 1 2; do
        for action in nod rest; do
            mkdir -p "coco/$split/$action/$k"
            t=0
            while [ $t -lt 20 ]; do
                nod=0
                [ $action = nod ] && nod=1
                coco $t $nod >"coco/$split/$action/$k/c_$(printf %012d $t)_keypoints.json"
                t=$((t + 1))
            done
        done
    done
done
ok prepare keypoints coco -o coco.gds
ok train stgcn --data coco.gds --preset small --set observed=8 --recipe plain --batch 4 --steps 4 \
    -o coco.gop
"$PROGRAM" stream coco.gop people --follow --probabilities --threads 1 >io/follow 2>io/err &
follower=$!
for f in coco/test/nod/1/*; do
    cp "$f" people/
done
for try in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(grep -c answer io/follow)" -ge 5 ] && break
    sleep 0.2
done
kill -TERM "$follower"
wait "$follower" || fail "a folder: $(cat io/err)"
checks=$((checks + 1))
ok stream coco.gop people --probabilities --threads 1
same io/follow io/out
says '"event":"end","frames":20,"bad":0,.*"answers":5,'
echo '{' >people/c_000000000020_keypoints.json
run stream coco.gop people
[ "$status" -eq 2 ] || fail "a bad file: status $status"
says '"frames":20,"bad":1,'

# Wrong use.
bad 1 "unknown source 'ntv'; did you mean 'ntu'\?" stream own.gop live.txt --source ntv
bad 2 "cannot open nowhere" stream own.gop nowhere
bad 1 "the model has no class 'walk'" stream own.gop live.txt --none walk
bad 1 "on must not be less than off" stream own.gop live.txt --on 0.2
bad 1 "--poses cannot be used with own.gop, which predicts no poses" stream own.gop live.txt --poses
bad 1 "a horizon needs a model that predicts poses" stream own.gop live.txt --horizon 1
bad 1 "a window can be set only for models that see whole clips" stream own.gop live.txt --window 1
bad 1 "--bodies takes a whole number from 1 to 64, not '65'" stream own.gop live.txt --bodies 65
bad 1 "own.gds has no sequence 'x'" stream own.gop x --data own.gds
bad 1 "--follow" stream own.gop nod/9 --data own.gds --follow

# A window of a second for a model that sees whole clips: of 40 frames, 11 end one.
ok train stgcn --data own.gds --preset small --set observed=16 --recipe plain --sample uniform \
    --batch 8 --steps 4 -o clips.gop
ok stream clips.gop nod/9 --data own.gds --hop 0 --window 1
says '"event":"end","frames":40,.*"answers":11,'

# A model that predicts alone prints poses, as far as it is to.
ok train ltd --data own.gds --preset small --set observed=10 --set predicted=10 \
    --set coefficients=20 --batch 8 --steps 2 -o ltd.gop
ok stream ltd.gop live.txt --horizon 0.5 --hop 1
says '"body":1,"event":"answer","poses":\[\{"id":1,"frames":\[\[[^]]*\](,\[[^]]*\]){14}\]\}\]\}$'
bad 1 "--probabilities cannot be used with ltd.gop" stream ltd.gop live.txt --probabilities

# The same choice in predict.
ok predict own.gop live.txt --json --none nod
says '"action":("rest"|null)'
ok predict own.gop live.txt --json --reject 1
says '"action":null'
ok predict own.gop live.txt --reject 1
says '^There is no action\.$'
ok predict own.gop live.txt --reject 0.1
says '^The action is (nod|rest)\.$'
ok predict own.gop own/test/nod --reject 1
says '^9\.csv +- +'
bad 1 "the model has no class 'walk'" predict own.gop live.txt --none walk
bad 1 "--reject cannot be used with ltd.gop" predict ltd.gop live.txt --reject 0.5

finish
