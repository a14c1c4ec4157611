#!/bin/sh
# layout.sh: layouts by name and from files are described, checked, drawn and written; a
# custom layout works with every model.
. "${top_srcdir:?}/tests/lib.sh"

# Seven nodes that no built-in layout has, with two columns outside of all nodes.
cat >imp.json <<'END'
{
  "graphop_layout": 1,
  "name": "imp7",
  "feature": "position",
  "axes": {"up": "+z", "ahead": "+x"},
  "columns": 23,
  "centre": "belly",
  "parts": ["body", "l_arm", "r_arm", "legs"],
  "nodes": [
    {"name": "belly", "part": "body", "columns": [2, 3, 4]},
    {"name": "head", "part": "body", "columns": [5, 6, 7]},
    {"name": "l_hand", "part": "l_arm", "columns": [8, 9, 10]},
    {"name": "r_hand", "part": "r_arm", "columns": [13, 12, 11]},
    {"name": "pelvis", "part": "legs", "columns": [14, 15, 16]},
    {"name": "l_foot", "part": "legs", "columns": [17, 18, 19]},
    {"name": "r_foot", "part": "legs", "columns": [20, 21, 22]}
  ],
  "edges": [["belly", "head"], ["belly", "l_hand"], ["r_hand", "belly"], ["belly", "pelvis"],
            ["pelvis", "l_foot"], ["pelvis", "r_foot"]],
  "pairs": [["l_hand", "r_hand"], ["l_foot", "r_foot"]]
}
END

# A byte order mark is ignored.
(printf '\357\273\277' && cat imp.json) >marked.json
ok layout imp.json --output plain.json
ok layout marked.json --output unmarked.json
same plain.json unmarked.json
rm marked.json plain.json unmarked.json

# Names may contain characters that XML reserves.
sed 's/"head"/"<h\&d>]]>"/g' imp.json >odd.json
ok layout odd.json --draw odd.svg
checks=$((checks + 1))
grep -q '&lt;h&amp;d&gt;\]\]&gt;' odd.svg || fail "the name <h&d>]]> is not in odd.svg"
grep -q '<h&' odd.svg && fail "odd.svg is no XML"
rm odd.json odd.svg

# ---------------------------------------------------------------------- built in

# Every file of the folder is a built-in layout, and both pages describe it.
installed=$top_srcdir/zoo/skeleton/layouts
files=$(cd "$installed" && LC_ALL=C && for file in *.json; do echo "${file%.json}"; done)
ok layout
names=$(sed '1,2d; s/ .*//' io/out)
[ "$names" = "$files" ] || fail "layouts: $names"
for name in $names; do
    for page in graphop-layout.1 graphop-layout.5; do
        grep -qx ".It Li $name" "$top_srcdir/man/$page" || fail "$page does not describe $name"
    done
done
ok layout --json
[ "$(wc -l <io/out)" -eq "$(echo "$names" | wc -l)" ] || fail "an object is missing: $(cat io/out)"
words="layout feature up ahead nodes channels columns centre edges parts part_edges pairs"
[ "$(keys | uniq)" = "$words" ] || fail "keys: $(keys)"

for name in $names; do
    ok layout $name --output $name.json --draw $name.svg
    [ -s io/out ] && fail "layout $name says something beside the files"
    same $name.json "$installed/$name.json"
    ok layout "$installed/$name.json" --check
    says ": sound$"
    ok layout $name --check
    says "^$name: sound$"
    nodes=$(grep -c '"name": .*"part"' $name.json)
    ok layout $name
    says "^layout     $name: $nodes nodes, "
    checks=$((checks + 1))
    [ "$(grep -c '<circle .*r="4.5" .*/>$' $name.svg)" -ge "$nodes" ] ||
        fail "$name.svg has too few nodes"
    [ "$(sed -n '$p' $name.svg)" = "</svg>" ] || fail "$name.svg has no end"
done
for name in h36m20 h36m21; do
    ok layout $name
    says '^columns    99 a frame, 6[03] of them in nodes$'
