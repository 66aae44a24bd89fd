#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/web.sh [page|test]: brings by npm what the page needs (hls.js, laid into web/vendor), and for test what its tests need
# too. Says nothing when all is there; exit 1 when there is no npm, or it has no network.
set -eu
cd "$(dirname "$0")/../web"

omit=--omit=dev
have=vendor/hls.js
[ "${1:-page}" != test ] || { omit=--include=dev have=node_modules/playwright-core; }
[ ! -e "$have" ] || [ ! -e vendor/hls.js ] || [ -n "$(find package-lock.json -newer vendor/hls.js)" ] || exit 0

command -v npm >/dev/null || { echo "web.sh: there is no npm: tools/setup.sh web installs it" >&2; exit 1; }
echo "web.sh: npm ci $omit, which brings hls.js for the page ..." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
npm ci "$omit" --no-audit --no-fund >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; exit 1; }
node vendor.js
