#!/bin/sh
# data.sh: damaged data sets, models and poses, and those that do not fit together, are
# named in the error, give status 2 and change no file.
. "${top_srcdir:?}/tests/lib.sh"

cmu_folder good
ok prepare cmu good -o cmu.gds
ok train symgnn --recipe plain --data cmu.gds -o cmu.gop $tiny --steps 2
head -n 300 good/test/walking/walking_1.txt >poses.txt
ok predict cmu.gop poses.txt

# refused FILE WHY ARGUMENT...: the error names the bad file and the reason.
refused()
{
    name=$1 why=$2
    shift 2
    bad 2 "$name: .*($why)|cannot open $name: ($why)" "$@"
}

# damaged FILE WHY: every verb that reads the file refuses it.
damaged()
{
    refused "$1" "$2" info "$1"
    case $1 in
    *.gds)
        refused "$1" "$2" eval --data "$1"
        refused "$1" "$2" eval cmu.gop --data "$1"
        refused "$1" "$2" train symgnn --recipe plain --data "$1" -o new.gop $tiny --steps 1
        refused "$1" "$2" predict cmu.gop walking_1 --data "$1"
        ;;
    *.gop)
        refused "$1" "$2" eval "$1" --data cmu.gds
        refused "$1" "$2" predict "$1" poses.txt --svg new.svg
        refused "$1" "$2" train symgnn --data cmu.gds -o "$1" --resume
        ;;
    esac
}

for kind in gds gop; do
    size=$(wc -c <cmu.$kind)
    for part in 0 5 8 31 32 40 $((size / 2)) $((size - 1)); do
        head -c "$part" cmu.$kind >part.$kind
        refused part.$kind 'empty file|truncated' info part.$kind
    done
    damaged part.$kind 'truncated'
    : >part.$kind
    damaged part.$kind 'empty file'
    { cat cmu.$kind; echo; } >part.$kind
    refused part.$kind '1 bytes follow the end of the data' info part.$kind
    for at in 0 5 9 13 17 25 29; do
        # Two bytes: one may be what it was.
        { head -c $at cmu.$kind; printf '\125\252'; tail -c +$((at + 3)) cmu.$kind; } >part.$kind
        refused part.$kind 'not a graphop file|the header is damaged' info part.$kind
    done
    # The middle of a set is frames, which no verb reads to open it.
    for at in 40 $([ $kind = gds ] || echo $((size / 2))) $((size - 4)); do
        { head -c $at cmu.$kind; printf '\377\000\125'; tail -c +$((at + 4)) cmu.$kind; } \
            >part.$kind
        refused part.$kind 'damaged: the checksum does not match' info part.$kind
    done
    damaged part.$kind 'checksum'
    cp poses.txt part.$kind
    damaged part.$kind 'not a graphop file'
    rm part.$kind
    damaged part.$kind 'No such file'
    mkdir part.$kind
    damaged part.$kind 'not a regular file'
    rmdir part.$kind
