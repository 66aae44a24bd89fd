#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""frames_cli.py --reel COMMAND: reel frames and reel sprite on films that ffmpeg makes, against the frames that ffmpeg decodes:
bare planes bit for bit, colours within what two roundings may differ by. Prints TAP; skips all where there is no ffmpeg.
"""
import argparse
import bisect
import collections
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

WAIT = 120
Film = collections.namedtuple("Film", "path width height pixel frames times")  # times: when each is shown, in s

KINDS = {
    "plain": "-c:v libx264 -preset ultrafast -bf 2 -g 25",
    "open": "-c:v libx264 -preset veryfast -x264-params keyint=15:min-keyint=15:scenecut=0:bframes=3:open-gop=1",
    "odd": "-vf scale=321:181,setsar=1 -c:v mpeg4 -bf 1 -g 12 -q:v 3",
    "ten": "-c:v libx264 -preset ultrafast -bf 2 -g 25 -pix_fmt yuv420p10le",
    "full": "-c:v mjpeg -pix_fmt yuvj420p -q:v 3",
    "chroma": "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv444p",
    "vfr": "-vf setpts='PTS+floor(N/7)*0.1/TB' -vsync vfr -video_track_timescale 12800 -c:v libx264 -preset ultrafast -bf 2 -g 25",
    "fragments": "-c:v libx264 -preset ultrafast -bf 2 -g 25 -movflags +frag_keyframe+empty_moov+default_base_moof",
    "hd": "-vf scale=64:720,setsar=1 -c:v libx264 -preset ultrafast -g 25 -colorspace bt709 -color_primaries bt709 -color_trc bt709",
}


class Bench:
    def __init__(self, folder, reel):
        self.folder, self.reel, self.made = folder, reel, {}

    def ffmpeg(self, *argv):
        p = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *argv], capture_output=True, timeout=WAIT,
                           cwd=self.folder)
        if p.returncode:
            raise RuntimeError(f"ffmpeg {' '.join(argv)}: {p.stderr.decode()}")
        return p.stdout

    def run(self, *argv, **more):
        return subprocess.run([self.reel, *map(str, argv)], stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT,
                              cwd=self.folder, **more)

    def frames(self, film, *argv, status=0):
        """What `reel frames` writes to standard output."""
        p = self.run("frames", film.path, *argv, "-o", "-")
        if p.returncode != status:
            raise AssertionError(f"frames {film.path} {' '.join(map(str, argv))}: {p.returncode}, {p.stderr.decode()}")
        return p.stdout

    def look(self, path, pixel=None):
        said = json.loads(subprocess.run(
            ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
             "stream=width,height,pix_fmt:frame=best_effort_timestamp_time,pts_time", "-of", "json", path],
            check=True, capture_output=True, timeout=WAIT, cwd=self.folder).stdout)
        stream = said["streams"][0]
        pixel = pixel or stream["pix_fmt"]
        data = self.ffmpeg("-noautorotate", "-i", path, "-map", "0:v:0", "-vsync", "passthrough", "-f", "rawvideo",
                           "-pix_fmt", pixel, "-")
        times = [float(f.get("best_effort_timestamp_time", f.get("pts_time"))) for f in said["frames"]]
        size = len(data) // len(times)
        return Film(path, stream["width"], stream["height"], pixel,
                    [data[i * size:(i + 1) * size] for i in range(len(times))], times)

    def film(self, kind):
        if kind not in self.made:
            path = f"{kind}.mov" if kind == "full" else f"{kind}.mp4"
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3", *KINDS[kind].replace("'", "").split(), path)
            self.made[kind] = self.look(path)
        return self.made[kind]

    def derived(self, kind, *argv):
        """A film of plain.mp4's samples."""
        if kind not in self.made:
            self.film("plain")
            self.ffmpeg(*argv, f"{kind}.mp4")
            self.made[kind] = self.look(f"{kind}.mp4")
        return self.made[kind]


def shown_at(film, t):
    return film.frames[max(bisect.bisect_right(film.times, t + 1e-9) - 1, 0)]


def mean_difference(a, b):
    return sum(abs(x - y) for x, y in zip(a, b)) / max(len(a), 1) if len(a) == len(b) else 255


