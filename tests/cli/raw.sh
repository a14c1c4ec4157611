#!/bin/sh
# raw.sh: an error in raw motion names the file and line, gives status 2 and changes no
# file.
. "${top_srcdir:?}/tests/lib.sh"

bad 2 "cannot open folder nowhere/train: No such file" prepare cmu nowhere -o new.gds
mkdir empty
bad 2 "cannot open folder empty/train: No such file" prepare cmu empty -o new.gds
mkdir -p empty/train empty/test
bad 2 "empty/train: the folder is empty" prepare cmu empty -o new.gds
mkdir empty/train/walking
bad 2 "empty/train/walking: the folder has no .txt files" prepare cmu empty -o new.gds

cmu_folder good
ok prepare cmu good -o cmu.gds
ok prepare cmu good -o again.gds
same cmu.gds again.gds

# spoil PATTERN SED: the data set with one line changed; nothing is written.
spoil()
{
    rm -rf spoiled
    cp -R good spoiled
    sed "$2" good/train/walking/walking_1.txt >spoiled/train/walking/walking_1.txt
    bad 2 "spoiled/train/walking/walking_1.txt$1" prepare cmu spoiled -o new.gds
    bad 2 "spoiled/train/walking/walking_1.txt$1" prepare cmu spoiled -o cmu.gds
}
spoil ':7: .*117' '7s/,[^,]*$//'
spoil ':7: .*117' '7s/$/,1/'
spoil ':9: column 3 is not a number \(abc\)' '9s/^\([^,]*,[^,]*\),[^,]*/\1,abc/'
spoil ':9: .*column 1 .*not finite' '9s/^[^,]*/nan/'
spoil ':9: .*column 1 .*not finite' '9s/^[^,]*/-Inf/'
spoil ':9: ' '9s/^[^,]*/1e999/'
spoil ':12: .*empty' '12s/.*//'
spoil ':1: column 1 is not a number \(0_x\)' '1s/^[^,]*/0_x/'
spoil ':9: column 1 is not a number \(.*\); commas must separate the numbers' '9s/,/;/g'
spoil ':5: ' '5s/,/;/'
spoil ':4: .*carriage return' '4s/$/\r5/'
spoil ':240: ' '$s/,[^,]*$/,/'
spoil ':118: the file ends after 118 frames; a window needs 119' '119,$d'
spoil ': the file is empty' '1,$d'
head -c 20000 /dev/urandom >spoiled/train/walking/walking_1.txt
bad 2 "spoiled/train/walking/walking_1.txt:[0-9]+: " prepare cmu spoiled -o cmu.gds

# A file of the minimum length is taken; other kinds of files are left out and named.
rm -rf spoiled
cp -R good spoiled
sed '120,$d' good/train/walking/walking_1.txt >spoiled/train/walking/walking_1.txt
echo note >spoiled/train/walking/README
ok prepare cmu spoiled -o new.gds
says '^dropped: spoiled/train/walking/README: not a .txt file$'
rm new.gds

mkdir spoiled/more
ok prepare cmu spoiled -o new.gds
says '^dropped: spoiled/more: not train or test$'
rm new.gds

cp -R good stranger
mv stranger/train/walking stranger/train/flying
bad 2 "stranger/train/flying: unknown action flying \(known: basketball, " \
    prepare cmu stranger -o new.gds
rm -r stranger
cp -R good stranger
echo note >stranger/test/README
ok prepare cmu stranger -o new.gds
says '^dropped: stranger/test/README: not the folder of an action$'
same cmu.gds new.gds
rm new.gds
rm -r stranger/test
bad 2 "cannot open folder stranger/test" prepare cmu stranger -o new.gds
bad 2 "cannot create a file beside missing/new.gds" prepare cmu good -o missing/new.gds
mkdir folder
bad 2 "cannot write folder: not a regular file" prepare cmu good -o folder
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed
    chmod a-w closed
    bad 2 "cannot create a file beside closed/new.gds: Permission" prepare cmu good -o closed/new.gds
fi

finish
