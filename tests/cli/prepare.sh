#!/bin/sh
# prepare.sh: realistic folders of raw data with a few hundred files, and the reports of
# graphop prepare on them as text and JSON.
. "${top_srcdir:?}/tests/lib.sh"

# clip FRAMES SALT: a file in the format of NTU RGB+D, with CRLF and one moving body.
clip()
{
    awk -v frames="$1" -v salt="$2" 'BEGIN {
        ORS = "\r\n"
        print frames
        for (t = 0; t < frames; t++) {
            print 1
            print "72057594037931101 0 1 1 1 1 0 0.02 -0.2 2"
            print 25
            for (j = 0; j < 25; j++)
                printf "%.6f %.6f %.6f 277.4 191.8 1036.1 519.6 0.2 0.02 0.97 -0.2 %d\r\n",
                    sin(j + salt) / 2 + 0.1 * sin(t / 5 + j), cos(j * salt) / 2, 3 + t / 100 + j / 50,
                    (t + j) % 20 ? 2 : 0
        }
    }'
}

# Four hundred clips: twenty performers, five actions, two cameras, two repetitions.
mkdir ntu
for k in 1 2 3 4 5; do
    clip 20 $k >clip.$k
done
for performer in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
    for action in 1 2 3 4 5; do
        for view in 1 2; do
            sed "5s/^\(-*0.\)/\1$performer$view/" clip.$action \
                >ntu/S001C00${view}P0${performer}R001A00$action.skeleton
            sed "6s/^\(-*0.\)/\1$performer$view/" clip.$action \
                >ntu/S001C00${view}P0${performer}R002A00$action.skeleton
        done
    done
done
ok prepare ntu ntu -o ntu.gds
says '^400 files; 0 frames without the body, 0 other bodies left out$'
says '^missing joints: 5\.00 %'
says '^A005_drop +[0-9]+ +[0-9]+ +[0-9-]+ +[0-9]+ +[0-9]+ +[0-9-]+$'
says '^all +260 +5200 +[0-9-]+ +140 +2800 +[0-9-]+$'
ok prepare ntu ntu -o again.gds
same ntu.gds again.gds
ok prepare ntu ntu -o view.gds --fill 25
says '^all +260 +6500 +[0-9-]+ +140 +3500 +[0-9-]+$'
says '^2000 frames were added by repeating sequences that were too short$'
says '^missing joints: 5\.00 %'
ok prepare ntu ntu -o view.gds --split cross-view
says '^all +200 +4000 +[0-9-]+ +200 +4000 +[0-9-]+$'
ok info ntu.gds
says 'ntu25'
ok train stgcn --data ntu.gds -o ntu.gop --preset small --set observed=10 --steps 1 --batch 2
ok info ntu.gop --json
says '"masks":false'

# Defects of real folders: each file is dropped with its reason, or reported.
mkdir ntu/second
cp ntu/S001C001P001R001A001.skeleton ntu/second/
head -c 9000 clip.1 >ntu/S002C001P001R001A001.skeleton
# Cut behind a blank, and with empty lines: both read as if nothing were odd.
n=$(head -c 9100 clip.1 | sed '$s/ [^ ]*$/ /' | wc -c)
head -c "$n" clip.1 >ntu/S002C001P001R002A001.skeleton
sed 'G' clip.1 >ntu/S002C001P001R003A001.skeleton
printf '2\r\n0\r\n0\r\n' >ntu/S002C001P002R001A001.skeleton
sed '4s/25/20/' clip.1 >ntu/S002C001P003R001A001.skeleton
sed '9s/^[^ ]*/left/' clip.1 >ntu/S002C001P004R001A001.skeleton
sed '9s/^[^ ]*/NaN/' clip.1 >ntu/S002C001P005R001A001.skeleton
ln -s nowhere ntu/S002C001P006R001A001.skeleton
cp clip.1 ntu/walk.skeleton
echo x >ntu/README
echo S001C001P001R001A002 >skip
ok prepare ntu ntu -o new.gds --skip-list skip
says 'dropped: .*1 another kind of file, 1 unreadable, 1 malformed, 1 uninformative name, 1 duplicate name, 1 on the skip list, 1 another number of joints, 1 without a body, 1 not finite$'
says '^altered: ntu/S002C001P001R001A001.skeleton: the file is incomplete; took [0-9]+ of 20 frames$'
says '^altered: ntu/S002C001P001R002A001.skeleton: the file is incomplete; took [0-9]+ of 20 frames$'
says '^dropped: ntu/S002C001P004R001A001.skeleton:9: the joint.s position is not three numbers \(left'
cp io/out people
ok prepare ntu ntu -o new.gds --skip-list skip --json
[ "$(keys)" = "file name source layout rate columns constant_columns non_finite files empty_frames tracks other_bodies filled_frames missing_joints dropped found actions short findings" ] ||
    fail "keys: $(keys)"
