#!/bin/sh
# limits.sh: too few threads, too little memory, a setting of BLIS that names nothing, many classes.
# Each ends in an answer or in a sentence and status 2.
. "${top_srcdir:?}/tests/lib.sh"

# limited RESOURCE LIMIT ARGUMENT...: as run, under a limit.
limited()
{
    checks=$((checks + 1))
    (ulimit "$1" "$2" && shift 2 && exec "$GRAPHOP" "$@") >io/out 2>io/err </dev/null
    status=$?
}

# answers_or_refuses WHAT: the last command ended by status 0, or by status 2 and a sentence.
answers_or_refuses()
{
    checks=$((checks + 1))
    case $status in
    0) [ ! -s io/err ] || fail "$1: $(cat io/err)" ;;
    2) [ "$(grep -c '^graphop.*: ' io/err)" = "$(wc -l <io/err)" ] || fail "$1: $(cat io/err)" ;;
    *) fail "$1: status $status: $(cat io/err)" ;;
    esac
}

# ---------------------------------------------------------------------- BLIS

BLIS_ARCH_TYPE=9999
export BLIS_ARCH_TYPE
run -V
case $(cat io/out) in
*avx*) [ "$status" = 0 ] || fail "BLIS_ARCH_TYPE ends a program that does not use BLIS" ;;
*) answers_or_refuses "BLIS_ARCH_TYPE=9999" ;;
esac
unset BLIS_ARCH_TYPE

# ------------------------------------------------------------------- threads

# motion DIR ACTION: a sequence of five nodes.
motion()
{
    mkdir -p "$1/$2"
    awk -v k="${#2}" 'BEGIN {
        for (t = 0; t < 30; t++) {
            for (c = 0; c < 15; c++)
                printf "%s%.4f", c ? "," : "", sin(0.2 * k * t + c)
            print ""
        }
    }' >"$1/$2/a.csv"
}
for split in train test; do
    motion set/$split nod
    motion set/$split wave
done
ok prepare csv set --layout tiny5 --rate 30 -o d.gds
ok train template --data d.gds -o a.gop --set observed=5 --batch 2 --steps 1 -T 1
ok predict a.gop set/test/nod/a.csv -T 1
cp io/out alone

# Threads need stacks of their own, of 8 MB each here.
(ulimit -v 300000 && "$GRAPHOP" -V) >/dev/null 2>&1 && can_limit=yes || can_limit=no
if [ $can_limit = yes ]; then
    for size in 50000 100000 200000 300000 400000; do
        limited -v $size predict a.gop set/test/nod/a.csv -T 64
        answers_or_refuses "-v $size"
        [ "$status" = 2 ] || cmp io/out alone || fail "-v $size: another answer"
    done
fi

# -------------------------------------------------------------------- memory

