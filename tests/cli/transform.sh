#!/bin/sh
# transform.sh: for every kind of transformation, what a model says of a clip of a prepared set is
# what it says of the clip's raw file, to the byte; and eval counts the same answers.
. "${top_srcdir:?}/tests/lib.sh"

# ------------------------------------------------------------------- raw files

# ntu_file SALT: 14 frames of two bodies, the second one absent at times and more active; joints are
# missing now and then, and in one frame all are.
ntu_file()
{
    awk -v salt="$1" 'BEGIN {
        print 14
        for (t = 0; t < 14; t++) {
            two = t != 3 && t != 4
            print 1 + two
            for (b = 0; b <= two; b++) {
                print "7205759403793110" b " 0 1 1 1 1 0 0.02 -0.2 2"
                print 25
                for (j = 0; j < 25; j++) {
                    lost = (t + 3 * j + 1) % 17 == 0 || t == 9
                    printf "%.6f %.6f %.6f 277.4 191.8 1036.1 519.6 0.2 0.02 0.97 -0.2 2\n",
                        lost ? 0 : sin(j + salt) / 2 + (0.1 + b) * sin(t / 5 + j) / 2,
                        lost ? 0 : cos(j * salt) / 2 + b, lost ? 0 : 3 + t / 100 + j / 50
                }
            }
        }
    }'
}

# kinetics_file SALT CLASS: 12 frames of two people whose scores change places.
kinetics_file()
{
    awk -v salt="$1" -v class="$2" 'BEGIN {
        printf "{\"data\":["
        for (t = 1; t <= 12; t++) {
            printf "%s{\"frame_index\":%d,\"skeleton\":[", (t > 1 ? "," : ""), t
            for (b = 0; b < 2; b++) {
                printf "%s{\"pose\":[", b ? "," : ""
                for (c = 0; c < 36; c++)
                    printf "%s%.3f", c ? "," : "", 0.5 + 0.4 * sin(t / 9 + c * salt + b)
                printf "],\"score\":["
                for (c = 0; c < 18; c++)
                    printf "%s%.3f", c ? "," : "", (t + c) % 7 ? (1 + (t + b) % 2 + c / 20) / 3 : 0
                printf "]}"
            }
            printf "]}"
        }
        printf "],\"label\":\"%s\",\"label_index\":%d}\n", class, class == "yawn"
    }'
}

# people SALT FORM: 12 frames of two people in pixels, whose scores change and who are absent at times,
# as COCO lists bodies or MMPose frames; as OpenPose the lines are the frames of a folder.
people()
{
    awk -v salt="$1" -v form="$2" 'BEGIN {
        between = form == "openpose" ? "" : "["
        for (t = 1; t <= 12; t++) {
            if (form != "coco")
                printf form == "mmpose" ? "%s{\"frame_id\":%d,\"instances\":[" : "%s{\"people\":[", \
                    between, t
            for (b = 0; b < 2; b++) {
                if (t == 5 || t == 8 - b)
                    continue
                if (form == "coco")
                    printf "%s{\"image_id\":%d,\"keypoints\":[", between, t
                else
                    printf "%s{\"%s\":[", b && t != 8 ? "," : "", \
                        form == "mmpose" ? "keypoints" : "pose_keypoints_2d"
                scores = ""
                for (j = 0; j < 17; j++) {
                    s = (t + j) % 9 ? 0.3 + (t + 2 * b + j) % 7 / 10 : 0
                    x = s ? 200 + 150 * b + 40 * sin(salt + j * j) + 3 * t : 0
                    y = s ? 150 + 60 * cos(salt * j) + 2 * t : 0
                    scores = scores (j ? "," : "") s
                    printf form == "mmpose" ? "%s[%.3f,%.3f]" : "%s%.3f,%.3f,%.2f", j ? "," : "", x, y, s
                }
                printf form == "mmpose" ? "],\"keypoint_scores\":[" scores "]}" : "]}"
                between = form == "openpose" ? "" : ","
            }
            if (form != "coco")
                printf "]}"
            if (form == "openpose")
                print ""
            between = form == "openpose" ? "" : ","
        }
        if (form != "openpose")
            print "]"
    }'
}

# rows COLUMNS SALT: 14 frames as text.
rows()
{
    awk -v columns="$1" -v salt="$2" 'BEGIN {
        for (t = 0; t < 14; t++)
            for (c = 0; c < columns; c++)
                printf "%.5f%s", sin(salt + t / 4 + c * c), c < columns - 1 ? "," : "\n"
    }'
}

