#!/bin/sh
# Makes the subsets again: apt-get install fonts-dejavu-core; pip install fonttools
set -eu
from=${1:-/usr/share/fonts/truetype/dejavu}
cd "$(dirname "$0")"
letters='U+0020-007E,U+00A0-00FF,U+0100-017F,U+0391-03A9,U+03B1-03C9,U+0400-045F,U+2009-200A'
letters="$letters,U+202F,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2032,U+2033,U+2080-2089,U+20AC"
letters="$letters,U+2070,U+00B9,U+2074-2079,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265,U+221E"
letters="$letters,U+2713,U+2717,U+25A0,U+25CF,U+25CB,U+FFFD"
for font in DejaVuSans DejaVuSans-Bold; do
    pyftsubset "$from/$font.ttf" --unicodes="$letters" --layout-features='' --no-hinting \
        --name-IDs='0,1,2,3,4,5,6,13,14' --notdef-outline --output-file="$font-subset.ttf"
done
