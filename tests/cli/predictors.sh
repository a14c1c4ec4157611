#!/bin/sh
# predictors.sh: models that only predict, with every verb.
. "${top_srcdir:?}/tests/lib.sh"

# model NAME OPTION...: trains and uses the model.
model()
{
    m=$1
    shift
    set -- train "$m" --data toy.gds --set observed=12 --set predicted=4 "$@" --batch 4
    ok "$@" -o a.gop --steps 6 --threads 1
    says "^$m [a-z]* on "
    ok "$@" -o b.gop --steps 6 --threads 2
    same a.gop b.gop
    bad 1 "--lambda needs two losses to weigh, and $m recognises no actions" "$@" -o n.gop --lambda ub

    ok info a.gop
    says "^model +$m, preset "
    says '^frames +12 observed, 4 predicted$'
    ok eval a.gop -d toy.gds --protocol windows
    says 'zero velocity'
    ok predict a.gop walk_21 -d toy.gds --truth
    ok predict a.gop walk_21 -d toy.gds --json --svg a.svg
    grep -q '>predicted<' a.svg || fail "a.svg of $m names no predicted poses"
    bad 1 "which recognises no actions" predict a.gop walk_21 -d toy.gds --features
    rm -f [ab].gop
}

ok prepare synth -o toy.gds
model simlpe --set blocks=2
model ltd --set coefficients=16 --set hidden=6 --set blocks=1
model ressup --set hidden=6 --set actions=1 --set velocity=1
model hisrep --set coefficients=6 --set hidden=6 --set blocks=1 --set kernels=3,3 --set steps=2 \
    --set predicted=2
model msrgcn --preset small --set coefficients=9 --set widths=4,6 --set loss=absolute

# Bounds of the training data are options of a model, the same for every share that is held out.
bounds="--data toy.gds --preset small --set observed=12 --set predicted=4 --set coefficients=9"
bounds="$bounds --set widths=4,6 --batch 4 --steps 2"
ok train msrgcn $bounds -o m.gop
ok info m.gop
grep -o ' low=[^ ]* high=[^ ]*' io/out >learnt
grep -q 'low=-[0-9.]* high=[0-9.]*$' learnt || fail "no bounds: $(cat io/out)"
ok train msrgcn $bounds -o n.gop --validate 0.3 --seed 2
ok info n.gop
grep -o ' low=[^ ]* high=[^ ]*' io/out | cmp -s - learnt || fail "other bounds: $(cat io/out)"
ok fuse m.gop n.gop -o mn.gop
ok train msrgcn $bounds -o n.gop --set low=-50
ok info n.gop
says 'low=-50 high=[0-9]'
# One bound may lie beyond what the other is in a network without training.
ok train msrgcn $bounds -o n.gop --set low=2
ok info n.gop
says 'low=2 high=[0-9]'
ok train msrgcn $bounds -o n.gop --set high=-2
ok info n.gop
says 'low=-[0-9.]* high=-2 '
bad 1 'low must be below high, and 900 is not below' train msrgcn $bounds -o x.gop --set low=900
bad 1 'low must be below high, and [-0-9.]* is not below -1e.06' train msrgcn $bounds -o x.gop \
    --set high=-1000000

# The class as an input.
small="--data toy.gds --set observed=12 --set predicted=4 --batch 4 --steps 6"
ok train ressup $small --set hidden=6 --set actions=1 --validate 0.3 --validate-every 3 -o class.gop
ok eval class.gop -d toy.gds --protocol windows
ok predict class.gop walk_21 -d toy.gds
cp io/out mine
ok predict class.gop walk_21 -d toy.gds --action walk
same mine io/out
ok predict class.gop walk_21 -d toy.gds --action wave
cmp -s mine io/out && fail "another class gives the same poses"
ok predict class.gop walk_21 -d toy.gds --horizon 20
tail -n 20 io/out >poses.csv
bad 1 'takes the class of the poses as an input; --action has it, one of ' predict class.gop poses.csv
ok predict class.gop poses.csv --action walk
bad 1 "unknown action 'wlak'; did you mean 'walk'" predict class.gop poses.csv --action wlak
ok train simlpe $small --set blocks=1 -o plain.gop
bad 1 'action cannot be used with a model of type simlpe' \
    predict plain.gop walk_21 -d toy.gds --action walk
