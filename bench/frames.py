#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""frames.py [--build FOLDER] [--frames N] [--threads N] [--minutes N] [--format text|jsonl]: exact frames at random times of a
long film, and a storyboard of it: `reel frames` and `reel sprite` beside PyAV, decord and the ffmpeg command.

All get as many threads, run in turn, and the median of the rounds counts. Reel's and ffmpeg's times hold the start of the
process, those of the Python libraries do not hold its imports. ffmpeg, which runs once a frame, does so for a tenth of them, and
its time is scaled. What comes out is compared: a frame of a peer has to be nearest to reel's frame at that time, of it and its
two neighbours.

The film is made once, in $TMPDIR: a minute of 1080p is encoded (x264, a key picture in 250, B pictures, noise), and stands there
as often as there are minutes. PyAV and decord come from pip into an environment beside it.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("TMPDIR", "/tmp"))
RATE, SIDE, THUMBS = 25, 224, 100
FRAME = SIDE * SIDE * 3
STEP = 13  # each 13th sample is compared

# A peer is one process: it says when it is ready, then how long each round took, and leaves its frames in a file.
PEER = """
import sys, time
film, out, threads, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
numbers = [int(n) for n in sys.argv[5].split(",")]
RATE, SIDE = 25, 224
{body}
for _ in range(rounds):
    begin = time.perf_counter()
    frames = take()
    print(time.perf_counter() - begin, flush=True)
with open(out, "wb") as f:
    for one in frames:
        f.write(one.tobytes())
"""
PYAV = """
import av
def take():
    got = {}
    with av.open(film) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        start = stream.start_time or 0
        for n in sorted(numbers):
            want = start + int(n / RATE / stream.time_base)
            container.seek(want, stream=stream, backward=True)
            for frame in container.decode(stream):
                if frame.pts is not None and frame.pts + int(0.5 / RATE / stream.time_base) >= want:
                    got[n] = frame.reformat(width=SIDE, height=SIDE, format="rgb24", interpolation="AREA").to_ndarray()
                    break
    return [got[n] for n in numbers]
"""
DECORD = """
import decord
def take():
    reader = decord.VideoReader(film, ctx=decord.cpu(0), width=SIDE, height=SIDE, num_threads=threads)
    return list(reader.get_batch(numbers).asnumpy())
"""


def say(*words):
    print("#", *words, flush=True)


def call(argv, **more):
    return subprocess.run([str(a) for a in argv], check=True, stdin=subprocess.DEVNULL, capture_output=True, **more)


def make_film(minutes):
    """The film, its name telling how it was made; and the seconds that encoding took, when it was made now."""
    one, film = CACHE / "reel-bench-frames-1.mp4", CACHE / f"reel-bench-frames-{minutes}.mp4"
    took = None
    if not one.exists():
        begin = time.perf_counter()
        part = CACHE / f"reel-bench-frames.{os.getpid()}.mp4"
        call(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
              f"testsrc2=s=1920x1080:r={RATE}:d=60,noise=alls=12:allf=t", "-c:v", "libx264", "-preset", "veryfast", "-g", "250",
              "-bf", "3", "-b:v", "6M", "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709",
              "-color_trc", "bt709", part])
        os.rename(part, one)
        took = time.perf_counter() - begin
    if not film.exists():
        part = CACHE / f"reel-bench-frames.{os.getpid()}.mp4"
        call(["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", str(minutes - 1), "-i", one, "-c", "copy", "-movflags",
              "+faststart", part])
        os.rename(part, film)
    return film, took


