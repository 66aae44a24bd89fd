#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/build.sh FOLDER [MESON OPTION]...: configure and build; says nothing unless it fails.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ -f "$folder/build.ninja" ]; then
    [ $# = 0 ] || set -- meson configure "$folder" "$@"
else
    set -- env CC="${CC:-gcc}" meson setup "$folder" "$@"
fi
{ [ $# = 0 ] || "$@"; ninja -C "$folder"; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