# turning FEATURE CHANNELS: a layout of two rotations.
turning()
{
    awk -v feature="$1" -v n="$2" 'BEGIN {
        printf "{\"graphop_layout\": 1, \"name\": \"%s\", \"feature\": \"%s\", \"columns\": %d, ", \
            feature, feature, 2 * n
        printf "\"centre\": \"Hips\", \"parts\": [\"all\"], \"nodes\": ["
        for (i = 0; i < 2; i++) {
            printf "%s{\"name\": \"%s\", \"part\": \"all\", \"columns\": [", i ? ", " : "", \
                i ? "Neck" : "Hips"
            for (k = 0; k < n; k++)
                printf "%s%d", k ? ", " : "", i * n + k
            printf "]}"
        }
        print "], \"edges\": [[\"Hips\", \"Neck\"]]}"
    }'
}

mkdir -p ntu kinetics/train kinetics/test
for k in 1 2; do
    ntu_file 1.$k >ntu/S001C001P001R00${k}A001.skeleton
    ntu_file 2.$k >ntu/S001C001P001R00${k}A002.skeleton
    kinetics_file 1.$k nod >kinetics/train/a$k.json
    kinetics_file 2.$k yawn >kinetics/train/b$k.json
done
ntu_file 3 >ntu/S001C001P003R001A001.skeleton
ntu_file 4 >ntu/S001C001P003R001A002.skeleton
kinetics_file 3 nod >kinetics/test/c.json
kinetics_file 4 yawn >kinetics/test/d.json
mkdir -p keypoints/train/nod keypoints/train/yawn keypoints/test/nod/c keypoints/test/yawn
for k in 1 2; do
    people 1.$k coco >keypoints/train/nod/$k.json
    people 2.$k mmpose >keypoints/train/yawn/$k.json
done
people 3 openpose | {
    t=100
    while read -r frame; do
        echo "$frame" >keypoints/test/nod/c/c_${t}_keypoints.json
        t=$((t + 1))
    done
}
people 4 mmpose >keypoints/test/yawn/d.json
turning expmap 3 >expmap.json
turning quaternion 4 >quaternion.json
turning rotation6d 6 >rotation6d.json
cat >arms.json <<'END'
{"graphop_layout": 1, "name": "two arms", "feature": "position", "columns": 13, "centre": "spine_mid",
 "parts": ["all"], "nodes": [{"name": "L_Wrist", "part": "all", "columns": [3, 4, 5]},
  {"name": "spine_mid", "part": "all", "columns": [0, 1, 2]},
  {"name": "right wrist", "part": "all", "columns": [12, 10, 8]}],
 "edges": [["spine_mid", "L_Wrist"], ["spine_mid", "right wrist"]]}
END
for columns in 6 8 12 15; do
    mkdir -p csv$columns/train/nod csv$columns/train/bow csv$columns/test/nod csv$columns/test/bow
    for k in 1 2; do
        rows $columns 1.$k >csv$columns/train/nod/$k.csv
        rows $columns 2.$k >csv$columns/train/bow/$k.csv
    done
    rows $columns 3 >csv$columns/test/nod/c.csv
    rows $columns 4 >csv$columns/test/bow/d.csv
done

cat >mirror.json <<'END'
{"graphop_layout": 1, "name": "mirror", "feature": "position", "columns": 6, "centre": "a",
 "parts": ["all"], "nodes": [{"name": "e", "part": "all", "columns": [0, 1, 2]},
  {"name": "a", "part": "all", "columns": [3, 4, 5]}], "edges": [["a", "e"]]}
END
ok prepare csv csv15 -o csv15.gds --layout tiny5 --rate 30 --centre c:each

# ------------------------------------------------------------------- the table

cmu_folder cmu

