# ntu.sh: for make.sh.  skeleton FRAMES PHASE: a clip in the format of NTU RGB+D.
skeleton()
{
    awk -v frames="$1" -v phase="$2" 'BEGIN {
        print frames
        for (t = 0; t < frames; t++) {
            print "1\n72057594037931101 0 1 1 1 1 0 0.02 -0.2 2\n25"
            for (j = 0; j < 25; j++)
                printf "%.3f %.3f %.3f 0 0 0 0 0 0 0 0 2\n", sin(j + phase) / 2 + 0.1 * sin(t + j), \
                    cos(j * phase) / 2, 3 + t / 100 + j / 50
        }
    }'
}
