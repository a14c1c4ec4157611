#!/bin/sh
# convert.sh: every verb but convert refuses files of an older version.  A converted model
# gives the same answers, and its run continues to the same losses.
. "${top_srcdir:?}/tests/lib.sh"

old=$top_srcdir/tests/convert
cp "$old"/*.gop "$old"/clip.json .
cp "$old"/data.gds old-data.gds
cp "$old"/clips.gds old-clips.gds
cp "$old"/ntu.gds old-ntu.gds
cp "$old"/ntu.skeleton .

# near FILE FILE: equal except for numbers, which differ by at most 1e-5, absolute or relative.
near()
{
    checks=$((checks + 1))
    for file in "$1" "$2"; do
        # One number, or one text between numbers, a line.
        sed 's/[0-9][0-9.e+-]*/\n&\n/g' "$file" >"io/near-$(basename "$file")"
    done
    paste -d '\t' "io/near-$(basename "$1")" "io/near-$(basename "$2")" | awk -F '\t' '
        $1 == $2 { next }
        $1 !~ /^[0-9]/ || $2 !~ /^[0-9]/ { print "\"" $1 "\" and \"" $2 "\""; exit 1 }
        {
            apart = $1 > $2 ? $1 - $2 : $2 - $1
            if (apart > 1e-5 && apart > 1e-5 * $1) { print $1, "and", $2; exit 1 }
        }' >io/near || fail "$1 and $2 differ: $(cat io/near)"
}

# The figures that older versions had too, which labelled frames as at 25 Hz.
former()
{
    sed -e 's/,"seconds":[^,}]*//' -e 's/,"ece":[^,}]*//' \
        -e 's/,"constant_velocity[a-z_]*":\[[^]]*\]//g' -e 's/"ms":\[66.6666667\]/"ms":[80]/'
}

# Without the outputs that amplify rounding differences most.
losses()
{
    sed 's/,"lambda":[^,]*//; s/,"gradient_norm":[^,]*//'
}

hint="old-data.gds has version 1 of the format; 'graphop convert old-data.gds -o NEW' turns it into version 3"
bad 2 "$hint" info old-data.gds
bad 2 "$hint" eval --data old-data.gds
bad 2 "$hint" train template --data old-data.gds -o x.gop --steps 1

for set in data clips; do
    ok convert old-$set.gds -o $set.gds
    says "^old-$set\.gds had version 1; $set\.gds has the current version\.$"
done
ok info data.gds
says '^origin     csv$'
ok info clips.gds
says '^origin     kinetics$'
ok convert old-ntu.gds -o ntu.gds
says "^old-ntu\.gds had version 2; ntu\.gds has the current version\.$"

hint="has version 1 of the format; 'graphop convert old-adam.gop -o NEW' turns it into version 5"
bad 2 "^graphop info: old-adam.gop $hint\.$" info old-adam.gop
bad 2 "old-adam.gop $hint" eval old-adam.gop --data data.gds
bad 2 "old-adam.gop $hint" predict old-adam.gop --data data.gds nod/2
bad 2 "old-adam.gop $hint" bench old-adam.gop
bad 2 "old-adam.gop $hint" fuse old-adam.gop old-sgd.gop -o x.gop
bad 2 "old-adam.gop $hint" train template --data data.gds -o old-adam.gop --resume
bad 2 "old-adam.gop $hint" train template --data data.gds -o x.gop --init-from old-adam.gop --set observed=8

bad 2 "old-clips.gop has version 2 of the format; .* turns it into version 5" info old-clips.gop

for model in adam sgd held fused; do
    ok convert old-$model.gop -o $model.gop
    says "^old-$model\.gop had version 1; $model\.gop has the current version\.$"
    same old-$model.gop "$old/old-$model.gop"
    ok eval $model.gop --data data.gds --json
    # Older programs did not report what they left out.
    former <io/out | sed 's/,"left_out_of":{}//' >found.eval
    near "$old/$model.eval" found.eval
    ok predict $model.gop --data data.gds nod/2 --json
    near "$old/$model.predict" io/out
    ok info $model.gop --tensors
    ok convert old-$model.gop -o again.gop
    same $model.gop again.gop
done
grep -q '^training' io/out && fail "fused.gop has a run"
ok info sgd.gop
for setting in batch=16 seed=3 optimiser=sgd lr=0.05 weight_decay=0.01 momentum=0.5 schedule=step \
    decay_every=30 warmup=5 clip=0 noisy_labels=0.5 clip_frames=16 freeze=temporal_conv,bn2; do
    says " $setting( |\$)"
