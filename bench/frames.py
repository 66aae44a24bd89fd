#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""frames.py [--build FOLDER] [--frames N] [--threads N] [--minutes N] [--rounds N] [--format text|jsonl]: exact frames at random times of a
long film, and a storyboard of it: `reel frames` and `reel sprite` beside PyAV, decord and the ffmpeg command.

All get as many threads and run in turn, round by round; the median of the rounds counts, and processor time is told beside
it. Reel's and ffmpeg's times hold the start of the process, those of the Python libraries do not hold its imports. ffmpeg, which
runs once a frame, does so for a tenth of them, and its time is scaled. What comes out is compared: a frame of a peer has to be
nearest to reel's frame at that time, of it and its two neighbours; a thumbnail to reel's of the same place in the sheet. Exit
status 1 says that one was not.

The film is made once, in $TMPDIR: 20 seconds of 1080p with motion and a little noise are encoded by x264 as it comes (key
pictures, B pictures and what refers to them by its own choice), and repeated. PyAV and decord come
from pip into an environment beside it.
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
RATE, SIDE, PART = 25, 224, 20
THUMBS, COLUMNS, TILE_W, TILE_H = 100, 10, 160, 90
LIKE, ALIKE = 8, 0.25  # two JPEGs of the same picture differ by less than LIKE; by so much more than others may
FRAME = SIDE * SIDE * 3
BLANK = 24  # no gray of a picture is all below
STEP = 13  # each 13th sample is compared

# A peer is one process: for each line it gets it says how long a round took, and its processor time. Its frames it leaves in a
# file.
PEER = """
import sys, time
film, out, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
numbers = [int(n) for n in sys.argv[4].split(",")]
RATE, SIDE = 25, 224
{body}
for line in sys.stdin:
    begin, busy = time.perf_counter(), time.process_time()
    frames = take()
    print(time.perf_counter() - begin, time.process_time() - busy, flush=True)
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


def difference(a, b):
    """A sample's, on average."""
    return sum(abs(x - y) for x, y in zip(a[::STEP], b[::STEP])) * STEP / len(a)