says '"filled_frames":0,'
says '"dropped":\{"another kind of file":1,"unreadable":1,"malformed":1,'
says '"found":\{"dropped":9,"absent":55,"moved":0,"identical":0,"altered":2,"doubtful":0\}'
bad 2 "ntu/[^ ]*: " prepare ntu ntu -o ntu.gds --strict
bad 2 "no training frames|too short|no usable .skeleton file" prepare ntu ntu -o ntu.gds --shortest 21

# ------------------------------------------------------------------ kinetics

json()
{
    awk -v frames="$1" -v salt="$2" -v label="$3" -v number="$4" 'BEGIN {
        printf "{\"data\":["
        for (t = 1; t <= frames; t++) {
            printf "%s{\"frame_index\":%d,\"skeleton\":[{\"pose\":[", (t > 1 ? "," : ""), t
            for (c = 0; c < 36; c++)
                printf "%s%.3f", c ? "," : "", 0.5 + 0.4 * sin(t / 9 + c * salt)
            printf "],\"score\":["
            for (c = 0; c < 18; c++)
                printf "%s%.3f", c ? "," : "", (c + 2) / 20
            printf "]}]}"
        }
        printf "],\"label\":\"%s\",\"label_index\":%s}\n", label, number
    }'
}
mkdir -p clips/train clips/val
for k in 1 2 3 4 5 6; do
    json 12 $k juggling 1 >clips/train/a$k.json
    json 12 1.$k yawning 0 >clips/train/b$k.json
done
json 12 7 juggling 1 >clips/val/c.json
cp clips/train/a1.json clips/val/copy.json
echo '{"data":[],"data":[]}' >clips/train/twice.json
head -c 100000 /dev/zero | tr '\0' '[' >clips/train/deep.json
json 12 7 '' '""' >clips/train/unnamed.json
ok prepare kinetics clips -o clips.gds
says '^54 columns at 30 Hz'
says '^all +12 +144 +[0-9-]+ +2 +24 +[0-9-]+$'
says '^3 dropped: 2 malformed, 1 without a class$'
says '^dropped: clips/train/deep.json:1: not JSON: maximum parsing depth'
says '^dropped: clips/train/twice.json:1: not JSON: duplicate object key'
says '^identical: training sequence a1 and test sequence copy are identical$'
# The set's tables of classes are expected beside the folders; other files are reported.
cp io/out before
echo '{}' >clips/kinetics_train_label.json
echo '{}' >clips/kinetics_val_label.json
ok prepare kinetics clips -o clips.gds
same before io/out
echo '{}' >clips/kinetics_label.json
ok prepare kinetics clips -o clips.gds
says '^dropped: clips/kinetics_label.json: not a folder that is read$'
# Pixels are reported.
sed 's/0\.\([0-9]\{3\}\),/\1.0,/g' clips/train/a1.json >clips/train/pixels.json
ok prepare kinetics clips -o pixels.gds
says '^altered: clips/train/pixels.json: positions up to [0-9]+ are pixels, not shares'
rm clips/train/pixels.json
printf 'a1,one\nb1,two\nc,two\n' >table
ok prepare kinetics clips -o clips.gds --labels table
says '^all +2 +24 +[0-9-]+ +1 +12 +[0-9-]+$'
bad 2 "no folder kinetics_train or train" prepare kinetics ntu -o clips.gds

