#!/bin/sh
# use.sh: a command used wrongly says so in one sentence, suggests the nearest
# word, ends with 1 and writes nothing.
. "${top_srcdir:?}/tests/cli/lib.sh"

ok prepare synth -o toy.gds

bad 1 "verb is missing"
bad 1 "unknown verb 'trian'; did you mean 'train'\?" trian
bad 1 "unknown verb 'zzz'; known are prepare, train, eval, predict, info" zzz
bad 1 "unknown option '--hlep'; did you mean '--help'\?" --hlep

t="train symgnn --data toy.gds --output new.gop"
bad 1 "train: unknown option '--lamda'; did you mean '--lambda'\?" $t --lamda ub
bad 1 "unknown option '--xyzzy'; 'graphop train --help' lists them" $t --xyzzy
bad 1 "unknown option '-x'" $t -x
bad 1 "'--s' could be several" $t --s 3
bad 1 "--steps needs a value" $t --steps
bad 1 "--resume takes no value" $t --resume=yes
bad 1 "--steps takes a whole number from 1 to 1000000000, not '0'" $t --steps 0
bad 1 "--steps takes .*, not '1e3'" $t --steps 1e3
bad 1 "--steps takes .*, not '-3'" $t --steps -3
bad 1 "--steps takes .*, not '99999999999999999999999'" $t --steps 99999999999999999999999
bad 1 "--lr takes a number .*, not 'nan'" $t --lr nan
bad 1 "--lr takes a number .*, not '0x1'" $t --lr 0x1
bad 1 "--lr takes a number .*, not ''" $t --lr ''
bad 1 "--lambda takes .*, not '1.5'" $t --lambda 1.5
bad 1 "--lambda takes .*, not 'upper'" $t --lambda upper
bad 1 "--time takes a time .*, not '20x'" $t --time 20x
bad 1 "--steps and --time exclude each other" $t --steps 5 --time 5s
bad 1 "--time needs a --warmup" $t --time 5s --warmup 0
bad 1 "unknown optimiser 'adm'; did you mean 'adam'\?" $t --optimiser adm
bad 1 "unknown preset 'ligth'; did you mean 'light'\?" $t --preset ligth
bad 1 "unknown model 'symgn'; did you mean 'symgnn'\?" train symgn --data toy.gds -o new.gop
bad 1 "no option 'gama'; did you mean 'gamma'\?" $t --set gama=3
bad 1 "takes key=value, not 'gamma'" $t --set gamma
bad 1 "gamma=0: " $t --set gamma=0
bad 1 "gamma=three: " $t --set gamma=three
bad 1 "widths=1,x: " $t --set widths=1,x
bad 1 "gru_carry=h: .*jgc" $t --set gru_carry=h
bad 1 "widths, strides and kernels" $t --set widths=8,8
bad 1 "kernels: 4 is even" $t --set kernels=9,9,9,4
bad 1 "too few arguments; usage: graphop train" train
bad 1 "one argument too many: 'more'" $t more
bad 1 "--data FILE is missing" train symgnn -o new.gop
bad 1 "--output FILE is missing" train symgnn --data toy.gds
bad 1 "empty value" train symgnn --data '' -o new.gop

bad 1 "unknown source 'cmuu'; did you mean 'cmu'\?" prepare cmuu . -o new.gds
bad 1 "--output FILE is missing" prepare synth
bad 1 "unknown split 'partail'; did you mean 'partial'\?" prepare cmu . --split partail -o n.gds
bad 1 "." prepare cmu -o new.gds
bad 1 "." prepare synth more -o new.gds
bad 1 "." prepare synth --split partial -o new.gds

bad 1 "unknown protocol 'dens'; did you mean 'dense'\?" eval --data toy.gds --protocol dens
bad 1 "cmu-dmgnn" eval --data toy.gds --protocol cmu-dmgnn
bad 1 "dense .*needs a model" eval --data toy.gds --protocol dense
bad 1 "--data FILE is missing" eval
bad 1 "--observed is for runs without a model" eval x.gop --data toy.gds --observed 50

bad 1 "too few arguments" predict x.gop
bad 1 "too few arguments" info
bad 1 "unknown option '--jsno'; did you mean '--json'\?" info toy.gds --jsno

# What GNU programs take: values after '=', or glued on, options anywhere,
# beginnings of words, and names that begin with a dash after '--'.
ok info toy.gds --js
mv io/out a
ok info --json -- toy.gds
same io/out a
ok prepare synth --output=b.gds --se 1
same toy.gds b.gds
ok prepare -ob2.gds synth
same toy.gds b2.gds
cp toy.gds ./-toy.gds
ok info -j -- -toy.gds
same io/out a

finish