# A small file whose network needs 48 MB for one clip.
awk 'BEGIN {
    for (t = 0; t < 4200; t++) {
        for (c = 0; c < 15; c++)
            printf "%s%.3f", c ? "," : "", sin(0.01 * t + c)
        print ""
    }
}' >long.csv
for split in train test; do
    rm set/$split/*/a.csv
    cp long.csv set/$split/nod/a.csv
    cp long.csv set/$split/wave/a.csv
done
ok prepare csv set --layout tiny5 --rate 30 -o long.gds
ok train template --data long.gds -o large.gop --set observed=4096 --set width=256 --set taps=1 \
    --batch 1 --steps 1 -T 1
ok info large.gop
says 'one clip .* [0-9.]+ MB$'
if [ $can_limit = yes ]; then
    # refuses_for_memory ARGUMENT...: one sentence, status 2.
    refuses_for_memory()
    {
        limited -v 50000 "$@"
        [ "$status" = 2 ] || fail "$*: status $status"
        grep -Eq '^graphop [a-z]*: the net needs [0-9]+ MiB, above the limit of [0-9]+ MiB\.$' \
            io/err || fail "$*: $(cat io/err)"
    }
    limited -v 50000 info large.gop
    [ "$status" = 0 ] || fail "info takes the memory of a clip: $(cat io/err)"
    refuses_for_memory predict large.gop long.csv -T 1
    refuses_for_memory eval large.gop --data long.gds -T 1
    refuses_for_memory train template --data long.gds -o new.gop --set observed=4096 \
        --set width=256 --batch 1 --steps 1 -T 1
fi

# A set of 165 MB is joined, trained on and measured in a third of its size, with the same bytes.
if [ $can_limit = yes ]; then
    ok prepare synth -o synth.gds
    ok prepare gds synth.gds --fill 3000 -o whole.gds
    third=$(($(wc -c <whole.gds) / 3 / 1024))
    [ "$third" -gt 50000 ] || fail "the set is too small: three times $third KiB"
    for limit in unlimited $third; do
        limited -v "$limit" prepare gds synth.gds --fill 3000 -o $limit.gds
        [ "$status" = 0 ] || fail "prepare in $limit KiB: $(cat io/err)"
        limited -v "$limit" train template --data $limit.gds -o $limit.gop --set observed=10 \
            --batch 4 --steps 20 -T 1
        [ "$status" = 0 ] || fail "train in $limit KiB: $(cat io/err)"
        limited -v "$limit" eval $limit.gop --data $limit.gds -T 1
        [ "$status" = 0 ] || fail "eval in $limit KiB: $(cat io/err)"
        sed 's/[a-z0-9]*\.g[do][ps]//g' io/out >$limit.eval
    done
    for ending in gds gop eval; do
        same unlimited.$ending $third.$ending
    done
    rm -f whole.gds unlimited.gds $third.gds
fi

# -------------------------------------------------------------- many classes

# A picture of many classes draws no cell without clips.
i=0
while [ $i -lt 120 ]; do
    for split in train test; do
        mkdir -p many/$split/c$i
        head -n $((20 + i / 20)) long.csv >many/$split/c$i/a.csv
    done
    i=$((i + 1))
done
run prepare csv many --layout tiny5 --rate 30 -o many.gds
ok train template --data many.gds -o many.gop --set observed=5 --batch 2 --steps 1 -T 1
ok eval many.gop --data many.gds --protocol dense --confusion many.svg -T 1
cells=$(grep -c '<rect class="cell"' many.svg)
[ "$cells" -ge 1 ] && [ "$cells" -lt 1000 ] || fail "$cells cells are drawn"
# A table holds one row in memory: two clips make 2000 classes of their numbers.
mkdir -p k/kinetics_train k/kinetics_val
for index in 0 1999; do
    for folder in k/kinetics_train k/kinetics_val; do
        awk -v index_="$index" 'BEGIN {
            printf "{\"data\": ["
            for (t = 1; t <= 8; t++) {
                printf "%s{\"frame_index\": %d, \"skeleton\": [{\"pose\": [", (t > 1 ? "," : ""), t
                for (j = 0; j < 36; j++)
                    printf "%s%.3f", (j ? "," : ""), 0.5 + 0.3 * sin(index_ + t / 3 + j)
                printf "], \"score\": [0.5"
                for (j = 1; j < 18; j++)
                    printf ",0.5"
                printf "]}]}"
            }
            printf "], \"label\": \"c%d\", \"label_index\": %d}", index_, index_
        }' >$folder/c$index.json
    done
done
ok prepare kinetics k -o k.gds
ok train template --data k.gds -o k.gop --set observed=5 --batch 2 --steps 1 -T 1
if [ $can_limit = yes ]; then
    limited -v 150000 eval k.gop --data k.gds -T 1 --confusion k.txt
    [ "$status" -eq 0 ] || fail "a table of 2000 classes: status $status: $(cat io/err)"
    [ "$(sed -n '$=' k.txt)" -ge 2004 ] || fail "a table of 2000 classes has $(sed -n '$=' k.txt) lines"
fi

finish
