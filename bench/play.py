#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""play.py [--build FOLDER] [--seconds N] [--streams N] [--load N] [--format text|jsonl]: two streams of 1080p at 60 frames a
second, paced on two cores beside four threads that never rest and have the same priority: `reel play --headless` beside the
loop that one writes first (a thread a stream, memory and a copy for each frame, relative sleeps) and, all the while, a bare
thread with absolute timers: what the kernel allows. One process, one run. Both decode with libavcodec, a thread a stream.

The film is made once, in $TMPDIR: ten seconds of x264 in GOPs of 60 with B pictures.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("TMPDIR", "/tmp"))


def film():
    path = CACHE / "reel-play-1080p60.mp4"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            made = pathlib.Path(folder) / "film.mp4"
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=60",
                            "-frames:v", "600", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "fast", "-g", "60",
                            "-bf", "2", made], check=True)
            made.rename(path)
    return path


def measure(args):
    """What the command says, and of how many cores it had: two of those that we have."""
    cores = set(sorted(os.sched_getaffinity(0))[:2])
    command = [str(args.build / "cli" / "reel"), "play", "--headless", "--naive", "--format", "json", "--fps", "60",
                     "--workers", str(len(cores)), "--streams", str(args.streams), "--load", str(args.load),
                     "--seconds", str(args.seconds), str(film())]
    run = subprocess.run(command, check=True, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    return json.loads(run.stdout), len(cores)


def rows(got):
    yield "frames not shown in time", "%", got["all"]["missed_percent"], got["naive"]["missed_percent"], None
    for name in ("p50", "p99", "p99.9", "max"):
        yield (f"late, {name}", "ms", got["all"]["late_ms"][name], got["naive"]["late_ms"][name],
               got["timer"]["late_ms"][name])


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", type=pathlib.Path, default=ROOT / "build-release")
    parse.add_argument("--seconds", type=int, default=20)
    parse.add_argument("--streams", type=int, default=2)
    parse.add_argument("--load", type=int, default=4)
    parse.add_argument("--format", choices=["text", "jsonl"], default="text")
    args = parse.parse_args()
    film()
    busy = os.getloadavg()[0]
    got, cores = measure(args)
    title = f"play: {args.streams} streams of 1080p60, {args.load} threads that never rest, {cores} cores"
    if args.format == "text":
        print(f"{title}\n{'':28}{'reel':>12}{'naive':>12}{'bare timer':>12}")
    for what, unit, reel, naive, timer in rows(got):
        if args.format == "jsonl":
            print(json.dumps({"what": f"play: {what}", "unit": unit, "reel": reel, "peer": "naive loop", "peer_value": naive,
                              "timer": timer}))
        else:
            print(f"  {what + ' (' + unit + ')':26}{reel:12.3f}{naive:12.3f}" + ("" if timer is None else f"{timer:12.3f}"))
    all_of = got["all"]
    if args.format == "text":
        print(f"  reel showed {all_of['presented']} frames, {all_of['missed']} of them late, and dropped {all_of['dropped']}")
        if busy > 0.5:
            print(f"  not valid: other programs kept {busy:.1f} cores busy when it began")
    return 0 if all_of["presented"] else 1


if __name__ == "__main__":
    sys.exit(main())
