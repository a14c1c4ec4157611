#!/bin/sh
# import.sh: models of the weights of other programs: what is printed, what every verb makes of the
# model, what is refused.
. "${top_srcdir:?}/tests/lib.sh"

weights=$top_srcdir/tests/weights
models=$weights/models
import="import $models/ctrgcn-pyskl.safetensors --as ctrgcn --layout tiny5"

# -------------------------------------------------------------------------- the report

ok $import --frames 9 --sample uniform --rate 30 -o a.gop
says '^.*ctrgcn-pyskl.safetensors: safetensors, names of pyskl$'
says '^[0-9]+ tensors taken, [0-9]+ parameters, 4 classes$'
says '^ctrgcn observed=9 .*widths=8,8,12 strides=1,2,2 partition=rows inner_relu=1$'
says '^assumed: strides=1,2,2: 2 where a width grows; --set strides=... has others$'
says '^assumed: inner_relu=1: as pyskl has it$'
says '^assumed: classes class_0 to class_3; --labels FILE has their names$'
says '^assumed: values come as the network takes them'
grep -E '^(missing|left over|assumed: bodies|assumed: observed)' io/out &&
    fail "more is reported than the file leaves open"
ok info a.gop
says '^layout +tiny5: 5 nodes of 3 position channels'
says '^view +bodies=2 sample=uniform'
ok info a.gop --tensors
says 'block\.0\.gcn\.0\.theta\.weight'

# Equal options, equal bytes.
ok $import --frames 9 --sample uniform --rate 30 -o b.gop
same a.gop b.gop

# Options that the file does not show, and a tensor too many.
printf 'nod\r\nbow\nwave\nlast one' >labels
ok $import --labels labels --set strides=1,2,1 --names pyskl --units mm --factor 2 --test-clips 3 \
    --average-bodies present --sample uniform --short stretch -o c.gop
says 'strides=1,2,1'
grep -E '^assumed: (strides|classes)' io/out && fail "what was given is called an assumption"
ok info c.gop
says '^actions +nod bow wave "?last one"?$'
says '^steps +units 0.001$'
ok import $models/stgcnpp-pyskl.safetensors --as stgcnpp --layout tiny5 --set strides=1,1,2 -o d.gop
says '^left over: backbone\.gcn\.1\.residual\.bn\.bias$'

# A layout that is not named is the only built-in one that fits.
ok import $models/stgcn-pyskl.safetensors --as stgcn -o e.gop
says '^assumed: the nodes are those of layout tiny5, the only one with as many'
says '^assumed: graph=stored'
says '^assumed: importance=1: a file of offset has the same names and shapes; --set importance=\.\.\. sets it'
ok import $models/stgcn-pyskl.safetensors --as stgcn --set importance=offset -o offset.gop
grep '^assumed: importance' io/out && fail "what was given is called an assumption"
ok info offset.gop
says 'importance=offset'
ok import $models/stgcnpp-pyskl.safetensors --as stgcnpp -o e.gop
grep '^assumed: importance' io/out && fail "stgcnpp has no such option"
ok import $models/stgcn-pyskl.safetensors --as stgcn -o e.gop
ok import $models/stgcn-pyskl.safetensors --as stgcn --average-bodies present -o e.gop
says '^assumed: bodies=1: '

# ------------------------------------------------------------------- what verbs make of it

mkdir -p data/train/nod data/train/bow data/test/nod data/test/bow
for split in train test; do
    for class in nod bow; do
        awk -v c=$class -v s=$split 'BEGIN { for (t = 0; t < 24; t++) { line = t / 30
            for (i = 1; i <= 15; i++) line = line "," sin(t * (c == "nod" ? 1 : 2) / 5 + i) / 3
            print line } }' >data/$split/$class/1.csv
    done
