#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/build.sh FOLDER [MESON OPTION]...: configure and build; says a line the first time, as that takes long, and what fails.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift
[ -x "$folder/cli/reel" ] || echo "build.sh: building in $folder (a few minutes the first time) ..." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Configured anew each time: a library that was missing last time may be there now.
[ ! -f "$folder/build.ninja" ] || set -- --reconfigure "$@"
{ CC="${CC:-gcc}" meson setup "$folder" "$@" && ninja -C "$folder"; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
