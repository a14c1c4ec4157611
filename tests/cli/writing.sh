#!/bin/sh
# writing.sh: files that are written by two commands at a time, that reach a limit, or whose
# writing a signal ends.
. "${top_srcdir:?}/tests/lib.sh"

ok prepare synth -o toy.gds
train="train template --data toy.gds --set observed=5 --batch 2 -T 1"
ok $train -o toy.gop --steps 1
ok $train -o other.gop --steps 1

# hidden: the hidden files in the folder.
hidden()
{
    find . -name '.?*' ! -name '..'
}

# in_background FILE ARGUMENT...: starts a command and waits until FILE exists, but not for ever;
# sets pid.
in_background()
{
    awaited=$1 rounds=500
    shift
    rm -f io/pid
    # Without SIGINT and SIGQUIT, which background commands of a shell ignore.
    sh -c 'echo $$ >io/pid; exec "$GRAPHOP" "$@"' sh "$@" >io/run.out 2>io/run.err &
    job=$!
    while [ ! -s io/pid ]; do sleep 0.02 2>io/null || sleep 1; done
    read -r pid <io/pid
    while [ ! -e "$awaited" ] && [ $rounds -gt 0 ] && kill -0 "$pid" 2>io/null; do
        sleep 0.02 2>io/null || sleep 1
        rounds=$((rounds - 1))
    done
}

# ends SIGNAL STATUS: sends the signal to the command; it must end with this status.
ends()
{
    checks=$((checks + 1))
    kill "-$1" "$pid"
    wait "$job"
    status=$?
    [ $status -eq "$2" ] || fail "SIG$1: status $status: $(cat io/run.err)"
}

# ------------------------------------------------------- two commands, one output

# refused FILE ARGUMENT...: the command in the background is writing FILE.
refused()
{
    file=$1
    shift
    run "$@"
    [ $status -eq 2 ] || fail "graphop $*: status $status: $(cat io/err)"
    grep -q "^graphop [a-z]*: cannot write $file: another process is writing it\.$" io/err ||
        fail "graphop $*: $(cat io/err)"
}
long="--steps 100000 --validate 0.3"
in_background .run.gop.best.lock $train $long -o run.gop
refused run.gop $train -o run.gop --steps 1
refused ././run.gop $train -o ././run.gop --resume
refused run.gop.jsonl $train -o new.gop --log run.gop.jsonl
refused run.gop.best $train -o run.gop.best --steps 1
refused run.gop fuse toy.gop other.gop -o run.gop
ln -s run.gop link
refused link fuse toy.gop other.gop -o link
ends TERM 143
ok info run.gop
[ -z "$(hidden)" ] || fail "hidden files: $(hidden)"
# Of two commands that start together, one is refused.
for seed in 1 2; do
    {
        "$GRAPHOP" $train -o both.gop --steps 2000 --seed $seed >io/out.$seed 2>io/err.$seed
        echo $? >io/status.$seed
    } &
done
wait
[ "$(sort io/status.? | tr '\n' ' ')" = "0 2 " ] || fail "two runs: $(cat io/status.? io/err.?)"
[ "$(grep -c '^{"step":.*}$' both.gop.jsonl)" -eq 2000 ] || fail "the log of two runs is mixed"
# After SIGKILL, files are left, which the next command removes.
in_background .run.gop.lock $train --steps 100000 -o run.gop
ends KILL 137
[ -n "$(hidden)" ] || fail "SIGKILL left nothing"
ok $train -o run.gop --steps 1
[ -z "$(hidden)" ] || fail "hidden files: $(hidden)"

# A file system without locks.
cat >io/no_locks.c <<'END'
#include <errno.h>
int flock(int fd, int operation);
int flock(int fd, int operation)
{
    (void)fd, (void)operation;
    errno = ENOLCK;
    return -1;
}
END
case "${CFLAGS-}" in
*sanitize*) ;;
*)
    if ${CC-cc} -shared -fPIC -o io/no_locks.so io/no_locks.c 2>io/null; then
        checks=$((checks + 1))
        LD_PRELOAD=$PWD/io/no_locks.so "$GRAPHOP" layout tiny5 -o x.json -d x.svg 2>io/err
        status=$?
        [ $status -eq 0 ] && [ -s x.json ] || fail "without locks: status $status"
        [ "$(cat io/err)" = "graphop layout: the file system of x.svg has no locks; another process that writes it will not be noticed." ] ||
            fail "without locks: $(cat io/err)"
        [ -z "$(hidden)" ] || fail "hidden files: $(hidden)"
    fi
    ;;
esac

# ----------------------------------------------------------------------- signals

