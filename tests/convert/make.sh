#!/bin/sh
# make.sh GRAPHOP SECOND THIRD FOURTH FIFTH: makes the files of this folder anew, by graphops of the
# commits d559b57, 8e5e5d2, 0a608e8, dbe374e and fa03aef.  README says what they are.
set -eu
G=$1 second=$2 third=$3 fourth=$4 fifth=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
cd "$work"
set=data.gds

# Two motions of a body of five nodes, told apart by their pace.
for split in train test; do
    for action in nod bow; do
        mkdir -p own/$split/$action
        for i in 1 2 3; do
            awk -v i=$i -v bow=$([ $action = bow ] && echo 1 || echo 0) \
                -v test=$([ $split = test ] && echo 1 || echo 0) 'BEGIN {
                for (t = 0; t < 24; t++) {
                    for (c = 0; c < 15; c++)
                        printf "%s%.4f", c ? "," : "", 0.1 * c + 0.3 * sin(i + 2 * bow + \
                            0.5 * test + (bow ? 0.4 : 0.25) * t * (1 + c % 3) + c)
                    print ""
                }
            }' >own/$split/$action/$i.csv
        done
    done
done
"$G" prepare csv own --layout tiny5 --rate 30 -o data.gds >log

# stop STEP MODEL ARGUMENT...: a run that is stopped behind that step.
stop()
{
    step=$1 model=$2
    shift 2
    "$G" train "$@" -d "$set" -o "$model" --threads 1 >log 2>&1 &
    pid=$!
    while ! grep -q "^{\"step\":$step," "$model.jsonl" 2>late; do
        kill -0 $pid 2>late || { echo "$model is complete"; exit 1; }
    done
    kill -TERM $pid
    wait $pid || true
}

template="template --set observed=8 --set width=2 --set taps=3 --save-every 0"
symgnn="symgnn --set observed=8 --set predicted=2 --set widths=2,2 --set strides=2,2
    --set kernels=3,3 --set fuse_after= --set agim_dim=2 --set hidden=6 --set agim_k=1
    --set gamma=1 --set orders=0 --batch 4"
stop 20 adam.gop $template --steps 40 --batch 16
stop 20 sgd.gop $template --steps 40 --batch 16 --optimiser sgd --lr 0.05 --momentum 0.5 \
    --weight-decay 0.01 --schedule step --decay-every 30 --warmup 5 --clip 0 --seed 3 \
    --set observed=16 --observe 0.5 --noisy-labels 0.5 --freeze temporal_conv,bn2
"$G" train $symgnn -d data.gds -o first.gop --steps 2 --threads 1 >log
stop 10 held.gop $symgnn --steps 26 --seed 5 --lambda ub-normalised --lr 0.005 --noisy-targets 0.5 \
    --observe 0.5 --predict 2 --init-from first.gop --validate 0.4 --validate-every 4 --save-every 0
for stream in joint bone; do
    "$G" train $symgnn -d data.gds -o $stream.gop --set stream=$stream --steps 3 --threads 1 >log
done
"$G" fuse joint.gop bone.gop -o fused.gop --weight 0.3

for model in adam sgd held fused; do
    cp $model.gop old-$model.gop
    "$G" eval $model.gop -d data.gds --json | sed 's/,"seconds":[^,}]*//' >$model.eval
    "$G" predict $model.gop -d data.gds nod/2 --json >$model.predict
done
for model in adam:template sgd:template held:symgnn; do
    type=${model#*:} model=${model%:*}
    "$G" train $type -d data.gds -o $model.gop --resume --threads 1 >log
    # What comes behind the interruption.
    sed '1,/"event":"resume"/d; s/,"samples_per_second.*//' $model.gop.jsonl >$model.steps
done

# Clips of Kinetics-skeleton, as recorded.
mkdir -p clips/train clips/test
for i in 1 2 3; do
    awk -v p=$i -v class=$((i % 2)) 'BEGIN {
        printf "{\"data\": ["
        for (t = 1; t <= 8; t++) {
            printf "%s{\"frame_index\": %d, \"skeleton\": [{\"pose\": [", (t > 1 ? ", " : ""), t
            for (j = 0; j < 36; j++)
                printf "%s%.3f", j ? ", " : "", 0.5 + 0.3 * sin(p + t / 3 + j)
            printf "], \"score\": ["
            for (j = 0; j < 18; j++)
                printf "%s0.5", j ? ", " : ""
            printf "]}]}"
        }
        printf "], \"label\": \"%s\", \"label_index\": %d}", class ? "wave" : "bow", class
    }' >clips/train/$i.json
done
cp clips/train/3.json clips/test/clip.json
"$second" prepare kinetics clips -o clips.gds --as-recorded >log
G=$second set=clips.gds
stop 20 clips.gop template --set observed=5 --set width=2 --set taps=3 --save-every 0 --steps 40 \
    --batch 2
cp clips.gop old-clips.gop
"$second" predict clips.gop clips/test/clip.json --json >clips.predict
"$second" train template -d clips.gds -o clips.gop --resume --threads 1 >log
sed '1,/"event":"resume"/d; s/,"samples_per_second.*//' clips.gop.jsonl >clips.steps
cp clips/test/clip.json clips.gds "$here"

# Bodies of NTU RGB+D, turned upright by the source.
. "$here/ntu.sh"
mkdir ntu
skeleton 12 0 >ntu/S001C001P001R001A001.skeleton
skeleton 12 1 >ntu/S001C001P002R001A002.skeleton
skeleton 14 2 >ntu/S001C001P003R001A001.skeleton
"$third" prepare ntu ntu -o ntu.gds >log
G=$third set=ntu.gds
stop 20 ntu.gop template --set observed=5 --set width=2 --set taps=3 --save-every 0 --steps 40 \
    --batch 2
cp ntu.gop old-ntu.gop
cp ntu/S001C001P003R001A001.skeleton ntu.skeleton
"$third" predict ntu.gop ntu.skeleton --json >ntu.predict
"$third" eval ntu.gop -d ntu.gds --json | sed 's/,"seconds":[^,}]*//' >ntu.eval
"$third" train template -d ntu.gds -o ntu.gop --resume --threads 1 >log
sed '1,/"event":"resume"/d; s/,"samples_per_second.*//' ntu.gop.jsonl >ntu.steps
cp old-ntu.gop ntu.* "$here"
rm "$here/ntu.gop" "$here/ntu.gop.jsonl"

# Both streams in one model.
"$fourth" convert data.gds -o four.gds >log
"$fourth" train agcn -d four.gds -o old-agcn.gop --set stream=both --set observed=8 \
    --set widths=4,4 --set strides=1,2 --set taps=3 --batch 4 --steps 6 --threads 1 >log
"$fourth" predict old-agcn.gop -d four.gds nod/2 --json >agcn.predict
"$fourth" eval old-agcn.gop -d four.gds --json | sed 's/,"seconds":[^,}]*//' >agcn.eval

"$fifth" convert data.gds -o five.gds >log
"$fifth" train template --recipe plain -d five.gds -o no-subjects.gop --set observed=8 \
    --set width=2 --set taps=3 --steps 4 --batch 4 --threads 1 >log
cp data.gds old-*.gop no-subjects.gop ./*.eval ./*.predict ./*.steps "$here"
