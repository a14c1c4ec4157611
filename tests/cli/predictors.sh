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
says '^assumed: one class, class_0; eval needs those of its data, and --labels FILE'
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

finish
