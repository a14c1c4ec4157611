# inputs.sh: small raw data of every source, sets and models, made in the folder `in` of the test.
# Sourced after tests/lib.sh by sweep.sh, kill.sh and tests/fuzz/corpus.sh.  Models are trained
# for a few steps.

find_program

# rows FRAMES COLUMNS PHASE: a motion as comma-separated numbers.
rows()
{
    awk -v frames="$1" -v columns="$2" -v phase="$3" 'BEGIN {
        for (t = 0; t < frames; t++) {
            for (c = 0; c < columns; c++)
                printf "%s%.3f", c ? "," : "", 0.1 * c % 1 + 0.3 * sin(phase + 0.3 * t * (1 + c % 3) + c)
            print ""
        }
    }'
}

# skeleton FRAMES PHASE: a clip in the format of NTU RGB+D.
skeleton()
{
    awk -v frames="$1" -v phase="$2" 'BEGIN {
        print frames
        for (t = 0; t < frames; t++) {
            print "1\n72057594037931101 0 1 1 1 1 0 0.02 -0.2 2\n25"
            for (j = 0; j < 25; j++)
                printf "%.3f %.3f %.3f 0 0 0 0 0 0 0 0 2\n", sin(j + phase) / 2 + 0.1 * sin(t + j), \
                    cos(j * phase) / 2, 3 + t / 100 + j / 50
        }
    }'
}

# clip LABEL INDEX: two frames in the format of Kinetics-Skeleton.
clip()
{
    awk -v label="$1" -v number="$2" 'BEGIN {
        printf "{\"data\":["
        for (t = 0; t < 2; t++) {
            printf "%s{\"frame_index\":%d,\"skeleton\":[{\"pose\":[", t ? "," : "", t + 1
            for (j = 0; j < 36; j++)
                printf "%s%.3f", j ? "," : "", 0.1 + (j * 7 + t * number) % 80 / 100
            printf "],\"score\":["
            for (j = 0; j < 18; j++)
                printf "%s0.5", j ? "," : ""
            printf "]}]}"
        }
        printf "],\"label\":\"%s\",\"label_index\":%d}\n", label, number
    }'
}

# points JOINTS FRAME FORMAT BETWEEN: joints of a body as text.
points()
{
    awk -v n="$1" -v t="$2" -v f="$3" -v b="$4" 'BEGIN {
        for (j = 0; j < n; j++)
            printf f (j < n - 1 ? b : ""), 0.1 + j % 7 / 10 + t / 100, 0.2 + j % 5 / 10, 0.5
    }'
}

# tools FOLDER: recordings of pose tools, each in its form.
tools()
{
    mkdir -p "$1/clip"
    for t in 1 2 4; do
        printf '{"version":1.3,"people":[{"person_id":[-1],"pose_keypoints_2d":[%s]}]}' \
            "$(points 17 $t '%s,%s,%s' ,)" >"$1/clip/c_${t}_keypoints.json"
    done
    for form in coco mmpose mediapipe; do
        for t in 1 2 4; do
            case $form in
            coco)
                printf '{"image_id":"%d.jpg","keypoints":[%s],"idx":[[7]],"score":1}\n' $t \
                    "$(points 17 $t '%s,%s,%s' ,)"
                ;;
            mmpose)
                printf '{"frame_id":%d,"instances":[{"keypoints":[%s],"keypoint_scores":[%s]}]}\n' \
                    $t "$(points 17 $t '[%s,%s]' ,)" "$(points 17 $t '1' ,)"
                ;;
            mediapipe)
                printf '{"frame":%d,"poseLandmarks":[%s]}\n' $t \
                    "$(points 17 $t '{"x":%s,"y":%s,"z":0,"visibility":%s}' ,)"
                ;;
            esac
        done | awk 'BEGIN { printf "[" } { printf "%s%s", b, $0; b = "," } END { print "]" }' \
            >"$1/$form.json"
    done
}