def make_film(minutes):
    """The film, its name telling how it was made; and the seconds that encoding took, when it was made now."""
    one, film = CACHE / "reel-bench-frames-x264.mp4", CACHE / f"reel-bench-frames-x264-{minutes}.mp4"
    took = None
    if not one.exists():
        begin = time.perf_counter()
        part = CACHE / f"reel-bench-frames.{os.getpid()}.mp4"
        call(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
              f"mandelbrot=s=1920x1080:r={RATE},noise=alls=4:allf=t", "-t", PART, "-c:v", "libx264", "-b:v", "6M",
              "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", part])
        os.rename(part, one)
        took = time.perf_counter() - begin
    if not film.exists():
        part = CACHE / f"reel-bench-frames.{os.getpid()}.mp4"
        call(["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", str(minutes * 60 // PART - 1), "-i", one, "-c", "copy", "-movflags",
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


class Missing(Exception):
    pass


class Peer:
    """A Python library in a process of its own."""

    def __init__(self, bench, name, package, body):
        python, version = python_with(package)
        self.name, self.process = f"{name} {version}", None
        if not python:
            raise Missing(f"{name}: {version}")
        script, self.out = bench.folder / f"peer_{package}.py", bench.folder / f"{package}.raw"
        script.write_text(PEER.replace("{body}", body))
        self.process = subprocess.Popen([python, script, bench.film, self.out, str(bench.args.threads),
                                         ",".join(map(str, bench.numbers))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def round(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            return tuple(map(float, self.process.stdout.readline().split()))
        except (BrokenPipeError, ValueError):
            return ()

    def frames(self):
        errors = self.process.communicate()[1].strip().splitlines()
        if self.process.returncode:
            raise Missing(f"{self.name}: {errors[-1] if errors else self.process.returncode}")
        data = self.out.read_bytes()
        return [data[i:i + FRAME] for i in range(0, len(data), FRAME)]


def median(rounds):
    """Of rounds that each say (time, processor time)."""
    return tuple(statistics.median(r[i] for r in rounds) for i in (0, 1))


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.reel = pathlib.Path(args.build) / "cli" / "reel"
        self.film, took = make_film(args.minutes)
        say(f"{self.film.name}: {self.film.stat().st_size >> 20} MiB" +
            (f", encoding took {took:.0f} s" if took else ", made before"))
        self.count = args.minutes * 60 * RATE
        self.numbers = random.Random(5).sample(range(2, self.count - 2), args.frames)
        self.wrong = self.met = self.missed = 0
        self.near = {}

    def row(self, what, reel, name, peer=None, least=None):
        """reel and peer are (seconds, seconds of processors)."""
        ratio, busy = (peer[0] / reel[0], peer[1] / reel[1]) if peer else (None, None)
        met = ratio >= least if ratio and least else None
        self.met += met is True
        self.missed += met is False
        if self.args.format == "jsonl":
            print(json.dumps({"what": what, "unit": "s", "reel": reel[0], "peer": name, "peer_value": peer and peer[0],
                              "ratio": ratio, "least": least, "met": met, "reel_cpu": reel[1], "peer_cpu": peer and peer[1]}),
                  flush=True)
            return
        right = f"{name:30} {peer[0]:8.2f} {ratio:7.2f}x" if peer else f"{name:30}  missing" if name else ""
        goal = f"  >= {least:g}x  {'met' if met else 'MISSED'}" if met is not None else ""
        print(f"{what:52} {reel[0]:8.2f} s {right}{goal}", flush=True)
        if peer:
            say(f"    processor time: {reel[1]:.2f} s, theirs {peer[1]:.2f} s, {busy:.2f}x")

    def timed(self, argv):
        begin, before = time.perf_counter(), os.times()
        said = call(argv).stdout
        after = os.times()
        busy = after.children_user + after.children_system - before.children_user - before.children_system
        return (time.perf_counter() - begin, busy), said

    # ---- frames ----

    def reel_frames(self, numbers, out):
        return self.timed([self.reel, "frames", self.film, "--index", ",".join(map(str, numbers)), "--size", f"{SIDE}x{SIDE}",
                           "--filter", "area", "--threads", self.args.threads, "--as", "raw", "--pix", "rgb24", "-o", out,
                           "-f", "json"])

    def check(self, peer, frames, numbers):
        """Is each frame of a peer nearer to reel's of that number than to its neighbours?"""
        far = []
        for n, one in zip(numbers, frames):
            here = [difference(one, self.near[m]) for m in (n - 1, n, n + 1)]
            far.append(here[1])
            if min(here) != here[1]:
                self.wrong += 1
                print(f"WRONG: {peer}, frame {n}: {here} a sample from reel's, of the one before, of it, of the next", flush=True)
        if len(frames) != len(numbers):
            self.wrong += 1
            print(f"WRONG: {peer} gave {len(frames)} frames of {len(numbers)}", flush=True)
        say(f"    {len(far)} frames compared, {statistics.mean(far):.2f} a sample from reel's, {max(far):.2f} at most")

    def look_around(self):
        """Reel's frames and their neighbours: before anything is timed."""
        near = sorted({m for n in self.numbers for m in (n - 1, n, n + 1)})
        self.reel_frames(near, self.folder / "near.raw")
        data = (self.folder / "near.raw").read_bytes()
        self.near = {n: data[i * FRAME:(i + 1) * FRAME] for i, n in enumerate(near)}

    def by_ffmpeg(self, n):
        return self.timed(["ffmpeg", "-nostdin", "-v", "error", "-threads", self.args.threads, "-ss", f"{(n - 0.5) / RATE:.4f}",
                           "-i", self.film, "-frames:v", "1", "-vf", f"scale={SIDE}:{SIDE}:flags=area", "-f", "rawvideo",
                           "-pix_fmt", "rgb24", "-"])

    def frames(self):
        what = f"{len(self.numbers)} random frames of {self.args.minutes} min 1080p, {SIDE}x{SIDE}"
        self.look_around()
        peers = []
        for name, package, body in (("PyAV", "av", PYAV), ("decord", "decord", DECORD)):
            try:
                peers.append(Peer(self, name, package, body))
            except Missing as e:
                say(e)
        ours, theirs = [], [[] for _ in peers]
        for _ in range(self.args.rounds):
            took, said = self.reel_frames(self.numbers, self.folder / "reel.raw")
            ours.append(took)
            for peer, rounds in zip(peers, theirs):
                rounds.append(peer.round())
        report, reel = json.loads(said), median(ours)
        say(f"reel: {report['groups']} groups, {report['decoded']} samples decoded, {report['skipped']} left out")
        for peer, rounds in zip(peers, theirs):
            try:
                frames = peer.frames()
                self.row(what, reel, peer.name, median(rounds), 2)
                self.check(peer.name, frames, self.numbers)
            except Missing as e:
                say(e)
                self.row(what, reel, peer.name)
        few = self.numbers[:max(len(self.numbers) // 10, 1)]
        runs = [self.by_ffmpeg(n) for n in few]
        scale = len(self.numbers) / len(few)
        self.row(what, reel, f"ffmpeg, once each ({len(few)} of them)", tuple(sum(r[0][i] for r in runs) * scale for i in (0, 1)), 10)
        self.check("ffmpeg", [r[1] for r in runs], few)

    # ---- storyboards ----

    def tiles(self, sheet):
        """The thumbnails of a sheet, gray."""
        data = call(["ffmpeg", "-nostdin", "-v", "error", "-i", sheet, "-f", "rawvideo", "-pix_fmt", "gray", "-"]).stdout
        wide = COLUMNS * TILE_W
        return [b"".join(data[(y * TILE_H + i) * wide + x * TILE_W:][:TILE_W] for i in range(TILE_H))
                for y in range(COLUMNS) for x in range(COLUMNS)]

    def check_sheet(self, ours, theirs):
        """Both show, in each place, the last picture before the same time. ffmpeg stops with the last key picture: what comes
        behind it stays blank there."""
        mine, other = self.tiles(ours), self.tiles(theirs)
        count = len(other)
        while other and max(other[-1]) < BLANK:
            other.pop()
        far = [difference(a, b) for a, b in zip(mine, other)]
        least = [min(difference(a, b) for b in other[max(i - 1, 0):i + 2]) for i, a in enumerate(mine[:len(other)])]
        wrong = [i for i, (d, m) in enumerate(zip(far, least)) if d > LIKE or d > m + ALIKE]
        if len(mine) != THUMBS or count != THUMBS or len(other) < THUMBS * 9 // 10 or wrong:
            self.wrong += 1
            print(f"WRONG: thumbnails {wrong} are other pictures than ffmpeg's", flush=True)
        say(f"    {len(far)} thumbnails compared, {statistics.mean(far):.2f} a sample from ffmpeg's, {max(far):.2f} at most")

    def sheets(self, what, name, ours, theirs, least):
        runs = [(self.timed(ours)[0], self.timed(theirs)[0] if theirs else None) for _ in range(self.args.rounds)]
        self.row(what, median([r[0] for r in runs]), name, median([r[1] for r in runs]) if theirs else None, least)

    def storyboard(self):
        board, theirs = self.folder / "board.jpg", self.folder / "tile.jpg"
        reel = [self.reel, "sprite", self.film, "--count", THUMBS, "--threads", self.args.threads, "-o", board]
        ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", self.args.threads]
        tail = ["-i", self.film, "-vf", f"fps=1/{self.args.minutes * 60 / THUMBS},scale={TILE_W}:{TILE_H}:flags=area:" +
                f"out_color_matrix=bt601:out_range=pc,tile={COLUMNS}x{COLUMNS}", "-frames:v", "1", "-q:v", "3", theirs]
        self.sheets(f"storyboard of {THUMBS}, key pictures", "ffmpeg -skip_frame nokey", [*reel, "--keyframes"],
                    [*ffmpeg, "-skip_frame", "nokey", *tail], 3)
        self.check_sheet(board, theirs)
        full = self.args.full
        self.sheets(f"storyboard of {THUMBS}, exact", "ffmpeg, all pictures" if full else "", reel,
                    [*ffmpeg, *tail] if full else None, None)


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
        if args.format == "text":
            print(f"\n{b.met} targets met, {b.missed} missed, {b.wrong} answers wrong. Ratio above 1: reel is the better one.")
    return 1 if b.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