# ---------------------------------------------------------------------- text

h36m_file()
{
    awk -v lines="$1" -v phase="$2" 'BEGIN {
        for (t = 0; t < lines; t++)
            for (c = 0; c < 99; c++)
                printf "%.7f%s", c % 9 == 1 ? 0.25 : sin(phase + t / 20 * (1 + c % 5) + c), \
                    c < 98 ? "," : "\r\n"
    }'
}
mkdir -p h36m/S1 h36m/S5 h36m/S8
h36m_file 300 1 >h36m/S1/walking_1.txt
h36m_file 320 2 >h36m/S1/smoking_1.txt
h36m_file 310 3 >h36m/S5/walking_1.txt
h36m_file 305 4 >h36m/S5/smoking_1.txt
cp h36m/S5/smoking_1.txt h36m/S8/
ok prepare h36m h36m -o h36m.gds
says '^99 columns at 50 Hz, 11 of them constant in training'
says '^identical: training sequence S8_smoking_1 and test sequence S5_smoking_1 are identical$'
says '^absent: h36m/S6: no such folder$'
ok train symgnn --data h36m.gds -o h36m.gop $tiny --steps 2
ok prepare h36m h36m -o h36m.gds --split clean --layout h36m21
grep -q '^identical' io/out && fail "the clean split has copies"
says '^all +2 +620 +[0-9-]+ +2 +615 +[0-9-]+$'

rows()
{
    awk -v lines="$1" -v phase="$2" 'BEGIN {
        for (t = 0; t < lines; t++)
            for (c = 0; c < 15; c++)
                printf "%g%s", sin(phase + t / 9 + c), c < 14 ? "," : "\n"
    }'
}
mkdir -p own/train/nod own/train/bow own/test/nod
rows 40 1 >own/train/nod/1.csv
(echo "time,x,y"; rows 40 2) >own/train/bow/1.csv
(echo "0_x,0_y,0_z,1_x"; rows 40 2) >own/train/bow/2.csv
(echo; seq -s, 0 14; rows 40 2) >own/train/bow/3.csv
(rows 40 3; printf '1,2,3') >own/test/nod/1.csv
ok prepare csv own -o own.gds --layout tiny5 --rate 30 --factor 2
says '^15 columns at 30 Hz'
says '^altered: own/train/bow/[12].csv: skipped the first line, a heading$'
says '^altered: own/train/bow/3.csv: skipped the first line, 0, 1, 2, ...: the numbers of the columns$'
says '^bow +3 +120 '
says '^altered: own/test/nod/1.csv: the last line is incomplete; took 40 frames$'
ok prepare csv own -o file.gds --layout "$top_srcdir/zoo/skeleton/layouts/tiny5.json" --rate 30 \
    --factor 2
same own.gds file.gds
# Names are kept whole or refused, so that they can be given back.
rows 40 5 >own/train/nod/动作捕捉第一次录制的数据文件左手右手抬起放下行走跑步.csv
ok prepare csv own -o named.gds --layout tiny5 --rate 30
ok info -s named.gds
says 'nod/动作捕捉第一次录制的数据文件左手右手抬起放下行走跑步 '
ok train template --data named.gds -o named.gop --set observed=5 --batch 2 --steps 1
ok predict named.gop --data named.gds nod/动作捕捉第一次录制的数据文件左手右手抬起放下行走跑步
rm own/train/nod/动*.csv named.gds
name=$(printf 'odd\303.csv')
if rows 40 5 2>/dev/null >"own/train/nod/$name"; then
    ok prepare csv own -o named.gds --layout tiny5 --rate 30
    says '^dropped: own/train/nod/odd\?.csv: the name is not UTF-8 or has control characters$'
    rm "own/train/nod/$name"
