#!/bin/sh
# outputs.sh: no output of any verb overwrites a file of another kind, an input or another
# output of the command.
. "${top_srcdir:?}/tests/lib.sh"

motion()
{
    awk -v lines="$1" -v phase="$2" 'BEGIN {
        for (t = 0; t < lines; t++) {
            for (c = 0; c < 15; c++)
                printf "%s%.5f", c ? "," : "", sin(phase + t * (0.1 + c % 3 / 9) + c)
            print ""
        }
    }'
}
for action in bow nod; do
    mkdir -p raw/train/$action raw/test/$action
    motion 40 ${#action} >raw/train/$action/a.csv
    motion 40 1.${#action} >raw/train/$action/b.csv
    motion 40 2.${#action} >raw/test/$action/a.csv
done
prepare="prepare csv raw --layout tiny5 --rate 30"
train="train template --data toy.gds --set observed=5 --batch 2 --steps 1 -T 1"
eval="eval toy.gop --data toy.gds -T 1"
poses=raw/test/nod/a.csv

# One file of each kind that verbs write, and some other files.
ok $prepare -o toy.gds
ok $train -o toy.gop --log toy.log
ok layout tiny5 --output layout.json --draw layout.svg
ok predict toy.gop $poses --svg poses.svg
ok $eval --confusion matrix.txt
ok $eval --confusion matrix.csv
ok $eval --confusion matrix.svg
ok $eval --scores scores.csv
echo "a line" >note.txt
echo '{"graphop_layout": 1, "name": "half"' >note.json
echo '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7"/></svg>' >drawn.svg
head -c 100 toy.gop >broken.gop
all="toy.gds toy.gop toy.log layout.json layout.svg poses.svg matrix.txt matrix.csv matrix.svg
scores.csv note.txt note.json drawn.svg broken.gop"

# guarded OPTION KIND "OWN..." COMMAND...: with OPTION the command overwrites the files OWN
# and empty files, and refuses to overwrite all others, which are not a KIND.
guarded()
{
    option=$1 kind=$2 own=$3
    shift 3
    for file in $all; do
        cp $file target
        case " $own " in
        *" $file "*) ok "$@" $option target ;;
        *)
            bad 1 "^graphop [a-z]*: $option would overwrite target, which is not a $kind; name another file or remove this one" \
                "$@" $option target
            ;;
        esac
    done
    : >target
    ok "$@" $option target
    [ -s target ] || fail "$* $option: nothing was written"
    rm target
    ok "$@" $option target
    rm target
}
guarded --output "data set" "toy.gds" $prepare
guarded --output "model" "toy.gop" $train --log train.log
guarded --log "log of a training run" "toy.log" $train --output log.gop
guarded --draw "drawing by graphop" "layout.svg poses.svg matrix.svg" layout tiny5
guarded --output "layout" "layout.json" layout tiny5
guarded --scores "table of scores" "scores.csv" $eval
guarded --scores "table of scores" "scores.csv" fuse scores.csv scores.csv
guarded --svg "drawing by graphop" "layout.svg poses.svg matrix.svg" predict toy.gop $poses

# The form of a confusion matrix is chosen by the ending of its name.
for ending in txt csv svg; do
    for file in toy.gds toy.gop toy.log layout.json note.txt drawn.svg; do
        cp $file target.$ending
        bad 1 "--confusion would overwrite target.$ending, which is not a confusion matrix by graphop" \
            $eval --confusion target.$ending
    done
    cp matrix.$ending target.$ending
    ok $eval --confusion target.$ending
    same matrix.$ending target.$ending
    : >target.$ending
    ok $eval --confusion target.$ending
    rm target.$ending
done

# fuse, convert and import refuse before they read their inputs.
for file in $all; do
    [ $file = toy.gop ] && continue
    bad 1 "--output would overwrite $file, which is not a model" fuse log.gop log.gop --output $file
    bad 1 "--output would overwrite $file, which is not a file of the input's kind" \
        convert log.gop --output $file
    bad 1 "--output would overwrite $file, which is not a model" \
        import log.gop --as stgcn --output $file
done

# The default names of train.
cp note.txt new.gop.jsonl
bad 1 "the log would overwrite new.gop.jsonl, which is not a log" $train -o new.gop
rm new.gop.jsonl
cp toy.gds new.gop.best
bad 1 "the best model would overwrite new.gop.best, which is not a model" \
    $train -o new.gop --validate 0.5
rm new.gop.best

# Short options differ between verbs: -d is --data or --draw, -s is --split, --set, --svg or
# --sequences.
bad 1 "--draw would overwrite toy.gds, which is not a drawing" layout ntu25 -d toy.gds
bad 1 "--svg would overwrite log.gop, which is not a drawing" predict toy.gop $poses -s log.gop
bad 1 "--output would overwrite toy.gop, which is not a data set|--output would overwrite toy.gop, which is read" \
    predict toy.gop $poses -o toy.gop
bad 1 "--output would overwrite note.txt, which is not a data set" predict toy.gop $poses -o note.txt

# -------------------------------------------------------- inputs and other outputs

ln -s toy.gds link
ln toy.gop hard
bad 1 "--output would overwrite labels.csv, which --labels reads; name another file" \
    $prepare --labels labels.csv -o labels.csv
bad 1 "--output would overwrite toy.gds, which --data reads" $train -o toy.gds
bad 1 "--output would overwrite toy.gds, which --data reads" $train -o link
bad 1 "--output would overwrite toy.gop, which --init-from reads" $train --init-from toy.gop -o hard
bad 1 "--log would overwrite new, which --output writes" $train -o new --log ./new
ln -s new future
ln -s "$PWD/future" later
bad 1 "--log would overwrite future, which --output writes" $train -o future --log new
bad 1 "--log would overwrite later, which --output writes" $train -o later --log ./future
bad 1 "--output would overwrite later, which --draw writes" layout tiny5 --draw later --output new
rm future later
bad 1 "--svg would overwrite $poses, which is read; name another file" \
    predict toy.gop $poses --svg ./$poses
bad 1 "--svg would overwrite toy.gop, which is read" predict toy.gop $poses --svg hard
bad 1 "--svg would overwrite toy.gds, which --data reads" \
    predict toy.gop test/a --data toy.gds --svg link
bad 1 "--confusion would overwrite toy.gop, which is read" $eval --confusion hard
bad 1 "--scores would overwrite toy.gds, which --data reads" $eval --scores link
bad 1 "--scores would overwrite ./x, which --confusion writes" $eval --scores x --confusion ./x
bad 1 "--scores would overwrite scores.csv, which is read" \
    fuse scores.csv scores.csv --scores ./scores.csv
bad 1 "--output would overwrite ./layout.json, which is read" layout ./layout.json -o layout.json
bad 1 "--output would overwrite x, which --draw writes" layout tiny5 --draw x --output x
bad 1 "--output would overwrite log.gop, which is read" fuse toy.gop log.gop -o log.gop

# Operands that are words are not file names.
ok $train -o template
ok $train -o template
rm -f template template.jsonl

# ------------------------------------------------------------ links, modes, folders

# Links are followed, also to a file that does not exist; modes are kept.
mkdir disk
for file in a.gds a.gop a.svg a.json a.csv a.log; do ln -s disk/$file $file; done
for i in 1 2; do
    ok $prepare -o a.gds
    ok $train -o a.gop --log a.log
    ok layout tiny5 --draw a.svg --output a.json
    ok $eval --confusion a.csv
    for file in a.gds a.gop a.svg a.json a.csv a.log; do
        checks=$((checks + 1))
        [ -L $file ] && [ -f disk/$file ] || fail "$file is no link to a file any more"
        [ $i = 1 ] || [ "$(ls -l disk/$file | cut -c1-10)" = -rw------- ] ||
            fail "the mode of $file has changed: $(ls -l disk/$file)"
        chmod 600 disk/$file
    done
done
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files: $(find . -name '*.tmp')"

# The kind of an old file that cannot be opened, for want of descriptors, is not guessed.
find_program
: >io/statuses
for n in 4 5 6 7 8; do
    for command in "$prepare -o toy.gds" "$train -o toy.gop --log x.log" "layout tiny5 -d layout.svg" \
        "layout tiny5 -o layout.json" "$train -o y.gop --log toy.log" "$eval --confusion matrix.csv"; do
        # A new log stays when the model cannot be saved.
        before=$(snapshot | grep -v '\.log$')
        checks=$((checks + 1))
        # shellcheck disable=SC2086
        (ulimit -n $n && exec "$PROGRAM" $command) >io/out 2>io/err </dev/null
        status=$?
        echo $status >>io/statuses
        case $status in
        0) rm -f y.gop ;;
        2)
            [ "$(snapshot | grep -v '\.log$')" = "$before" ] || fail "$n descriptors: $command: files have changed"
            grep -q 'which is not a' io/err && fail "$n descriptors: $command: $(cat io/err)"
            ;;
        *) fail "$n descriptors: $command: status $status: $(cat io/err)" ;;
        esac
    done
