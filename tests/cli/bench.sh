#!/bin/sh
# bench.sh: the reports of bench are consistent: all fields exist, times are ordered,
# rates follow from times and counts, and the breakdown adds up.  Speeds themselves are
# not tested.  Also tests train --profile.
. "${top_srcdir:?}/tests/lib.sh"

net="$tiny --set observed=6 --set predicted=2 --layout tiny5 --threads 1"

# field LINE KEY: a number or text from that line of the last output.
field()
{
    sed -n "$1p" io/out | tr -d '"' | tr '{},' '\n' | sed -n "s/^$2://p"
}

# holds WHAT CONDITION NAME=VALUE...: an awk condition on numbers; near(a, b) means equal
# to about nine digits.
holds()
{
    what=$1 condition=$2
    shift 2
    checks=$((checks + 1))
    for pair; do
        set -- "$@" -v "$pair"
        shift
    done
    awk "$@" '
        function near(a, b) { return (a - b) ^ 2 <= 1e-12 * (a ^ 2 + b ^ 2) }
        BEGIN { exit !('"$condition"') }' || fail "$what: not $condition with $*"
}

# ------------------------------------------------------------- one measurement

times="first p50 p90 p99 min max mean processor"
last="samples_per_second madds_forward madds_backward gflops ceiling_gflops ceiling_shape \
ceiling_share planned_bytes peak_bytes"
head="layout nodes observed predicted classes batch threads kernel parameters warm_up runs"

# consistent LAMBDA: the last output is one measurement.
consistent()
{
    keys >all
    [ "$(head -n 1 all)" = "$(echo model preset what ${1-} $head $times $last)" ] ||
        fail "keys of the first line: $(head -n 1 all)"
    [ "$(sed '1d;$d' all | sort -u)" = \
        "operator pass operators calls seconds share madds bytes gflops gbs" ] ||
        fail "keys of the breakdown: $(sed '1d;$d' all | sort -u)"
    [ "$(tail -n 1 all)" = "rest share wall runs" ] || fail "last keys: $(tail -n 1 all)"
    p50=$(field 1 p50)
    holds times "0 < a && a <= b && b <= c && c <= d && d <= e && a <= f && f <= e" \
        "a=$(field 1 min)" "b=$p50" "c=$(field 1 p90)" "d=$(field 1 p99)" "e=$(field 1 max)" \
        "f=$(field 1 mean)"
    madds=$(awk "BEGIN { print $(field 1 madds_forward) + $(field 1 madds_backward) }")
    holds rates "near(b / p, s) && near(2e-9 * m / p, g) && near(g / c, h) && c > 0" \
        "b=$(field 1 batch)" "p=$p50" "s=$(field 1 samples_per_second)" "m=$madds" \
        "g=$(field 1 gflops)" "c=$(field 1 ceiling_gflops)" "h=$(field 1 ceiling_share)"
    holds memory "0 < a && a < b" "a=$(field 1 planned_bytes)" "b=$(field 1 peak_bytes)"

    sed '1d;$s/"rest"/"seconds"/' io/out | tr -d '{}"' | awk -F '[:,]' '
    function near(a, b) { return (a - b) ^ 2 <= 1e-10 * (a ^ 2 + b ^ 2) }
    {
        for (i = 1; i < NF; i += 2)
            v[$i] = $(i + 1)
        seconds += v["seconds"]
        share += v["share"]
        if ($1 == "operator") {
            madds += v["madds"]
            if (v["calls"] <= 0 || v["seconds"] < 0 || v["share"] > 1 || v["bytes"] <= 0)
                print "makes no sense: " $0
            if (v["madds"] > 0 && v["seconds"] > 0 &&
                !near(v["gflops"], 2e-9 * v["madds"] / v["seconds"]))
                print "another rate: " $0
            if (seen[$2 $4]++)
                print "twice: " $0
        }
    }
    END {
        if (!near(share, 1))
            print "the shares add up to " share
        if (!near(seconds, v["wall"]))
            print "the times add up to " seconds " of " v["wall"]
        if (!near(madds, '"$madds"'))
            print "the multiply-adds add up to " madds " of '"$madds"'"
    }' >wrong
    checks=$((checks + 1))
    [ -s wrong ] && fail "$(cat wrong)"
}

