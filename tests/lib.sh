# lib.sh: common parts of the tests of the command.  Sourced, not run.
# Makes an empty folder, goes there, and removes it at the end.  Needs GRAPHOP
# (the program) and top_srcdir, which `make check` sets.

set -u
: "${GRAPHOP:?is the program to test}" "${top_srcdir:?is the source folder}"
LC_ALL=C
# Threads that spin while they wait for each other make a busy machine crawl.
OMP_WAIT_POLICY=${OMP_WAIT_POLICY-passive}
export LC_ALL OMP_WAIT_POLICY
[ -x "$GRAPHOP" ] || { echo "$GRAPHOP is not there"; exit 99; }

work=$(mktemp -d "${TMPDIR:-/tmp}/graphop-cli.XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
cd "$work" || exit 99

# Outputs of commands go here, outside of the folder that snapshot watches.
mkdir io || exit 99
checks=0
failures=0

fail()
{
    failures=$((failures + 1))
    echo "FAIL: $*"
}

# find_program: sets PROGRAM to the program itself, for faults and for limits that libtool's wrapper,
# a shell script, does not bear.
find_program()
{
    PROGRAM=$GRAPHOP
    if [ -x "${GRAPHOP%/*}/.libs/graphop" ]; then
        PROGRAM=${GRAPHOP%/*}/.libs/graphop
        LD_LIBRARY_PATH=${GRAPHOP%/*}/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
        export LD_LIBRARY_PATH
    fi
}

# run ARGUMENT...: runs graphop; sets status, and writes io/out and io/err.
run()
{
    checks=$((checks + 1))
    "$GRAPHOP" "$@" >io/out 2>io/err </dev/null
    status=$?
}

# ok ARGUMENT...: must succeed, with nothing on stderr.
ok()
{
    run "$@"
    if [ "$status" -ne 0 ] || [ -s io/err ]; then
        fail "graphop $*: status $status: $(cat io/err)"
        return 1
    fi
}

# says PATTERN: the last command's output has a line that matches.
says()
{
    checks=$((checks + 1))
    grep -Eq -- "$1" io/out || fail "no line matches '$1' in: $(head -c 2000 io/out)"
}

# Names and contents of all files in the folder.
snapshot()
{
    find . -path ./io -prune -o -type f -exec cksum {} + | sort
    find . -path ./io -prune -o -type d -print | sort
}

# bad STATUS PATTERN ARGUMENT...: must fail with this status and one sentence on
# stderr that matches, print nothing, and leave every file as it was.
bad()
{
    want=$1 pattern=$2
    shift 2
    before=$(snapshot)
    run "$@"
    [ "$status" -eq "$want" ] || fail "graphop $*: status $status, not $want: $(cat io/err)"
    [ "$(wc -l <io/err)" -eq 1 ] || fail "graphop $*: not one line on stderr: $(cat io/err)"
    grep -Eq -- "$pattern" io/err || fail "graphop $*: '$(cat io/err)' does not match '$pattern'"
    grep -Eq '^graphop[a-z ]*: .*[.?!]$' io/err || fail "graphop $*: no sentence: $(cat io/err)"
    [ -s io/out ] && fail "graphop $*: wrote to stdout: $(head -n 3 io/out)"
    [ "$(snapshot)" = "$before" ] || fail "graphop $*: files have changed"
}

# same FILE FILE: equal bytes.
same()
{
    checks=$((checks + 1))
    cmp "$1" "$2" || fail "$1 and $2 differ"
}

# synthesised motion in the form of CMU's files: cmu_file LINES PHASE
cmu_file()
{
    awk -v lines="$1" -v phase="$2" 'BEGIN {
        for (t = 0; t < lines; t++) {
            for (c = 0; c < 117; c++)
                printf "%s%.5f", c ? "," : "", \
                    c % 9 == 4 ? 0.25 : 0.4 * sin(phase + 0.05 * t * (1 + c % 5) + c)
            print ""
        }
    }'
}

# cmu_folder DIR: a small set with two actions.
cmu_folder()
{
    for action in walking running; do
        mkdir -p "$1/train/$action" "$1/test/$action"
        cmu_file 240 ${#action} >"$1/train/$action/${action}_1.txt"
        cmu_file 260 1.${#action} >"$1/train/$action/${action}_2.txt"
        cmu_file 250 2.${#action} >"$1/test/$action/${action}_1.txt"
    done
}

# A network so small that a step takes almost no time.
# bare: without the options of an actional graph and of fusion, for networks that have neither.
bare="--preset small --set widths=4,6 --set strides=2,2 --set kernels=3,3 --set hidden=6 --batch 4"
tiny="$bare --set fuse_after= --set agim_dim=4 --set agim_k=1"

# keys: the keys of the outermost object on each line of the last output, in order.
keys()
{
    awk '{
        depth = quoted = 0
        keys = text = ""
        for (i = 1; i <= length($0); i++) {
            c = substr($0, i, 1)
            if (quoted && c == "\\") {
                i++
            } else if (c == "\"") {
                if (quoted && depth == 1 && substr($0, i + 1, 1) == ":")
                    keys = keys (keys == "" ? "" : " ") text
                quoted = !quoted
                text = ""
            } else if (quoted) {
                text = text c
            } else if (c == "{" || c == "[") {
                depth++
            } else if (c == "}" || c == "]") {
                depth--
            }
        }
        print (depth == 0 && !quoted && substr($0, 1, 1) == "{" ? keys : "no object: " $0)
    }' io/out
}

# finish: the end of every test.
finish()
{
    echo "$checks checks, $failures failures"
    [ "$failures" -eq 0 ]
    exit
}
