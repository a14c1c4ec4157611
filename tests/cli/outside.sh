#!/bin/sh
# outside.sh: what `make install` installs serves programs outside of the source folder.
set -eu
DESTDIR=${stage:?is where \`make check\` installs to} exec sh "${outside:?}/run.sh"