ok bench symgnn $net --repeat 7 --warm-up 2 --json
consistent lambda
for pair in model:symgnn preset:small what:train lambda:0.5 layout:tiny5 nodes:5 observed:6 \
    predicted:2 classes:8 batch:4 threads:1 warm_up:2 runs:7; do
    [ "$(field 1 "${pair%:*}")" = "${pair#*:}" ] || fail "${pair%:*} is $(field 1 "${pair%:*}")"
done
forward=$(field 1 madds_forward) fixed=$(field 1 madds_backward)
[ "$(field "$(wc -l <io/out)" runs)" = 7 ] || fail "runs of the breakdown: $(tail -n 1 io/out)"
says '^{"operator":"temporal_conv","pass":"forward"'
says '^{"operator":"temporal_conv","pass":"backward"'

# Inference computes what training computes forward; modes with more backward runs take
# more multiply-adds.
ok bench symgnn $net --what infer --repeat 3 --warm-up 0 --json
consistent
[ "$(field 1 madds_forward)" = "$forward" ] || fail "inference: $(field 1 madds_forward)"
[ "$(field 1 madds_backward)" = 0 ] || fail "backward in inference"
[ "$(field 1 first)" = null ] || fail "first without a warm-up: $(field 1 first)"
grep -q backward io/out && grep -q '"pass":"backward"' io/out && fail "a backward pass"

# Steps: a frame's work is a window's work by its frames, but for the operators on the mean.
ok bench stgcn --preset small --what step --set observed=40 --layout tiny5 --threads 1 --repeat 2 \
    --json
[ "$(field 1 what)" = step ] || fail "steps: $(field 1 what)"
[ "$(field 1 ahead)/$(field 1 every)" = 44/4 ] || fail "$(field 1 ahead)/$(field 1 every)"
holds steps 'w > 0.9 * 40 && w < 1.1 * 40 && near(w, a / b) && near(t, x / y)' \
    w="$(field 1 work_ratio)" a="$(field 1 window_madds)" b="$(field 1 frame_madds)" \
    t="$(field 1 time_ratio)" x="$(field 1 window_p50)" y="$(field 1 frame_p50)"
ok bench stgcn --preset small --what step --set observed=40 --layout tiny5 --threads 1 --repeat 1
says "Scores come every 4 frames and look 44 frames ahead"
bad 1 "cannot step" bench agcn --preset small --what step --layout tiny5
bad 1 "--scaling cannot be used with --what step" bench stgcn --what step --scaling
ok bench stgcn --preset small --set observed=6 --layout tiny5 --threads 1 --batch 4 --repeat 1 \
    --warm-up 0 --json
one=$(field 1 madds_forward)
ok bench stgcn --preset small --set observed=6 --layout tiny5 --threads 1 --batch 4 --repeat 1 \
    --warm-up 0 --json --bodies 2 --optimiser sgd
holds "two bodies" "1.9 * a < b && b < 2.1 * a" "a=$one" "b=$(field 1 madds_forward)"
ok bench symgnn $net --lambda ub --repeat 3 --json
consistent lambda
ub=$(field 1 madds_backward)
ok bench symgnn $net --lambda exact --repeat 3 --json
holds backward "0 < a && a < b && b < c" "a=$fixed" "b=$ub" "c=$(field 1 madds_backward)"
ok bench symgnn $net --batch 8 --repeat 1 --json
[ "$(field 1 madds_forward)" = $((2 * forward)) ] || fail "twice the batch: $(field 1 madds_forward)"

