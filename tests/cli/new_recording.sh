#!/bin/sh
# new_recording.sh: predict reads one file, or a folder, of every format that prepare reads,
# with or without a class; a set of test data alone is prepared and measured.
. "${top_srcdir:?}/tests/lib.sh"

# skeleton FRAMES PHASE: a clip of NTU RGB+D with one body.
skeleton()
{
    awk -v n="$1" -v p="$2" 'BEGIN {
        print n
        for (t = 0; t < n; t++) {
            print "1\n1 0 0 0 0 0 0 0 0 2\n25"
            for (j = 0; j < 25; j++)
                printf "%.4f %.4f %.4f 0 0 0 0 0 0 0 0 2\n", 0.1 * j + 0.05 * sin(p + t / 3 + j), \
                    0.04 * j * (1 + j % 3) + 0.02 * cos(p + t / 2), 2 + 0.1 * sin(t / 4 + j)
        }
    }'
}

# clip FRAMES PHASE END: a clip of Kinetics-skeleton; END closes the object.
clip()
{
    awk -v n="$1" -v p="$2" -v end="$3" 'BEGIN {
        printf "{\"data\": ["
        for (t = 1; t <= n; t++) {
            printf "%s{\"frame_index\": %d, \"skeleton\": [{\"pose\": [", (t > 1 ? ", " : ""), t
            for (j = 0; j < 36; j++)
                printf "%s%.3f", j ? ", " : "", 0.5 + 0.3 * sin(p + t / 3 + j)
            printf "], \"score\": ["
            for (j = 0; j < 18; j++)
                printf "%s0.5", j ? ", " : ""
            printf "]}]}"
        }
        printf "]%s", end
    }'
}

mkdir ntu new
skeleton 12 0 >ntu/S001C001P001R001A001.skeleton
skeleton 12 1 >ntu/S001C001P002R001A002.skeleton
skeleton 14 2 >ntu/S001C001P003R001A001.skeleton
ok prepare ntu ntu -o n.gds
small="--set observed=5 --batch 2 --steps 2 -T 1"
ok train template --recipe plain --data n.gds -o n.gop $small

# The same clip gives the same answer from the set and from the file, whatever its name is.
cp ntu/S001C001P003R001A001.skeleton new/clip.skeleton
ok predict n.gop --data n.gds test/S001C001P003R001A001 -T 1
mv io/out io/set
ok predict n.gop new/clip.skeleton -T 1
same io/set io/out
ok predict n.gop ntu/S001C001P003R001A001.skeleton --source ntu -T 1
same io/set io/out
# By content: text of the model's columns before a model of another source.
awk 'BEGIN { for (t = 0; t < 8; t++) for (k = 0; k < 75; k++)
    printf "%.3f%s", sin(t + k), k < 74 ? "," : "\n" }' >new/poses.csv
ok predict n.gop new/poses.csv -T 1
"$GRAPHOP" predict n.gop - -T 1 <new/poses.csv >io/in || fail "standard input"
same io/in io/out
bad 2 'clip.skeleton:1: ' predict n.gop new/clip.skeleton --source csv
bad 2 'poses.csv:1: not a count of frames' predict n.gop new/poses.csv --source ntu
bad 2 'differ in: ' predict n.gop new/clip.skeleton --source kinetics
bad 1 "unknown source .*did you mean 'ntu'" predict n.gop new/clip.skeleton --source ntuu
bad 1 '[-]-source cannot be used with --data' predict n.gop --data n.gds x --source ntu

# So it is with each order and alignment of bodies, and with a part of a set.
for how in "ntu ntu --align pyskl" "ntu ntu --align none" "ntu ntu --bodies 1" \
    "gds n.gds --only class:A00*" "gds n.gds --standardise no"; do
    ok prepare $how -o how.gds
    ok train template --recipe plain --data how.gds -o how.gop $small
    ok predict how.gop --data how.gds S001C001P003R001A001 -T 1
    mv io/out io/set
    ok predict how.gop new/clip.skeleton -T 1
    same io/set io/out
done
# One file makes a set; its only sequence gives the answer of the file.
ok prepare ntu ntu/S001C001P003R001A001.skeleton -o one.gds
ok predict n.gop --data one.gds S001C001P003R001A001 -T 1
mv io/out io/set
ok predict n.gop new/clip.skeleton -T 1
same io/set io/out

