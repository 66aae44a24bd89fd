#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/serve.sh PORT [FOLDER]: builds, and serves a folder of films; makes two renditions of a film when none is given.
set -eu
cd "$(dirname "$0")/.."
port=$1
media=${2:-}
tools/build.sh build-release --buildtype=release -Dtests=disabled -Dnginx=enabled
if [ -z "$media" ]; then
    media=build-release/films
    mkdir -p "$media"
    for height in 720 360; do
        film=$media/demo-${height}p.mp4
        [ -f "$film" ] || echo "serve.sh: making a film to show, $height lines high ..." >&2
        [ -f "$film" ] || ffmpeg -v error -y -f lavfi -i "testsrc2=size=1280x720:rate=30" \
            -f lavfi -i sine=frequency=440:sample_rate=48000 -t 60 -vf "scale=-2:$height" -c:v libx264 -preset veryfast \
            -g 60 -bf 2 -pix_fmt yuv420p -c:a aac -b:a 96k -ac 2 "$film.part.mp4" </dev/null
        [ ! -f "$film.part.mp4" ] || mv "$film.part.mp4" "$film"
    done
fi
tools/setup.sh web || echo "serve.sh: without hls.js the page plays the films themselves, not HLS" >&2
exec build-release/cli/reel serve --port "$port" -- "$media"