# As a table, by operator, on a chain, on two threads, on a data set, from a file.
ok bench symgnn $net --repeat 3
says '^symgnn small, training step with lambda 0.5: layout tiny5, 5 nodes, 6 \+ 2 frames, '
says '^3 runs after 3 to warm up, ms: median '
says ' samples/s; .* GFLOP/s\.$'
says '^Ceiling .* of it\.$'
says '^Memory: .* planned, .* resident at the peak\.$'
says '^operator +pass +calls +ms +share +GFLOP/s +GB/s$'
says '^temporal_conv +forward +[0-9]+ '
says '^rest +[0-9.-]+ +[0-9.-]+ %$'
ok bench symgnn $net --repeat 3 --per-node --json
[ "$(keys | sed -n 2p)" = "operator name pass operators calls seconds share madds bytes gflops gbs" ] ||
    fail "keys with names: $(keys | sed -n 2p)"
says '"name":"branch\.[0-9]+\.joint\.[0-9]+\..*","pass":"backward"'
chain=$(echo "$net" | sed 's/--layout tiny5/--nodes 9/; s/--threads 1/--threads 2/')
ok bench symgnn $chain --classes 3 --repeat 3 --json
consistent lambda
[ "$(field 1 nodes)$(field 1 classes)$(field 1 threads)" = 932 ] || fail "$(head -n 1 io/out)"
ok prepare synth -o toy.gds
ok bench symgnn $(echo "$net" | sed 's/--layout tiny5/--data toy.gds/') --repeat 2 --json
[ "$(field 1 layout)" = procedural22 ] || fail "layout of the data: $(field 1 layout)"

learn="train symgnn $tiny --set observed=6 --set predicted=2 --data toy.gds --steps 4 --threads 1"
ok $learn -o toy.gop
ok bench toy.gop --repeat 3 --threads 1 --json
consistent
[ "$(field 1 what)$(field 1 batch)" = infer1 ] || fail "a file: $(head -n 1 io/out)"

# --------------------------------------------------------------------- scaling

ok bench symgnn $net --set observed=12 --scaling --repeat 1 --warm-up 0 --json
keys | uniq -c | awk '{ $1 = $1; print }' >all
for i in 1 2 3 4; do
    echo "4 axis size seconds seconds_per_sample madds_per_sample"
    echo "1 axis exponent madds_exponent"
done >want
same want all
tr -d '{}"' <io/out | awk -F '[:,]' '
    { for (i = 1; i < NF; i += 2) v[$i] = $(i + 1) }
    $3 == "exponent" {
        want = $2 == "batch" ? "^1$" : $2 == "frames" ? "^0\\." : $2 == "nodes" ? "^1\\." : "^[01]\\."
        if (v["madds_exponent"] !~ want || v["exponent"] !~ /^-?[0-9]/)
            print
        n = 0
        next
    }
    v["size"] <= before && n++ || v["seconds"] <= 0 { print }
    { before = v["size"] }' >wrong
[ -s wrong ] && fail "scaling: $(cat wrong)"
ok bench symgnn $net --set observed=12 --scaling --repeat 1 --warm-up 0
says '^The time of a run grows as width\^'

# ------------------------------------------------------------------- operators

ok bench ops relu linear --threads 1 --json
echo "operator case in out runs forward backward" >want
keys | sed '$d' | sort -u >all
same want all
[ "$(keys | tail -n 1)" = "ceiling_gflops memory_gbs kernel threads" ] || fail "last: $(tail -n 1 io/out)"
sed '$d' io/out | tr -d '{}"' | sed 's/\[[^]]*\]/shape/g' | awk -F '[:,]' '
    {
        seen[$2]++
        for (i = 1; i < NF; i++) {
            if ($i == "seconds") {
                n++
                s = $(i + 1)
                if (s <= 0) print "no time: " $0
            }
            if ($i == "madds" && ($2 == "linear") != ($(i + 1) > 0)) print "madds: " $0
            if ($i == "madds") m = $(i + 1)
            if ($i == "bytes" && $(i + 1) <= 0) print "no bytes: " $0
            if ($i == "gflops" && ($(i + 1) - 2e-9 * m / s) ^ 2 > 1e-10 * $(i + 1) ^ 2)
                print "another rate: " $0
        }
        if (n != 2) print "not two directions: " $0
        n = 0
    }
    END { if (seen["relu"] < 1 || seen["linear"] < 2) print "a case is missing" }' >wrong