fi
# What is nearly right gets a word.
printf "1.csv,nod\n2,bow\n" >table
mkdir -p flat/train
rows 40 1 >flat/train/1.csv
rows 40 1 >flat/train/2.csv
ok prepare csv flat -o flat.gds --layout tiny5 --rate 30 --labels table
says '^dropped: flat/train/1.csv: the table of classes must have 1, without the ending, instead of 1.csv$'
mkdir flat/Test
bad 2 "flat/Test: the folder's name must be test" prepare csv flat -o flat.gds --layout tiny5 \
    --rate 30 --labels table
rmdir flat/Test
printf '1,nod\n2,bow\n' >table
sed '3s/,/,x/' own/train/nod/1.csv >flat/train/2.csv
bad 2 "2.csv:3: column 2 is not a number \(x.*\)" \
    prepare csv flat -o flat.gds --layout tiny5 --rate 30 --labels table --strict
# Files beside the folders are reported, with the reason even if a name is very long.
mkdir own/val own/train/nod/deeper
n=$(awk 'BEGIN { for (i = 0; i < 240; i++) printf "n" }')
echo 1,2,3 >"own/train/nod/$n.csv"
ok prepare csv own -o own.gds --layout tiny5 --rate 30
says '^dropped: own/val: not train or test$'
says '^dropped: own/train/nod/n+\.csv:1: 3 columns instead of 15$'

# A table of two persons, and a doubt that an option ends.
mkdir -p other/nod other/bow
awk 'BEGIN { print "frame;person;joint;x;y;z;score"
    for (i = 0; i < 60; i++)
        printf "%d;%s;%d;%d,5;0,25;1e-1;1\n", i / 10 + 4, i / 5 % 2 < 1 ? "ann" : "bob", i % 5, i }' \
    >other/nod/1.txt
rows 40 2 | sed 's/^/3,/' >other/bow/2.dat
ok prepare csv other -o other.gds --layout tiny5 --rate 30
says '^dropped: other/bow/2.dat:1: 16 columns instead of 15; the option columns names others'
says '^altered: other/nod/1.txt: left out the scores, which the layout lacks$'
ok prepare csv other -o other.gds --layout tiny5 --rate 30 --columns -,*
says '^bow +1 +40 '
says '^dropped: other/nod/1.txt:2: 7 columns; the option columns has 16$'
rm other/bow/2.dat
rows 40 2 >other/bow/2.dat
ok prepare csv other -o other.gds --layout tiny5 --rate 30
ok info other.gds
says '^bodies     up to 2 a sequence, several in 1 of 2$'
ok info other.gds --json
says '"most_bodies":2,"several_bodies":1,'
bad 1 "columns: 'q' is none of" prepare csv other -o x.gds --layout tiny5 --rate 30 --columns q,*
bad 1 "ntu takes no names of columns" prepare ntu ntu -o x.gds --columns '*'
"$GRAPHOP" prepare --help | tr -s ' \n' ' ' | grep -q 'random:SHARE, .*FIELD:LIST, .*leave-out:FIELD:LIST' ||
    fail "help names no rules of splitting"

# Only a data set is overwritten.
: >fresh
ok prepare csv own -o fresh --layout tiny5 --rate 30
same fresh own.gds
printf '1,one\n' >table
for file in own/train/nod/1.csv ntu.gop; do
    bad 1 "--output would overwrite $file, which is not a data set" \
        prepare csv own -o $file --layout tiny5 --rate 30 --labels table
done
bad 1 "--output would overwrite table, which --labels reads" \
    prepare csv own -o table --layout tiny5 --rate 30 --labels table
bad 1 "--output would overwrite table, which is not a data set" prepare synth -o table
bad 1 "csv needs a layout" prepare csv own -o own.gds --rate 30
bad 1 "unknown layout|no layout|tiny6" prepare csv own -o own.gds --layout tiny6 --rate 30
bad 1 "csv takes no skip list" prepare csv own -o own.gds --layout tiny5 --rate 30 --skip-list skip
bad 1 "unknown split 'clean'; the choices are cross-subject, cross-view" prepare ntu ntu -o ntu.gds -s clean
bad 1 "kinetics needs a folder" prepare kinetics -o new.gds
bad 2 "cannot create a file beside missing/new.gds" prepare ntu ntu -o missing/new.gds

finish
