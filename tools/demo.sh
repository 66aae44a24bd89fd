#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/demo.sh [FILE]: builds, and walks through a film with the command. Makes a film when none is given.
set -eu
cd "$(dirname "$0")/.."

tools/build.sh build-release --buildtype=release -Dtests=disabled
reel=build-release/cli/reel
file=${1:-}
if [ -z "$file" ]; then
    file=build-release/demo.mp4
    # Sixty seconds of H.264 with B-frames and a key frame every two seconds, and AAC.
    [ -f "$file" ] || ffmpeg -v error -y -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000 \
        -t 60 -c:v libx264 -preset veryfast -g 60 -bf 2 -pix_fmt yuv420p -c:a aac -b:a 96k -ac 2 \
        -metadata title="A test picture and a tone" -movflags +faststart "$file" </dev/null
fi

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi
show() {
    printf '\n%s%s%s\n$ reel %s\n' "$bold" "$1" "$plain" "$2"
}

show "What is in the film: its tracks, codecs, times, tags." "info $file"
$reel info "$file"
show "The tree of boxes that the file is made of, with offsets and sizes." "boxes $file | head -n 64"
$reel boxes "$file" | head -n 64
# Somewhere in the middle, whatever film it is.
time=$($reel info --format json "$file" | python3 -c '
import json, sys
tracks = json.load(sys.stdin)["tracks"]
best = [t for t in tracks if t["type"] == "video"] or tracks
seconds = best[0]["duration"] / best[0]["timescale"] if best else 0
print(round(seconds / 2 + min(0.5, seconds / 100), 3))')
show "From a time to a byte: how the tables answer, entry by entry." "seek $file $time --explain"
$reel seek "$file" "$time" --explain
show "Every sample of both tracks in the order of decoding; here the first ten." "packets $file | head"
$reel packets "$file" | head -n 10
echo