[ -s wrong ] && fail "ops: $(cat wrong)"
ok bench ops detach --threads 1
says '^operator +case +result +forward ms +GFLOP/s +GB/s +% +backward ms +GFLOP/s +GB/s +%$'
says '^detach +copy +\[.*\] +[0-9.]+ +- +[0-9.]+ +[0-9]+ +- +- +- +-$'
says '^Ceiling .* on each of 1 thread\)\.$'

# ------------------------------------------------------------- train --profile

run $learn -o toy2.gop --profile
[ "$status" -eq 0 ] || fail "train --profile: status $status"
same toy.gop toy2.gop
cp io/err io/out
says '^Time of a run: [0-9.]+ ms, the mean of 4 runs\.$'
says '^temporal_conv +backward +[0-9]+ '
says '^rest '

# ---------------------------------------------------------------------- errors

bad 1 "too few arguments" bench
bad 1 "unknown model 'symgn'; did you mean 'symgnn'\?" bench symgn
bad 1 "bench: unknown preset 'hug'; the choices are" bench symgnn --preset hug
bad 1 "unknown layout 'cmu'; did you mean 'cmu25'\?" bench symgnn --layout cmu
bad 1 "unknown what 'trian'; did you mean 'train'\?" bench symgnn --what trian
bad 1 "--batch takes a whole number from 1 to 65536, not '0'" bench symgnn --batch 0
bad 1 "--repeat takes a whole number from 1" bench symgnn --repeat 0
bad 1 "--nodes takes a whole number from 2 to 1024" bench symgnn --nodes 1
bad 1 "--classes takes a whole number from 1" bench symgnn --classes 0
bad 1 "bench: --lambda takes a number from 0 to 1" bench symgnn --lambda upper
bad 1 "bench: symgnn has no option 'gama'; did you mean 'gamma'\?" bench symgnn --set gama=3
bad 1 "widths, strides and kernels" bench symgnn --set widths=8,8
bad 1 "--lambda cannot be used with --what infer" bench symgnn --what infer --lambda ub
bad 1 "--optimiser cannot be used with --what infer" bench symgnn --what infer --optimiser sgd
bad 1 "--optimiser cannot be used with inference" bench toy.gop --optimiser sgd
bad 1 "toy.gop is a trained model" bench toy.gop --bodies 2
bad 1 "unknown operator 'rely'; did you mean 'relu'\?" bench ops rely
bad 1 "--batch cannot be used with ops" bench ops relu --batch 4
bad 1 "--scaling cannot be used with ops" bench ops --scaling
bad 1 "unexpected argument 'relu'" bench symgnn relu
bad 1 "--layout cannot be used with --nodes" bench symgnn --layout cmu26 --nodes 5
bad 1 "--classes cannot be used with --data" bench symgnn --data toy.gds --classes 4
bad 1 "--data cannot be used with --scaling" bench symgnn --data toy.gds --scaling
bad 1 "--per-node cannot be used with --scaling" bench symgnn --scaling --per-node
bad 1 "takes at most 512" bench symgnn --scaling --nodes 513
bad 1 "toy.gop is a trained model" bench toy.gop --what train
bad 1 "toy.gop is a trained model" bench toy.gop --scaling
bad 1 "toy.gop is a trained model" bench toy.gop --set hidden=4
bad 2 "none.gop" bench none.gop
bad 2 "none.gds" bench symgnn --data none.gds
bad 2 "toy.gds" bench toy.gds
bad 2 "no training sequence of" bench symgnn --data toy.gds --set observed=4000

finish