done
for name in cmu25:114:75 h36m22:96:66; do
    ok layout ${name%%:*}
    counts=${name#*:}
    says "^columns    ${counts%:*} a frame, ${counts#*:} of them in nodes\$"
done
ok layout kinetics18
says '^feature    scored$'
says '^axes       up -y$'
ok layout ntu25
says '^axes       up \+y, ahead -z$'
says '^ *4  ShoulderLeft +l_upper_arm +12 13 14 +ShoulderRight$'

# ---------------------------------------------------------------------- one's own

ok layout imp.json
says '^layout     imp7: 7 nodes, 6 edges, 4 parts$'
says '^columns    23 a frame, 21 of them in nodes$'
says '^axes       up \+z, ahead \+x$'
says '^ *3  r_hand +r_arm +13 12 11 +l_hand$'
ok layout imp.json --check
says '^imp.json: sound$'
ok layout imp.json --check --json
[ "$(keys)" = "$words sound findings" ] || fail "keys: $(keys)"
says '"sound":true,"findings":\[\]'
ok layout imp.json --output again.json --draw again.svg
ok layout ./again.json -o third.json --draw third.svg
same again.json third.json
same again.svg third.svg

# The example of the page is a valid layout.
awk '/^\.Sh EXAMPLES/ { on = 1 } on && /^{/ { inside = 1 } inside { print } /^}/ { inside = 0 }' \
    "$top_srcdir/man/graphop-layout.5" >puppet.json
ok layout puppet.json --check
says '^puppet.json: sound$'
ok layout puppet.json
says '^layout     puppet: 3 nodes, 2 edges, 2 parts$'

# Every model can be trained and used with it.
for model in symgnn stgcn agcn aagcn ctrgcn msg3d stgcnpp dgstgcn protogcn template; do
    for what in train infer; do
        ok bench $model --layout imp.json --what $what --batch 2 --classes 3 --repeat 1 \
            --warm-up 1 --threads 1 --json
        says '"layout":"imp7","nodes":7,'
    done
done
for model in simlpe ltd ressup hisrep msrgcn; do
    for what in train infer; do
        ok bench $model --preset small --layout imp.json --what $what --batch 2 --repeat 1 \
            --warm-up 1 --threads 1 --json
        says '"layout":"imp7","nodes":7,'
    done
done

# A single bone is enough for a network of bones, but not for inferring a graph of bones.
cat >rod.json <<'END'
{"graphop_layout": 1, "name": "rod", "feature": "position", "columns": 6, "centre": "hilt",
 "parts": ["all"], "edges": [["hilt", "tip"]],
 "nodes": [{"name": "hilt", "part": "all", "columns": [0, 1, 2]},
           {"name": "tip", "part": "all", "columns": [3, 4, 5]}]}
END
once="--set observed=10 --repeat 1 --warm-up 1 --threads 1"
b="bench symgnn --layout rod.json $tiny $once"
ok $b
for stream in bone bone-motion joint+bone; do
    bad 2 "stream: layout rod has a single bone, but inferring a graph of bones needs two" \
        $b --set stream=$stream --set agim_k=1
    ok $b --set stream=$stream --set agim_k=0
    ok bench symgnn --layout rod.json $bare $once --set stream=$stream --variant only-js
done

# ------------------------------------------------------------- from data to an answer

# motion LINES PHASE: columns of the seven nodes, ahead, left and up.
motion()
{
    awk -v lines="$1" -v phase="$2" 'BEGIN {
        for (t = 0; t < lines; t++) {
            for (c = 0; c < 23; c++)
                printf "%s%.5f", c ? "," : "", 0.1 * c + 0.3 * sin(phase + t * (0.1 + c % 3 / 9))
            print ""
        }
    }'
}
for action in hop skip; do
    mkdir -p raw/train/$action raw/test/$action
    motion 60 ${#action} >raw/train/$action/${action}_1.csv
    motion 50 1.${#action} >raw/test/$action/${action}_2.csv
done
ok prepare csv raw --layout imp.json --rate 25 -o imp.gds
ok info imp.gds
says '^layout     imp7: 7 nodes of 3 position channels, 6 edges, 4 parts$'
for model in symgnn stgcn agcn aagcn ctrgcn msg3d stgcnpp dgstgcn protogcn template; do
    case $model in
    symgnn) options=$tiny ;;
    template) options="--batch 4" ;;
    *) options="--preset small --batch 4" ;;
    esac
    ok train $model --data imp.gds -o $model.gop $options --set observed=10 --steps 2 --threads 1
    ok eval $model.gop --data imp.gds
    ok predict $model.gop hop/hop_2 --data imp.gds --svg $model.svg
    says "^(hop|skip) +[01]\\."
