#!/bin/sh
# fuzz.sh RUNS SECONDS: every fuzz target, for at most RUNS inputs and SECONDS, on files that the
# project's own commands write.  FUZZ_TARGETS narrows it, FUZZ_SEED makes other inputs.  What is
# found is left in the folder where this runs, as found-fuzz_NAME.
here=$PWD
# Files are synced often.
[ -n "${TMPDIR-}" ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "${top_srcdir:?}/tests/lib.sh"
. "$top_srcdir/tests/fault/inputs.sh"
: "${FUZZERS:?is the folder of the targets}"
runs=$1
seconds=$2
TMPDIR=$work
FUZZ_DATA=$work/in/own.gds
FUZZ_MODEL=$work/in/bone.gop
export PROGRAM TMPDIR FUZZ_DATA FUZZ_MODEL

mkdir in/labels in/lines in/layouts
printf '1,nod\n2,bow\n' >in/labels/two
printf '\357\273\2771,nod,train\r\n2.csv,bow,test\r\n' >in/labels/split
printf 'S001C001P001R001A001\nS001C001P003R001A002.skeleton\n' >in/labels/skip
printf '1,nod,1,2\n2,bow,2,2\n' >in/labels/segments
printf '1\nnod: 1 2\nbow: 2 2\n2\nbow: NaN NaN\nnod: 1 1\n' >in/labels/indented
printf -- '-,x,y,z,...\n' >in/labels/columns
# Text in other dialects: numbers of frames, a line a node, tables.
mkdir in/texts
seq -s ' ' 0 15 | sed 'p;s/^0/1/;p;s/^1/3/' >in/texts/frames
seq 1 60 | paste -d ';' - - - | sed 's/;/,5;/g;s/$/,25/' >in/texts/nodes
awk 'BEGIN { print "Frame,Person,LandmarkID,X,Y,Z,Conf"
    for (i = 0; i < 40; i++) printf "%d,p%d,%d,%d,.5,1e-1,\"1\"\n", i / 10, i % 2, i / 2 % 5, i }' \
    >in/texts/table
cp "$top_srcdir"/zoo/skeleton/layouts/tiny5.json in/layouts/
printf 'info\nb.gds\n--json\n' >in/lines/info
printf 'train\nsymgnn\n--data\nb.gds\n-o\na.gop\n--preset\nsmall\n--set\nobserved=10\n--batch\n8\n' \
    >in/lines/train
printf 'prepare\ncsv\nraw\n-o\nx.gds\n--rate\n30\n--layout\ntiny5\n' >in/lines/prepare
printf 'eval\na.gop\n--data=b.gds\n--protocol\ndense\n--confusion\nc.svg\n' >in/lines/eval
printf 'layout\n--help\n' >in/lines/layout

# fuzz TARGET FILE...
fuzz()
{
    case " ${FUZZ_TARGETS-$1} " in *" $1 "*) ;; *) return ;; esac
    target=fuzz_$1
    shift
    checks=$((checks + 1))
    "$FUZZERS/$target" -n "$runs" -t "$seconds" -s "${FUZZ_SEED-1}" "$@" 2>io/err && return
    fail "$target: $(grep -E 'ERROR|fuzz:|runtime error|SUMMARY|#[0-9]+ .*(graphop|zoo|apps)/' io/err | head -n 12)"
    [ -f "found-$target" ] && mv "found-$target" "$here/"
}

fuzz dataset in/own.gds in/old.gds
fuzz model in/*.gop
fuzz layout in/layouts/*
fuzz poses in/own/train/nod/1.csv
{
    head -n 3 in/own/train/nod/1.csv
    printf '{"t":0.1,"bodies":[{"id":1,"pose":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,null]}]}\n'
} >in/texts-frames
fuzz frames in/texts-frames
fuzz csv in/own/train/*/1.csv in/texts/*
fuzz cmu in/cmu/train/walking/*
fuzz h36m in/h36m/S1/*
fuzz ntu in/ntu/*
fuzz kinetics in/kinetics/kinetics_train/*
fuzz keypoints in/keypoints/train/nod/*.json in/keypoints/train/nod/clip/*_1_*.json
fuzz labels in/labels/*
fuzz options in/lines/*
mkdir in/scores
"$PROGRAM" eval in/symgnn.gop --data in/own.gds --threads 1 --scores in/scores/own.csv \
    >io/out 2>io/err
printf 'protocol,sequence,start,truth,"a ""b""",c\r\nclips,"x,y",1,c,.25,75e-2\r\n' \
    >in/scores/quoted.csv
fuzz scores in/scores/*
# An array of a file of its own, by numpy's format.
mkdir in/arrays
{
    printf "\\223NUMPY\\001\\000\\072\\000{'descr': '<u2', 'fortran_order': True, 'shape': (2, 4), }"
    printf '0123456789abcdef'
} >in/arrays/a.npy
sets=$top_srcdir/tests/numpy
fuzz npy "$sets"/arrays/*.npy
fuzz npz "$sets/set.npz"
fuzz pyskl "$sets"/pyskl-?d.pkl
fuzz arrays in/arrays/a.npy "$top_srcdir"/tests/numpy/*.npz "$top_srcdir"/tests/numpy/*.pkl
weights=$top_srcdir/tests/weights
fuzz weights "$weights"/*.pth "$weights"/*.npz "$weights"/*.safetensors "$weights"/hostile/*
finish