# A line: the kind, the source and its folder, and the options behind them.  The fields of the lines of
# a source are those of below: the first clip of test data and its file.
table='units ntu ntu --units mm
bodies ntu ntu --bodies 2
bodies ntu ntu --bodies 1
bodies kinetics kinetics --bodies 2
bodies kinetics kinetics --bodies 1
missing ntu ntu --missing keep
missing ntu ntu --missing interpolate --bodies 2
missing ntu ntu --missing zero --align none
missing kinetics kinetics --missing drop
align ntu ntu --align two-stream --bodies 2
align ntu ntu --align pyskl --bodies 2
align ntu ntu --as-recorded
centre ntu ntu --centre SpineBase:each --align none
centre csv csv15 --layout tiny5 --rate 30 --centre c:first
middle kinetics kinetics --as-recorded
middle kinetics kinetics --bodies 2 --centre Neck:first
scale ntu ntu --scale SpineBase:SpineMid
scale csv csv15 --layout tiny5 --rate 30 --scale a:b --units cm
joints ntu ntu --joints arms.json --bodies 2 --rate 20
joints kinetics kinetics --joints kinetics18
rate ntu ntu --rate 20 --bodies 2
rate kinetics kinetics --rate 47.5 --missing keep
rate csv csv6 --layout expmap.json --rate 30 --resample 21
rate csv csv8 --layout quaternion.json --rate 30 --resample 50
rate csv csv12 --layout rotation6d.json --rate 30 --resample 29.97
joints gds csv15.gds --joints mirror.json --rate 24
fill ntu ntu --fill 33
image keypoints keypoints --image 640x480
image keypoints keypoints --image 640x480 --min-score 0.4 --bodies 2
image keypoints keypoints --image box --bodies 2
middle keypoints keypoints --image box --middle halves --min-score 0.4
min-score keypoints keypoints --min-score 0.55 --missing interpolate
min-score kinetics kinetics --min-score 0.5
standardise csv csv15 --layout tiny5 --rate 30 --standardise no
standardise ntu ntu --standardise no --resample 60 --fill 40 --centre Head:each --joints arms.json
positions cmu cmu --positions'

# Every kind of graphop-prepare(1) has a line but scores; it is in test_resample.c and gestures.sh.
for kind in $(sed -n '/^\.Ss Transformations/,/^\.Sh /s/^\.It Cm \([a-z-]*\).*/\1/p' \
    "$top_srcdir/man/graphop-prepare.1"); do
    checks=$((checks + 1))
    [ "$kind" = scores ] || echo "$table" | grep -q "^$kind " || fail "the table of $0 has no line of the kind $kind"
done

# answer ARGUMENT...: what predict says, without the name of the clip.
answer()
{
    ok predict m.gop "$@" --json
    says '"probabilities":\{"[^"]*":0\.[0-9]+,'
    sed 's/^{"poses":"[^"]*",//' io/out
}

# counted ACTION: the class that eval counts for the action's clip, by its first frames.
counted()
{
    sed -n "/\"action\":\"$1[^\"]*\"/s/.*\"confusion\":{\"\([^\"]*\)\":1}.*/\1/p" eval
}

# best NAME: the most probable class of a clip of the set, by its first frames.
best()
{
    ok predict m.gop "$1" --from 1
    sed -n '3s/ .*//p' io/out
}

# compare CLIP FILE ACTION
compare()
{
    answer "$1" --data s.gds >of_set
    answer "$2" >of_file
    same of_set of_file
    checks=$((checks + 1))
    [ "$(best "$2")" = "$(counted "$3")" ] ||
        fail "$line: eval counts $1 as $(counted "$3"), and $2 is $(best "$2")"
}

echo "$table" >lines
while read -r kind source line; do
    rm -f s.gds m.gop
    # shellcheck disable=SC2086
    ok prepare $source $line -o s.gds || continue
    ok train stgcn --recipe plain --data s.gds -o m.gop --preset small --set widths=4,6 --set strides=1,2 \
        --set observed=6 --batch 4 --steps 8 --lr 1e-2 || continue
    ok info m.gop
    case $line in
    *as-recorded* | *"joints kinetics18"* | *"missing keep") ;;
    *) says "^(steps|  ) .* $kind " ;;
    esac
    ok eval m.gop --data s.gds --protocol beginning --json && cp io/out eval
    case $source in
    ntu)
        compare S001C001P003R001A001 ntu/S001C001P003R001A001.skeleton A001
        compare S001C001P003R001A002 ntu/S001C001P003R001A002.skeleton A002
        ;;
    kinetics)
        compare c kinetics/test/c.json nod
        compare d kinetics/test/d.json yawn
        ;;
    keypoints)
        compare nod/c keypoints/test/nod/c nod
        compare yawn/d keypoints/test/yawn/d.json yawn
        ;;
    cmu)
        compare test/walking_1 cmu/test/walking/walking_1.txt walking
        compare test/running_1 cmu/test/running/running_1.txt running
        ;;
    csv | gds)
        line=${line%%.gds *}
        compare nod/c "${line%% *}/test/nod/c.csv" nod
        compare bow/d "${line%% *}/test/bow/d.csv" bow
        ;;
    esac
done <lines

finish