done
grep -q 2 io/statuses || fail "no command lacked a descriptor"

# Write-protected files are not replaced; for unreadable ones the kind is not checked.  The
# superuser tries this as another user, who needs a way to the program.
as_other=
if [ "$(id -u)" -eq 0 ]; then
    chmod 755 .
    chown -R 65534:65534 .
    for way in "setpriv --reuid=65534 --regid=65534 --clear-groups" "runuser -u nobody --"; do
        if $way "$PROGRAM" -V >io/out 2>io/err; then
            as_other=$way
            break
        fi
    done
fi
if [ "$(id -u)" -ne 0 ] || [ -n "$as_other" ]; then
    if [ -n "$as_other" ]; then
        printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$as_other" "$PROGRAM" >io/graphop
        chmod 755 io/graphop
        GRAPHOP=$PWD/io/graphop
    fi
    chmod 400 toy.gds toy.gop layout.svg layout.json matrix.csv
    bad 2 "cannot write toy.gds: Permission denied" $prepare -o toy.gds
    bad 2 "cannot write toy.gop: Permission denied" $train -o toy.gop --log x.log
    bad 2 "cannot write layout.svg: Permission denied" layout tiny5 --draw layout.svg
    bad 2 "cannot write layout.json: Permission denied" layout tiny5 --output layout.json
    bad 2 "cannot write matrix.csv: Permission denied" $eval --confusion matrix.csv
    chmod 200 note.txt
    run layout tiny5 --draw note.txt
    [ $status -eq 2 ] || fail "status $status for a file that cannot be read: $(cat io/err)"
else
    echo "SKIP: files of which root may do everything: no other user can run $GRAPHOP"
fi

finish