def python_with(package):
    """A Python that has it, or why there is none."""
    folder = CACHE / "reel-bench-venv"
    python = folder / "bin" / "python3"
    try:
        if not python.exists():
            venv.create(folder, with_pip=True)
        if subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode:
            call([python, "-m", "pip", "install", "-q", "numpy", package], timeout=300)
        call([python, "-c", f"import {package}"])
    except (subprocess.SubprocessError, OSError) as e:
        last = (getattr(e, "stderr", b"") or b"").decode().strip().splitlines()
        return None, last[-1] if last else str(e)
    version = call([python, "-c", f"import {package}; print({package}.__version__)"]).stdout.decode().strip()
    return python, version


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.reel = pathlib.Path(args.build) / "cli" / "reel"
        self.film, took = make_film(args.minutes)
        say(f"{self.film.name}: {self.film.stat().st_size >> 20} MiB" +
            (f", encoding its minute took {took:.0f} s" if took else ", made before"))
        self.count = args.minutes * 60 * RATE
        self.numbers = random.Random(5).sample(range(2, self.count - 2), args.frames)
        self.wrong = 0

    def row(self, what, unit, reel, peer, value):
        ratio = value / reel if reel and value else None
        if self.args.format == "jsonl":
            print(json.dumps({"what": what, "unit": unit, "reel": reel, "peer": peer, "peer_value": value, "ratio": ratio}),
                  flush=True)
            return
        right = f"{peer:28} {value:9.2f} {ratio:6.2f}x" if ratio else f"{peer:28}   missing" if peer else ""
        print(f"{what:58} {reel:9.2f} {unit:4} {right}", flush=True)

    # ---- frames ----

    def reel_frames(self, numbers, out, *more):
        begin = time.perf_counter()
        said = call([self.reel, "frames", self.film, "--index", ",".join(map(str, numbers)), "--size", f"{SIDE}x{SIDE}",
                     "--filter", "area", "--threads", self.args.threads, "--as", "raw", "--pix", "rgb24", "-o", out, "-f", "json",
                     *more])
        return time.perf_counter() - begin, json.loads(said.stdout)

    def check(self, peer, frames, numbers):
        """Is each frame of a peer nearer to reel's of that number than to its neighbours?"""
        far = []
        for n, one in zip(numbers, frames):
            here = [sum(abs(a - b) for a, b in zip(one[::STEP], self.near[m][::STEP])) * STEP / FRAME for m in (n - 1, n, n + 1)]
            far.append(here[1])
            if min(here) != here[1]:
                self.wrong += 1
                print(f"WRONG: {peer}, frame {n}: {here} a sample from reel's, of the one before, of it, of the next", flush=True)
        say(f"{peer}: {len(far)} frames compared, {statistics.mean(far):.2f} a sample from reel's, {max(far):.2f} at most")

    def beside(self, what, name, body, package):
        python, version = python_with(package)
        if not python:
            say(f"{name}: {version}")
            self.row(what, "s", self.took, f"{name}: not installed", None)
            return
        script, out = self.folder / f"peer_{package}.py", self.folder / f"{package}.raw"
        script.write_text(PEER.replace("{body}", body))
        said = subprocess.run([python, script, self.film, out, str(self.args.threads), str(self.args.rounds),
                               ",".join(map(str, self.numbers))], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if said.returncode:
            say(f"{name} {version}: {said.stderr.strip().splitlines()[-1:]}")
            self.row(what, "s", self.took, f"{name} {version}: failed", None)
            return
        self.row(what, "s", self.took, f"{name} {version}", statistics.median(map(float, said.stdout.split())))
        data = out.read_bytes()
        self.check(name, [data[i:i + FRAME] for i in range(0, len(data), FRAME)], self.numbers)

    def by_ffmpeg(self, what):
        few = self.numbers[:max(len(self.numbers) // 10, 1)]
        frames, begin = [], time.perf_counter()
        for n in few:
            frames.append(call(["ffmpeg", "-nostdin", "-v", "error", "-threads", self.args.threads, "-ss",
                                f"{(n - 0.5) / RATE:.4f}", "-i", self.film, "-frames:v", "1", "-vf",
                                f"scale={SIDE}:{SIDE}:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]).stdout)
        took = (time.perf_counter() - begin) * len(self.numbers) / len(few)
        self.row(what, "s", self.took, f"ffmpeg, once each, {len(few)} scaled", took)
        self.check("ffmpeg", frames, few)

    def frames(self):
        out = self.folder / "reel.raw"
        runs = [self.reel_frames(self.numbers, out) for _ in range(self.args.rounds)]
        self.took = statistics.median(t for t, _ in runs)
        report = runs[-1][1]
        say(f"reel: {report['groups']} groups, {report['decoded']} samples decoded, {report['skipped']} left out")
        near = sorted({m for n in self.numbers for m in (n - 1, n, n + 1)})
        self.reel_frames(near, self.folder / "near.raw")
        data = (self.folder / "near.raw").read_bytes()
        self.near = {n: data[i * FRAME:(i + 1) * FRAME] for i, n in enumerate(near)}
        what = f"{len(self.numbers)} random frames of {self.args.minutes} min 1080p to {SIDE}x{SIDE} RGB"
        self.beside(what, "PyAV", PYAV, "av")
        self.beside(what, "decord", DECORD, "decord")
        self.by_ffmpeg(what)

    # ---- storyboards ----

    def timed(self, argv):
        took = []
        for _ in range(self.args.rounds):
            begin = time.perf_counter()
            call(argv)
            took.append(time.perf_counter() - begin)
        return statistics.median(took)

    def storyboard(self):
        board, theirs = self.folder / "board.jpg", self.folder / "tile.jpg"
        reel = [self.reel, "sprite", self.film, "--count", THUMBS, "--threads", self.args.threads, "-o", board]
        keys = self.timed([*reel, "--keyframes"])
        every = self.args.minutes * 60 / THUMBS
        ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", self.args.threads]
        tail = ["-vf", f"fps=1/{every},scale=160:90:flags=area,tile=10x10", "-frames:v", "1", "-q:v", "3", theirs]
        self.row(f"storyboard of {THUMBS}, key pictures", "s", keys, "ffmpeg -skip_frame nokey",
                 self.timed([*ffmpeg, "-skip_frame", "nokey", "-i", self.film, *tail]))
        exact = self.timed(reel)
        value = self.timed([*ffmpeg, "-i", self.film, *tail]) if self.args.full else None
        self.row(f"storyboard of {THUMBS}, exact", "s", exact, "ffmpeg, all pictures" if value else "", value)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=str(ROOT / "build-release"))
    p.add_argument("--frames", type=int, default=100)
    p.add_argument("--minutes", type=int, default=10)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--full", action="store_true", help="also let ffmpeg decode all of the film for an exact storyboard")
    p.add_argument("--format", choices=("text", "jsonl"), default="text")
    args = p.parse_args()
    if not shutil.which("ffmpeg"):
        print("frames.py: ffmpeg is not installed: nothing is measured", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory(prefix="reel-frames-") as folder:
        b = Bench(args, pathlib.Path(folder))
        say(f"{args.threads} threads, {args.rounds} rounds, frames from memory that holds the film")
        b.frames()
        b.storyboard()
    return 1 if b.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