# A folder: a row each; a bad file is reported and the others are answered.
ok predict n.gop new -T 1
says '^file +action +probability$'
says '^clip.skeleton +A[0-9]+_[a-z_]+ +[0-9.]+$'
says '^poses.csv +A[0-9]+_[a-z_]+ +[0-9.]+$'
echo 3 >new/cut.skeleton
run predict n.gop new -T 1
[ "$status" -eq 2 ] || fail "a bad file: status $status"
says '^clip.skeleton +A'
grep -q '^graphop predict: new/cut.skeleton:' io/err || fail "no word of the bad file: $(cat io/err)"
run predict n.gop new -T 1 --json
[ "$(keys | sort -u)" = 'poses from observed rate probabilities' ] || fail "json: $(keys)"
bad 1 '[-]-svg cannot be used with a folder' predict n.gop new --svg a.svg

# A pipe in a folder does not block.  A name of any bytes stays in its row.
mkdir odd odd/inner
cp new/clip.skeleton "odd/$(printf 'a\nb\033c\377.skeleton')"
mkfifo odd/pipe.csv
run predict n.gop odd -T 1
[ "$status" -eq 2 ] || fail "a pipe and a folder in a folder: status $status"
says '^a\?b\?c\?.skeleton +A[0-9]+_[a-z_]+ +[0-9.]+$'
for name in pipe.csv inner; do
    grep -q "^graphop predict: odd/$name: not a regular file" io/err || fail "$(cat io/err)"
done

# Standard input is text, whatever a file named - holds.
cp new/clip.skeleton ./-
bad 1 'source ntu cannot be read from standard input' predict n.gop - --source ntu
bad 2 'standard input: the file is empty' predict n.gop -
rm ./-
echo x,y,z >heading.csv
bad 2 'heading.csv: no frames follow the heading' predict n.gop heading.csv

# Kinetics: a clip without a class, alone and as a set of other classes.
mkdir -p k/kinetics_train k/kinetics_val
for i in 1 2; do
    clip 8 $i ', "label": "wave", "label_index": 0}' >k/kinetics_train/w$i.json
    clip 8 $((i + 3)) ', "label": "bow", "label_index": 1}' >k/kinetics_train/b$i.json
done
clip 8 2.5 ', "label": "bow", "label_index": 1}' >k/kinetics_val/b.json
for how in "" --as-recorded; do
    ok prepare kinetics k -o k.gds $how
    ok train template --recipe plain --data k.gds -o k.gop $small
    ok predict k.gop --data k.gds test/b -T 1
    mv io/out io/set
    clip 8 2.5 '}' >clip.json
    ok predict k.gop clip.json -T 1
    same io/set io/out
done
# k.gop was made for positions as recorded: a set must have such, too.
mkdir -p o/kinetics_train/ask o/kinetics_val
clip 8 2.5 '}' >o/kinetics_train/ask/clip.json
run prepare kinetics o -o o.gds --as-recorded
ok predict k.gop --data o.gds clip -T 1
run prepare kinetics o -o o.gds
bad 2 'the data are transformed by .bodies 1:score; middle image., the model was made for .bodies 1:score.' \
    predict k.gop --data o.gds clip -T 1
ok prepare kinetics k -o o.gds
bad 2 'the data are transformed by .bodies 1:score; middle image.' eval k.gop --data o.gds -T 1
# The origin is stored in set and model, and decides, not their names or descriptions.
ok info k.gds
says '^origin     kinetics$'
says '^steps      bodies 1:score$'
ok info k.gop
says '^origin     kinetics$'
says '^steps      bodies 1:score$'
ok info o.gds --json
says '"origin":"kinetics","steps":\["bodies 1:score","middle image"\]'
ok info n.gop
says '^           align two-stream$'

# Test data alone.
rm ntu/S001C001P001R001A001.skeleton ntu/S001C001P002R001A002.skeleton
ok prepare ntu ntu -o test.gds
says '^absent: no training sequences'
ok predict n.gop --data test.gds S001C001P003R001A001 -T 1
ok eval n.gop --data n.gds -T 1 -p beginning
grep '^A001' io/out >io/set
ok eval n.gop --data test.gds -T 1 -p beginning
grep '^A001' io/out >io/alone
same io/set io/alone
says '^The data have no training sequences'
ok eval n.gop --data test.gds -T 1 -p beginning --json
says '"action":"A001_drink_water".*"clips":1\}$'
bad 2 'has no training sequences\.$' train template --recipe plain --data test.gds -o x.gop $small

