#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/bench.sh [--topic NAME] [--format text|jsonl]: an optimised build of its own, then the measurements.
set -eu
cd "$(dirname "$0")/.."
tools/build.sh build-release --buildtype=release -Dtests=disabled
exec build-release/bench/bench "$@"
