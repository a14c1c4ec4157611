#!/bin/sh
# data.sh: bad data are named by file and line, end with 2 and leave everything
# as it was.
. "${top_srcdir:?}/tests/cli/lib.sh"

# --------------------------------------------------------------- raw motion
bad 2 "nowhere" prepare cmu nowhere -o new.gds
mkdir empty
bad 2 "empty" prepare cmu empty -o new.gds
mkdir -p empty/train empty/test
bad 2 "empty/train: an empty folder" prepare cmu empty -o new.gds
mkdir empty/train/walking
bad 2 "empty/train/walking" prepare cmu empty -o new.gds

cmu_folder good
ok prepare cmu good -o cmu.gds
ok prepare cmu good -o again.gds
same cmu.gds again.gds

# spoil PATTERN SED: the data set with one line changed; nothing is written.
spoil()
{
    rm -rf spoiled
    cp -R good spoiled
    sed "$2" good/train/walking/walking_1.txt >spoiled/train/walking/walking_1.txt
    bad 2 "spoiled/train/walking/walking_1.txt$1" prepare cmu spoiled -o new.gds
    bad 2 "spoiled/train/walking/walking_1.txt$1" prepare cmu spoiled -o cmu.gds
}
spoil ':7: .*117' '7s/,[^,]*$//'
spoil ':7: .*117' '7s/$/,1/'
spoil ':9: column 3 is not a number \(abc\)' '9s/^\([^,]*,[^,]*\),[^,]*/\1,abc/'
spoil ':9: .*column 1 .*not finite' '9s/^[^,]*/nan/'
spoil ':9: .*column 1 .*not finite' '9s/^[^,]*/-Inf/'
spoil ':9: ' '9s/^[^,]*/1e999/'
spoil ':12: .*empty' '12s/.*//'
spoil ':5: ' '5s/,/;/'
spoil '.*60|: .*frames' '41,$d'
spoil '' '1,$d'

cp -R good stranger
mv stranger/train/walking stranger/train/flying
bad 2 "stranger/train/flying.*unknown action" prepare cmu stranger -o new.gds
bad 2 "missing/new.gds" prepare cmu good -o missing/new.gds
mkdir folder
bad 2 "folder" prepare cmu good -o folder

# ------------------------------------------------------- data sets and models
ok prepare synth -o toy.gds
ok train symgnn --data cmu.gds -o cmu.gop $tiny --steps 2
head -n 300 good/test/walking/walking_1.txt >poses.txt
ok predict cmu.gop poses.txt

# damaged FILE COMMAND...: every way of reading FILE refuses what is wrong with it
damaged()
{
    bad 2 "$1" info "$1"
    case $1 in
    *.gds)
        bad 2 "$1" eval --data "$1"
        bad 2 "$1" eval cmu.gop --data "$1"
        bad 2 "$1" train symgnn --data "$1" -o new.gop $tiny --steps 1
        bad 2 "$1" predict cmu.gop walking_1 --data "$1"
        ;;
    *.gop)
        bad 2 "$1" eval "$1" --data cmu.gds
        bad 2 "$1" predict "$1" poses.txt
        bad 2 "$1" predict "$1" poses.txt --svg new.svg
        bad 2 "$1" train symgnn --data cmu.gds -o "$1" --resume
        ;;
    esac
}

for kind in gds gop; do
    size=$(wc -c <cmu.$kind)
    for part in 0 5 31 32 40 $((size / 2)) $((size - 1)); do
        head -c "$part" cmu.$kind >cut$part.$kind
        damaged cut$part.$kind
    done
    { cat cmu.$kind; echo; } >longer.$kind
    damaged longer.$kind
    { head -c $((size / 2)) cmu.$kind; printf '\377\000\125'; tail -c +$((size / 2 + 4)) cmu.$kind; } \
        >flipped.$kind
    damaged flipped.$kind
    cp poses.txt foreign.$kind
    damaged foreign.$kind
    damaged absent.$kind
done
cp cmu.gop model.gds
bad 2 "model.gds" eval --data model.gds
cp cmu.gds data.gop
bad 2 "data.gop" eval data.gop --data cmu.gds
bad 2 "data.gop" predict data.gop poses.txt

# --------------------------------------------------- what does not go together
bad 2 "layout" eval cmu.gop --data toy.gds
bad 2 "layout" predict cmu.gop walk_21 --data toy.gds
bad 2 "another|other|not the data|data" train symgnn --data toy.gds -o cmu.gop --resume
bad 1 "another --lr" train symgnn --data cmu.gds -o cmu.gop --resume --lr 0.5
bad 1 "another --steps" train symgnn --data cmu.gds -o cmu.gop --resume --steps 9
bad 1 "gamma=3" train symgnn --data cmu.gds -o cmu.gop --resume --preset small --set gamma=2
bad 2 "missing" train symgnn --data cmu.gds -o missing/new.gop $tiny --steps 1
bad 2 "folder" train symgnn --data cmu.gds -o folder $tiny --steps 1
bad 2 "long enough|too short|window|frames" train symgnn --data cmu.gds -o new.gop $tiny \
    --set observed=400 --steps 1

# ----------------------------------------------------------------------- poses
head -n 50 poses.txt >short.txt
bad 2 "short.txt: 50 poses, but 99 are needed" predict cmu.gop short.txt
bad 2 "poses.txt: 100 poses from line 151 on, but 119 are needed" \
    predict cmu.gop poses.txt --truth --from 151
bad 2 "poses.txt: 0 poses from line 9999 on" predict cmu.gop poses.txt --from 9999
sed '3s/^[^,]*/x/' poses.txt >broken.txt
bad 2 "broken.txt:3: column 1" predict cmu.gop broken.txt
bad 2 "absent.txt" predict cmu.gop absent.txt
bad 1 "cannot be drawn" predict cmu.gop poses.txt --svg new.svg
bad 1 "no sequence 'flying_1'" predict cmu.gop flying_1 --data cmu.gds

if [ -w /dev/full ]; then
    checks=$((checks + 1))
    "$GRAPHOP" info cmu.gds >/dev/full 2>io/err
    status=$?
    [ $status -eq 2 ] || fail "a full disk under stdout gives status $status"
fi

finish
