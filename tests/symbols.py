#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""symbols.py [--stripped FILE] [--version NODE] LIBRARY HEADER...: the shared library exports what the headers promise and
nothing else; what it takes from outside is the C library's (and zlib's); and the stripped -Os build, where there is one,
stays small. Prints TAP.
"""
import argparse
import os
import re
import subprocess
import sys

LIMIT = 250_000
PROMISE = re.compile(r"REEL_API\s+[^;{]*?\b(reel_\w+)\s*\(")


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def promised(headers):
    names = set()
    for header in headers:
        with open(header, encoding="utf-8") as f:
            names |= set(PROMISE.findall(strip_comments(f.read())))
    return names


def nm(library, *flags):
    out = subprocess.run(["nm", "-D", *flags, library], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        yield line.split()[-2], line.split()[-1]


def exported(library):
    return {name.split("@")[0]: name for kind, name in nm(library, "--defined-only") if kind in "TDBRVWi"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stripped")
    parser.add_argument("--version", default="REEL_0")
    parser.add_argument("library")
    parser.add_argument("headers", nargs="+")
    args = parser.parse_args()
    library = args.library
    want, have = promised(args.headers), exported(library)
    unversioned = sorted(n for n, full in have.items() if not full.endswith("@@" + args.version))
    undefined = {name.split("@")[0] for _, name in nm(library, "--undefined-only")}
    exits = sorted(undefined & {"abort", "exit", "_exit", "printf", "puts", "__printf_chk", "system", "dlopen"})
    results = [
        ("every function of the headers is exported", sorted(want - set(have))),
        ("nothing else is exported", sorted(set(have) - want)),
        ("every export has a version", unversioned),
        ("the library never ends the process, prints, or loads code", exits),
    ]
    if args.stripped:
        size = os.path.getsize(args.stripped)
        results.append((f"the stripped core has {size} bytes, the limit is {LIMIT}", [] if size < LIMIT else ["too big"]))
    print(f"1..{len(results)}")
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong:
            print(f"# {line}")
    return any(wrong for _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