# alone SOURCE MODEL WHOLE SEQUENCE ROW ARGUMENT...: a set of test data alone, of folder `alone`,
# gives a sequence the answer and a class the row that the whole set gives.
alone()
{
    source=$1 model=$2 whole=$3 sequence=$4 row=$5
    shift 5
    ok prepare "$source" alone -o alone.gds "$@"
    says '^absent: no training sequences'
    ok predict "$model" --data "$whole" "test/$sequence" -T 1
    mv io/out io/set
    ok predict "$model" --data alone.gds "$sequence" -T 1
    same io/set io/out
    ok eval "$model" --data "$whole" -T 1 -p dense
    grep "^$row" io/out >io/set
    ok eval "$model" --data alone.gds -T 1 -p dense
    grep "^$row" io/out >io/alone
    same io/set io/alone
    says '^The data have no training sequences'
    bad 2 'has no training sequences\.$' train template --recipe plain --data alone.gds -o x.gop $small
    rm -r alone
}

cmu_folder cmu
ok prepare cmu cmu -o c.gds
ok train template --recipe plain --data c.gds -o c.gop $small
mkdir alone
cp -r cmu/test alone/test
alone cmu c.gop c.gds walking_1 walking
# The folder may also be there and be empty.
mkdir -p alone/train
cp -r cmu/test alone/test
ok prepare cmu alone -o alone.gds
says '^absent: alone/train: the folder is empty$'
rm -r alone/train
ok prepare cmu alone -o alone.gds
says '^absent: alone/train: no such folder$'
mv alone/test alone/train
bad 2 'cannot open folder alone/test' prepare cmu alone -o x.gds
rm -r alone

clip 8 3.5 ', "label": "wave", "label_index": 0}' >k/kinetics_val/w.json
ok prepare kinetics k -o k.gds
ok train template --recipe plain --data k.gds -o k.gop $small
mkdir alone
cp -r k/kinetics_val alone/test
alone kinetics k.gop k.gds b bow
mkdir -p alone/kinetics_train
cp -r k/kinetics_val alone
ok prepare kinetics alone -o alone.gds
says '^absent: no training sequences'
rm -r alone/kinetics_train
ok prepare kinetics alone -o alone.gds
says '^absent: alone: no folder kinetics_train or train$'
rm -r alone

mkdir -p h36m/S1 h36m/S5 alone
for file in S1/walking_1 S1/eating_1 S5/walking_1 S5/walking_2; do
    cmu_file 60 ${#file} | cut -d, -f1-99 >h36m/$file.txt
done
ok prepare h36m h36m -o h.gds
ok train template --recipe plain --data h.gds -o h.gop $small
cp -r h36m/S5 alone
alone h36m h.gop h.gds S5_walking_1 walking

for class in nod bow; do
    mkdir -p csv/train/$class csv/test/$class
    for split in train test; do
        cmu_file 20 ${#split}.$class | cut -d, -f1-15 >csv/$split/$class/a.csv
    done
done
ok prepare csv csv --layout tiny5 --rate 30 -o v.gds
ok train template --recipe plain --data v.gds -o v.gop $small
mkdir alone
cp -r csv/test alone
alone csv v.gop v.gds bow/a bow --layout tiny5 --rate 30

# A model reads text as its data were read, also from standard input: columns by option, decimal
# commas, what is missing and its treatment.
mkdir -p own/nod own/bow
for i in 1 2; do
    cmu_file 20 $i | cut -d, -f1-15 | sed 's/,/;/g; s/\./,/g; 5s/^[^;]*/na/; s/^/x;/' >own/nod/a$i.txt
    cmu_file 20 $((i + 4)) | cut -d, -f1-15 | tr , '\t' | sed 's/^/y	/' >own/bow/b$i.tsv
done
for how in "" "--missing interpolate" "--units cm"; do
    ok prepare csv own --layout tiny5 --rate 30 --columns '-,*' -o w.gds $how
    ok train template --recipe plain --data w.gds -o w.gop $small
    ok info w.gop
    says '^reading    columns -,\*$'
    for clip in nod/a1.txt bow/b2.tsv; do
        ok predict w.gop --data w.gds "train/${clip%.*}" -T 1
        mv io/out io/set
        ok predict w.gop "own/$clip" -T 1
        same io/set io/out
        "$GRAPHOP" predict w.gop - -T 1 <"own/$clip" >io/in || fail "standard input"
        same io/set io/in
    done
done

finish
