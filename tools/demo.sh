#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/demo.sh [FILE]: builds, and walks through a film with the command. Makes a film when none is given.
# What it prints behind a $ is what it runs, and can be pasted.
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
    printf '\n%s%s%s\n$ %s\n' "$bold" "$1" "$plain" "$2"
    eval "$2"
}

# As a word of a shell.
word=$file
case $file in
-*) word=./$file file=./$file ;;
esac
case $file in
*[!A-Za-z0-9_./+=-]*) word="'$(printf %s "$file" | sed "s/'/'\\\\''/g")'" ;;
esac

show "What is in the file: its tracks, codecs, times, tags." "$reel info $word"
show "The tree of boxes that it is made of, with offsets and sizes." "$reel boxes $word | head -n 64"

track= item=
# What there is to show: how many tracks have samples, somewhere in the middle of the one that seek takes, and an item.
eval "$($reel info --format json "$file" | python3 -c '
import json, sys
film = json.load(sys.stdin)
tracks = [t for t in film["tracks"] if t["samples"]]
best = ([t for t in tracks if t["type"] == "video"] or [t for t in tracks if t["type"] == "audio"] or tracks)[:1]
time = ""
for t in best:
    start, end = (t[k] / t["timescale"] for k in ("presentation_start", "presentation_duration"))
    if end > start:
        time = round((start + end) / 2 + min(0.5, (end - start) / 100), 3)
items = [i["id"] for i in film["items"] if i["primary"] and i["size"]]
print("tracks=%d time=%s" % (len(tracks), time), *("track=%d" % t["id"] for t in best), *("item=%d" % i for i in items))
')"

if [ -n "$time" ]; then
    show "From a time to a byte: how the tables answer, entry by entry." "$reel seek --explain -t $track $word $time"
fi
if [ "$tracks" -gt 0 ]; then
    [ "$tracks" -eq 1 ] && all="of the track" || all="of the $tracks tracks, as they lie in the file"
    show "Every sample $all; here the first ten." "$reel packets $word | head -n 11"
fi
# Not every codec has a stream of its own to be extracted to.
made=build-release/demo.extracted
if [ "$tracks" -gt 0 ] && $reel extract -t "$track" -o $made "$file" 2>/dev/null; then
    show "A track as a bare stream, such as decoders and other tools take; here its first bytes." \
        "$reel extract -t $track $word | head -c 64 | od -A n -t x1 -v"
elif [ -n "$item" ] && $reel extract --item "$item" -o $made "$file" 2>/dev/null; then
    show "The data of the picture; here its first bytes." "$reel extract --item $item $word | head -c 64 | od -A n -t x1 -v"
fi
rm -f $made
show "And is anything wrong with it?" "$reel doctor $word"
echo
