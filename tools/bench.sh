#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/bench.sh [--topic NAME] [--format text|jsonl]: an optimised build of its own, then the measurements: those of the
# library (bench/bench.c), `serve`, the origin beside static files (bench/serve.py), `frames`, exact frames and storyboards
# beside PyAV, decord and ffmpeg (bench/frames.py; its film takes a minute or two to make, once), and `play`, how well streams
# are paced under load (bench/play.py).
set -eu
cd "$(dirname "$0")/.."
tools/build.sh build-release --buildtype=release -Dtests=disabled
topic= format=text
while [ $# -gt 0 ]; do
    case $1 in
    --topic) topic=$2; shift 2 ;;
    --format) format=$2; shift 2 ;;
    *) build-release/bench/bench "$@"; exit ;;
    esac
done
case $topic in
serve) ;;
frames) exec bench/frames.py --format "$format" ;;
play) exec bench/play.py --format "$format" ;;
"") build-release/bench/bench --format "$format" ;;
*) exec build-release/bench/bench --topic "$topic" --format "$format" ;;
esac
bench/serve.py --format "$format"
[ -z "$topic" ] || exit 0
bench/frames.py --format "$format"
exec bench/play.py --format "$format"