done
first=$(ls good/train/*/ | grep -m 1 txt)
{ head -c 70 cmu.gds; printf '\377\000\125'; tail -c +74 cmu.gds; } >part.gds
ok info part.gds
bad 2 "part.gds: sequence ${first%.txt} is damaged: the checksum does not match" \
    predict cmu.gop --data part.gds "train/${first%.txt}"
rm part.gds
cp cmu.gop model.gds
bad 2 "model.gds: a graphop file of another kind" eval --data model.gds
bad 2 "model.gds: a graphop file of another kind" train symgnn --recipe plain --data model.gds -o new.gop --steps 1
cp cmu.gds data.gop
bad 2 "data.gop: a graphop file of another kind" eval data.gop --data cmu.gds
bad 2 "data.gop: a graphop file of another kind" predict data.gop poses.txt
bad 2 "data.gop: a graphop file of another kind" train symgnn --data cmu.gds -o data.gop --resume

# --------------------------------------------------- what does not go together
ok prepare synth -o toy.gds
misfit='the data have layout procedural22 .*, the model was made for cmu26'
bad 2 "$misfit" eval cmu.gop --data toy.gds
bad 2 "$misfit" predict cmu.gop walk_21 --data toy.gds
bad 2 "$misfit" train symgnn --data toy.gds -o cmu.gop --resume
cp -R good changed
sed '7s/,[^,]*$/,0.125/' good/train/walking/walking_2.txt >changed/train/walking/walking_2.txt
ok prepare cmu changed -o changed.gds
bad 2 "cmu.gop was trained on other data" train symgnn --data changed.gds -o cmu.gop --resume
bad 1 "another --lr" train symgnn --data cmu.gds -o cmu.gop --resume --lr 0.5
bad 1 "another --steps" train symgnn --data cmu.gds -o cmu.gop --resume --steps 9
bad 1 "gamma=3" train symgnn --data cmu.gds -o cmu.gop --resume --preset small --set gamma=2
bad 2 "missing/new.gop" train symgnn --recipe plain --data cmu.gds -o missing/new.gop $tiny --steps 1
bad 2 "missing/new.jsonl" train symgnn --recipe plain --data cmu.gds -o new.gop --log missing/new.jsonl $tiny \
    --steps 1
mkdir folder
bad 2 "cannot write folder: not a regular file" train symgnn --recipe plain --data cmu.gds -o folder $tiny --steps 1
bad 2 "has no training sequence of 819 frames .410, one in 2: 400 observed and 10 predicted.; the longest has 260" train symgnn --recipe plain --data cmu.gds -o new.gop $tiny \
    --set observed=400 --steps 1
bad 2 "has no test sequence of 851 frames .426, one in 2" eval --data cmu.gds --observed 400 \
    --protocol cmu-dmgnn

# ----------------------------------------------------------------------- poses
head -n 50 poses.txt >short.txt
bad 2 "short.txt: 50 poses, but 99 are needed" predict cmu.gop short.txt
bad 2 "poses.txt: 100 poses from line 151 on, but 119 are needed" \
    predict cmu.gop poses.txt --truth --from 151
bad 2 "poses.txt: 0 poses from line 9999 on" predict cmu.gop poses.txt --from 9999
sed '3s/^[^,]*/x/' poses.txt >broken.txt
bad 2 "broken.txt:3: column 1" predict cmu.gop broken.txt
bad 2 "standard input: the file is empty" predict cmu.gop -
bad 2 "cannot open absent.txt" predict cmu.gop absent.txt
bad 2 "folder" predict cmu.gop folder
cut -d, -f1-66 poses.txt >narrow.txt
bad 2 "narrow.txt:1: 66 columns instead of 117" predict cmu.gop narrow.txt
sed '3s/^[^,]*/nan/' poses.txt >broken.txt
bad 2 "broken.txt:3: column 1 is not finite" predict cmu.gop broken.txt
# What prepare takes of a text, predict takes.
ok predict cmu.gop poses.txt --json
cp io/out whole
(printf '\357\273\277'; awk 'BEGIN { for (c = 0; c < 117; c++) printf "%d_x%s", c, c < 116 ? "," : "\n" }'
    sed 's/$/\r/;9s/$/\n/' poses.txt; printf '1,2,\n' | tr -d '\n') >odd.txt
run predict cmu.gop odd.txt --json
[ "$status" -eq 0 ] || fail "odd.txt: status $status"
sed 's/odd.txt/poses.txt/' io/out >odd
same whole odd
grep -q '^graphop predict: odd.txt: skipped the first line, a heading\.$' io/err || fail "no heading"
grep -q '^graphop predict: odd.txt: the last line is incomplete; took 250 frames\.$' io/err ||
    fail "no cut: $(cat io/err)"
bad 1 "cannot be drawn" predict cmu.gop poses.txt --svg new.svg
bad 1 "no sequence 'flying_1'" predict cmu.gop flying_1 --data cmu.gds

if [ -w /dev/full ]; then
    checks=$((checks + 1))
    "$GRAPHOP" info cmu.gds >/dev/full 2>io/err
    status=$?
    [ $status -eq 2 ] || fail "a full disk under stdout gives status $status"
fi

finish
