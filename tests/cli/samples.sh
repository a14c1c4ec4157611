#!/bin/sh
# samples.sh: several predictions of one motion, by dropout or by an ensemble: means, deviations,
# their drawing.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
frames="--set observed=10 --set predicted=4"
ltd="--data toy.gds $frames --set coefficients=9 --set hidden=6 --set blocks=1 --batch 4 --steps 3"
for seed in 1 2 3; do
    ok train ltd $ltd -o $seed.gop --seed $seed
done
walk="walk_21 -d toy.gds"

# ------------------------------------------------------------------------- dropout

ok predict 1.gop $walk --samples 5 --json -T 1
[ "$(keys)" = "poses from observed rate predicted samples deviation" ] || fail "keys: $(keys)"
says '"samples":5,"deviation":\[\['
cp io/out one
ok predict 1.gop $walk --samples 5 --json -T 2
same one io/out
ok predict 1.gop $walk --samples 5 --json --seed 1
cmp -s one io/out && fail "another seed gives the same draws"

# Text: the deviations follow the poses and have their form.
ok predict 1.gop $walk --samples 5
says '^4 predicted poses, 40 ms apart:$'
says '^The standard deviations of 5 predictions, whose means these poses are:$'
[ "$(grep -c "[0-9],[0-9-]" io/out)" -eq 8 ] || fail "no four poses and four deviations: $(cat io/out)"
tail -n 4 io/out | tr , '\n' | awk '$1 < 0 { exit 1 } $1 > 0 { n++ } END { if (!n) exit 1 }' ||
    fail "deviations: $(cat io/out)"
ok predict 1.gop $walk --samples 1
tail -n 4 io/out | grep -q '[1-9]' && fail "a single prediction has a deviation"
ok predict 1.gop $walk --samples 3 --horizon 400ms --truth
says '^10 predicted poses'
says '^The standard deviations of 3 predictions'
says '^The true poses:$'

# Each file of a folder has the draws that it has alone.
ok predict 1.gop $walk --horizon 400ms
mkdir folder
tail -n 10 io/out >folder/a
cp folder/a folder/b
ok predict 1.gop folder --samples 4 --json
[ "$(sed 's/"poses":"[ab]"//' io/out | uniq -c | awk '{ print $1 }')" = 2 ] ||
    fail "equal files have different draws"

# Drawn as ellipses, and a word in the legend.
ok predict 1.gop $walk --samples 5 --svg spread.svg
grep -q '>standard deviation<' spread.svg || fail "spread.svg does not name the deviation"
[ "$(grep -c '<ellipse' spread.svg)" -gt 20 ] || fail "spread.svg has no ellipses"
ok predict 1.gop $walk --svg plain.svg
grep -q "<ellipse" plain.svg && fail "plain.svg has ellipses"
# A long horizon spreads observed poses no further than they reach.
ok predict 1.gop $walk --svg far.svg --horizon 2s
grep -o '>-[0-9]* ms<' far.svg | sort | uniq -d >twice
[ -s twice ] && fail "far.svg shows an observed pose twice: $(cat twice)"

# ----------------------------------------------------------------------- ensembles

ok fuse 1.gop 2.gop 3.gop -o mean.gop
ok info mean.gop
says '^ensemble +of 3 members$'
ok info mean.gop --json --tensors
says '"members":3,'
says '"name":"3\.'
ok eval mean.gop -d toy.gds --protocol windows
ok bench mean.gop --repeat 1 --threads 1

# column FILE: its first predicted value.
column()
{
    sed 's/.*"predicted":\[\[\([^],]*\).*/\1/' "$1"
}
for seed in 1 2 3; do
    ok predict $seed.gop $walk --json
    column io/out >>members
done
ok predict mean.gop $walk --json
column io/out >mean
ok predict mean.gop $walk --json --samples 0
column io/out >>mean
sed 's/.*"deviation":\[\[\([^],]*\).*/\1/' io/out >deviation
cat members mean deviation | awk '
    { v[NR] = $1 }
    function near(a, b) { return a - b < 1e-5 && b - a < 1e-5 }
    END {
        m = (v[1] + v[2] + v[3]) / 3
        d = sqrt(((v[1] - m)^2 + (v[2] - m)^2 + (v[3] - m)^2) / 3)
        if (NR != 6 || !near(v[4], m) || !near(v[5], m) || !near(v[6], d) || d <= 0) exit 1
    }' || fail "no mean and deviation of the members: $(cat members mean deviation)"
says '"samples":3,'
ok predict mean.gop $walk --samples 6 --json
says '"samples":6,'
ok predict mean.gop $walk --samples 0 --svg spread.svg --horizon 400ms

# Models that recognise too.
for seed in 1 2; do
    ok train symgnn --recipe plain --data toy.gds $tiny $frames -o s$seed.gop --seed $seed --steps 2
done
ok fuse s1.gop s2.gop -o s.gop
ok predict s.gop $walk --samples 0 --json
says '"probabilities":\{'

# -------------------------------------------------------------------------- errors

ok train simlpe --data toy.gds $frames --set blocks=1 --batch 4 --steps 2 -o sure.gop
bad 1 "no dropout lies before the poses that the model predicts" predict sure.gop $walk --samples 3
bad 1 "samples 0 takes the members of an ensemble, and sure.gop is none" \
    predict sure.gop $walk --samples 0
ok train simlpe --data toy.gds $frames --set blocks=1 --batch 4 --steps 2 -o other.gop --seed 9
ok fuse sure.gop other.gop -o both.gop
bad 1 "; --samples 0 takes the ensemble's members" predict both.gop $walk --samples 3
ok train template --recipe plain --data toy.gds -o t.gop --set observed=10 --steps 2
bad 1 "samples cannot be used with t.gop, which predicts no poses" predict t.gop $walk --samples 3
bad 1 "seed" predict 1.gop $walk --seed 3
bad 1 "samples" predict 1.gop $walk --samples 2000000
bad 1 "features" predict s1.gop $walk --samples 3 --features
bad 2 "mean.gop: it already is an ensemble" fuse 1.gop mean.gop -o x.gop
bad 2 "sure.gop: its type is simlpe" fuse 1.gop sure.gop -o x.gop
ok train ltd $ltd --set hidden=8 -o wide.gop
bad 2 "wide.gop: hidden differs from the first model's" fuse 1.gop wide.gop -o x.gop
bad 1 "ltd have no weights of streams" fuse 1.gop 2.gop -o x.gop --weights 1,2
[ -e x.gop ] && fail "a refused fusion left a file"

finish
