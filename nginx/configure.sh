#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# configure.sh NGINX_SRC OUT: the two headers that depend on the machine, as nginx's own configure makes them with the
# flags the package was built with, so that the module fits the nginx that is installed.
set -eu
src=$1 out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$src/auto" "$src/src" "$src/configure" "$work"
# shellcheck source=/dev/null
. "$src/conf_flags"
cd "$work"
./configure "${NGX_CONF_FLAGS[@]}" --builddir="$work/objs" >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; exit 1; }
cd - >/dev/null
mkdir -p "$out"
cp "$work/objs/ngx_auto_config.h" "$work/objs/ngx_auto_headers.h" "$out"
