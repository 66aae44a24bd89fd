#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# boxes.sh [--check]: write docs/boxes.md and fuzz/mp4.dict from the registry, or fail when they are out of date.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
${CC:-cc} -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -o "$dir/boxdoc" tools/boxdoc.c \
    src/box/*.c src/base/*.c src/source/*.c -lpthread
"$dir/boxdoc" md >"$dir/boxes.md"
"$dir/boxdoc" dict >"$dir/mp4.dict"
if [ "${1-}" = --check ]; then
    cmp "$dir/boxes.md" docs/boxes.md
    cmp "$dir/mp4.dict" fuzz/mp4.dict
else
    cp "$dir/boxes.md" docs/boxes.md
    cp "$dir/mp4.dict" fuzz/mp4.dict
fi