mkdir in in/ntu in/kinetics in/kinetics/kinetics_train in/kinetics/kinetics_val in/h36m in/cmu
for split in train test; do
    for action in nod bow; do
        mkdir -p "in/own/$split/$action"
        for i in 1 2; do
            rows 12 15 "$i.${#split}${#action}$action" >"in/own/$split/$action/$i.csv"
        done
    done
    mkdir -p "in/cmu/$split/walking"
    rows 120 117 ${#split} >"in/cmu/$split/walking/walking_1.txt"
done
for who in S1 S5; do
    mkdir "in/h36m/$who"
    rows 4 99 "1.${who#S}" >"in/h36m/$who/walking_1.txt"
    rows 4 99 "2.${who#S}" >"in/h36m/$who/walking_2.txt"
done
skeleton 3 1 >in/ntu/S001C001P001R001A001.skeleton
skeleton 3 2 >in/ntu/S001C001P003R001A001.skeleton
clip nod 1 >in/kinetics/kinetics_train/a.json
clip bow 2 >in/kinetics/kinetics_train/b.json
clip nod 1 >in/kinetics/kinetics_val/c.json
for split in train test; do
    tools in/keypoints/$split/nod
done
ok prepare csv in/own --layout tiny5 --rate 30 -o in/own.gds || exit 99
ok prepare kinetics in/kinetics -o in/old.gds || exit 99
tiny="--data in/own.gds --preset small --set observed=8 --batch 2 --threads 1"
ok train symgnn $tiny --set predicted=2 --set widths=2,2 --set strides=2,2 --set kernels=3,3 \
    --set fuse_after= --set agim_dim=2 --set hidden=2 --set agim_k=1 --set gamma=1 --set orders=0 \
    --steps 1 -o in/symgnn.gop || exit 99
ok train symgnn $tiny --set predicted=2 --set widths=2,2 --set strides=2,2 --set kernels=3,3 \
    --set fuse_after= --set agim_dim=2 --set hidden=2 --set agim_k=1 --set gamma=1 --set orders=0 \
    --set stream=bone --steps 1 -o in/bone.gop || exit 99
ok train symgnn $tiny --set predicted=2 --set widths=2,2 --set strides=2,2 --set kernels=3,3 \
    --set fuse_after= --set agim_dim=2 --set hidden=2 --set agim_k=1 --set gamma=1 --set orders=0 \
    --seed 2 --steps 1 -o in/second.gop || exit 99
ok fuse in/symgnn.gop in/second.gop -o in/mean.gop || exit 99
small="--data in/own.gds --set observed=4 --set width=2 --set taps=3 --batch 2 --threads 1"
ok train template $small --steps 1 --seed 7 -o in/old.gop || exit 99
cp "$top_srcdir/tests/convert/old-sgd.gop" in/ancient.gop
cp "$top_srcdir/tests/weights/models/stgcn-pyskl.safetensors" in/weights.safetensors
printf 'a\nb\nc\nd\n' >in/classes

ok train template $small --steps 3 --validate 0.5 --validate-every 1 -o in/held.gop || exit 99

# A run of six steps that was killed on its way, where there is an interposer for it.
half="train template $small --steps 6 --save-every 0 -o in/half.gop"
if [ -n "${INTERPOSE-}" ]; then
    LD_PRELOAD=$INTERPOSE GOP_FAULT_COUNT=io/count "$PROGRAM" $half >io/out 2>&1 || exit 99
    read -r _ _ calls _ <io/count
    rm in/half.gop*
    # The inner shell is the one that reports the kill.
    sh -c '"$@"; exit $?' - env LD_PRELOAD="$INTERPOSE" GOP_FAULT=kill:$((calls * 2 / 3)) \
        "$PROGRAM" $half >io/out 2>&1
    [ $? -eq 137 ] && [ -f in/half.gop ] || exit 99
    rm -f in/.half.gop*.tmp
fi
