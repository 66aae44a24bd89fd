#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""budget.py [--update] RUN LONGFILE: counts instructions with callgrind and holds them against tests/budget.json.

A count is the same on every machine and in every run, so a change that makes a lookup or a walk dearer is seen even
where a clock would not show it. The limits are what was measured plus a tenth; --update measures and writes them anew.
Prints TAP.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BUDGET = pathlib.Path(__file__).with_name("budget.json")
SAMPLES = 1_000_000
# What each piece of work is, per what it is counted, and the answer it has to print (None: any that is not 0).
WORK = {
    "open": ("open to first packet and close", 1, None),
    "seek": ("a warm seek at random", 1000, None),
    "walk-batch": ("a sample walked in batches", SAMPLES, SAMPLES),
    "walk-cursor": ("a sample walked one at a time", SAMPLES, SAMPLES),
}


def count(run, what, film, folder):
    out = pathlib.Path(folder) / f"{what}.callgrind"
    p = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no",
                        "--toggle-collect=budget_work", run, what, film], capture_output=True, text=True,
                       env={"LD_BIND_NOW": "1", "PATH": "/usr/bin:/bin"})
    if p.returncode:
        raise RuntimeError(f"{what}: status {p.returncode}: {p.stderr.strip().splitlines()[-1:]}")
    total = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)
    return int(total[1]), int(p.stdout)


def measure(run, longfile):
    with tempfile.TemporaryDirectory() as folder:
        film = f"{folder}/film.mp4"
        subprocess.run([longfile, "--samples", str(SAMPLES), film], check=True)
        return {what: count(run, what, film, folder) for what in WORK}


def main():
    update = "--update" in sys.argv
    run, longfile = [a for a in sys.argv[1:] if a != "--update"]
    got = measure(run, longfile)
    if update:
        rows = {w: {"measured": n, "limit": n + n // 10} for w, (n, _) in got.items()}
        BUDGET.write_text(json.dumps(rows, indent=2) + "\n")
    limits = json.loads(BUDGET.read_text())
    print(f"1..{len(WORK)}")
    bad = 0
    for number, (what, (meaning, per, answer)) in enumerate(WORK.items(), 1):
        instructions, said = got[what]
        limit = limits[what]["limit"]
        ok = instructions <= limit and (said == answer if answer else said > 0)
        bad += not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {meaning}: {instructions / per:.1f} instructions, "
              f"limit {limit / per:.1f}" + ("" if answer in (None, said) else f"; the answer is {said}"))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