def split(data, n):
    size = len(data) // n
    return [data[i * size:(i + 1) * size] for i in range(n)]


def test_raw(bench):
    """raw is what ffmpeg decodes, bit for bit: closed and open groups, odd sizes, 10 bits, 4:4:4, full range, fragments"""
    for kind in ("plain", "open", "odd", "ten", "full", "chroma", "fragments", "hd"):
        film = bench.film(kind)
        wanted = [7, 8, 0, len(film.frames) - 1, 33, 8]
        got = bench.frames(film, "--index", ",".join(map(str, wanted)), "--as", "raw")
        if split(got, len(wanted)) != [film.frames[i] for i in wanted]:
            yield f"{kind}: {len(got)} bytes for {len(wanted)} of {len(film.frames[0])}"
    film = bench.film("plain")
    if bench.frames(film, "--every", "0.04", "--as", "raw", "--threads", "3") != b"".join(film.frames):
        yield "all frames of plain, in order, by three workers"


def test_times(bench):
    """a time shows what is on the screen then: 25 a second, at odd intervals, behind an edit list"""
    edits = bench.derived("edits", "-ss", "0.72", "-i", "plain.mp4", "-c", "copy")
    for film in (bench.film("plain"), bench.film("vfr"), edits):
        times = [0, 0.0399, 0.04, 1.111, 0.3, 2.2]
        got = bench.frames(film, "--at", ",".join(map(str, times)), "--as", "raw")
        for t, one in zip(times, split(got, len(times))):
            if one != shown_at(film, t):
                yield f"{film.path} at {t}"
    film = bench.film("plain")
    for written, i in (("0:00:01", 25), ("50%", 37), ("1s", 25)):
        if bench.frames(film, "--at", written, "--as", "raw") != film.frames[i]:
            yield f"--at {written}"
    p = json.loads(bench.run("frames", film.path, "--at", "#9", "-n", "-f", "json").stdout)
    if [f["sample"] for f in p["frames"]] != [9]:
        yield str(p)


