#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""play_cli.py --reel COMMAND: reel play without a window: what it reports, and what it refuses. How late frames are is the
business of bench/play.py: here machines are busy. Prints TAP.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

RATE, SECONDS = 25, 2


def film(folder):
    path = folder / "film.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=160x90:rate={RATE}", "-t", "2",
                    "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "10", path], check=True)
    return path


def run(reel, *words):
    return subprocess.run([reel, "play", *map(str, words)], capture_output=True, text=True, timeout=120)


def test_report(reel, path):
    """Every stream runs, loops, and is counted; all is the sum."""
    done = run(reel, "--headless", "-n", 3, "--seconds", SECONDS, "--load", 1, "--naive", "--format", "json", path)
    got = json.loads(done.stdout)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert got["streams"] == 3 and got["load"] == 1 and len(got["stream"]) == 3
    for name in ("presented", "missed", "dropped", "repeated", "errors"):
        assert got["all"][name] == sum(s[name] for s in got["stream"])
    shown = got["all"]["presented"] + got["all"]["dropped"]
    assert 3 <= shown <= 3 * RATE * (got["seconds"] + 1), shown
    assert got["timer"]["times"] > 0 and got["naive"]["presented"] > 0 and got["pacing"]["threads"] == 1
    late = got["all"]["late_ms"]
    assert 0 <= late["p50"] <= late["p99"] <= late["p99.9"] <= late["max"]


def test_text(reel, path):
    done = run(reel, "--headless", "--seconds", 1, "--fps", "30000/1001", "--policy", "wait", path, path)
    assert done.returncode == 0 and "bare timer" in done.stdout and "stream 1" in done.stdout, done.stdout
    assert "naive" not in done.stdout


def test_refusals(reel, path):
    for words in (["--headless", "--fps", "x"], ["--headless", "--fps", "0"], ["--headless", "--rate", "9"],
                  ["--headless", "--ahead", "1"], ["--headless", "--streams", "0"], ["--seconds", "3"],
                  ["--headless", "--policy", "never"]):
        done = run(reel, *words, path)
        assert done.returncode == 2 and done.stderr.startswith("reel: "), (words, done)
    done = run(reel, "--headless", "--seconds", 1, path.parent / "none.mp4")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--reel", required=True)
    args = parse.parse_args()
    tests = [test_report, test_text, test_refusals]
    failed = 0
    print(f"1..{len(tests)}")
    with tempfile.TemporaryDirectory() as folder:
        path = film(pathlib.Path(folder))
        for i, test in enumerate(tests, 1):
            try:
                test(args.reel, path)
                print(f"ok {i} - {test.__name__}")
            except AssertionError as e:
                failed += 1
                print(f"not ok {i} - {test.__name__}: {e}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
