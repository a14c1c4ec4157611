#!/bin/sh
# use.sh: wrong usage gives one sentence that suggests the nearest word, status 1, and
# writes nothing.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds

bad 1 "verb is missing"
bad 1 "unknown verb 'trian'; did you mean 'train'\?" trian
bad 1 "unknown verb 'zzz'; the choices are prepare, train, eval, predict, stream, info, fuse, import, convert, layout, bench" zzz
bad 1 "unknown verb ''" ''
bad 1 "unknown option '--hlep'; did you mean '--help'\?" --hlep

# Outputs go neither to standard output nor to a file named -.
bad 1 "prepare: --output cannot write to standard output; for a file named -, use ./-" \
    prepare synth -o -
bad 1 "train: --output cannot write" train symgnn --data toy.gds $tiny --steps 1 -o -
bad 1 "train: --log cannot write" train symgnn --data toy.gds $tiny --steps 1 -o new.gop --log -
bad 1 "fuse: --output cannot write" fuse a.gop b.gop --output=-
bad 1 "eval: --confusion cannot write" eval --data toy.gds --confusion -
bad 1 "predict: --svg cannot write" predict a.gop - --svg -
bad 1 "layout: --output cannot write" layout tiny5 -o-
bad 1 "layout: --draw cannot write" layout tiny5 --draw -
ok layout tiny5 -o ./-
ok layout ./- --check
rm ./-

t="train symgnn --data toy.gds --output new.gop"
bad 1 "train: unknown option '--lamda'; did you mean '--lambda'\?" $t --lamda ub
bad 1 "unknown option '--xyzzy'; 'graphop train --help' lists the options" $t --xyzzy
bad 1 "unknown option '-x'" $t -x
bad 1 "'--s' is ambiguous" $t --s 3
bad 1 "--steps needs a value" $t --steps
bad 1 "--resume takes no value" $t --resume=yes
bad 1 "-n needs a value" $t -n
for value in 0 -3 1e3 1.5 0x10 ' 4' 4x x 99999999999999999999999 ''; do
    bad 1 "--steps takes a whole number of steps from 1 to 1e.12, or of epochs .*, not '$value'" \
        $t "--steps=$value"
done
for value in 0 -1 nan inf 0x1 1e-3x ' 1' ''; do
    bad 1 "--lr takes a number from .*, not '$value'" $t "--lr=$value"
done
for value in 0 -5m 1d 5mm m 20x nan ''; do
    bad 1 "--time takes a time such as .*, not '$value'" $t "--time=$value"
done
for value in 1.5 -0.1 upper ubx nan 0x1; do
    bad 1 "--lambda takes a number from 0 to 1, exact, ub or .*, not '$value'" $t "--lambda=$value"
done
bad 1 "--steps and --time exclude each other" $t --steps 5 --time 5s
bad 1 "--time with schedule cosine needs a --warmup" $t --time 5s --warmup 0
bad 1 "unknown optimiser 'adm'; did you mean 'adam'\?" $t --optimiser adm
bad 1 "unknown schedule 'linear'; the choices are constant, step, cosine" $t --schedule linear
bad 1 "unknown preset 'huge'; the choices are light, full, small" $t --preset huge
bad 1 "unknown model 'resnet'; the choices are symgnn" train resnet --data toy.gds -o new.gop
bad 1 "no option 'nothing_like_it'" $t --set nothing_like_it=1
bad 1 "takes key=value, not '=3'" $t --set =3
bad 1 "unknown preset 'ligth'; did you mean 'light'\?" $t --preset ligth
bad 1 "unknown model 'symgn'; did you mean 'symgnn'\?" train symgn --data toy.gds -o new.gop
bad 1 "no option 'gama'; did you mean 'gamma'\?" $t --set gama=3
bad 1 "takes key=value, not 'gamma'" $t --set gamma
bad 1 "gamma=0: " $t --set gamma=0
bad 1 "gamma=three: " $t --set gamma=three
bad 1 "gamma=: " $t --set gamma=
bad 1 "p_tc=1: a number from 0 to 0.99" $t --set p_tc=1
bad 1 "p_tc=nan: " $t --set p_tc=nan
bad 1 "first_residual=2: " $t --set first_residual=2
for value in 1,x 1, ,1 1,,2 0 -1 1.5 "$(seq -s , 65)"; do
    bad 1 "widths=$value: up to 64 whole numbers" $t --set "widths=$value"