done
ok info held.gop
for setting in lambda=ub-normalised noisy_targets=0.5 clip_frames=10 init=ed2f98adf8996348 \
    validate=0.4 validate_every=4; do
    says " $setting( |\$)"
done
says '^held out   best at step [0-9]+: loss '

# Version 2: values are as recorded, also those of a file that is read for the model.
ok convert old-clips.gop -o clips.gop
ok info clips.gop --json
says '"origin":"kinetics","steps":\["bodies 1:score","missing zero"\]'
ok predict clips.gop clip.json --json
near "$old/clips.predict" io/out

# Version 3: what the source did to the bodies is a list of transformations now.
bad 2 "old-ntu.gop has version 3 of the format; .* turns it into version 5" info old-ntu.gop
ok convert old-ntu.gop -o ntu.gop
ok info ntu.gop
says '^steps      bodies 1:motion$'
says '^           align two-stream$'
ok predict ntu.gop ntu.skeleton --json
near "$old/ntu.predict" io/out
ok eval ntu.gop --data ntu.gds --json
former <io/out >found.eval
near "$old/ntu.eval" found.eval

# Version 4: the streams of agcn have the names of all streams now.
bad 2 "old-agcn.gop has version 4 of the format; .* turns it into version 5" info old-agcn.gop
ok convert old-agcn.gop -o agcn.gop
ok info agcn.gop --json
says '"stream":"joint\+bone"'
ok predict agcn.gop --data data.gds nod/2 --json
near "$old/agcn.predict" io/out
ok eval agcn.gop --data data.gds --json
former <io/out >found.eval
near "$old/agcn.eval" found.eval

# Runs continue with their settings.
for model in adam:template:data sgd:template:data held:symgnn:data clips:template:clips \
    ntu:template:ntu; do
    set=${model##*:} model=${model%:*}
    type=${model#*:} model=${model%:*}
    run train $type --data $set.gds -o $model.gop --resume
    [ "$status" -eq 0 ] || fail "$model.gop: status $status: $(cat io/err)"
    # On another kind of CPU a warning is printed.
    grep -v 'was trained with kernel' io/err && fail "$model.gop: $(cat io/err)"
    sed '1d; s/,"samples_per_second.*//' $model.gop.jsonl | losses >found.steps
    losses <"$old/$model.steps" >want.steps
    near want.steps found.steps
done
# The hash of the data had no subjects.
ok train template --data data.gds -o no-subjects.gop --resume
bad 1 "another --noisy-labels" train template --data data.gds -o sgd.gop --resume --noisy-labels 0.4
bad 1 "observed=8; --resume" train template --data data.gds -o sgd.gop --resume --observe 0.25

# ------------------------------------------------------------------- what is refused

bad 2 "adam.gop already has version 5, the present form" convert adam.gop -o x.gop
bad 2 "data.gds already has version 3, the present form" convert data.gds -o x.gds
bad 1 "would overwrite old-adam.gop" convert old-adam.gop -o old-adam.gop
bad 1 "would overwrite ./old-adam.gop|would overwrite old-adam.gop" convert old-adam.gop -o ./old-adam.gop
ln old-adam.gop link.gop
bad 1 "would overwrite old-adam.gop" convert old-adam.gop -o link.gop
rm link.gop
bad 1 "would overwrite data.gds" convert old-adam.gop -o data.gds
echo precious >notes
bad 1 "would overwrite notes" convert old-adam.gop -o notes
bad 2 "none.gop" convert none.gop -o x.gop
bad 2 "notes: not a graphop file|notes" convert notes -o x.gop
bad 2 "cannot write none/x.gop|none/x.gop" convert old-adam.gop -o none/x.gop
bad 1 "output" convert old-adam.gop
bad 1 "too few arguments" convert -o x.gop
head -c 1000 old-held.gop >cut.gop
bad 2 "cut.gop: truncated" convert cut.gop -o x.gop
# One byte of the payload is changed, but not the checksum.
{ head -c 5000 old-held.gop; printf X; tail -c +5002 old-held.gop; } >spoilt.gop
cmp -s old-held.gop spoilt.gop && fail "spoilt.gop is whole"
bad 2 "spoilt.gop: " convert spoilt.gop -o x.gop
# An existing file of another model is replaced.
cp fused.gop x.gop
ok convert old-adam.gop -o x.gop
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files: $(find . -name '*.tmp')"

finish