done

# A cycle, two pieces and four channels: models that need paths or bones refuse the layout.
cat >ring.json <<'END'
{"graphop_layout": 1, "name": "ring", "feature": "quaternion", "centre": "a", "parts": ["p", "q"],
 "nodes": [{"name": "a", "part": "p"}, {"name": "b", "part": "p"}, {"name": "c", "part": "p"},
           {"name": "d", "part": "p"}, {"name": "e", "part": "q"}, {"name": "f", "part": "q"}],
 "edges": [["a", "b"], ["b", "c"], ["c", "d"], ["d", "a"], ["e", "f"]]}
END
sed 's/\]\]}/]], "parents": [["b", "a"], ["c", "b"], ["d", "a"], ["e", "a"], ["f", "e"]]}/' \
    ring.json >rooted.json
ok layout ring.json --draw ring.svg
grep -q 'nan' ring.svg && fail "ring.svg has places that are no numbers"
ok layout rooted.json --check
for layout in ring rooted; do
    ok bench template --layout $layout.json --what infer --repeat 1 --batch 1
    ok bench symgnn --layout $layout.json --what infer --repeat 1 --batch 1
    bad 1 "no path joins node a and node e" bench stgcn --layout $layout.json --what infer \
        --repeat 1 --batch 1
done
bad 1 "its edges form no tree, so that bones need \"parents\"" bench symgnn --set stream=bone \
    --layout ring.json --what infer --repeat 1 --batch 1
ok bench symgnn --set stream=bone --layout rooted.json --what infer --repeat 1 --batch 1

# With a layout of y up and z ahead, the same motion gives the same drawing.
sed -e '/"axes"/d' -e 's/"columns": \[\([0-9]*\), \([0-9]*\), \([0-9]*\)\]/"columns": [\2, \3, \1]/' \
    imp.json >upright.json
ok prepare csv raw --layout upright.json --rate 25 -o upright.gds
bad 2 "layout" eval stgcn.gop --data upright.gds
ok train stgcn --data upright.gds -o upright.gop --preset small --batch 4 --set observed=10 \
    --steps 1 --threads 1
ok predict upright.gop hop/hop_2 --data upright.gds --svg upright.svg
for name in stgcn upright; do
    grep 'class="o" d="M[0-9.-]* [0-9.-]*L' $name.svg >$name.poses
    [ "$(wc -l <$name.poses)" -eq 5 ] || fail "not five poses in $name.svg"
done
same stgcn.poses upright.poses
sed 's/"up": "+z"/"up": "-z"/' imp.json >down.json
ok prepare csv raw --layout down.json --rate 25 -o down.gds
ok train stgcn --data down.gds -o down.gop --preset small --batch 4 --set observed=10 \
    --steps 1 --threads 1
ok predict down.gop hop/hop_2 --data down.gds --svg down.svg
grep 'class="o" d="M[0-9.-]* [0-9.-]*L' down.svg >down.poses
checks=$((checks + 1))
cmp -s stgcn.poses down.poses && fail "poses upside down are drawn the same"

# ------------------------------------------------------------------------- findings

# breaks SED WHAT PATTERN: the file with a change, checked and used.
breaks()
{
    sed "$1" imp.json >bad.json
    cmp -s imp.json bad.json && fail "nothing was changed by $1"
    run layout bad.json --check
    [ "$status" -eq 2 ] || fail "layout --check: status $status after $1"
    [ -s io/err ] && fail "layout --check says to stderr: $(cat io/err)"
    says "^wrong: bad.json:.*$2"
    says "^bad.json: [0-9]+ wrong, [0-9]+ odd$"
    bad 2 "bad.json:.*$2" layout bad.json
    bad 2 "bad.json:.*$2" layout bad.json --draw new.svg --output new.json
    bad 2 "bad.json:.*$2" bench stgcn --layout bad.json
}
breaks 's/"part": "legs", "columns": \[14/"part": "body", "columns": [14/; s/\["pelvis", "r_foot"\]/["belly", "r_foot"]/' \
    'part legs is not connected: its edges do not lead from l_foot to r_foot'
