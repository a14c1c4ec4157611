#!/bin/sh
# features.sh: predict --features: what the layer of class scores reads, one line a clip.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
small="--recipe plain -d toy.gds --set observed=10 --set widths=4,6 --set strides=1,2 --set taps=3"
ok train stgcn $small --batch 4 --steps 3 -o a.gop

# numbers N: the last output is one line of N numbers.
numbers()
{
    [ "$(wc -l <io/out)" -eq 1 ] && [ "$(tr ',' '\n' <io/out | grep -Ec '^[-0-9.e]+$')" -eq "$1" ] ||
        fail "not a line of $1 numbers: $(cat io/out)"
}

ok predict a.gop walk_21 -d toy.gds --features
numbers 6
tr -d '\n' <io/out >line
ok predict a.gop walk_21 -d toy.gds --features --json
[ "$(keys)" = "poses from observed rate probabilities features" ] || fail "keys: $(keys)"
grep -Fq "\"features\":[$(cat line)]" io/out || fail "$(cat line) in text, in JSON $(cat io/out)"
mv io/out with
ok predict a.gop walk_21 -d toy.gds --json
sed 's/,"features":\[[^]]*\]//' with >without
same io/out without

# The streams' features follow each other, and the first are those of the joints.
ok train stgcn $small --batch 4 --steps 3 --set stream=bone -o b.gop
ok fuse a.gop b.gop -o ab.gop
ok predict b.gop walk_21 -d toy.gds --features
tr -d '\n' <io/out >bone
ok predict ab.gop walk_21 -d toy.gds --features
numbers 12
[ "$(cat io/out)" = "$(cat line),$(cat bone)" ] || fail "fused: $(cat io/out)"

# Sym-GNN's, without the poses that it predicts.
ok train symgnn --recipe plain -d toy.gds --set observed=10 $tiny --steps 1 -o s.gop
ok predict s.gop walk_21 -d toy.gds --features
numbers 6
bad 1 "option --features has no effect with --truth|--features cannot be used with --truth" \
    predict s.gop walk_21 -d toy.gds --features --truth
ok train symgnn --recipe plain -d toy.gds --set observed=10 $bare --set heads=prediction \
    --set agim_k=0 --set fuse_after= --steps 1 -o p.gop
bad 1 "--features cannot be used with p.gop, which recognises no actions" \
    predict p.gop walk_21 -d toy.gds --features

# A folder: a line for each file.  Views of a body that stands still are the same, so their mean is
# the one view.
ok predict s.gop walk_21 -d toy.gds
sed -n '$p' io/out >pose
mkdir clips
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat pose; done >clips/still.txt
ok predict s.gop walk_21 -d toy.gds
tail -n 10 io/out >clips/walk.txt
ok predict a.gop clips --features
[ "$(wc -l <io/out)" -eq 2 ] || fail "folder: $(cat io/out)"
says '^still.txt: ([-0-9.e]+,){5}[-0-9.e]+$'
says '^walk.txt: ([-0-9.e]+,){5}[-0-9.e]+$'
ok predict a.gop clips --features --json
[ "$(wc -l <io/out)" -eq 2 ] || fail "folder: $(cat io/out)"
for n in 1 4; do
    ok train stgcn $small --batch 4 --steps 3 --sample uniform --test-clips $n -o v$n.gop
    ok predict v$n.gop clips/still.txt --features
    tr ',' '\n' <io/out >v$n
done
paste -d ' ' v1 v4 | awk '{ d = $1 - $2; some += $1 != 0 } d * d > 1e-10 { exit 1 }
    END { if (!some) exit 1 }' || fail "features of 1 and of 4 views: $(paste v1 v4)"

finish
