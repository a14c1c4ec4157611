#!/bin/sh
# outside.sh: programs outside of the source folder can use what `make install` installs.
set -eu
DESTDIR=${stage:?is where \`make check\` installs to} exec sh "${outside:?}/run.sh"