breaks 's|\["belly", "pelvis"\]|["pelvis", "l_foot"]|' 'edges 3 and 4 both join pelvis and l_foot'
breaks 's/\["belly", "pelvis"\]/["belly", "pelvs"]/' "edges\[3\]: no node is called 'pelvs'"
breaks 's/"parts": \[/"parts": ["tail", /' 'part tail has no node'
breaks 's/"part": "r_arm", //' 'nodes\[3\].part is missing'
breaks 's/"columns": 23/"columns": 22/' 'column 22 of node r_foot does not exist'
breaks 's/\[2, 3, 4\]/[5, 3, 4]/' 'column 5 of node head is used twice'
breaks 's/"centre": "belly"/"centre": "navel"/' "centre: no node is called 'navel'"
breaks 's/"name": "head"/"name": "belly"/' 'nodes 0 and 1 are both called belly'
breaks 's/"ahead": "+x"/"ahead": "-z"/' 'up and ahead are both along z'
breaks 's/"graphop_layout": 1/"graphop_layout": 9/' 'this version reads 1'
breaks 's/"feature"/"name"/' "4:8: duplicate object key"
breaks 's/"columns": 23,/"columns": 23/' '7:3: a comma or } is expected here'
breaks '/"pairs"/d; s/"r_foot"\]\],/"r_foot"]]/; s/"centre"/"center"/' "unknown key 'center'"

# Several errors at once, and as JSON.
sed 's/\["belly", "head"\]/["belly", "hed"]/; s/"centre": "belly"/"centre": "navel"/' imp.json >bad.json
run layout bad.json --check
says '^bad.json: 2 wrong, 0 odd$'
run layout bad.json --check --json
[ "$status" -eq 2 ] || fail "status $status of a check as JSON"
[ "$(keys)" = "layout sound findings" ] || fail "keys: $(keys)"
says '"sound":false,"findings":\[\{"wrong":true,"text":"bad.json: edges\[0\]'
sed 's/\["l_foot", "r_foot"\]\]/["l_foot", "head"]]/' imp.json >odd.json
ok layout odd.json --check
says '^odd: odd.json: layout imp7: belly and head are joined, '
says '^odd.json: 0 wrong, [1-9] odd$'
ok layout odd.json

printf '\033]0;title\007' | sed 's/.*/{"graphop_layout": "&"}/' >bad.json
run layout bad.json --check
tr -d '\n' <io/out | LC_ALL=C grep -q '[[:cntrl:]]' && fail "control characters get through"

# ----------------------------------------------------------------------------- errors

rm -f bad.json
bad 1 "unknown layout 'ntu'; did you mean 'ntu25'\?" layout ntu
bad 1 "unknown layout 'imp'; built-in layouts are cmu25, .*a file's name has a slash or ends with .json" layout imp
bad 1 "unknown layout 'imp'" bench stgcn --layout imp
bad 1 "unknown layout 'imp'" layout imp --check
bad 2 "cannot open none.json: No such file" layout none.json
bad 2 "cannot open none.json: No such file" layout none.json --check
bad 2 "cannot open ./ntu25: No such file" layout ./ntu25
bad 2 "cannot read ./: Is a directory" layout ./ --check
bad 1 "the name or the file of a layout is missing" layout --check
bad 1 "the name or the file of a layout is missing" layout --draw a.svg
bad 1 "unexpected argument 'b'|too many" layout a b
bad 1 "--draw would overwrite imp.json, which is read" layout imp.json --draw imp.json
bad 1 "--output would overwrite x.json, which --draw writes" layout imp.json --draw x.json --output x.json
mkdir taken
bad 2 "cannot write taken: not a regular file" layout imp.json --draw taken
bad 2 "cannot write taken: not a regular file" layout imp.json --output taken
bad 2 "cannot create a file beside no/such.svg: No such file" layout imp.json --draw no/such.svg

finish