# A signal that ends the command removes its temporary files; the old files stay.
ulimit -c 0
before=$(snapshot)
for signal in XCPU:152 PIPE:141; do
    # The new log waits beside the old one.
    in_background '.toy.gop.jsonl.lock' $train -o toy.gop --steps 100000
    for round in 1 2 3 4 5 6 7 8 9 10; do
        [ -n "$(find . -name '.toy.gop.jsonl.*.tmp')" ] && break
        sleep 0.1 2>io/null || sleep 1
    done
    ends "${signal%:*}" "${signal#*:}"
    [ "$(snapshot)" = "$before" ] || fail "SIG${signal%:*}: files have changed: $(hidden)"
done
# Wherever a data set is ended.
for delay in 0 0.02 0.05 0.1 0.15; do
    in_background .set.gds.lock prepare synth -o set.gds
    sleep $delay 2>io/null
    kill -TERM "$pid" 2>io/null
    wait "$job"
    status=$?
    [ $status -eq 143 ] || [ $status -eq 0 ] || fail "prepare: status $status: $(cat io/run.err)"
    rm -f set.gds
    [ "$(snapshot)" = "$before" ] || fail "SIGTERM: files have changed: $(hidden)"
done

# A stop while the log waits for its reader: the model is saved, and the signal ends the run,
# whether the reader goes on or not.
if mkfifo log 2>io/null; then
    for reader in "cat" "sleep 6"; do
        rm -f fifo.gop
        # The pipe is full before the first line of the log.
        (
            exec 3<>log
            dd if=/dev/zero bs=65536 count=1 >&3 2>io/null
            exec 4<log 3>&-
            : >io/full
            sleep 3
            $reader <&4 >io/lines
        ) &
        while [ ! -e io/full ]; do sleep 0.02 2>io/null || sleep 1; done
        rm io/full
        in_background io/pid $train -o fifo.gop --steps 100000 --log log --save-every 1000
        sleep 1
        ends TERM 143
        ok info fifo.gop
    done
    rm -f log fifo.gop
fi

# The reader of the log has gone: the run goes on and saves, and the status is 2.
if mkfifo log 2>io/null; then
    head -c 10 log >io/null &
    run $train -o gone.gop --steps 300 --log log
    [ $status -eq 2 ] || fail "a log without a reader: status $status"
    grep -q '^graphop train: cannot write log: Broken pipe' io/err || fail "no reader: $(cat io/err)"
    ok info gone.gop
    says '^training +step 300 of 300 '
    rm -f log gone.gop
fi

# ---------------------------------------------------------------- a save that fails

# A periodic save that fails is reported; the run goes on, and the next save succeeds.
in_background held.gop $train -o held.gop --steps 100000 --save-every 0.05
rm -f held.gop
while ! mkdir held.gop 2>io/null; do rm -f held.gop; done
sleep 0.5 2>io/null || sleep 1
rmdir held.gop
sleep 0.5 2>io/null || sleep 1
ends TERM 143
# It is reported once, not at every save.
[ "$(grep -c 'cannot write held.gop: not a regular file; the training continues' io/run.err)" -eq 1 ] ||
    fail "a save that failed: $(cat io/run.err)"
ok info held.gop
[ "$(grep -c '^{"step":.*}$' held.gop.jsonl)" -eq "$(sed -n '$s/^{"step":\([0-9]*\),.*/\1/p' held.gop.jsonl)" ] ||
    fail "the log has gaps"
rm -f held.gop held.gop.jsonl

# ------------------------------------------------------------------------ limits

# run_limited PATTERN ARGUMENT...: must fail with a limit to the size of files, and change nothing.
run_limited()
{
    checks=$((checks + 1))
    pattern=$1
    shift
    message=$({
        ulimit -f 8
        "$GRAPHOP" "$@" 2>&1 >/dev/null
        echo "status $?"
    })
    printf '%s\n' "$message" | grep -q '^status 2$' || fail "limit of size: $*: $message"
    printf '%s\n' "$message" | grep -Eq "$pattern" || fail "limit of size: $*: $message"
    [ "$(snapshot)" = "$before" ] || fail "limit of size: $*: files have changed: $(hidden)"
}
run_limited 'cannot write .*: File too large' prepare synth -o toy.gds
run_limited 'cannot write .*: File too large' prepare synth -o new.gds
run_limited 'cannot write other.gop: File too large' $train -o other.gop --steps 1
run_limited 'cannot write x.svg: File too large' layout ntu25 -d x.svg

# The report does not say that nothing was written.
if [ -w /dev/full ]; then
    checks=$((checks + 1))
    "$GRAPHOP" prepare synth --seed 5 -o new.gds >/dev/full 2>io/err
    status=$?
    [ $status -eq 2 ] || fail "a full standard output: status $status"
    [ "$(cat io/err)" = "graphop: cannot write to standard output; the output files were written." ] ||
        fail "a full standard output: $(cat io/err)"
    ok info new.gds
fi

finish