def test_y4m(bench):
    """y4m: a header that says the size and the rate, then each frame behind FRAME"""
    for kind, pixel in (("plain", "C420jpeg"), ("odd", "C420jpeg")):
        film = bench.film(kind)
        head, *frames = bench.frames(film, "--index", "3,1,2").split(b"FRAME\n")
        words = head.decode().split()
        if words[:4] != ["YUV4MPEG2", f"W{film.width}", f"H{film.height}", "F25:1"] or pixel not in words:
            yield str(words)
        if frames != [film.frames[i] for i in (3, 1, 2)]:
            yield f"{kind}: the frames are not ffmpeg's"
    (bench.folder / "x.y4m").write_bytes(bench.frames(bench.film("plain"), "--every", "0.5"))
    again = bench.ffmpeg("-i", "x.y4m", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
    if not again.startswith(bench.film("plain").frames[0]) or len(again) != 6 * len(bench.film("plain").frames[0]):
        yield "ffmpeg reads something else from it"


def read_npy(data):
    """Shape and bytes of an array of bytes."""
    if data[:8] != b"\x93NUMPY\x01\x00":
        raise AssertionError(f"no npy: {data[:16]!r}")
    n = struct.unpack("<H", data[8:10])[0]
    head = data[10:10 + n].decode()
    if "'|u1'" not in head or "'fortran_order': False" not in head or not head.endswith("\n") or (10 + n) % 64:
        raise AssertionError(head)
    shape = tuple(int(v) for v in re.search(r"'shape': \(([\d, ]+)\)", head)[1].replace(",", " ").split())
    return shape, data[10 + n:]


def rgb_of(bench, film, i, size=None):
    scale = f",scale={size}:flags=area+accurate_rnd+full_chroma_int" if size else \
        ",scale=flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp"
    return bench.ffmpeg("-i", film.path, "-vf", f"select=eq(n\\,{i}){scale}", "-vsync", "passthrough", "-frames:v", "1",
                        "-f", "rawvideo", "-pix_fmt", "rgb24", "-")


def test_npy(bench):
    """npy: (N, H, W, 3) of the colours that ffmpeg sees, and (N, H, W) of gray"""
    for kind in ("plain", "odd", "ten", "full", "hd"):
        film = bench.film(kind)
        shape, data = read_npy(bench.frames(film, "--index", "5,30", "--as", "npy"))
        if shape != (2, film.height, film.width, 3) or len(data) != 2 * 3 * film.width * film.height:
            yield f"{kind}: {shape}, {len(data)}"
            continue
        for one, i in zip(split(data, 2), (5, 30)):
            far = mean_difference(one, rgb_of(bench, film, i))
            if far > 3:
                yield f"{kind}, picture {i}: {far:.2f} a sample from ffmpeg's"
    shape, data = read_npy(bench.frames(bench.film("plain"), "--count", "3", "--size", "64x", "--pix", "gray8", "--as", "npy"))
    if shape != (3, 36, 64) or len(data) != 3 * 36 * 64:
        yield f"gray: {shape}"
    shape, data = read_npy(bench.frames(bench.film("plain"), "--index", "9", "--size", "80x45", "--filter", "area", "--as", "npy"))
    far = mean_difference(data, rgb_of(bench, bench.film("plain"), 9, "80x45"))
    if shape != (1, 45, 80, 3) or far > 3:
        yield f"scaled: {shape}, {far:.2f} from ffmpeg's"


def test_images(bench):
    """png holds the very colours, jpg nearly; names tell place, time and sample; one frame goes into one file"""
    film = bench.film("plain")
    array = split(read_npy(bench.frames(film, "--index", "0,40", "--as", "npy"))[1], 2)
    for form, most in (("png", 0), ("jpg", 6)):
        p = bench.run("frames", film.path, "--index", "0,40", "--as", form, "-o", f"{form}/", "-f", "json")
        report = json.loads(p.stdout)
        names = sorted(f.name for f in (bench.folder / form).iterdir())
        if names != [f["name"] for f in report["frames"]] or not names[1].startswith("frame00002-t000001.600-s"):
            yield f"{form}: {names}"
        for name, want in zip(names, array):
            far = mean_difference(bench.ffmpeg("-i", f"{form}/{name}", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"), want)
            if far > most:
                yield f"{name}: {far:.2f} a sample from the array's"
    p = bench.run("frames", film.path, "--index", "40", "-o", "one.png")
    if p.returncode or bench.ffmpeg("-i", "one.png", "-f", "rawvideo", "-pix_fmt", "rgb24", "-") != array[1]:
        yield f"one.png: {p}"
    p = bench.run("frames", film.path, "--index", "0,40", "--as", "raw", "-o", "png/")
    if p.returncode or sorted(len(f.read_bytes()) for f in (bench.folder / "png").glob("*.raw")) != [86400, 86400]:
        yield f"raw in a folder: {p}"


def test_fits(bench):
    """contain puts the colour around the picture, cover cuts it"""
    film = bench.film("plain")
    fitted = {fit: bench.frames(film, "--at", "1", "--size", "90x90", "--fit", fit, "--pad", "FF8000", "--as", "raw", "--pix",
                                "rgb24") for fit in ("stretch", "contain", "cover")}
    if {len(v) for v in fitted.values()} != {90 * 90 * 3} or len(set(fitted.values())) != 3:
        yield str({k: len(v) for k, v in fitted.items()})
    if fitted["contain"][:3] != b"\xff\x80\x00" or fitted["cover"][:3] == b"\xff\x80\x00":
        yield f"corners: {fitted['contain'][:3]}, {fitted['cover'][:3]}"


def turned(film, planes):
    """A frame of 4:2:0 a quarter to the right."""
    out, at = b"", 0
    for w, h in ((film.width, film.height), (film.width // 2, film.height // 2), (film.width // 2, film.height // 2)):
        plane = planes[at:at + w * h]
        out += b"".join(bytes(plane[(h - 1 - y) * w + x] for y in range(h)) for x in range(w))
        at += w * h
    return out


def test_rotation(bench):
    """a film that lies on its side comes out upright, in every form, without a loss in 4:2:0"""
    film = bench.derived("plain", "-i", "plain.mp4")
    try:
        bench.ffmpeg("-display_rotation", "-90", "-i", "plain.mp4", "-c", "copy", "turned.mp4")
    except RuntimeError:  # older ones
        bench.ffmpeg("-i", "plain.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=270", "turned.mp4")
    rotation = json.loads(bench.run("info", "--format", "json", "turned.mp4").stdout)["tracks"][0].get("rotation")
    if rotation != 90:
        yield f"the film is no test: {rotation}"
        return
    on_side = film._replace(path="turned.mp4")
    for more in ((), ("--pix", "yuv420p")):
        if bench.frames(on_side, "--index", "9", "--as", "raw", *more) != turned(film, film.frames[9]):
            yield f"raw {more}"
    shape, _ = read_npy(bench.frames(on_side, "--index", "9", "--as", "npy"))
    if shape != (1, 320, 180, 3):
        yield f"npy: {shape}"
    p = bench.run("sprite", "turned.mp4", "-n", "-f", "json", "-o", "x.jpg")
    if not (json.loads(p.stdout)["width"] == 160 and json.loads(p.stdout)["height"] == 284):
        yield str(p)


def test_segments(bench):
    """media segments behind --init are one film"""
    plain = bench.film("plain")
    bench.ffmpeg("-i", plain.path, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod",
                 "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "seg%d.m4s",
                 "index.m3u8")
    segments = sorted(f.name for f in bench.folder.glob("seg*.m4s"))
    p = bench.run("frames", "--init", "init.mp4", *segments, "--index", "0,30,74", "--as", "raw", "-o", "-")
    if len(segments) != 3 or p.stdout != b"".join(plain.frames[i] for i in (0, 30, 74)):
        yield f"{segments}: {p.returncode}, {len(p.stdout)} bytes, {p.stderr.decode()}"


def parse_vtt(text):
    cue = r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n"
    found = re.findall(cue, text)
    if not text.startswith("WEBVTT\n\n") or len(found) != text.count("-->"):
        raise AssertionError(text[:200])
    for h, m, s, h2, m2, s2, name, *xywh in found:
        yield int(h) * 3600 + int(m) * 60 + float(s), int(h2) * 3600 + int(m2) * 60 + float(s2), name, tuple(map(int, xywh))


def cut_tile(data, width, xywh):
    x, y, w, h = xywh
    return b"".join(data[((y + row) * width + x) * 3:((y + row) * width + x + w) * 3] for row in range(h))


def test_sprite(bench):
    """the tiles of a sheet are the frames of their times, where WebVTT says that they lie"""
    film = bench.film("plain")
    p = bench.run("sprite", film.path, "--count", "12", "--columns", "5", "--size", "80x45", "-o", "board.png", "-f", "json")
    report = json.loads(p.stdout)
    sheet = bench.ffmpeg("-i", "board.png", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    cues = list(parse_vtt((bench.folder / "board.vtt").read_text()))
    if len(sheet) != 400 * 135 * 3 or len(cues) != 12 or report["columns"] != 5:
        yield f"{len(sheet)} bytes, {len(cues)} cues, {report}"
    frames = split(bench.frames(film, "--count", "12", "--size", "80x45", "--filter", "area", "--as", "raw", "--pix",
                                "rgb24"), 12)
    for i, ((begin, end, name, xywh), frame) in enumerate(zip(cues, frames)):
        if abs(begin - i * 0.25) > 0.001 or abs(end - (i + 1) * 0.25) > 0.001 or name != "board.png":
            yield f"cue {i}: {begin} to {end}, {name}"
        if cut_tile(sheet, 400, xywh) != frame:
            yield f"tile {i} at {xywh} is not its frame"
    p = bench.run("sprite", film.path, "--every", "1", "--keyframes", "-o", "keys.png")
    keys = bench.ffmpeg("-i", "keys.png", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    pictures = split(bench.frames(film, "--at", "0,1,2", "--size", "160x90", "--filter", "area", "--as", "raw", "--pix",
                                  "rgb24"), 3)
    for i, picture in enumerate(pictures):
        if cut_tile(keys, 480, (i * 160, 0, 160, 90)) != picture:
            yield f"key picture {i}: another, {p}"
    bench.run("sprite", film.path, "--every", "1", "-o", "keys.jpg")
    jpeg = bench.ffmpeg("-i", "keys.jpg", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    if mean_difference(jpeg, keys) > 10:
        yield f"as JPEG it is {mean_difference(jpeg, keys):.2f} a sample away"


def test_sheets(bench):
    """what is too large for one sheet goes to several, named in WebVTT with what a name may hold"""
    (bench.folder / "my films").mkdir(exist_ok=True)
    p = bench.run("sprite", bench.film("plain").path, "--count", "80", "--size", "640x360", "-q", "20", "-o",
                  "my films/a b.jpg")
    names = sorted(f.name for f in (bench.folder / "my films").iterdir())
    if p.returncode or names != ["a b-2.jpg", "a b.jpg", "a b.vtt"]:
        yield f"{p} {names}"
        return
    cues = list(parse_vtt((bench.folder / "my films" / "a b.vtt").read_text()))
    if [c[2] for c in cues] != ["a%20b.jpg"] * 70 + ["a%20b-2.jpg"] * 10 or cues[70][3] != (0, 0, 640, 360):
        yield str(cues[68:72])


REFUSED = [  # status, what is said, the call; %: the film
    (2, "which frames?", "frames % -o x/"),
    (2, "several ways", "frames % --at 1 --count 3 -o x/"),
    (2, "a time such as", "frames % --at soon -o x/"),
    (2, "a time such as", "frames % --at 1,,2 -o x/"),
    (2, "--index x: a number such as", "frames % --index 1,x -o x/"),
    (2, "--index 5-3: a number such as", "frames % --index 5-3 -o x/"),
    (2, "--index 1-: a number such as", "frames % --index 1- -o x/"),
    (1, "these are more than 10000000", "frames % --index 0-999999999999 -o x/"),
    (1, "75: track 1 has 75 frames", "frames % --index 70-80 -o x/"),
    (2, "did you mean --as png?", "frames % --at 1 --format png -o x/"),
    (2, "--every", "frames % --every 0 -o x/"),
    (2, "--every", "frames % --every 10% -o x/"),
    (2, "--count 0: a number", "frames % --count 0 -o x/"),
    (2, "a size such as", "frames % --at 1 --size 640 -o x/"),
    (2, "a size such as", "frames % --at 1 --size 0x0 -o x/"),
    (2, "a size such as", "frames % --at 1 --size 70000x1 -o x/"),
    (2, "a colour such as", "frames % --at 1 --pad red -o x/"),
    (2, "--quality 101: a number", "frames % --at 1 --quality 101 -o x/"),
    (2, "--threads 257: a number", "frames % --at 1 --threads 257 -o x/"),
    (2, "give a folder", "frames % --at 1,2 -o x.png"),
    (2, "which form?", "frames % --at 1,2 -o x.webp"),
    (2, "no npy of yuv420p", "frames % --at 1 --pix yuv420p -o x.npy"),
    (2, "no y4m of rgb24", "frames % --at 1 --pix rgb24 -o x.y4m"),
    (2, "both go to standard output", "frames % --at 1 -f json -o -"),
    (2, "one FILE at a time", "frames % % --at 1 -o x/"),
    (2, "this is the film itself", "frames % --at 1 --as raw -o %"),
    (1, "3: track 1 shows nothing there; it is 0:00:03.000 long", "frames % --at 1,3 -o x/"),
    (1, "75: track 1 has 75 frames", "frames % --index 75 -o x/"),
    (1, "75: track 1 has 75 frames", "frames % --sample 75 -o x/"),
    (1, "there is no track 9", "frames % --at 1 --track 9 -o x/"),
    (1, "there is no video track", "frames sound.m4a --at 0 -o x/"),
    (1, "No such file", "frames nothing.mp4 --at 1 -o x/"),
    (1, "No such file", "frames % --at 1 -o not/there.png"),
    (2, "where to?", "sprite %"),
    (2, "where to?", "sprite % -o x.gif"),
    (2, "one of them at a time", "sprite % --count 3 --every 1 -o x.jpg"),
    (2, "--count 100000: a number from 1 to 65536", "sprite % --count 100000 -o x.jpg"),
    (1, "larger than a sheet", "sprite % --size 60000x60000 -o x.jpg"),
    (1, "there is no video track", "sprite sound.m4a -o x.jpg"),
]


def test_refusals(bench):
    """what cannot be done is said, with the exit status, and nothing is written"""
    film = bench.film("plain")
    bench.ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "sound.m4a")
    before = {f.name for f in bench.folder.iterdir()}
    content = (bench.folder / film.path).read_bytes()
    for status, words, call in REFUSED:
        p = bench.run(*call.replace("%", film.path, 2 if "% %" in call or "-o %" in call else 1).split())
        if p.returncode != status or words not in p.stderr.decode() or p.stdout or p.stderr.count(b"\n") != 1:
            yield f"{call}: {p.returncode}, {p.stderr.decode()!r}"
    if {f.name for f in bench.folder.iterdir()} != before or (bench.folder / film.path).read_bytes() != content:
        yield f"left over: {sorted({f.name for f in bench.folder.iterdir()} - before)}"


def test_truncated(bench):
    """frames that are not in a file that was cut off are told, the others written, and the status is 1"""
    film = bench.derived("fast", "-i", "plain.mp4", "-c", "copy", "-movflags", "+faststart")
    data = (bench.folder / film.path).read_bytes()
    (bench.folder / "short.mp4").write_bytes(data[:len(data) * 6 // 10])
    short = film._replace(path="short.mp4")
    got = bench.frames(short, "--index", "0,70,12", "--as", "raw", status=1)
    if split(got, 2) != [film.frames[0], film.frames[12]]:
        yield f"raw: {len(got)} bytes"
    shape, data = read_npy(bench.frames(short, "--index", "70,0,71", "--as", "npy", status=1))
    one = 320 * 180 * 3
    if shape != (3, 180, 320, 3) or len(data) != 3 * one or any(data[:one]) or any(data[2 * one:]) or not any(data[one:2 * one]):
        yield f"npy: {shape}, {len(data)} bytes"
    p = bench.run("frames", "short.mp4", "--index", "0,70,12", "-o", "some/")
    said = p.stderr.decode()
    if p.returncode != 1 or len(list((bench.folder / "some").iterdir())) != 2 or \
            not re.search(r"frame 2 \(0:00:02\.800, sample \d+\) cannot be had: sample \d+ ends \d+ bytes past the end of "
                          r"the file \(at 0x[0-9a-f]+\)\n", said):
        yield str(p)
    p = bench.run("sprite", "short.mp4", "--count", "4", "-o", "short.jpg")
    said = p.stderr.decode()
    if p.returncode != 1 or "1 of 4 thumbnails could not be had and are black, the first from 0:00:02.250 on: sample" not in said \
            or " past the end of the file" not in said or b"1 of them black" not in p.stdout or \
            not (bench.folder / "short.vtt").exists():
        yield str(p)
    p = bench.run("sprite", "short.mp4", "-o", "many.jpg")
    if p.returncode != 1 or p.stderr.count(b"\n") != 1:
        yield f"a line each: {p}"
    p = bench.run("frames", "short.mp4", "--index", "70", "-o", "none/")
    if p.returncode != 1 or (bench.folder / "none").exists():
        yield f"nothing to write: {p}"


def test_signals(bench):
    """a signal ends it as it ends others, and leaves nothing"""
    many = ",".join(str(i % 75) for i in range(4000))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        out = bench.folder / "halted"
        out.mkdir(exist_ok=True)
        for argv in (["--as", "png", "-o", "halted/"], ["--as", "npy", "-o", "halted/a.npy"]):
            p = subprocess.Popen([bench.reel, "frames", bench.film("plain").path, "--index", many, *argv],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=bench.folder)
            while p.poll() is None and not any(out.iterdir()):
                time.sleep(0.001)
            time.sleep(0.05)
            p.send_signal(number)
            said = p.communicate(timeout=WAIT)[1]
            if p.returncode != -number or said or any(out.iterdir()):
                yield f"{argv}: {p.returncode}, {said}, {list(out.iterdir())}"
                shutil.rmtree(out)
                out.mkdir()


def test_full_disk(bench):
    """a full disk is said once, and what does not fit on it is not left there"""
    film = bench.film("plain")
    p = bench.run("frames", film.path, "--every", "0.1", "--as", "raw", "-o", "/dev/full")
    if p.returncode != 1 or p.stderr != b"reel: /dev/full: No space left on device\n":
        yield str(p)
    script = 'mkdir -p small && mount -t tmpfs -o size=300k none small && "$0" frames "$1" --every 0.1 -o small/; ' \
        'echo "$?"; ls -A small'
    p = subprocess.run(["unshare", "-rm", "sh", "-c", script, bench.reel, film.path], capture_output=True, timeout=WAIT,
                       cwd=bench.folder)
    mounted = p.returncode == 0  # not everybody may
    if mounted and (p.stdout.split() != [b"1"] or p.stderr.count(b"\n") != 1 or b"No space left" not in p.stderr):
        yield f"a folder on a full disk: {p}"


def most_memory(bench, *argv):
    """KiB that the command had at its most, and what it gave."""
    p = subprocess.Popen([bench.reel, "frames", *argv, "-o", "/dev/null"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=bench.folder)
    said = p.stderr.read()
    p.stderr.close()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss, p.returncode, said


def test_memory(bench):
    """frames wait for their turn within 256 MiB, also where one side of the size is open or the tables lie about it"""
    film = bench.film("plain")
    bench.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=0.2", "-c:v", "libx264", "-preset", "ultrafast", "-g", "1",
                 "large.mp4")
    data = bytearray((bench.folder / "large.mp4").read_bytes())
    at = data.index(b"avc1", data.index(b"stsd")) + 28
    if data[at:at + 4] != struct.pack(">HH", 1280, 720):
        yield "no sample description where it is thought to be"
    data[at:at + 4] = struct.pack(">HH", 16, 16)
    (bench.folder / "lies.mp4").write_bytes(data)
    many = ",".join(["0", "1", "2"] * 110)  # 912 MB
    for argv in ((film.path, "--every", "0.04", "--size", "3000x"), ("lies.mp4", "--index", many)):
        kib, code, said = most_memory(bench, *argv, "-j", "2", "--as", "raw", "--pix", "rgb24")
        if code or said or kib > 700 * 1024:
            yield f"{argv[:4]}: {kib} KiB, {code}, {said}"


def test_damaged(bench):
    """pictures that were decoded with errors are written, counted, and the status is 1"""
    data = bytearray((bench.folder / bench.film("plain").path).read_bytes())
    begin = data.index(b"mdat") + 4
    for at in range(begin + 3000, len(data) - 8000, 2500):
        data[at:at + 40] = bytes(b ^ 0x5A for b in data[at:at + 40])
    (bench.folder / "damaged.mp4").write_bytes(data)
    p = bench.run("frames", "damaged.mp4", "--every", "0.04", "--as", "jpg", "-o", "damaged/", "-f", "json")
    report = json.loads(p.stdout)
    words = f"{report.get('damaged')} of {report['written']} pictures came out damaged"
    if p.returncode != 1 or not report.get("damaged") or words not in p.stderr.decode():
        yield f"{p.returncode}, {report.get('damaged')}, {p.stderr.decode()}"
    p = bench.run("sprite", "damaged.mp4", "-o", "damaged.jpg", "-f", "json")
    if p.returncode != 1 or not json.loads(p.stdout).get("damaged") or b"came out damaged" not in p.stderr:
        yield str(p)
    p = bench.run("frames", bench.film("plain").path, "--index", "3", "-o", "good.png", "-f", "json")
    if p.returncode or json.loads(p.stdout).get("damaged") != 0:
        yield str(p)


def test_size_limit(bench):
    """a file that may not grow further is an error as a full disk is: said once, and nothing is left or claimed"""
    film = bench.film("plain")
    out = bench.folder / "limited"
    out.mkdir()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    for argv in (["frames", film.path, "--every", "0.1", "-o", "limited/"],
                 ["frames", film.path, "--every", "0.1", "-o", "limited/x.y4m"],
                 ["sprite", film.path, "-o", "limited/x.png"], ["cut", film.path, "--from", "1", "-o", "limited/x.mp4"]):
        p = bench.run(*argv, preexec_fn=limit)
        if p.returncode != 1 or p.stdout or p.stderr.count(b"\n") != 1 or b"File too large" not in p.stderr or any(out.iterdir()):
            yield f"{argv}: {p}, {list(out.iterdir())}"


def test_words(bench):
    """blanks and ranges in lists, names in capitals; a report of raw tells the colours, one of y4m what it lost"""
    film = bench.film("plain")
    if bench.frames(film, "--index", "3-5, 0 ,9", "--as", "raw") != b"".join(film.frames[i] for i in (3, 4, 5, 0, 9)):
        yield "--index 3-5, 0 ,9"
    if bench.frames(film, "--at", "1, 2", "--as", "raw") != film.frames[25] + film.frames[50]:
        yield "--at '1, 2'"
    p = bench.run("frames", film.path, "--index", "3", "-o", "a.PNG")
    if p.returncode or not (bench.folder / "a.PNG").read_bytes().startswith(b"\x89PNG"):
        yield str(p)
    p = bench.run("frames", bench.film("hd").path, "--index", "3", "-o", "a.raw")
    if b"yuv420p, BT.709, limited range, as raw" not in p.stdout:
        yield str(p)
    report = json.loads(bench.run("frames", bench.film("full").path, "--index", "3", "-o", "a.raw", "-f", "json").stdout)
    if report.get("full_range") is not True or report.get("matrix") != 5:
        yield str(report)
    p = bench.run("frames", bench.film("ten").path, "--index", "3", "-o", "a.y4m")
    if p.returncode or b"pictures of 10 bits, and y4m of 8" not in p.stderr or p.stderr.count(b"\n") != 1:
        yield str(p)


def test_mixed(bench):
    """pictures of two sizes do not go into one file of planes without a word"""
    parts = []
    for size in ("320x180", "160x90"):
        bench.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=1", *KINDS["plain"].split(), "-bf", "0", f"{size}.h264")
        parts.append((bench.folder / f"{size}.h264").read_bytes())
    (bench.folder / "mixed.h264").write_bytes(b"".join(parts))  # the second brings its parameter sets along
    bench.ffmpeg("-r", "25", "-i", "mixed.h264", "-c", "copy", "mixed.mp4")
    p = bench.run("frames", "mixed.mp4", "--index", "0,30", "-o", "mixed.raw")
    if p.returncode != 1 or b"160x90 yuv420p among those of 320x180 yuv420p: give --size" not in p.stderr:
        yield str(p)
    p = bench.run("frames", "mixed.mp4", "--index", "0,30", "--as", "raw", "-o", "mixed/")
    if p.returncode or sorted(f.stat().st_size for f in (bench.folder / "mixed").iterdir()) != [21600, 86400]:
        yield str(p)


def test_progress(bench):
    """on a terminal there is a bar, whatever else goes there"""
    ours, theirs = pty.openpty()
    many = ",".join(str(i % 75) for i in range(600))
    p = subprocess.Popen([bench.reel, "frames", bench.film("plain").path, "--index", many, "--size", "1280x", "-j", "1", "-o", "bar/"],
                         stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, cwd=bench.folder)
    os.close(theirs)
    seen, until = b"", time.monotonic() + WAIT
    while b"%" not in seen and time.monotonic() < until:
        try:
            seen += os.read(ours, 4096)
        except OSError:
            break
    p.terminate()
    p.wait(WAIT)
    os.close(ours)
    if not re.search(rb"\r\[[# ]{40}\] +\d+%", seen):
        yield f"{p.returncode}: {seen!r}"


def check(number, name, wrong):
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    for line in wrong:
        print("\n".join(f"# {s}" for s in str(line).splitlines() or [""]))
    sys.stdout.flush()
    return bool(wrong)


def wrong_of(test, bench):
    try:
        return list(test(bench) or [])
    except (AssertionError, RuntimeError, subprocess.SubprocessError, ValueError, KeyError, IndexError) as e:
        return [f"{type(e).__name__}: {e}"]


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--reel", required=True)
    ap.add_argument("--only", default="", help="only the tests that have this in their name")
    a = ap.parse_args()
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        print("1..0 # SKIP no ffmpeg")
        return 0
    tests = [f for name, f in globals().items() if name.startswith("test_") and a.only in name]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(pathlib.Path(folder), os.path.abspath(a.reel))
        for number, test in enumerate(tests, 1):
            bad += check(number, test.__doc__, wrong_of(test, bench))
    print(f"1..{len(tests)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
