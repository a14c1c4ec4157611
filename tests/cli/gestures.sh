#!/bin/sh
# gestures.sh: hands of MediaPipe, from the weights of another program to a model of gestures of one's
# own: import, predict, prepare, train from it, eval.
. "${top_srcdir:?}/tests/lib.sh"

weights=$top_srcdir/tests/weights/models/stgcnpp-pyskl-hand.safetensors
shared=${GRAPHOP_WEIGHTS-$top_srcdir/../shared/data/weights}

# hand FORM FRAMES SEED FINGERS [TURN]: frames of a hand as shares of the image, whose fingers, from the
# thumb on, are stretched (1) or bent (0); it is somewhere, of some size, trembles, and turns.
# Forms: list and tasks are JSON of MediaPipe's, holes has null for every other frame, pixels is a list
# in an image of 640 x 480.
hand()
{
    awk -v form="$1" -v frames="$2" -v seed="$3" -v fingers="$4" -v turn="${5-0}" '
    function joint(x, y,    c, s, h) {
        c = cos(angle); s = sin(angle)
        h = x
        x = middle + size * 0.6 * (c * x - s * y) + (rand() - 0.5) / 200
        y = wrist + size * (s * h + c * y) + (rand() - 0.5) / 200
        if (form == "pixels") { x *= 640; y *= 480 }
        printf "%s{\"x\":%.5f,\"y\":%.5f,\"z\":0}", joints++ ? "," : "", x, y
    }
    BEGIN {
        srand(seed)
        split("-0.35 -0.28 -0.05 0.15 0.35", bx); split("-0.25 -0.9 -0.95 -0.9 -0.8", by)
        split("0.9 0.85 0.95 0.85 0.7", len); split("-0.96 -0.14 0 0.12 0.28", lean)
        split("0 0.42 0.72 1", straight); split("0 0.35 0.15 -0.1", bent)
        middle = 0.4 + 0.2 * rand(); wrist = 0.55 + 0.1 * rand(); size = 0.2 + 0.06 * rand()
        first = 0.3 * (rand() - 0.5); phase = 6 * rand()
        printf "["
        for (t = 0; t < frames; t++) {
            angle = first + turn * sin(phase + t / 2)
            joints = 0
            printf "%s", t ? "," : ""
            printf form == "tasks" ? "{\"landmarks\":[[" : "{\"multiHandLandmarks\":[["
            joint(0, 0)
            for (f = 1; f <= 5; f++)
                for (k = 1; k <= 4; k++) {
                    d = len[f] * (substr(fingers, f, 1) == "1" ? straight[k] : bent[k])
                    joint(bx[f] + sin(lean[f]) * d, by[f] - cos(lean[f]) * d)
                }
            printf form == "tasks" ? "]],\"handednesses\":[[{\"categoryName\":\"Right\"}]]}" : "]]}"
            if (form == "holes")
                printf ",null"
        }
        print "]"
    }'
}

# answer FILE: the probabilities of a file, by the model m.gop.
answer()
{
    ok predict m.gop "$1" --json
    sed -n 's/.*"probabilities"://p' io/out
}

printf 'palm\nfist\npeace\nrock\n' >labels
import="import $weights --as stgcnpp --layout hand21 --frames 10 --sample uniform --source keypoints
    --labels labels"

# ---------------------------------------------------------------------- import, predict

ok $import -o m.gop
says '^assumed: two channels a node: the scores of layout hand21 are left out$'
ok info m.gop
says '^actions +palm fist peace rock$'
hand list 10 1 01100 >peace.json
hand tasks 10 1 01100 >tasks.json
hand list 1 1 01100 >image.json
hand pixels 10 1 01100 >pixels.json
hand holes 10 1 01100 >holes.json
answer peace.json >told
grep -Eq '"(palm|fist|peace|rock)":[01]' told || fail "no class has a name: $(cat told)"
answer tasks.json >again
same told again
answer image.json >io/one
bad 2 'pixels.json: positions up to [0-9.]+ are pixels; the model takes shares' \
    predict m.gop pixels.json

# The same in pixels, and without the frames that have no hand.
ok $import --image 640x480 -o m.gop
answer pixels.json >again
awk '{ n = split($0, part, /[{":,}]+/)
       for (i = 3; i <= n; i += 2) if (NR == 1) p[part[i - 1]] = part[i]
           else if ((d = part[i] - p[part[i - 1]]) > 2e-5 || d < -2e-5) exit 1 }' told again ||
    fail "shares give $(cat told) and pixels $(cat again)"
ok $import --missing drop -o m.gop
answer holes.json >again
same told again

# -------------------------------------------------------------------- gestures of one's own

# gestures FOLDER CLIPS SEED: three gestures.
gestures()
{
    mkdir -p "$1/wave" "$1/gun" "$1/three"
    for k in $(seq "$2"); do
        hand list 14 "$3$k" 11111 0.5 >"$1/wave/$k.json"
        hand list 12 "$3$k" 11000 >"$1/gun/$k.json"
        hand tasks 10 "$3$k" 01110 >"$1/three/$k.json"
    done
}

# tuned MODEL OPTION...: trains three.gop from it and measures clips that training has not seen.
tuned()
{
    from=$1
    shift
    ok train stgcnpp --data hands.gds --set observed=10 "$@" --init-from "$from" \
        --batch 8 --seed 1 --threads 1 -o three.gop
    says '^[0-9]+ of [0-9]+ tensors are copied from .*; initialised: fc\.weight, fc\.bias$'
    ok eval three.gop --data hands.gds
    says '^average +([89][0-9]|100)\.[0-9] %'
    ok predict three.gop hands/test/gun/1.json
    sed -n 3p io/out | grep -q '^gun ' || fail "no gun: $(cat io/out)"
}

gestures hands/train 6 1
gestures hands/test 8 2
ok prepare keypoints hands --scores drop --standardise no -o hands.gds
tuned m.gop --set widths=6,12 --set strides=1,2 --freeze block.0.gcn --steps 150

# --------------------------------------------------------------- weights of other programs

if [ -f "$shared/hagrid.pth" ]; then
    seq 0 39 | sed 's/^33$/palm/; s/^32$/one/; s/^34$/peace/; s/^35$/rock/; s/^[0-9]/gesture &/' >labels
    ok import "$shared/hagrid.pth" --as stgcnpp --layout hand21 --frames 10 --sample uniform \
        --source keypoints --labels labels -o hand.gop
    for sign in palm:11111 one:01000 peace:01100 rock:01001; do
        hand list 10 1 "${sign#*:}" >"${sign%:*}.json"
        ok predict hand.gop "${sign%:*}.json"
        sed -n 3p io/out | grep -q "^${sign%:*} " || fail "no ${sign%:*}: $(sed -n 3,4p io/out)"
    done
    tuned hand.gop --set widths=64,64,64,64,64,128 --set strides=1,1,1,1,1,2 \
        --freeze 'data_bn,block.*' --steps 60
else
    echo "skipped: $shared/hagrid.pth is absent"
fi
finish