done
bad 1 "gru_carry=h: .*jgc" $t --set gru_carry=h
bad 1 "fuse_after: .*blocks 2 to 4, not 5" $t --set fuse_after=5
bad 1 "orders: at least one branch" $t --set orders=
bad 1 "widths: at least one block" $t --set widths=
# The first of several errors is named, and a later key does not hide it.
bad 1 "gamma=0: " $t --set gamma=0 --set gamma=1
bad 1 "widths, strides and kernels" $t --set widths=8,8
bad 1 "kernels must be odd, not 4" $t --set kernels=9,9,9,4
bad 1 "too few arguments; usage: graphop train" train
bad 1 "unexpected argument 'more'" $t more
bad 1 "--data FILE is missing" train symgnn -o new.gop
bad 1 "--output FILE is missing" train symgnn --data toy.gds
bad 1 "--data: the value is empty" train symgnn --data '' -o new.gop

bad 1 "unknown source 'cmuu'; did you mean 'cmu'\?" prepare cmuu . -o new.gds
bad 1 "--output FILE is missing" prepare synth
bad 1 "unknown split 'partail'; did you mean 'partial'\?" prepare cmu . --split partail -o n.gds
bad 1 "cmu needs a folder" prepare cmu -o new.gds
bad 1 "synth takes no folder of raw data" prepare synth more -o new.gds
bad 1 "synth takes no way of splitting" prepare synth --split partial -o new.gds
bad 1 "source cmu takes no --seed" prepare cmu . --seed 3 -o new.gds

bad 1 "unknown protocol 'dens'; did you mean 'dense'\?" eval --data toy.gds --protocol dens
bad 1 "unknown protocol 'best'; the choices are cmu-dmgnn, cmu-csm, cmu-3d, cmu-3d-38, h36m-dmgnn, \
h36m-csm, h36m-3d, h36m-3d-32, .*cmu-pgbig, windows, 8-seed, dense, beginning" \
    eval --data toy.gds --protocol best
bad 1 "cmu-dmgnn does not suit data set synth" eval --data toy.gds --protocol cmu-dmgnn
bad 1 "windows measures from predicted frame 2 on, but the model predicts 1|predicted takes a whole number from 2" \
    eval --data toy.gds --protocol windows --predicted 1
bad 1 "dense .*needs a model" eval --data toy.gds --protocol dense
bad 1 "--data FILE is missing" eval
bad 1 "--observed cannot be used with MODEL" eval x.gop --data toy.gds --observed 50

bad 1 "too few arguments" predict x.gop
bad 1 "too few arguments" info
bad 1 "unknown option '--jsno'; did you mean '--json'\?" info toy.gds --jsno

# GNU conventions: values after '=' or attached, options anywhere, abbreviated options, and
# names that begin with a dash after '--'.
ok info toy.gds --js
mv io/out a
ok info --json -- toy.gds
same io/out a
ok prepare synth --output=b.gds --see 1
same toy.gds b.gds
ok prepare -ob2.gds synth
same toy.gds b2.gds
cp toy.gds ./-toy.gds
ok info -j -- -toy.gds
same io/out a
ok info --json --sequences toy.gds
mv io/out a
ok info -js toy.gds
same io/out a
ok info -sj toy.gds
same io/out a
bad 1 "unknown option '-z'" info -jz toy.gds

# Text for a closed standard output does not go into a file that is opened later.
checks=$((checks + 1))
"$GRAPHOP" train symgnn --data toy.gds $tiny --set observed=10 --steps 2 -o closed.gop \
    >&- 2>io/err </dev/null
[ $? -eq 2 ] || fail "a closed standard output is not missed: $(cat io/err)"
grep -q '^graphop: cannot write to standard output; the output files were written\.$' io/err ||
    fail "closed: $(cat io/err)"
ok info closed.gop
[ "$(grep -cv '^{' closed.gop.jsonl)" -eq 0 ] || fail "the log holds: $(cat closed.gop.jsonl)"

finish
