#!/bin/sh
# scores.sh: files of scores: what eval writes, and what fuse makes of them.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
for seed in 1 2 3; do
    ok train template --recipe plain -d toy.gds -o $seed.gop --set observed=10 --batch 4 \
        --steps 3 --seed $seed --lr 0.01 --threads 1
    ok eval $seed.gop -d toy.gds --scores $seed.csv --threads 1
    grep -v 'left out' io/out | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >$seed.txt
done
checks=$((checks + 3))
head -n 1 1.csv | grep -Eq '^protocol,sequence,start,truth,[a-z,]+$' || fail "$(head -n 1 1.csv)"
# A line for each clip: eight clips an action, windows every fifth frame, beginnings.
cut -d , -f 1 1.csv | sort | uniq -c | tr -s ' ' >counts
printf ' 64 8-seed\n 48 beginning\n 912 dense\n 1 protocol\n' | cmp - counts || fail "$(cat counts)"
# predict gives the same probabilities of the window that begins there.
line=$(grep '^8-seed' 1.csv | sed -n 2p)
ok predict 1.gop "$(echo "$line" | cut -d , -f 2)" -d toy.gds --from "$(echo "$line" | cut -d , -f 3)" --json
for value in $(echo "$line" | cut -d , -f 5- | tr , ' '); do
    grep -q ":$(echo "$value" | cut -c 1-7)" io/out || fail "$value is not in $(cat io/out)"
done
ok eval 1.gop -d toy.gds --scores again.csv --threads 3 --batch 5 --protocol dense
grep '^protocol\|^dense' 1.csv >dense.csv
same dense.csv again.csv

# The same results as eval; a weight of 0 leaves a file out.
ok fuse 1.csv 2.csv --weights 1,0 --scores one.csv
grep -v 'left out' io/out | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >one.txt
same one.txt 1.txt
same one.csv 1.csv
ok fuse 1.csv 2.csv 3.csv --scores all.csv
says '^Mean class accuracy [0-9.]+ %, overall accuracy [0-9.]+ % of 912 clips\.$'
says '^Expected calibration error [0-9.]+ %\.$'
ok fuse 1.csv 2.csv 3.csv --weights 4,4,4 --scores same.csv
same all.csv same.csv
ok fuse 1.csv 2.csv --weights 3,1 --scores mean.csv
paste -d , 1.csv 2.csv mean.csv | awk -F , 'NR > 1 { n = NF / 3
    for (i = 5; i <= n; i++) {
        d = (3 * $i + $(n + i)) / 4 - $(2 * n + i)
        if (d < -1e-6 || d > 1e-6) exit 1
    } } END { exit NR < 1000 }' || fail "mean.csv is not the mean"
ok fuse 1.csv 2.csv --json
says '^\{"task":"recognition","protocol":"dense","action":"average","top1":.*"ece":.*"actions":8\}$'
grep -q '"trained"\|left_out' io/out && fail "data are unknown"

# Clips that differ, and lines that are not scores.
sed 's/,walk_21,/,walk_99,/' 2.csv >other.csv
bad 2 'differ: the clip of walk_21 at frame [0-9]+ by protocol 8-seed in file 1 is that of walk_99' \
    fuse 1.csv other.csv --scores new.csv
sed '$d' 2.csv >short.csv
bad 2 'the clip of .* is in file 1 and not in file 2' fuse 1.csv short.csv --scores new.csv
{ cat 1.csv; grep '^dense' 1.csv | sed -n 3p; } >twice.csv
bad 2 'the clip of .* at frame 11 by protocol dense occurs twice in the files' \
    fuse twice.csv twice.csv --scores new.csv
sed '7s/,0[.]/,2./' 2.csv >large.csv
bad 2 'large.csv:7: a probability must be a number from 0 to 1' fuse 1.csv large.csv --scores new.csv
bad 2 '1.gop is no file of scores' fuse 1.csv 1.gop
bad 1 '[-]-weights: 2 files need as many weights, not 3' fuse 1.csv 2.csv --weights 1,1,1
bad 1 'weight of scores must be above 0' fuse 1.csv 2.csv --weights 0,0
bad 1 '[-]-weights: ' fuse 1.csv 2.csv --weights 1,x
bad 1 '[-]-output cannot be used with 1.csv, which holds scores' fuse 1.csv 2.csv --output x.gop
bad 1 '[-]-weight cannot be used with 1.csv' fuse 1.csv 2.csv -w 0.5
bad 1 '[-]-scores needs files of scores, and 1.gop is none' fuse 1.gop 2.gop --scores new.csv
bad 1 '[-]-json needs files of scores' fuse 1.gop 2.gop --json
bad 1 '[-]-output FILE is missing' fuse 1.gop 2.gop
bad 1 '[-]-scores' fuse 1.gop 2.gop --scores new.csv -o new.gop
bad 1 '[-]-scores' eval -d toy.gds --scores new.csv
bad 2 'cannot create' eval 1.gop -d toy.gds --scores no/new.csv
finish
