#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/setup.sh install|demo|serve|test|bench|web|webtest: installs, by package name, what that part needs and Debian 12 does
# not have yet. web brings hls.js for the page of reel serve, webtest a browser for its tests besides. Says nothing when
# all is there.
set -eu

build="gcc libc6-dev meson ninja-build pkg-config zlib1g-dev"
base="$build python3 binutils"
frame="libyuv-dev libjpeg-dev libpng-dev" # what pictures and images are made faster by, or at all
m32=
[ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ] || m32=gcc-multilib # other machines have no 32-bit half
case "${1:-test}" in
install) want="$build" ;;
demo) want="$base ffmpeg" ;;
serve) want="$base $frame libavcodec-dev libavutil-dev ffmpeg nginx nginx-dev libjansson-dev" ;;
bench) want="$base $frame libswscale-dev libavformat-dev libavcodec-dev libavutil-dev libsdl2-dev libswresample-dev nginx nginx-dev libjansson-dev wrk ffmpeg python3-venv" ;;
test) want="$base ffmpeg g++ $m32 clang clang-tidy llvm libclang-rt-14-dev cppcheck valgrind libc6-dbg libcmocka-dev
            $frame libavformat-dev libavcodec-dev libavutil-dev libsdl2-dev libswresample-dev nginx nginx-dev libjansson-dev" ;;
web | webtest)
    "$0" web-packages "$1"
    exec "$(dirname "$0")/web.sh" $([ "$1" = web ] || echo test)
    ;;
web-packages)
    want=
    # Other packages of node than Debian's bring npm along, and do not go together with Debian's npm.
    command -v npm >/dev/null || want="nodejs npm"
    [ "$2" = web ] || want="$want $base ffmpeg chromium"
    ;;
*) echo "setup.sh: install, demo, serve, test, bench, web or webtest?" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "setup.sh: this is no Debian; please see to these yourself:" $want >&2
    exit 0
fi

missing=
for p in $want; do
    case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
    *"ok installed") ;;
    *) missing="$missing $p" ;;
    esac
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "setup.sh: not root, and no sudo; please install:$missing" >&2; exit 1; }
    root=sudo
fi
echo "setup.sh: installing:$missing (some minutes the first time) ..." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; }
{ $root apt-get update && install; } >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; exit 1; }
