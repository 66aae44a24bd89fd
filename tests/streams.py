#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""streams.py --reel COMMAND [--media FOLDER] [--only TEXT]: whole streams through the origin, sample by sample.

ffmpeg reads each film of the matrix (tests/matrix.py), or of FOLDER, as HLS (muxed, and every track alone) and as DASH from
`reel serve`. Every sample of the film has to arrive once, with its bytes, at its presentation time.
Prints TAP.
"""
import argparse
import collections
import concurrent.futures
import fractions
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import matrix  # noqa: E402

# what ffmpeg cannot read back from fragments packet by packet: it takes PCM samples one by one, or knows no such entry
UNFIT = ("pcm16", "pcm24", "pcmf", "ulaw")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Origin:
    def __init__(self, reel, folder, segment):
        self.port = free_port()
        self.process = subprocess.Popen([reel, "serve", str(folder), "--port", str(self.port), "--segment", segment],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                raise SystemExit("Bail out! reel serve: " + self.process.stdout.read())
            time.sleep(0.05)
        raise SystemExit("Bail out! reel serve does not answer")

    def url(self, kind, name, rest):
        return f"http://127.0.0.1:{self.port}/{kind}/{urllib.parse.quote(name)}/{rest}"

    def close(self):
        self.process.terminate()
        self.process.wait(20)


def shift_of(track):
    """What the first edit that plays media adds to pts, in seconds."""
    for e in track.get("edits", []):
        if e["kind"] == "media" and e.get("end") != e["start"]:
            return fractions.Fraction(e["start"] - e["media_time"], track["timescale"])
    return fractions.Fraction(0)


def film(reel, path):
    """{track: [(seconds, size, md5)]} of what a stream has, the tracks, and whether anything is shown before it is decoded."""
    info = json.loads(subprocess.run([reel, "info", "--format", "json", str(path)], capture_output=True, text=True).stdout)
    tracks = {t["id"]: t for t in info["tracks"] if t["type"] in ("video", "audio") and t["samples"]}
    shift = {i: shift_of(t) for i, t in tracks.items()}
    out, early = collections.defaultdict(list), False
    lines = subprocess.run([reel, "packets", "--format", "jsonl", str(path)], capture_output=True, text=True).stdout
    with open(path, "rb") as f:
        for line in lines.splitlines():
            s = json.loads(line)
            if s["track"] not in tracks:
                continue
            early |= s["pts"] < s["dts"]
            f.seek(s["offset"])
            at = fractions.Fraction(s["pts"], tracks[s["track"]]["timescale"]) + shift[s["track"]]
            out[s["track"]].append((at, s["size"], hashlib.md5(f.read(s["size"])).hexdigest()))
    return dict(out), tracks, early


def stream(url, maps=("0:v?", "0:a?")):
    """[[(seconds, size, md5)]] of the streams that ffmpeg finds, and what it complained about."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", url, *[x for m in maps for x in ("-map", m)],
                           "-c", "copy", "-copyts", "-avoid_negative_ts", "disabled", "-f", "framemd5", "-"], capture_output=True, text=True,
                          timeout=120)
    base, out = {}, collections.defaultdict(list)
    for line in done.stdout.splitlines():
        if line.startswith("#tb "):
            number, _, tb = line[4:].partition(": ")
            base[int(number)] = fractions.Fraction(tb)
        elif not line.startswith("#"):
            number, _, pts, _, size, md5 = [x.strip() for x in line.split(",")[:6]]
            out[int(number)].append((int(pts) * base[int(number)], int(size), md5))
    return [out[k] for k in sorted(out)], done.stderr.strip()


def difference(want, got):
    """The samples have the same bytes in the same order, and the same times but for one constant."""
    if [w[1:] for w in want] != [g[1:] for g in got]:
        if sorted(w[1:] for w in want) == sorted(g[1:] for g in got):
            return "the samples come in another order"
        return f"{len(got)} samples arrive, or others: there are {len(want)}"
    offsets = {g[0] - w[0] for w, g in zip(want, got)}
    if max(offsets) - min(offsets) > fractions.Fraction(1, 40000):
        return f"times differ by {float(min(offsets)):.4f} to {float(max(offsets)):.4f} s"
    return None


def match(want, got):
    """Every track of the film is one of the streams."""
    left = list(got)
    for track, samples in want.items():
        said = [difference(samples, g) for g in left]
        if None not in said:
            return f"track {track}: " + (said[0] if len(said) == 1 else f"none of {len(said)} streams is it: {said}")
        left.pop(said.index(None))
    return f"{len(left)} streams too many" if left else None


def starts(want, got):
    """Where the streams begin beside each other is where the tracks begin beside each other."""
    def first(samples):
        return min(s[0] for s in samples)
    a, b = sorted(first(s) for s in want.values()), sorted(first(g) for g in got)
    apart = [y - x for x, y in zip(a, b)]
    return None if max(apart) - min(apart) <= fractions.Fraction(1, 1000) else f"tracks begin {[float(x) for x in apart]} apart"


def check(origin, reel, path):
    want, tracks, early = film(reel, path)
    if not want:
        return [("has nothing to stream", None)]
    out = []
    for track in want:
        got, said = stream(origin.url("hls", path.name, f"t{track}/index.m3u8"))
        out.append((f"hls, track {track}", match({track: want[track]}, got) and f"{match({track: want[track]}, got)}: {said[:300]}"))
    video = [t for t in want if tracks[t]["type"] == "video"]
    audio = [t for t in want if tracks[t]["type"] == "audio"]
    both = {t: want[t] for t in video[:1] + audio[:1]}
    got, said = stream(origin.url("hls", path.name, "mux/index.m3u8"))
    wrong = match(both, got) or (not early and starts(both, got))  # ffmpeg moves such tracks (docs/time.md)
    out.append(("hls, muxed", f"{wrong}: {said[:300]}" if wrong else None))
    for kind, ids in (("v", video), ("a", audio)):  # ffmpeg ends a manifest when the shortest of its streams ends
        if not ids:
            continue
        got, said = stream(origin.url("dash", path.name, "manifest.mpd"), (f"0:{kind}?",))
        wrong = match({t: want[t] for t in ids}, got)
        out.append((f"dash, {kind}", wrong and f"{wrong}: {said[:300]}"))
    return out


def films(args, folder):
    if args.media:
        yield from (p for p in sorted(pathlib.Path(args.media).iterdir()) if p.suffix in (".mp4", ".mov", ".m4v", ".3gp", ".m4a"))
        return
    for name, *rest in matrix.cases():
        if args.only in name and not any(x in UNFIT for x in rest):
            path, _ = matrix.make(folder, name, *rest)
            if path:
                os.utime(path, (time.time() - 3600,) * 2)  # fragments that are this new are a recording
                yield path


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--reel", required=True)
    p.add_argument("--media")
    p.add_argument("--only", default="")
    p.add_argument("--segment", default="0.5")
    args = p.parse_args()
    bad = number = 0
    with tempfile.TemporaryDirectory(prefix="reel-streams-") as folder:
        paths = list(films(args, pathlib.Path(folder)))
        origin = Origin(args.reel, args.media or folder, args.segment)
        try:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for path, results in zip(paths, pool.map(lambda x: check(origin, args.reel, x), paths)):
                    for what, wrong in results:
                        number += 1
                        bad += wrong is not None
                        print(f"{'ok' if wrong is None else 'not ok'} {number} - {path.stem}: {what}")
                        if wrong:
                            print(f"# {wrong}")
        finally:
            origin.close()
    print(f"1..{number}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