ok train ressup $small --set hidden=6 --set actions=1 --seed 2 -o other.gop
ok fuse class.gop other.gop -o both.gop
ok predict both.gop walk_21 -d toy.gds --samples 0 --horizon 9
ok eval both.gop -d toy.gds --protocol windows --horizon 8
ok prepare gds toy.gds -o five.gds --only 'class:walk,wave'
bad 2 'actions' eval class.gop -d five.gds
ok eval plain.gop -d five.gds --protocol windows
bad 1 'errors are given from the second predicted frame on' eval plain.gop -d five.gds --horizon 1

# Bench knows which option is a width.
ok bench ltd --layout tiny5 --threads 1 --repeat 1 --warm-up 0 --set observed=12 --what infer
says '^ltd published, inference: layout tiny5, 5 nodes, 12 \+ 25 frames'

# Options that do not fit.
bad 1 'predicted must be at most observed, 4, not 9' train simlpe --data toy.gds -o x.gop \
    --set observed=4 --set predicted=9 --steps 1
bad 1 'loss=far: it must be one of position.angle.absolute.squared' train ltd --data toy.gds -o x.gop --set loss=far --steps 1

# Weights of another program; classes are those of the data.
models=$top_srcdir/tests/weights/models
ok import "$models/simlpe-authors.safetensors" --as simlpe --layout tiny5 -o i.gop \
    --set predicted=4
says '^5?[0-9]* tensors taken, [0-9]+ parameters, 1 classes$'
says '^simlpe observed=9 predicted=4 steps=1 blocks=2 '
says '^assumed: one class, class_0, that no verb needs; --labels FILE has others$'
printf 'nod\nbow\n' >two
ok import "$models/ltd-authors.safetensors" --as ltd --layout tiny5 --frames 9 --labels two -o i.gop \
    --set predicted=4
says ' 2 classes$'
says '^ltd observed=9 predicted=4 steps=1 coefficients=7 hidden=6 blocks=2 '
ok info i.gop
says '^actions +nod bow$'
bad 2 'layout ntu25 has 25 nodes of 3 channels, and tensor gc1.att has 15 rows' \
    import "$models/ltd-authors.safetensors" --as ltd --layout ntu25 --frames 9 -o x.gop
bad 2 'tensor convQ.0.weight .* does not fit query.conv1.weight' \
    import "$models/hisrep-authors.safetensors" --as hisrep --layout tiny5 --frames 50 -o x.gop

ok import "$models/msrgcn-authors.safetensors" --as msrgcn --layout tiny5 --frames 9 -o i.gop \
    --set predicted=4 --set 'groups=0/1,2,3/4;0/1,1/2;0/1' --set low=-2 --set high=3
says '^msrgcn observed=9 predicted=4 steps=1 coefficients=7 widths=3,4,5,6 blocks=1 extra=2,1,1,1 '
says '^assumed: no tensor has the least and the largest coefficient of the training data'
bad 1 'groups: ' import "$models/msrgcn-authors.safetensors" --as msrgcn --layout tiny5 \
    --frames 9 -o x.gop
bad 2 'cell.weight_ih .* does not fit' import "$models/ressup-pytorch.safetensors" --as ressup \
    --layout ntu25 -o x.gop
ok import "$models/ressup-pytorch.safetensors" --as ressup --layout tiny5 --frames 9 --rate 60 \
    -o i.gop
says '^ressup observed=9 predicted=10 steps=1 hidden=6 actions=0 reset=after '

# Any data of the layout will do, and columns have the times of the data.
for file in train/nod/a test/nod/b test/bow/c; do
    mkdir -p own/${file%/*}
    awk 'BEGIN { for (t = 0; t < 60; t++) { for (c = 0; c < 15; c++) printf "%s%.3f", c ? "," : "",
        0.1 * c + 0.3 * sin(0.2 * t + c); print "" } }' >own/$file.csv
done
ok prepare csv own --layout tiny5 --rate 60 -o own.gds
ok eval i.gop -d own.gds
says '^action +mm +33 ms +67 ms +133 ms +167 ms +clips$'
says '^nod  *. model'
grep -q literature io/out && fail "labels of 25 Hz for 60 Hz: $(cat io/out)"
ok eval i.gop -d own.gds --horizon 500ms --json
says '"ms":\[33\.3[0-9]*,.*,500\],"true_ms":\[33\.3[0-9]*,.*,500\]'

# Predictions of a model that knows no class have those of the data.
ok predict i.gop bow/c -d own.gds -o out.gds
ok info out.gds
says '^bow +0 +0 +1 +10$'

finish