done
printf 'nod\nbow\n' >two
ok prepare csv data --layout tiny5 --rate 30 --columns time,* --standardise no -o data.gds
ok predict a.gop data/test/nod/1.csv
says 'class_[0-3]'
ok bench a.gop --warm-up 0 --repeat 1 --threads 1
ok import $models/stgcnpp-pyskl.safetensors --as stgcnpp --frames 9 -o joint.gop
ok import $models/stgcnpp-pyskl.safetensors --as stgcnpp --frames 9 --set stream=bone -o bone.gop
ok fuse joint.gop bone.gop -o both.gop
ok info both.gop
says 'stream=joint\+bone'
ok train ctrgcn --data data.gds --set widths=8,8,12 --set strides=1,2,2 --set partition=rows \
    --set inner_relu=1 --set observed=9 --bodies 2 --sample uniform --init-from a.gop \
    --freeze 'block.*' --steps 2 --batch 2 --threads 1 -o tuned.gop

# -------------------------------------------------------------------------- refusals

bad 1 "unknown model 'ctrgnc'; did you mean 'ctrgcn'" import x.pth --as ctrgnc -o x.gop
bad 1 'template has no tables of other programs. names' \
    import $weights/layer.pth --as template --layout tiny5 -o x.gop
bad 1 'no tensor has a name of stgcn \(pyskl, authors, mmaction\); its first ones are 0.bias' \
    import $weights/layer.pth --as stgcn --layout tiny5 -o x.gop
bad 1 'stgcn has no table other; it has pyskl, authors, mmaction' \
    import $models/stgcn-pyskl.safetensors --as stgcn --names other -o x.gop
bad 2 'layout ntu25 has 25 nodes of 3 channels, and tensor backbone.data_bn.weight has 30 rows' \
    $import --layout ntu25 -o x.gop
printf 'nod\nbow\nnod\nlast\n' >twice
bad 2 'twice: line 3: the class occurs twice' $import --labels twice -o x.gop
printf 'nod\n\n' >empty
bad 2 'empty: line 2: a class needs a name' $import --labels empty -o x.gop
bad 2 'two has 2 classes, and the network 4' $import --labels two -o x.gop
bad 1 'bodies=1, and the network has statistics of 2' $import --bodies 1 -o x.gop
bad 1 'strides' $import --set strides=1,2 -o x.gop
bad 1 'transformation scores needs' $import --scores drop -o x.gop
bad 2 'tensor .* does not fit block' $import --set widths=8,8,16 -o x.gop
bad 2 'cannot open missing.pth' import missing.pth --as stgcn -o x.gop
cp a.gop keep.gop
for file in "$weights"/hostile/* "$weights"/old.pth "$weights"/old.tar; do
    case $file in */circle.pth | */checksum.pth) continue ;; esac
    bad 2 "${file##*/}" import "$file" --as stgcn --layout tiny5 -o a.gop
done
same a.gop keep.gop

bad 2 'no tensor is fc.weight of aagcn, by the names of authors' \
    import $models/stgcn-authors.safetensors --as aagcn --layout tiny5 -o x.gop

# Tensors that the file lacks.
more="--set widths=8,8,12,12 --set strides=1,2,2,1"
bad 2 'lacks [0-9]+ tensors of ctrgcn: block.3.gcn.A, .*, ...; --partial leaves them' \
    $import $more -o x.gop
ok $import $more --partial -o more.gop
says '^missing: block\.3\.gcn\.A$'

# ------------------------------------------------------------------- of other programs

shared=${GRAPHOP_WEIGHTS-$top_srcdir/../shared/data/weights}
if [ -f "$shared/hagrid.pth" ]; then
    ok import "$shared/hagrid.pth" --as stgcnpp --layout hand21 --frames 10 --sample uniform \
        --source keypoints -o hand.gop
    says '^assumed: two channels a node: the scores of layout hand21 are left out$'
    ok info hand.gop
    says '^parameters 197 478 trained'
else
    echo "skipped: $shared/hagrid.pth is absent"
fi
finish
