#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""origin.py --reel COMMAND [--only TEXT] [--preload LIBRARY]: `reel serve` as its clients see it. Prints TAP.

A folder of small films, a server of its own on a free port, Python's http.client. What a request may ask, what it must
not, and what happens when films and processes go away in the middle. For a module that is built with a sanitizer, --preload
puts its runtime in front of nginx: --preload $(gcc -print-file-name=libasan.so).
"""
import argparse
import email
import gzip
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
WAIT = 30
VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=20"]
SOUND = ["-f", "lavfi", "-i", "sine=440:d=20"]
CODE = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac"]
CUES = "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n"


def environment(**more):
    """Of nginx, and of what starts it."""
    return os.environ | more | ({"LD_PRELOAD": Origin.preload} if Origin.preload else {})


class Origin:
    preload = mallocs = slowdisk = None

    def __init__(self, reel, folder, scratch, *more):
        self.reel, self.scratch = reel, scratch
        self.process = subprocess.Popen([reel, "serve", str(folder), "--port", "0", "--workers", "2", *more], text=True,
                                        stdout=subprocess.PIPE, stderr=open(scratch / "said", "a", encoding="utf-8"),
                                        env=environment(TMPDIR=str(scratch)))
        line = self.process.stdout.readline()
        m = re.match(r"http://127\.0\.0\.1:(\d+)/  serves ", line)
        if not m:
            raise SystemExit(f"Bail out! reel serve: {line}{self.said()}")
        self.port = int(m[1])

    def said(self):
        return (self.scratch / "said").read_text("utf-8", "replace")

    def master(self):
        """nginx listens before it has written its pid, and has written it before all its workers are there."""
        late = time.monotonic() + WAIT
        while time.monotonic() < late:
            text = next((f.read_text() for f in self.scratch.glob("reel-serve-*/nginx.pid")), "")
            if text.strip():
                return int(text)
            time.sleep(0.05)
        raise AssertionError("nginx has no pid")

    def workers(self, count=2):
        """Sooner or later there are so many."""
        pid, late = self.master(), time.monotonic() + WAIT / 10
        while True:
            found = [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            if len(found) >= count or time.monotonic() > late:
                return found
            time.sleep(0.05)

    def ask(self, path, method="GET", **headers):
        """(status, headers, body); headers as in if_none_match="..."."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        try:
            c.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                c.putheader(name.replace("_", "-"), value)
            c.endheaders()
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def get(self, path, **headers):
        status, _, body = self.ask(path, **headers)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body[:200]!r}")
        return body

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT)


class Bench:
    def __init__(self, reel, scratch):
        self.reel, self.scratch, self.films = reel, scratch, scratch / "films"
        (self.films / "sub").mkdir(parents=True)
        f = self.films
        self.ffmpeg(*VIDEO, *SOUND, *CODE, f / "one.mp4")
        self.ffmpeg("-i", f / "one.mp4", "-c", "copy", "-movflags", "+faststart", f / "fast.mp4")
        self.ffmpeg("-i", f / "one.mp4", "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof",
                    f / "frag.mp4")
        for height in (180, 360):
            self.ffmpeg("-i", f / "one.mp4", "-vf", f"scale=-2:{height}", *CODE, f / f"title-{height}p.mp4")
        shutil.copy(f / "one.mp4", f / "sub" / "Ein Film é #1.mp4")
        (f / "title.en.vtt").write_text(CUES)
        (f / "one.de.forced.vtt").write_text(CUES)
        (f / ".hidden.mp4").write_bytes(b"no")
        (f / "secret.txt").write_text("no")
        (f / "junk.mp4").write_bytes(b"junk")
        (f / "empty.mp4").write_bytes(b"")
        (scratch / "outside.mp4").write_bytes((f / "one.mp4").read_bytes())
        (f / "out.mp4").symlink_to(scratch / "outside.mp4")
        (f / "outdir").symlink_to("/etc")
        (f / "in.mp4").symlink_to("one.mp4")
        for path in f.rglob("*"):  # no film is a recording that still grows
            if not path.is_symlink():
                os.utime(path, (1700000000, 1700000000))
        time.sleep(3.1)  # nor young
        self.one = (f / "one.mp4").read_bytes()
        self.origin = Origin(reel, f, scratch)

    @staticmethod
    def ffmpeg(*args):
        subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *map(str, args)], check=True, stdin=subprocess.DEVNULL)

    def segments(self, playlist):
        base = playlist.rsplit("/", 1)[0]
        lines = self.origin.get(playlist).decode().splitlines()
        return [f"{base}/{line}" for line in lines if line and not line.startswith("#")]

    def has_thumbs(self):
        return self.origin.ask("/thumb/one.mp4/0.jpg")[0] != 501

    def has_playlists(self):
        return self.origin.ask("/hls/one.mp4/master.m3u8")[0] != 501

    def command(self, *args):
        return subprocess.run([self.reel, *args], cwd=self.films, capture_output=True, check=False)


def slices(size, n, seed):
    r = random.Random(seed)
    yield 0, 0
    yield 0, size - 1
    yield size - 1, size - 1
    for _ in range(n):
        a = r.randrange(size)
        yield a, min(size - 1, a + r.choice((0, 1, 100, 20000, size)))


def same_ranges(bench, path, whole):
    for a, z in slices(len(whole), 24, path):
        status, headers, body = bench.origin.ask(path, Range=f"bytes={a}-{z}")
        if status != 206 or body != whole[a:z + 1] or headers["Content-Range"] != f"bytes {a}-{z}/{len(whole)}":
            return f"{path} {a}-{z}: {status} {headers['Content-Range']} {len(body)} bytes"
    status, _, body = bench.origin.ask(path, Range="bytes=-7")
    return None if (status, body) == (206, whole[-7:]) else f"{path} -7: {status} {body!r}"


def test_file(bench):
    """a film comes byte by byte as it lies there, with its length, type, time and name"""
    for name in ("fast.mp4", "frag.mp4", "one.mp4?original", "junk.mp4", "in.mp4?original"):
        status, h, body = bench.origin.ask(f"/file/{name}")
        want = (bench.films / name.split("?")[0]).read_bytes()
        if status != 200 or body != want or h["Content-Type"] != "video/mp4" or h["Accept-Ranges"] != "bytes":
            return f"{name}: {status} {len(body)} {h.items()}"
        if h["Last-Modified"] != "Tue, 14 Nov 2023 22:13:20 GMT" or not re.fullmatch(r'"[0-9a-f-]+"', h["ETag"]):
            return f"{name}: {h['Last-Modified']} {h['ETag']}"
    return None


def test_endings(bench):
    """films are served and listed by what their names end in, with the type of that"""
    types = {"video/mp4": "mp4 m4v mp4v f4v cmfv ismv MP4", "video/quicktime": "mov qt", "video/3gpp": "3gp 3gpp",
             "video/3gpp2": "3g2 3gp2", "audio/mp4": "m4a m4b m4r f4a f4b cmfa isma"}
    folder = bench.films / "endings"
    folder.mkdir()
    try:
        for i, ending in enumerate(e for all in types.values() for e in all.split()):
            shutil.copy(bench.films / "fast.mp4", folder / f"film{i}.{ending}")
        (folder / "film.txt").write_text("no")
        listed = json.loads(bench.origin.get("/list/endings/"))["titles"]
        for t in listed:
            ending = t["path"].rsplit(".", 1)[1]
            type_ = bench.origin.ask(f"/file/{t['path']}", "HEAD")[1]["Content-Type"]
            if ending not in types.get(type_, "").split():
                return f"{t['path']}: {type_}"
            if bench.has_playlists():
                bench.origin.get(f"/hls/{t['path']}/master.m3u8")
        count = sum(len(all.split()) for all in types.values())
        return None if len(listed) == count else f"{len(listed)} of {count} are listed"
    finally:
        shutil.rmtree(folder)


def test_ranges(bench):
    """any range of a file, of a view and of a segment is that slice of the whole"""
    paths = ["/file/one.mp4?original", "/file/one.mp4", "/hls/one.mp4/t1/0.m4s", "/hls/one.mp4/mux/0.m4s",
             "/hls/one.mp4/t1/init.mp4"]
    for path in paths:
        wrong = same_ranges(bench, path, bench.origin.get(path))
        if wrong:
            return wrong
    return None


def test_several_ranges(bench):
    """several ranges of a file at once come as parts; of a view the whole comes"""
    status, h, body = bench.origin.ask("/file/one.mp4?original", Range="bytes=0-9,100-199,-5")
    m = email.message_from_bytes(b"Content-Type: " + h["Content-Type"].encode() + b"\r\n\r\n" + body)
    want = [bench.one[:10], bench.one[100:200], bench.one[-5:]]
    if status != 206 or not m.is_multipart() or len(m.get_payload()) != 3:
        return f"{status} {h['Content-Type']}"
    at = 0
    for part in want:
        at = body.find(part, at)
        if at < 0:
            return "a part is not there"
    path = "/hls/one.mp4/mux/0.m4s"
    status, _, body = bench.origin.ask(path, Range="bytes=0-9,100-109")
    return None if status == 200 and body == bench.origin.get(path) else f"{path}: {status}"


def test_impossible_range(bench):
    """a range behind the end is 416 and says how long the film is"""
    status, h, _ = bench.origin.ask("/file/fast.mp4", Range="bytes=99999999-")
    size = (bench.films / "fast.mp4").stat().st_size
    return None if status == 416 and h["Content-Range"] == f"bytes */{size}" else f"{status} {h['Content-Range']}"


def test_head(bench):
    """HEAD says what GET would, and nothing more"""
    thumbs = ["/thumb/one.mp4/3.jpg", "/thumb/one.mp4/storyboard.vtt"] if bench.has_thumbs() else []
    for path in ["/file/one.mp4", "/hls/one.mp4/t1/0.m4s", "/hls/one.mp4/mux/init.mp4", "/info/one.mp4", "/list/", *thumbs]:
        s, g, _ = bench.origin.ask(path)
        status, h, body = bench.origin.ask(path, method="HEAD")
        for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified"):
            if g[name] != h[name]:
                return f"{path}: {name}: {g[name]}, {h[name]}"
        if (s, status, body) != (200, 200, b""):
            return f"{path}: {s} {status} {len(body)}"
    return None


def test_conditions(bench):
    """If-None-Match, If-Modified-Since and If-Range"""
    thumbs = ["/thumb/one.mp4/4.jpg", "/thumb/one.mp4/poster.jpg", "/thumb/one.mp4/storyboard-0.jpg"] if bench.has_thumbs() else []
    for path in ["/file/one.mp4", "/hls/one.mp4/t1/0.m4s", "/hls/one.mp4/t1/init.mp4", "/info/one.mp4", *thumbs]:
        _, h, whole = bench.origin.ask(path)
        for condition in ({"If_None_Match": h["ETag"]}, {"If_Modified_Since": h["Last-Modified"]}):
            status, _, body = bench.origin.ask(path, **condition)
            if (status, body) != (304, b""):
                return f"{path} {condition}: {status}"
        if bench.origin.ask(path, If_None_Match='"other"')[0] != 200:
            return f"{path}: 200 is wanted for another name"
        status, _, body = bench.origin.ask(path, Range="bytes=5-9", If_Range=h["ETag"])
        if (status, body) != (206, whole[5:10]):
            return f"{path}: If-Range: {status}"
        if bench.origin.ask(path, Range="bytes=5-9", If_Range='"other"')[0] != 200:
            return f"{path}: If-Range of another file: 200 is wanted"
    return None


def test_faststart(bench):
    """a film whose moov is last comes with moov in front, the same as the command writes"""
    status, _, view = bench.origin.ask("/file/one.mp4")
    if status == 501:
        return "SKIP not built yet"
    to = bench.scratch / "faststart.mp4"
    p = bench.command("faststart", "one.mp4", "-o", str(to))
    if p.returncode == 0 and to.read_bytes() != view:
        return "the view is not what reel faststart writes"
    if view.find(b"moov") > view.find(b"mdat") or status != 200:
        return f"{status}: moov is not in front"
    to.write_bytes(view)
    sums = [subprocess.run(["ffmpeg", "-v", "error", "-i", f, "-c", "copy", "-f", "md5", "-"], capture_output=True,
                           check=True).stdout for f in (to, bench.films / "one.mp4")]
    return None if sums[0] == sums[1] else "its samples are others"


def test_clip(bench):
    """a clip is a film of its own, as long as was asked for"""
    status, _, clip = bench.origin.ask("/file/one.mp4?start=3.5&end=9")
    if status == 501:
        return "SKIP not built yet"
    to = bench.scratch / "clip.mp4"
    to.write_bytes(clip)
    said = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", to],
                          capture_output=True, text=True, check=True).stdout
    if status != 200 or abs(float(said) - 5.5) > 0.1:
        return f"{status}: {said} seconds"
    bad = ("start=9&end=3", "start=-1", "start=1e9", "start=", "start=99999999999999999999", "end=0", "start=1&original")
    for args in bad:
        if bench.origin.ask(f"/file/one.mp4?{args}")[0] != 400:
            return f"{args}: 400 is wanted"
    return None if bench.origin.ask("/file/one.mp4?start=100")[0] == 404 else "behind the end: 404 is wanted"


def test_queries(bench):
    """words of others in a query change nothing; our own have to be right, or it is 400 and says why"""
    for path, same in (("/file/fast.mp4?strat=3&utm_source=x", "/file/fast.mp4"), ("/file/one.mp4?token=a%20b&original&", "/file/one.mp4?original"),
                       ("/file/one.mp4?original=1", "/file/one.mp4?original"), ("/file/one.mp4?original=", "/file/one.mp4?original"),
                       ("/file/one.mp4?restart=1&start=3&end=5&xstart=9&&=", "/file/one.mp4?start=3&end=5"),
                       ("/file/one.mp4?Start=3&END=5", "/file/one.mp4?start=3&end=5"), ("/file/fast.mp4?originals&start_=1&", "/file/fast.mp4"),
                       ("/info/one.mp4?v=3&chart", "/info/one.mp4?chart"), ("/info/one.mp4?charts", "/info/one.mp4"),
                       ("/hls/one.mp4/t1/0.m4s?start=7", "/hls/one.mp4/t1/0.m4s")):
        if bench.origin.get(path) != bench.origin.get(same):
            return f"{path} is not {same}"
    for query in ("start", "start&end=5", "start=", "start=1&start=2", "start=1&start=1", "end=5&END=6", "start=+1", "start=1e3", "start=%31",
                  "start=0x1", "start=1.", "start=.5", "start=1.0000000000", "start=01", "start=nan", "start=inf", "start=1,5", "start=1;end=2",
                  "start=1=2", "original=no", "original=0", "original&original", "original&start=", "end=0", "start=5&end=5"):
        status, _, body = bench.origin.ask(f"/file/one.mp4?{query}")
        if status != 400 or body.count(b"\n") != 1 or len(body) < 10:
            return f"{query}: {status} {body[:200]!r}"
    for query in ("boxes&doctor", "chart=no", "chart&chart", "doctor=0"):
        status, _, body = bench.origin.ask(f"/info/one.mp4?{query}")
        if status != 400 or body.count(b"\n") != 1:
            return f"{query}: {status} {body[:200]!r}"
    return None


def test_list(bench):
    """the library: folders, titles, renditions as one, subtitle files; nothing hidden, no link that leads out"""
    top = json.loads(bench.origin.get("/list/"))
    titles = {t["path"]: t for t in top["titles"]}
    if [f["path"] for f in top["folders"]] != ["sub/"] or top["path"]:
        return f"folders: {top['folders']}"
    want = {"empty.mp4", "fast.mp4", "frag.mp4", "in.mp4", "junk.mp4", "one.mp4", "title-360p.mp4"}
    if set(titles) != want:
        return f"titles: {sorted(titles)}"
    best = titles["title-360p.mp4"]
    if best["name"] != "title" or sorted(best["renditions"]) != ["title-180p.mp4", "title-360p.mp4"]:
        return f"{best}"
    if best["sidecars"] != [{"uri": "sub/title.en.vtt/index.m3u8", "language": "en", "name": "en"}]:
        return f"{best['sidecars']}"
    if titles["one.mp4"]["size"] != len(bench.one) or titles["one.mp4"]["modified"] != 1700000000:
        return f"{titles['one.mp4']}"
    sub = json.loads(bench.origin.get("/list/sub/"))
    if [t["path"] for t in sub["titles"]] != ["sub/Ein Film é #1.mp4"] or sub["path"] != "sub/":
        return f"{sub}"
    return None if bench.origin.ask("/list/outdir/")[0] == 404 else "a folder outside is listed"


def test_title_file(bench):
    """TITLE.reel.json says what is one title; a broken one is as if it were not there"""
    file = bench.films / "both.reel.json"
    try:
        file.write_text('{"name": "Both \\"of\\" them", "renditions": ["one.mp4", "fast.mp4"]}')
        titles = {t["name"]: t for t in json.loads(bench.origin.get("/list/"))["titles"]}
        if sorted(titles['Both "of" them']["renditions"]) != ["fast.mp4", "one.mp4"]:
            return f"{titles}"
        for text in ("", "{", '{"renditions": [1]}', "[" * 60000, '{"renditions": ["one.mp4", "fast.mp4"'):
            file.write_text(text)
            names = {t["name"] for t in json.loads(bench.origin.get("/list/"))["titles"]}
            if not {"one", "fast"} <= names:
                return f"{text[:40]}: {names}"
    finally:
        file.unlink()
    return None


def test_info(bench):
    """what the command says of a film, word by word; and a chart whose sums are the film's"""
    for name in ("one.mp4", "frag.mp4"):
        for query, command in (("", "info"), ("?boxes", "boxes"), ("?doctor", "doctor")):
            want = bench.command(command, "--format", "json", name).stdout
            if bench.origin.get(f"/info/{name}{query}") != want:
                return f"{name}{query}"
        info = {t["id"]: t for t in json.loads(bench.origin.get(f"/info/{name}"))["tracks"]}
        for t in json.loads(bench.origin.get(f"/info/{name}?chart"))["tracks"]:
            sums = [sum(g[k] for g in t["gops"]) for k in ("bytes", "frames")]
            if sums != [info[t["id"]]["sample_bytes"], info[t["id"]]["samples"]] or len(t["gops"]) > 4000:
                return f"{name}: {sums}"
    status, h, body = bench.origin.ask("/info/junk.mp4")
    return None if status == 415 and h["Content-Type"].startswith("text/plain") else f"junk: {status} {body!r}"


def test_metrics(bench):
    """counters grow by what was asked"""
    def figures():
        text = bench.origin.get("/metrics").decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^(reel_\S+) (\S+)$", text, re.M)}
    before = figures()
    for _ in range(3):
        bench.origin.get("/hls/one.mp4/t1/init.mp4")
    bench.origin.get("/file/fast.mp4")
    bench.origin.ask("/file/nothing.mp4")
    after = figures()
    grown = {k: v - before.get(k, 0) for k, v in after.items()}
    ok = (grown['reel_requests_total{kind="init"}'] == 3 and grown['reel_requests_total{kind="file"}'] == 2
          and grown["reel_cache_hits_total"] >= 2 and grown['reel_errors_total{status="404"}'] == 1
          and grown["reel_sent_bytes_total"] > (bench.films / "fast.mp4").stat().st_size
          and after["reel_open_movies"] >= 1 and after['reel_plan_seconds_bucket{le="+Inf"}'] > 0)
    return None if ok else f"{grown}"


def test_hell(bench):
    """requests from hell get 4xx and a line of text, and the server lives"""
    bad = ["/file/../../etc/passwd", "/file/..%2f..%2fetc%2fpasswd", "/file/sub%2fx.mp4", "/file/%2e%2e/%2e%2e/etc/passwd",
           "/file/.hidden.mp4", "/info/.hidden.mp4", "/list/.git/", "/file/sub/../.hidden.mp4", "/file/secret.txt",
           "/file/out.mp4", "/hls/out.mp4/t1/init.mp4", "/file/outdir/passwd", "/file/", "/hls/", "/hls/master.m3u8", "/file",
           "/file/one.mp4/", "/hls/one.mp4/", "/hls/one.mp4", "/hls/one.mp4/t0/init.mp4", "/hls/one.mp4/t01/init.mp4",
           "/hls/one.mp4/t4294967296/init.mp4", "/hls/one.mp4/t99999999999999999999/init.mp4", "/hls/one.mp4/t-1/init.mp4",
           "/hls/one.mp4/t77/init.mp4", "/hls/one.mp4/t1/1.m4s", "/hls/one.mp4/t1/-0.m4s", "/hls/one.mp4/t1/00.m4s",
           "/hls/one.mp4/t1/9223372036854775807.m4s", "/hls/one.mp4/t1/9223372036854775808.m4s",
           "/hls/one.mp4/t1/-9223372036854775808.m4s", "/hls/one.mp4/t1/-9223372036854775807.m4s",
           "/hls/one.mp4/t1/i9223372036854775807.m4s", "/hls/one.mp4/t1/i-9223372036854775807.m4s", "/hls/one.mp4/t1/i1.m4s",
           "/hls/one.mp4/t1/.m4s", "/hls/one.mp4/t1/i.m4s", "/hls/one.mp4/t1/1e3.m4s", "/hls/one.mp4/t1/0x0.m4s",
           "/hls/one.mp4/mux/i0.m4s", "/hls/one.mp4/mux/0.vtt", "/hls/one.mp4/t1/x", "/hls/one.mp4/sub/secret.txt/file.vtt",
           "/hls/one.mp4/sub/..%2f..%2fx.vtt/file.vtt", "/hls/one.mp4/sub/title.en.vtt/file.vtt",
           "/hls/one.mp4/sub/.x.vtt/file.vtt", "/file/" + "a" * 300 + ".mp4", "/file/" + "a/" * 1500 + "x.mp4",
           "/file/%01.mp4", "/file/a%0ab.mp4", "/file/%ff%fe.mp4", "/file/nothing.mp4", "/list/nothing/", "/list/one.mp4/",
           "/metrics/x", "/info/one.mp4/x", "/file/sub", "/file/a%00.mp4", "/hls//t1/init.mp4"]
    for path in bad:
        status, h, body = bench.origin.ask(path)
        if not 400 <= status < 500:
            return f"{path[:60]}: {status} {body[:80]!r}"
        ours = h["Content-Type"].startswith("text/plain")
        if ours and (body.count(b"\n") != 1 or not body.endswith(b"\n")):
            return f"{path[:60]}: {body!r}"
    for method in ("POST", "PUT", "DELETE"):
        status, h, _ = bench.origin.ask("/file/one.mp4", method=method, Content_Length="0")
        if status != 405 or h["Allow"] != "GET, HEAD":
            return f"{method}: {status}"
    return None if bench.origin.get("/file/fast.mp4") else "it is dead"


def test_links(bench):
    """a link leads to what could be asked for by its own name, and nowhere else; what is no file is not served"""
    folder = bench.scratch / "links"
    (folder / ".kept").mkdir(parents=True)
    (folder / "sub" / ".deep").mkdir(parents=True)
    for place in (".kept", "sub", "sub/.deep"):
        shutil.copy(bench.films / "one.mp4", folder / place / "a.mp4")
    shutil.copy(bench.films / "one.mp4", folder / ".b.mp4")
    (folder / ".kept" / "c.vtt").write_text(CUES)
    for name, to in (("film.mp4", "sub/a.mp4"), ("absolute.mp4", folder / "sub" / "a.mp4"), ("chain.mp4", "film.mp4"),
                     ("folder", "sub"), ("top", "."), ("hidden.mp4", ".b.mp4"), ("kept.mp4", ".kept/a.mp4"), ("kept", ".kept"),
                     ("deep.mp4", "sub/.deep/a.mp4"), ("twice.mp4", "hidden.mp4"), ("round.mp4", "round.mp4"),
                     ("film.en.vtt", ".kept/c.vtt"), ("proc.mp4", "/proc/self/exe")):
        (folder / name).symlink_to(to)
    os.mkfifo(folder / "pipe.mp4")
    os.mkfifo(folder / "film.de.vtt")
    (folder / "film.fr.vtt").mkdir()
    origin = Origin(bench.reel, folder, bench.scratch)
    try:
        for path in ("film.mp4", "absolute.mp4", "chain.mp4", "folder/a.mp4", "top/sub/a.mp4", "top/top/film.mp4"):
            if origin.get(f"/file/{path}?original") != bench.one:
                return path
        for path in ("/file/hidden.mp4", "/file/kept.mp4", "/file/kept/a.mp4", "/file/deep.mp4", "/file/twice.mp4", "/list/kept/",
                     "/file/round.mp4", "/file/proc.mp4", "/file/pipe.mp4", "/hls/pipe.mp4/master.m3u8", "/file/sub",
                     "/file/top/hidden.mp4") + tuple(
                         f"/hls/film.mp4/sub/film.{n}.vtt/{leaf}" for n in ("en", "de", "fr") for leaf in ("index.m3u8", "file.vtt")):
            status, _, body = origin.ask(path)
            if status != 404 or body.count(b"\n") != 1:
                return f"{path}: {status} {body[:200]!r}"
        top = json.loads(origin.get("/list/"))
        titles, folders = [t["path"] for t in top["titles"]], [f["path"] for f in top["folders"]]
        if titles != ["absolute.mp4", "chain.mp4", "film.mp4"] or folders != ["film.fr.vtt/", "folder/", "sub/", "top/"]:
            return f"{titles} {folders}"
        master = origin.get("/hls/film.mp4/master.m3u8")
        return None if b"TYPE=SUBTITLES" not in master else f"{master}"
    finally:
        origin.close()


def test_renditions(bench):
    """the playlist of one film of a title names the others; subtitle files are in it; all of it plays"""
    if not bench.has_playlists():
        return "SKIP not built yet"
    text = bench.origin.get("/hls/title-360p.mp4/master.m3u8").decode()
    if "\n../title-180p.mp4/t1/index.m3u8" not in text or "\nt1/index.m3u8" not in text:
        return text
    if 'LANGUAGE="en"' not in text or 'URI="sub/title.en.vtt/index.m3u8"' not in text:
        return text
    for url in ("hls/title-360p.mp4/master.m3u8", "dash/one.mp4/manifest.mpd"):
        p = subprocess.run(["ffmpeg", "-v", "error", "-i", f"http://127.0.0.1:{bench.origin.port}/{url}", "-f", "null", "-"],
                           capture_output=True, text=True, check=False, timeout=WAIT)
        if p.returncode or p.stderr:
            return f"{url}: {p.stderr}"
    cues = bench.origin.get("/hls/title-360p.mp4/sub/title.en.vtt/file.vtt").decode()
    return None if cues.startswith("WEBVTT") and "hello" in cues else cues


def test_same_bytes(bench):
    """HLS and DASH name the same bytes; asked again they are the same; a segment has one name"""
    for leaf in ("t1/init.mp4", "t1/0.m4s", "mux/0.m4s"):
        both = [bench.origin.get(f"/{view}/one.mp4/{leaf}") for view in ("hls", "dash", "hls")]
        if len(set(both)) != 1:
            return leaf
    return None


def test_cross_origin(bench):
    """pages of other origins may play, and may ask before they do"""
    for path in ("/file/fast.mp4", "/hls/one.mp4/t1/0.m4s", "/file/nothing.mp4"):
        _, h, _ = bench.origin.ask(path, Origin="https://example.org")
        if h.get_all("Access-Control-Allow-Origin") != ["*"]:
            return f"{path}: {h.items()}"
    status, h, body = bench.origin.ask("/file/fast.mp4", method="OPTIONS", Origin="https://example.org")
    ok = status == 204 and not body and "Range" in h["Access-Control-Allow-Headers"]
    return None if ok else f"OPTIONS: {status} {h.items()}"


def test_gzip(bench):
    """playlists and JSON are squeezed for who takes that, media is not"""
    paths = ["/info/one.mp4", "/list/"] + (["/hls/one.mp4/t1/index.m3u8"] if bench.has_playlists() else [])
    for path in paths:
        _, h, body = bench.origin.ask(path, Accept_Encoding="gzip")
        if h["Content-Encoding"] != "gzip" or gzip.decompress(body) != bench.origin.get(path):
            return f"{path}: {h['Content-Encoding']}"
    _, h, _ = bench.origin.ask("/hls/one.mp4/t1/0.m4s", Accept_Encoding="gzip")
    return None if h["Content-Encoding"] is None else "a segment is squeezed"


def slow_read(bench, path, meanwhile):
    """The body as far as it came, read in part, then the rest after meanwhile()."""
    with socket.create_connection(("127.0.0.1", bench.origin.port), timeout=WAIT) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        s.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        got = s.recv(4096)
        time.sleep(0.2)
        meanwhile()
        try:
            while more := s.recv(1 << 16):
                got += more
        except OSError:
            pass
    head, _, body = got.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_replaced(bench):
    """a film that is replaced or deleted while it is sent comes to its end as it was; then the new one is served"""
    film = bench.films / "moving.mp4"
    big = bench.one + os.urandom(24 << 20)
    for how in ("replaced", "deleted"):
        film.write_bytes(big)
        time.sleep(1.2)  # until it is looked at again
        new = bench.scratch / "new.mp4"
        shutil.copy(bench.films / "fast.mp4", new)
        change = (lambda: os.replace(new, film)) if how == "replaced" else film.unlink
        status, body = slow_read(bench, "/file/moving.mp4?original", change)
        if status != 200 or body != big:
            return f"{how}: {status}, {len(body)} of {len(big)} bytes"
        time.sleep(1.2)
        status, _, body = bench.origin.ask("/file/moving.mp4")
        if how == "replaced" and body != (bench.films / "fast.mp4").read_bytes():
            return "replaced: the new one is not served"
        if how == "deleted" and status != 404:
            return f"deleted: {status}"
    return None


def test_truncated(bench):
    """a film that gets shorter while it is sent ends the answer early, and nothing else"""
    film, big = bench.films / "short.mp4", bench.one + bytes(24 << 20)
    film.write_bytes(big)
    before = bench.origin.workers()
    status, body = slow_read(bench, "/file/short.mp4?original", lambda: os.truncate(film, 1 << 16))
    # Pages that sendfile has put into the socket are the file's own: what is cut off becomes zeros there too.
    if status != 200 or len(body) >= len(big) or body[:1 << 16] != big[:1 << 16]:
        return f"{status}, {len(body)} bytes"
    for path in ("/file/short.mp4", "/hls/short.mp4/t1/0.m4s", "/hls/short.mp4/mux/init.mp4", "/info/short.mp4"):
        try:
            bench.origin.ask(path)
        except http.client.HTTPException:  # it was not looked at again yet: an answer that ends early
            pass
    time.sleep(1.2)
    status = bench.origin.ask("/hls/short.mp4/t1/0.m4s")[0]
    film.unlink()
    if bench.origin.workers() != before:
        return "a worker died"
    return None if status >= 400 else f"a segment of what is gone: {status}"


def test_written_over(bench):
    """a film that is cut, or written over in its place, is told of at once: its new self or a reason, no half of each"""
    film, fast, other = bench.films / "over.mp4", (bench.films / "fast.mp4").read_bytes(), bench.films / "title-180p.mp4"
    film.write_bytes(fast)
    paths = [f"/hls/over.mp4/{leaf}" for leaf in ("master.m3u8", "t1/index.m3u8", "t1/0.m4s", "t1/76800.m4s", "mux/0.m4s",
                                                  "mux/init.mp4", "t1/i0.m4s")]
    paths += ["/file/over.mp4", "/file/over.mp4?original", "/file/over.mp4?start=2&end=9", "/info/over.mp4", "/dash/over.mp4/manifest.mpd"]
    try:
        for size in (len(fast) * 3 // 4, len(fast) // 3, 5000, 100, 0):
            film.write_bytes(fast)
            bench.origin.ask(paths[0])
            os.truncate(film, size)
            for path in paths:
                status, _, body = bench.origin.ask(path)
                if status not in (200, 404, 415, 422, 503) or (status != 200 and body.count(b"\n") != 1):
                    return f"{path}, {size} bytes: {status} {body[:200]!r}"
                if path.endswith("original") and body != fast[:size]:
                    return f"{size} bytes: {len(body)} came"
        for new in (other.read_bytes(), fast):
            film.write_bytes(new)
            reference = bench.films / ("fast.mp4" if new is fast else other.name)
            for path in paths[2:9]:
                if bench.origin.get(path) != bench.origin.get(path.replace("over.mp4", reference.name)):
                    return f"{path}: not the new film"
        big = fast + bytes(24 << 20)
        film.write_bytes(big)
        status, body = slow_read(bench, "/file/over.mp4?original", lambda: film.write_bytes(b"\1" * len(big)))
        return None if status == 200 and len(body) < len(big) else f"written over while it was sent: {status} {len(body)}"
    finally:
        film.unlink()


def test_written_over_in_a_tick(bench):
    """a film is written over twice between two ticks of the file's clock, or its time is set back: the last one is served"""
    film, names = bench.films / "tick.mp4", ("fast.mp4", "title-180p.mp4")
    bodies = [(bench.films / name).read_bytes() for name in names]
    size = max(map(len, bodies)) + 8
    bodies = [b + struct.pack(">I4s", size - len(b), b"free") + bytes(size - len(b) - 8) for b in bodies]
    leaves = ("t1/init.mp4", "t1/index.m3u8", "t1/0.m4s", "t2/index.m3u8")
    want = [[bench.origin.get(f"/hls/{name}/{leaf}") for leaf in leaves] for name in names]
    film.write_bytes(bodies[0])
    try:
        with open(film, "r+b", buffering=0) as f:
            for i in range(240):
                os.pwrite(f.fileno(), bodies[i % 2], 0)
                status, h, body = bench.origin.ask(f"/hls/tick.mp4/{leaves[i // 2 % 4]}")
                if (status, body) != (200, want[i % 2][i // 2 % 4]):
                    return f"{leaves[i // 2 % 4]} of {names[i % 2]}, {i}: {status}, {len(body)} bytes"
                if h["ETag"] or h["Last-Modified"] or h["Cache-Control"] != "no-store":
                    return f"young, and caches may keep it: {h.items()}"
            os.pwrite(f.fileno(), bodies[0], 0)
            time.sleep(3.1)
            told = bench.origin.ask("/hls/tick.mp4/t1/0.m4s")[1]
            if not told["ETag"] or told["Cache-Control"]:
                return f"old, and caches may not keep it: {told.items()}"
            at = os.stat(film).st_mtime_ns
            os.pwrite(f.fileno(), bodies[1], 0)
            os.utime(film, ns=(at, at))
            if bench.origin.get("/hls/tick.mp4/t1/0.m4s") != want[1][2]:
                return "its time was set back, and the old tables are used"
        return None
    finally:
        film.unlink()


def test_grows(bench):
    """a recording is live while it grows: new segments come, the end does not; later it is a film like others"""
    if not bench.has_playlists():
        return "SKIP not built yet"
    whole = (bench.films / "frag.mp4").read_bytes()
    starts = [m.start() - 4 for m in re.finditer(b"moof", whole)]
    index = whole.rfind(b"mfra") - 4  # with it a recording is at its end
    film = bench.films / "live.mp4"
    counts = []
    for end in (starts[len(starts) // 2], index if index > 0 else len(whole)):
        with open(film, "ab") as f:
            f.write(whole[f.tell():end])
        time.sleep(1.2)
        text = bench.origin.get("/hls/live.mp4/t1/index.m3u8").decode()
        counts.append(text.count(".m4s"))
        if "#EXT-X-ENDLIST" in text:
            return "it has an end already"
    os.utime(film, (1700000000, 1700000000))
    time.sleep(1.2)
    text = bench.origin.get("/hls/live.mp4/t1/index.m3u8").decode()
    counts.append(text.count(".m4s"))
    film.unlink()
    return None if counts[0] < counts[1] < counts[2] and "#EXT-X-ENDLIST" in text else f"{counts}"


def test_longer_recording(bench):
    """a recording that is written over by a longer one is another film, and not one that grew"""
    film = bench.films / "again.mp4"
    whole = (bench.films / "frag.mp4").read_bytes()
    starts = [m.start() - 4 for m in re.finditer(b"moof", whole)]
    new = bytearray(whole)
    for at in (m.start() + 8 for m in re.finditer(b"tfdt", whole)):  # all fragments ten seconds later, at the same places
        new[at:at + 8] = struct.pack(">Q", struct.unpack(">Q", whole[at:at + 8])[0] + 128000)
    film.write_bytes(whole[:starts[len(starts) // 2]])
    try:
        time.sleep(3.1)
        for _ in range(12):  # both workers have it
            bench.origin.get("/hls/again.mp4/t1/i0.m4s")
        with open(film, "r+b", buffering=0) as f:
            os.pwrite(f.fileno(), new, 0)
        time.sleep(1.2)
        answers = {bench.origin.ask("/hls/again.mp4/t1/i0.m4s")[0] for _ in range(12)}
        return None if answers == {404} else f"{answers}: its pictures begin at 10 s"
    finally:
        film.unlink()


class Load:
    """Threads that ask for segments, and compare, until told to stop."""

    def __init__(self, bench):
        self.origin, self.stop, self.done, self.broken, self.wrong = bench.origin, False, 0, 0, []
        self.want = {p: bench.origin.get(p) for p in ("/hls/one.mp4/t1/0.m4s", "/hls/frag.mp4/mux/init.mp4",
                                                      "/file/fast.mp4", "/info/one.mp4")}
        self.threads = [threading.Thread(target=self.run) for _ in range(4)]
        for t in self.threads:
            t.start()

    def run(self):
        while not self.stop:
            for path, want in self.want.items():
                try:
                    status, _, body = self.origin.ask(path)
                    self.done += 1
                    if status != 200 or body != want:
                        self.wrong.append(f"{path}: {status} {len(body)}")
                except (OSError, http.client.HTTPException):
                    self.broken += 1

    def wait_for(self, requests):
        """Until so many more were made; a machine may be slow."""
        goal, late = self.done + requests, time.monotonic() + WAIT
        while self.done < goal and time.monotonic() < late:
            time.sleep(0.1)

    def end(self):
        self.stop = True
        for t in self.threads:
            t.join(WAIT)


def beside(bench, name, library, **env):
    """Another origin for the same films, one worker, with a library in front of nginx."""
    scratch = bench.scratch / name
    scratch.mkdir()
    os.chmod(scratch, 0o777)
    Origin.preload, before = library, Origin.preload
    os.environ.update(env)
    try:
        return Origin(bench.reel, bench.films, scratch, "--workers", "1"), scratch
    finally:
        Origin.preload = before
        for key in env:
            del os.environ[key]


def test_mallocs(bench):
    """a segment takes memory from nginx's pools alone: nothing else allocates, ten requests or two hundred"""
    if not Origin.mallocs:
        return "SKIP --mallocs LIBRARY was not given"
    origin, _ = beside(bench, "mallocs", Origin.mallocs, REEL_MALLOCS=str(bench.scratch / "count"))
    try:
        file = bench.scratch / f"count.{origin.workers(1)[0]}"
        c = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=WAIT)
        names = [s for track in ("mux", "t1") for s in bench.segments(f"/hls/one.mp4/{track}/index.m3u8")]

        def ask(times):
            for n in range(2 * times):
                c.request("GET", names[n % len(names)])
                r = c.getresponse()
                if r.status != 200 or not r.read():
                    raise AssertionError(f"{r.status}")
            return struct.unpack("2Q", file.read_bytes())

        before, after = ask(10), ask(90)
        pools, others = after[0] - before[0], after[1] - before[1]
        return None if pools >= 180 and others == 0 else f"180 segments: {pools} by nginx, {others} by others"
    finally:
        origin.close()


def test_slow_disk(bench):
    """one slow disk: requests for films on others keep their pace"""
    if not Origin.slowdisk:
        return "SKIP --slowdisk LIBRARY was not given"
    origin, _ = beside(bench, "slow", Origin.slowdisk, REEL_SLOW=str((bench.films / "fast.mp4").resolve()))
    took = []

    def slow():
        start = time.monotonic()
        if origin.get("/hls/fast.mp4/t1/0.m4s"):
            took.append(time.monotonic() - start)

    try:
        origin.get("/hls/one.mp4/t1/0.m4s")
        threads = [threading.Thread(target=slow) for _ in range(4)]
        for t in threads:
            t.start()
        waits = []
        while any(t.is_alive() for t in threads):
            start = time.monotonic()
            origin.get("/hls/one.mp4/t1/0.m4s")
            waits.append(time.monotonic() - start)
        if len(took) != 4 or min(took) < 0.5:
            return f"the slow film is not slow: {took}"
        waits.sort()
        return None if len(waits) > 20 and waits[len(waits) * 9 // 10] < 0.25 else f"{len(waits)} requests, {waits[-5:]} s"
    finally:
        origin.close()


def test_reload(bench):
    """a reload under load loses no request"""
    load = Load(bench)
    for _ in range(3):
        time.sleep(0.4)
        os.kill(bench.origin.master(), signal.SIGHUP)
    load.wait_for(50)
    load.end()
    return None if not load.wrong and not load.broken and load.done > 50 else f"{load.done} {load.broken} {load.wrong[:3]}"


def test_killed_worker(bench):
    """a worker that is killed under load breaks its connections and nothing else"""
    load = Load(bench)
    for _ in range(4):
        time.sleep(0.4)
        os.kill(bench.origin.workers()[0], signal.SIGKILL)
    time.sleep(0.8)
    broken = load.broken
    time.sleep(0.4)
    load.end()
    if load.wrong or load.done < 50 or load.broken > broken:
        return f"{load.done} {load.broken} {load.wrong[:3]}"
    return None if len(bench.origin.workers()) == 2 and bench.origin.get("/metrics") else "a worker is missing"


def test_port_taken(bench):
    """a port that is taken is one line, exit status 1"""
    p = bench.command("serve", ".", "--port", str(bench.origin.port))
    ok = p.returncode == 1 and p.stderr.count(b"\n") == 1 and b"--port takes another" in p.stderr
    return None if ok else f"{p.returncode} {p.stderr!r}"


def test_bad_calls(bench):
    """folders that are none, addresses that are none"""
    for args, status in ((["nothing"], 1), (["one.mp4"], 1), ([".", "--port", "70000"], 2), ([".", "--listen", "x"], 2),
                         ([".", "sub"], 2), ([".", "--segment", "0"], 2), ([".", "--page", "nothing"], 1)):
        p = bench.command("serve", *args)
        if p.returncode != status or p.stderr.count(b"\n") != 1 or p.stdout:
            return f"{args}: {p.returncode} {p.stderr!r}"
    return None


def test_print_config(bench):
    """the configuration that it prints is one that nginx takes"""
    return printed_config_is_taken(bench, bench.command("serve", "--print-config").stdout.decode())


def test_print_config_of_odd_folders(bench):
    """folders whose names are syntax for nginx stand in it as they are; those that cannot be written are refused"""
    names = ('a b', 'a"b\\', "it's; {c} #d }", "é" * 100 + "/" + "x" * 250 + "/" + "y" * 250 + "/" + "z" * 250 + "/" + "w" * 250)
    for name in names:
        folder, page = (bench.scratch / "odd" / kind / name for kind in ("films", "page"))
        for path in (folder, page):
            path.mkdir(parents=True)
        (page / "index.html").write_text("the page")
        shutil.copy(bench.films / "fast.mp4", folder)
        p = bench.command("serve", "--print-config", "--page", str(page), str(folder))
        wrong = p.stderr.decode() or printed_config_is_taken(bench, p.stdout.decode(), "/odd/films/")
        if wrong:
            return f"{name[:20]}: {wrong}"
    for name in ("a$b", "a\nb", "a\tb", "a\x7fb"):
        folder = bench.scratch / "odd" / name
        folder.mkdir(parents=True)
        for args in ([str(folder)], ["--page", str(folder)]):
            p = bench.command("serve", "--print-config", *args)
            if p.returncode != 2 or p.stdout or p.stderr.count(b"\n") != 1 or b"cannot stand in a config" not in p.stderr:
                return f"{name!r}: {p.returncode} {p.stdout[:80]} {p.stderr}"
    link = bench.scratch / "odd" / "link"
    link.symlink_to("a$b")
    p = bench.command("serve", "--print-config", str(link))
    return None if p.returncode == 0 and f'root "{link}";' in p.stdout.decode() else f"{p.returncode} {p.stderr}"


def printed_config_is_taken(bench, text, films="/srv/films"):
    conf = bench.scratch / "print.conf"
    for a, b in (("ngx_http_reel_module.so\";", "ngx_http_reel_module.so\"; #"), ("/var/log/nginx", str(bench.scratch)),
                 ("/run/nginx.pid", str(bench.scratch / "print.pid")), (films, str(bench.films) if films == "/srv/films" else films),
                 ("listen 8080", "listen 127.0.0.1:1")):
        if a not in text:
            return f"{a} is not in it"
        text = text.replace(a, b)
    temp = "".join(f"{n}_temp_path {bench.scratch}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf.write_text(text.replace("http {", "http { " + temp))
    p = subprocess.run([shutil.which("nginx") or "/usr/sbin/nginx", "-t", "-c", str(conf), "-e", "stderr"],
                       capture_output=True, text=True, check=False,
                       env=environment())
    return None if "syntax is ok" in p.stderr else p.stderr


def named(origin, top):
    """What a playlist or manifest names, and what those name: path, status, body."""
    asked, left = set(), [top]
    while left:
        path = left.pop()
        if path in asked:
            continue
        asked.add(path)
        status, _, body = origin.ask(path)
        yield path, status, body
        base, text = path.rsplit("/", 1)[0], body.decode("latin-1") if status == 200 else ""
        if path.endswith(".m3u8"):
            words = re.findall(r'URI="((?!data:)[^"]+)"', text) + re.findall(r"^[^#\s].*", text, re.M)
        elif path.endswith(".mpd"):
            words = in_manifest(text)
        else:
            words = []
        left += [f"{base}/{w}" for w in words]


def in_manifest(text):
    """Every URL of a manifest as this origin writes it."""
    template = r"<BaseURL>([^<]+)</BaseURL>(?:\s*<SegmentTemplate ([^>]+)>([\s\S]*?)</SegmentTemplate>)?"
    for base, head, lines in re.findall(template, text):
        if not head:
            yield base
            continue
        yield base + "init.mp4"
        at = 0
        for t, d, r in re.findall(r'<S(?: t="(\d+)")? d="(\d+)"(?: r="(\d+)")?/>', lines):
            at = int(t or at)
            for _ in range(int(r or 0) + 1):
                yield base + re.search(r'media="([^"]+)"', head)[1].replace("$Time$", str(at))
                at += int(d)


def damaged(bench, folder):
    """Films cut short, and with numbers in their tables that are not true. The same ones each time."""
    r = random.Random(7)
    for name in ("fast", "frag"):
        whole = (bench.films / f"{name}.mp4").read_bytes()
        (folder / f"{name}-none.mp4").write_bytes(whole[:whole.find(b"mdat") + 4])
        for part in (40, 70, 95):
            (folder / f"{name}-cut{part}.mp4").write_bytes(whole[:len(whole) * part // 100])
        for kind in (b"stco", b"stsz", b"stts", b"stsc", b"stss") if name == "fast" else (b"trun", b"tfhd", b"tfdt"):
            at = [m.start() - 4 for m in re.finditer(kind, whole)]
            for n in range(8):
                film, box = bytearray(whole), r.choice(at)
                for _ in range(r.choice((1, 2, 8))):
                    k = box + 16 + 4 * r.randrange((struct.unpack(">I", whole[box:box + 4])[0] - 16) // 4)
                    v = r.choice((0, 1, 0x7fffffff, 0xffffffff, r.getrandbits(32), len(whole) // 2))
                    film[k:k + 4] = struct.pack(">I", v)
                (folder / f"{name}-{kind.decode()}{n}.mp4").write_bytes(film)
    for path in folder.iterdir():
        os.utime(path, (1700000000, 1700000000))


def test_damaged_films(bench):
    """of films cut short and films whose tables lie everything that a playlist or manifest names can be had, or it says why not"""
    folder = bench.scratch / "damaged"
    folder.mkdir()
    damaged(bench, folder)
    origin = Origin(bench.reel, folder, bench.scratch)
    playable = 0
    try:
        for film in sorted(p.name for p in folder.iterdir()):
            for top in (f"/hls/{film}/master.m3u8", f"/dash/{film}/manifest.mpd", f"/hls/{film}/mux/index.m3u8"):
                for path, status, body in named(origin, top):
                    if status != 200 and (path != top or status not in (404, 415, 422) or body.count(b"\n") != 1):
                        return f"{path}: {status} {body[:200]!r}"
                    playable += status == 200 and path == top
        counts = [origin.get(f"/hls/fast-cut{part}.mp4/t1/index.m3u8").count(b".m4s") for part in (40, 70, 95)]
        if not 0 < counts[0] < counts[1] <= counts[2] <= 4:
            return f"segments of films cut short: {counts}"
        status, _, body = origin.ask("/hls/fast-none.mp4/master.m3u8")
        if status != 422 or b"cut short" not in body:
            return f"nothing but tables: {status} {body!r}"
        return None if playable > 100 else f"only {playable} have a playlist"
    finally:
        origin.close()


def test_torn_and_young(bench):
    """of a film that was cut short and written just now all that is named can be had; what it says of its length is one thing"""
    whole = bench.scratch / "whole.mp4"
    bench.ffmpeg("-i", bench.films / "one.mp4", "-c", "copy", "-movflags", "empty_moov+default_base_moof", "-frag_duration", "12000000", whole)
    torn, cut = bench.films / "torn.mp4", bench.films / "cut.mp4"
    try:
        for part in (30, 50, 90):
            torn.write_bytes(whole.read_bytes()[:whole.stat().st_size * part // 100])
            for top in ("/hls/torn.mp4/master.m3u8", "/dash/torn.mp4/manifest.mpd", "/hls/torn.mp4/mux/index.m3u8"):
                for path, status, body in named(bench.origin, top):
                    if status != 200:
                        return f"{part} %: {path}: {status} {body[:200]!r}"
        text = bench.origin.get("/hls/torn.mp4/t1/index.m3u8").decode()
        if "ENDLIST" in text or ".m4s" not in text:
            return f"not live: {text}"
        cut.write_bytes((bench.films / "fast.mp4").read_bytes()[:bench.films.joinpath("fast.mp4").stat().st_size * 55 // 100])
        lengths = [sum(map(float, re.findall(r"#EXTINF:([0-9.]+)", bench.origin.get(f"/hls/cut.mp4/{leaf}").decode())))
                   for leaf in ("t1/index.m3u8", "t1/iframes.m3u8", "mux/index.m3u8")]
        info = json.loads(bench.origin.get("/info/cut.mp4"))["tracks"][0]
        lengths.append(info["presentation_in_file"] / info["timescale"])
        manifest = bench.origin.get("/dash/cut.mp4/manifest.mpd").decode()
        lengths.append(float(re.search(r'mediaPresentationDuration="PT(?:0H)?(?:0M)?([0-9.]+)S"', manifest)[1]))
        return None if 5 < lengths[0] < 15 and max(lengths) - min(lengths) < 0.1 else f"{lengths}"
    finally:
        torn.unlink()
        cut.unlink(missing_ok=True)


def ask_all(origin, name):
    """Everything of one film; the first three segments of each playlist."""
    for path in (f"/hls/{name}/master.m3u8", f"/dash/{name}/manifest.mpd", f"/info/{name}", f"/info/{name}?boxes",
                 f"/info/{name}?doctor", f"/info/{name}?chart", f"/file/{name}", f"/file/{name}?start=0.1&end=5",
                 f"/thumb/{name}/poster.jpg?w=64", f"/thumb/{name}/0.jpg", f"/thumb/{name}/1.5.jpg?key&w=64&h=500&fit=contain",
                 f"/thumb/{name}/0.1.jpg?h=1920", f"/thumb/{name}/storyboard.vtt", f"/thumb/{name}/storyboard-0.jpg"):
        yield path, origin.ask(path)
    for stream in ("mux", "t1", "t2"):
        for leaf in ("index.m3u8", "iframes.m3u8", "init.mp4"):
            path = f"/hls/{name}/{stream}/{leaf}"
            status, h, body = origin.ask(path)
            yield path, (status, h, body)
            lines = [line for line in body.decode("latin-1").splitlines() if line and not line.startswith("#")]
            for line in lines[:3] if status == 200 and leaf.endswith("m3u8") else []:
                path = f"/hls/{name}/{stream}/{line}"
                yield path, origin.ask(path)


def test_hostile_films(bench):
    """films that were made to break things get an answer for every question, and no worker dies of one"""
    folder = bench.scratch / "hostile"
    folder.mkdir()
    for n, path in enumerate(sorted((HERE.parent / "fuzz" / "regressions").iterdir())):
        shutil.copy(path, folder / f"{n}.mp4")
    scratch = bench.scratch / "hostile-serve"  # of its own: its workers are looked at
    scratch.mkdir()
    os.chmod(scratch, 0o777)
    origin = Origin(bench.reel, folder, scratch)
    try:
        before = origin.workers()
        for path in sorted(folder.iterdir()):
            for url, (status, _, body) in ask_all(origin, path.name):
                if status not in (200, 400, 404, 415, 422, *([501, 504] if url.startswith("/thumb") else [])) or (status != 200 and body.count(b"\n") != 1):
                    return f"{url}: {status} {body[:200]!r}"
        return None if origin.workers() == before else "a worker died"
    finally:
        origin.close()


CONF = """daemon off; pid {d}/own.pid; error_log {d}/own.log error; load_module {module}; worker_processes 1; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {d}/t1; proxy_temp_path {d}/t2; fastcgi_temp_path {d}/t3; uwsgi_temp_path {d}/t4;
    scgi_temp_path {d}/t5; reel_segment 2s;
    server {{
        listen 127.0.0.1:{port}; root {films};
        location / {{ reel; }}
        location /a/ {{ alias {films}/; reel; reel_threads off; reel_open_movies off; reel_subtitles off; }}
        location /b/ {{ reel on; reel_clip_limit 5s; reel_sendfile_min 1k; reel_zone own:256k; reel_open_movies 2 valid=0; reel_cross_origin on;
                       reel_live_timeout off; reel_segment 6s; }}
        location /b/metrics {{ reel; reel_zone own; }}
        location /slow/ {{ reel; limit_rate 400k; }}
        location /off/ {{ reel off; }}
        location /hls/ {{ reel; reel_zone small:64k; }}
    }}
    server {{
        listen 127.0.0.1:{tls} ssl http2; root {films}; ssl_certificate {d}/cert; ssl_certificate_key {d}/key;
        location / {{ reel; }}
    }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Own(Origin):
    """An nginx of its own with CONF."""

    def __init__(self, bench):  # pylint: disable=super-init-not-called
        self.port, self.tls, d = free_port(), free_port(), bench.scratch
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-keyout", d / "key", "-out", d / "cert"], check=True, capture_output=True)
        (d / "own.conf").write_text(CONF.format(d=d, port=self.port, tls=self.tls, films=bench.films,
                                                user="user root;" if os.geteuid() == 0 else "",
                                                module=next(d.glob("reel-serve-*/module.so")).resolve()))
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", d / "own.conf", "-e", "stderr"],
                                        env=environment())
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((d / "own.log").read_text())


def directives_differ(bench, own):
    clip = "/file/fast.mp4?start=1&end="
    wanted = [("/a/info/one.mp4", 200), ("/a/hls/one.mp4/t1/index.m3u8", 200), ("/a/file/out.mp4", 404), ("/a/list/sub/", 200),
              ("/a/hls/one.mp4/sub/one.de.forced.vtt/file.vtt", 404), ("/hls/one.mp4/sub/one.de.forced.vtt/file.vtt", 200),
              ("/b" + clip + "6", 200), ("/b" + clip + "6.1", 400), ("/b/file/fast.mp4?start=1", 400),
              ("/b/file/fast.mp4?start=16", 200), (clip + "19", 200), ("/metrics", 404), ("/b/metrics", 200),
              ("/off/file/one.mp4", 404), ("/slow/x", 404)]
    for path, status in wanted:
        got, _, body = own.ask(path)
        if got != status:
            return f"{path}: {got} {body[:200]!r}"
    counts = [own.get(f"{p}/hls/one.mp4/t1/index.m3u8").count(b".m4s") for p in ("", "/a", "/b")]
    if counts != [10, 10, 4]:
        return f"segments: {counts}"
    if own.ask("/a/file/one.mp4")[1]["Access-Control-Allow-Origin"] or not own.ask("/b/list/")[1]["Access-Control-Allow-Origin"]:
        return "reel_cross_origin"
    for n in range(200):  # more than a zone of 64k has room for
        if own.get(f"/hls/one.mp4/t1/{n % 10 * 25600}.m4s")[4:8] != b"styp" or not own.get("/hls/frag.mp4/t2/index.m3u8"):
            return "the small zone"
    start = time.monotonic()
    if own.get("/slow/file/fast.mp4") != (bench.films / "fast.mp4").read_bytes() or time.monotonic() - start < 2:
        return f"limit_rate: {time.monotonic() - start} seconds"
    return None


def test_directives(bench):
    """every directive does what it says, in locations of all kinds; TLS and HTTP/2 have the same bytes"""
    if not shutil.which("openssl"):
        return "SKIP openssl is not installed"
    own = Own(bench)
    try:
        wrong = directives_differ(bench, own)
        if wrong or not shutil.which("curl"):
            return wrong
        # several stretches of two megabytes: nginx keeps the last record of each back
        (bench.films / "big.mp4").write_bytes(bench.one + (5 << 20).to_bytes(4, "big") + b"free" + bytes((5 << 20) - 8))
        for path in ("/file/one.mp4", "/hls/one.mp4/mux/0.m4s", "/hls/one.mp4/t1/0.m4s", "/info/one.mp4", "/file/big.mp4?original"):
            for version in ("--http1.1", "--http2"):
                p = subprocess.run(["curl", "-sk", version, f"https://127.0.0.1:{own.tls}{path}"], capture_output=True, check=True)
                if p.stdout != own.get(path):
                    return f"{path} {version}: {len(p.stdout)} bytes"
        return None
    finally:
        own.close()


# ---- thumbnails ----

def gray(source, *filters):
    """The luma of one picture, 0 to 255: bytes."""
    return subprocess.run(["ffmpeg", "-v", "error", *map(str, source), "-frames:v", "1", "-vf", ",".join([*filters, "format=gray"]),
                           "-f", "rawvideo", "-"], capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout


def jpeg_size(body):
    at = 2
    while body[at] == 0xff and body[at + 1] not in (0xc0, 0xc1, 0xc2):
        at += 2 + int.from_bytes(body[at + 2:at + 4], "big")
    height, width = struct.unpack(">HH", body[at + 5:at + 9])
    return width, height


def far(a, b):
    """Mean of the differences."""
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a) if len(a) == len(b) and a else 255


def film_at(film, t, size, *more):
    return gray(["-ss", t, "-i", film], *more, f"scale={size}:flags=area:out_range=full")


def counters(origin):
    return {m[1]: float(m[2]) for m in re.finditer(r"^(reel_\S+) (\S+)$", origin.get("/metrics").decode(), re.M)}


def test_thumbs(bench):
    """a thumbnail is the picture that the film shows at that time, of the size that is asked for"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    file, one = bench.scratch / "thumb.jpg", bench.films / "one.mp4"
    for name in ("one.mp4", "frag.mp4", "fast.mp4"):
        for t in ("0", "3.04", "12.52", "19.96"):
            # Fragments without an edit list begin later, by what the sound has in front.
            file.write_bytes(bench.origin.get(f"/thumb/{name}/{float(t) + 0.03 * (name == 'frag.mp4'):.2f}.jpg"))
            shown = gray(["-i", file])
            wrong, other = far(shown, film_at(one, t, "320:180")), far(shown, film_at(one, (float(t) + 5) % 19, "320:180"))
            if wrong > 4 or other < wrong * 2:
                return f"{name} {t}: {wrong} from its picture, {other} from another"
    file.write_bytes(bench.origin.get("/thumb/one.mp4/5.96.jpg?key"))
    if far(gray(["-i", file]), film_at(one, 6, "320:180")) > 4:
        return "the key picture nearest to 5.96 s is not that of 6 s"
    file.write_bytes(bench.origin.get("/thumb/one.mp4/9.jpg?w=90&h=90"))
    if far(gray(["-i", file]), film_at(one, 9, "90:90", "crop=180:180")) > 4:
        return "cover"
    sizes = {"w=160": (160, 90), "h=90": (160, 90), "w=100&h=80": (100, 80), "w=64&h=64&fit=contain": (64, 64), "w=1920": (320, 180),
             "w=1000&h=700": (1000, 700), "": (320, 180)}
    for query, size in sizes.items():
        if jpeg_size(bench.origin.get(f"/thumb/one.mp4/1.jpg?{query}")) != size:
            return f"{query}: {jpeg_size(bench.origin.get(f'/thumb/one.mp4/1.jpg?{query}'))}"
    _, h, _ = bench.origin.ask("/thumb/one.mp4/1.jpg")
    return None if h["Content-Type"] == "image/jpeg" and h["Last-Modified"] and h["ETag"] else f"{h.items()}"


def test_thumb_poster(bench):
    """a poster is a key picture that is not black; a film that stands on its side is shown upright"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    dark, side, file = bench.films / "sub" / "dark.mp4", bench.films / "sub" / "side.mp4", bench.scratch / "poster.jpg"
    try:
        bench.ffmpeg("-f", "lavfi", "-i", "color=black:s=320x180:r=25:d=5", *VIDEO, "-filter_complex", "[0][1]concat=n=2:v=1", *CODE, dark)
        bench.ffmpeg("-i", bench.films / "one.mp4", "-t", "4", "-c", "copy", "-metadata:s:v", "rotate=90", side)
        file.write_bytes(bench.origin.get("/thumb/sub/dark.mp4/poster.jpg?w=320"))
        if max(gray(["-i", file])) < 128:
            return "a black poster"
        file.write_bytes(bench.origin.get("/thumb/sub/dark.mp4/2.5.jpg"))
        if max(gray(["-i", file])) > 32:
            return "the film is not black there"
        if jpeg_size(bench.origin.get("/thumb/sub/side.mp4/1.jpg?w=90")) != (90, 160):
            return f"on its side: {jpeg_size(bench.origin.get('/thumb/sub/side.mp4/1.jpg?w=90'))}"
        return None
    finally:
        dark.unlink(missing_ok=True)
        side.unlink(missing_ok=True)


def test_storyboard(bench):
    """the storyboard names sheets that are there, and what lies on them is what the film shows then"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    path, one = "/thumb/one.mp4/storyboard", bench.films / "one.mp4"
    text = bench.origin.get(path + ".vtt").decode()
    cues = re.findall(r"^00:00:(\S+) --> 00:00:(\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", text, re.M)
    if len(cues) != 20 or not text.startswith("WEBVTT\n\n") or [float(c[0]) for c in cues] != [float(i) for i in range(20)]:
        return text[:400]
    file = bench.scratch / "sheet.jpg"
    file.write_bytes(bench.origin.get("/thumb/one.mp4/" + cues[0][2]))
    for begin, _, _, *place in cues[::3]:
        x, y, w, h = place
        wrong = far(gray(["-i", file], f"crop={w}:{h}:{x}:{y}"), film_at(one, int(float(begin)) // 2 * 2, f"{w}:{h}"))
        if wrong > 6:
            return f"{begin}: {wrong}"
    if bench.origin.ask("/thumb/one.mp4/storyboard-1.jpg")[0] != 404:
        return "one sheet too many"
    titles = {t["path"]: t for t in json.loads(bench.origin.get("/list/"))["titles"]}
    return None if titles["one.mp4"].get("poster") == "poster.jpg" and titles["one.mp4"].get("storyboard") == "storyboard.vtt" else f"{titles['one.mp4']}"


def test_thumb_cache(bench):
    """a thumbnail is made once for all workers; who has it is told so before another is made; a film that is replaced has new ones"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    path, film = "/thumb/sub/new.mp4/2.jpg", bench.films / "sub" / "new.mp4"
    shutil.copy(bench.films / "one.mp4", film)
    os.utime(film, (1700000000, 1700000000))
    time.sleep(3.1)  # until it is not young any more
    try:
        before = counters(bench.origin)
        bodies = [bench.origin.ask(path) for _ in range(6)]
        etag = bodies[0][1]["ETag"]
        states = [bench.origin.ask(f"/thumb/sub/new.mp4/{n}.jpg", If_None_Match=etag)[0] for n in (3, 4)]
        after = counters(bench.origin)
        made, hits = [after[k] - before[k] for k in ("reel_thumb_seconds_count", "reel_thumb_hits_total")]
        if {b[0] for b in bodies} != {200} or len({b[2] for b in bodies}) != 1 or (made, hits) != (1, 5) or states != [304, 304]:
            return f"made {made}, hits {hits}, {states}"
        bench.ffmpeg("-i", bench.films / "one.mp4", "-vf", "negate", *CODE, bench.films / "sub" / "other.mp4")
        os.rename(bench.films / "sub" / "other.mp4", film)
        time.sleep(1.2)
        status, h, body = bench.origin.ask(path, If_None_Match=etag)
        return None if status == 200 and body != bodies[0][2] and h["ETag"] != etag else f"the new film: {status}"
    finally:
        film.unlink(missing_ok=True)


def test_thumb_truncated(bench):
    """a film that is cut short while its thumbnails are made costs those, and no worker"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    film, answers = bench.films / "cut.mp4", []
    bench.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=2", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-g", "50", film)
    body, before = film.read_bytes(), bench.origin.workers()

    def ask(path):
        try:
            answers.append((path, bench.origin.ask(path)[0]))
        except (http.client.HTTPException, OSError) as e:
            answers.append((path, str(e)))

    try:
        for turn in range(8):
            film.write_bytes(body)
            asking = [threading.Thread(target=ask, args=(f"/thumb/cut.mp4/{1 + n / 5:.2f}.jpg?w={64 + turn}",)) for n in range(4)]
            for t in asking:
                t.start()
            time.sleep(0.05 + turn * 0.03)
            os.truncate(film, len(body) >> (turn % 4 + 1))
            for t in asking:
                t.join()
        wrong = [a for a in answers if a[1] not in (200, 404, 415, 422, 503)]
        return f"{wrong[:4]}" if wrong else "a worker died" if bench.origin.workers() != before else None
    finally:
        film.unlink(missing_ok=True)


def test_thumb_hell(bench):
    """thumbnails from hell are 4xx at once, with a reason"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    sound, secret = bench.films / "sub" / "sound.m4a", bench.films / "sub" / "secret.mp4"
    broken, torn = bench.films / "sub" / "broken.mp4", bench.films / "sub" / "torn.mp4"
    try:
        bench.ffmpeg("-i", bench.films / "one.mp4", "-vn", "-c", "copy", sound)
        bench.ffmpeg("-i", bench.films / "one.mp4", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0" * 32,
                     "-encryption_kid", "1" * 32, secret)
        film = bytearray((bench.films / "fast.mp4").read_bytes())
        at = film.find(b"mdat") + 4
        film[at:] = random.Random(1).randbytes(len(film) - at)
        broken.write_bytes(film)
        torn.write_bytes((bench.films / "fast.mp4").read_bytes()[:at + (len(film) - at) // 2])
        status, _, body = bench.origin.ask("/thumb/sub/torn.mp4/19.jpg")
        if status != 422 or not re.search(rb"sample \d+ ends \d+ bytes past the end of the file", body):
            return f"torn: {status}, {body}"
        bad = {f"/thumb/one.mp4/{leaf}": (400, 404) for leaf in (
            "-1.jpg", "nan.jpg", "inf.jpg", "1e3.jpg", "99999999999999999999.jpg", "1000000001.jpg", "01.jpg", ".jpg", "1..jpg", "20.jpg",
            "999999.jpg", "999999999.999999.jpg", "1.jpg?w=0", "1.jpg?w=15", "1.jpg?w=1921", "1.jpg?w=99999", "1.jpg?w=-5", "1.jpg?w=", "1.jpg?w",
            "1.jpg?w=5e2", "1.jpg?w=100&w=100", "1.jpg?h=0", "1.jpg?h=4294967296", "1.jpg?h=18446744073709551616", "1.jpg?fit=fill",
            "1.jpg?fit", "1.jpg?key=no", "1.png", "poster", "poster.jpg?w=0", "storyboard-1.jpg", "storyboard--1.jpg", "storyboard-.jpg",
            "storyboard-4294967295.jpg", "storyboard-4294967296.jpg", "storyboard-01.jpg", "storyboard", "", "1%2f5.jpg", "..%2fone.mp4%2f1.jpg",
            "t1/1.jpg")}
        bad |= {"/thumb/": (404,), "/thumb": (404,), "/thumb/1.jpg": (404,), "/thumb/nothing.mp4/1.jpg": (404,), "/thumb/secret.txt/1.jpg": (404,),
                "/thumb/out.mp4/1.jpg": (404,), "/thumb/.hidden.mp4/poster.jpg": (404,), "/thumb/junk.mp4/1.jpg": (415,),
                "/thumb/empty.mp4/1.jpg": (415, 422), "/thumb/sub/sound.m4a/poster.jpg": (404,), "/thumb/sub/sound.m4a/storyboard.vtt": (404,),
                "/thumb/sub/secret.mp4/1.jpg": (415,), "/thumb/sub/secret.mp4/storyboard.vtt": (415,), "/thumb/sub/broken.mp4/3.jpg": (422,),
                "/thumb/sub/broken.mp4/poster.jpg": (422,), "/thumb/sub/broken.mp4/storyboard-0.jpg": (422,)}
        for path, want in bad.items():
            start = time.monotonic()
            status, h, body = bench.origin.ask(path)
            if status not in want or body.count(b"\n") != 1 or not h["Content-Type"].startswith("text/plain"):
                return f"{path}: {status} {body[:200]!r}"
            if time.monotonic() - start > 1.5:
                return f"{path}: {time.monotonic() - start} s"
            if "broken" in path and body.decode().strip() not in bench.origin.said():
                return f"{path}: the log does not say {body!r}"
        return None
    finally:
        for path in (sound, secret, broken, torn):
            path.unlink(missing_ok=True)


THUMBS = """daemon off; pid {d}/thumbs.pid; error_log {d}/thumbs.log error; load_module {module}; worker_processes 1; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {d}/t1; proxy_temp_path {d}/t2; fastcgi_temp_path {d}/t3; uwsgi_temp_path {d}/t4;
    scgi_temp_path {d}/t5; reel_zone thumbs:8m; reel_thumbs 1 queue=2; reel_thumb_budget 30s;
    server {{
        listen 127.0.0.1:{port}; root {folder};
        location / {{ reel; }}
        location /hasty/ {{ reel; reel_thumb_budget 60ms; }}
        location /small/ {{ reel; reel_thumb_pixels 10000; }}
        location /without/ {{ reel; reel_thumbs off; }}
        location /loop/ {{ reel; reel_threads off; }}
        location /bare/ {{ reel; reel_zone off; reel_thumbs 1 queue=0; }}
    }}
}}
"""


class Thumbs(Origin):
    """One worker that makes one thumbnail at a time of a film that takes long: of 40 s, with one key picture."""

    def __init__(self, bench):  # pylint: disable=super-init-not-called
        self.port, d, self.folder = free_port(), bench.scratch, bench.scratch / "slow"
        self.folder.mkdir(exist_ok=True)
        if not (self.folder / "slow.mp4").exists():
            bench.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=40", "-c:v", "libx264", "-preset", "ultrafast", "-g", "100000",
                         "-sc_threshold", "0", self.folder / "part.mp4")
            os.utime(self.folder / "part.mp4", (1700000000, 1700000000))
            os.rename(self.folder / "part.mp4", self.folder / "slow.mp4")
            time.sleep(3.1)  # until it is not young any more, and pictures of it are kept
        (d / "thumbs.conf").write_text(THUMBS.format(d=d, port=self.port, folder=self.folder, user="user root;" if os.geteuid() == 0 else "",
                                                     module=next(d.glob("reel-serve-*/module.so")).resolve()))
        self.log = d / "thumbs.log"
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", d / "thumbs.conf", "-e", "stderr"],
                                        env=environment())
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def at_once(self, paths):
        """[(status, headers, body)], asked for at the same time."""
        got = [None] * len(paths)

        def ask(n, path):
            got[n] = self.ask(path)

        threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(paths)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return got

    def leave(self, path):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.05)
        s.close()

    def worker(self):
        return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    def until(self, name, value):
        late = time.monotonic() + WAIT
        while counters(self).get(name, 0) < value and time.monotonic() < late:
            time.sleep(0.1)
        return counters(self).get(name, 0)


def test_thumb_limits(bench):
    """so many thumbnails at once, so many wait, the others are told to ask again; the same one is made once; a budget, sizes"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    origin = Thumbs(bench)
    try:
        got = origin.at_once([f"/thumb/slow.mp4/{30 + n}.jpg" for n in range(8)])
        states = sorted(g[0] for g in got)
        if states != [200] * 3 + [503] * 5 or any(g[0] == 503 and (g[1]["Retry-After"] != "1" or g[2].count(b"\n") != 1) for g in got):
            return f"{states}"
        before = counters(origin)
        got = origin.at_once(["/thumb/slow.mp4/39.5.jpg"] * 8)
        after = counters(origin)
        grown = [after[f"reel_thumb_{k}"] - before[f"reel_thumb_{k}"] for k in ("seconds_count", "shared_total", "refused_total")]
        if {g[0] for g in got} != {200} or len({g[2] for g in got}) != 1 or grown[0] != 1 or grown[2] or before["reel_thumb_refused_total"] != 5:
            return f"the same one eight times: {[g[0] for g in got]} {grown}"
        for path, status, most in (("/hasty/thumb/slow.mp4/39.jpg", 504, 2), ("/small/thumb/slow.mp4/0.jpg", 422, 2), ("/bare/thumb/slow.mp4/0.jpg", 200, 9),
                                   ("/without/thumb/slow.mp4/0.jpg", 404, 1), ("/loop/thumb/slow.mp4/0.jpg", 404, 1), ("/thumb/slow.mp4/39.jpg?key", 200, 2)):
            start = time.monotonic()
            got = origin.ask(path)
            if got[0] != status or time.monotonic() - start > most or (status != 200 and got[2].count(b"\n") != 1):
                return f"{path}: {got[0]} {got[2][:100]!r} {time.monotonic() - start} s"
        return None if counters(origin)["reel_thumb_late_total"] == 1 else "reel_thumb_late_total"
    finally:
        origin.close()


def test_thumb_abort(bench):
    """clients that go away: what is being made is kept, what waits is not begun; a reload and a stop in the middle harm nobody"""
    if not bench.has_thumbs():
        return "SKIP built without a decoder"
    origin = Thumbs(bench)
    try:
        before = origin.worker()
        for n in range(3):  # one is being made, two wait
            origin.leave(f"/thumb/slow.mp4/{36 + n}.jpg")
        if origin.until("reel_thumb_seconds_count", 1) != 1 or origin.get("/thumb/slow.mp4/36.jpg")[:2] != b"\xff\xd8":
            return "what was being made is lost"
        time.sleep(0.3)
        now = counters(origin)
        if now["reel_thumb_hits_total"] != 1 or now["reel_thumb_seconds_count"] != 1 or origin.worker() != before:
            return f"{now['reel_thumb_hits_total']} {now['reel_thumb_seconds_count']} {before} {origin.worker()}"
        got = []
        asks = [threading.Thread(target=lambda n=n: got.append(origin.ask(f"/thumb/slow.mp4/{38.1 + n / 10:.1f}.jpg")[0])) for n in range(2)]
        for t in asks:  # as many as may wait: on a busy machine one that was left may have been begun before that was seen
            t.start()
        time.sleep(0.2)
        os.kill(origin.process.pid, signal.SIGHUP)
        for t in asks:
            t.join()
        if got != [200] * 2:
            return f"reload: {got} {origin.log.read_text()[-1500:]}"
        for n in range(3):
            origin.leave(f"/thumb/slow.mp4/{39 + n / 10:.1f}.jpg")
        start = time.monotonic()
        status = origin.close()
        took = time.monotonic() - start  # each takes a second or so
        said = [line for line in origin.log.read_text().splitlines() if "[alert]" in line or "[crit]" in line or "[emerg]" in line]
        return None if status == 0 and took < 1 and not said else f"stop: {status} after {took} s, {said}"
    finally:
        if origin.process.poll() is None:
            origin.close()


def test_many_pieces(bench):
    """a segment of thousands of pieces: all of it, slices of it, for clients that are slow and such that leave"""
    folder = bench.scratch / "long"
    folder.mkdir()
    bench.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=240", "-f", "lavfi", "-i", "sine=440:d=240", *CODE,
                 folder / "long.mp4")
    origin = Origin(bench.reel, folder, bench.scratch, "--segment", "3600")
    here = argparse.Namespace(origin=origin)
    try:
        path = "/hls/long.mp4/t1/0.m4s"
        whole = origin.get(path)
        (folder / "all.mp4").write_bytes(origin.get("/hls/long.mp4/t1/init.mp4") + whole)
        sums = [subprocess.run(["ffmpeg", "-v", "error", "-i", folder / f, "-map", "0:v", "-c", "copy", "-f", "md5", "-"],
                               capture_output=True, check=True).stdout for f in ("long.mp4", "all.mp4")]
        if sums[0] != sums[1]:
            return "other pictures"
        for _ in range(8):  # they ask, read a little, and are gone
            with socket.create_connection(("127.0.0.1", origin.port), timeout=WAIT) as s:
                s.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                s.recv(1000)
        if slow_read(here, path, lambda: None) != (200, whole):
            return "a slow client gets something else"
        return same_ranges(here, path, whole)
    finally:
        if origin.close():
            raise AssertionError(origin.said())


def test_odd_folder(bench):
    """a folder whose name is syntax for nginx is served like any other"""
    odd = bench.scratch / 'a "$b"; {c} é'
    odd.mkdir()
    shutil.copy(bench.films / "fast.mp4", odd)
    origin = Origin(bench.reel, odd, bench.scratch)
    body = origin.get("/file/fast.mp4")
    return None if origin.close() == 0 and body == (odd / "fast.mp4").read_bytes() else "no"


def test_terminal(bench):
    """what is told of a folder holds nothing that a terminal would obey"""
    odd = bench.scratch / "a\x1b[2Jb\nc"
    odd.mkdir()
    p = subprocess.Popen([bench.reel, "serve", str(odd), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         env=environment(TMPDIR=str(bench.scratch)))
    line = p.stdout.readline()
    p.send_signal(signal.SIGTERM)
    p.wait(WAIT)
    return None if b"\x1b" not in line and line.endswith(" c; Ctrl-C ends it\n".encode()) else f"{line!r}"


def test_names_that_no_url_has(bench):
    """what /list/ names can be had: no halves of surrogate pairs, nothing that is no UTF-8"""
    folder = bench.scratch / "names"
    folder.mkdir()
    for name in (b"\xed\xa0\x80.mp4", b"\xed\xbf\xbf.mp4", b"\xff.mp4", b"\xed\x9f\xbf.mp4", b"\xee\x80\x80.mp4", "\U0001f600.mp4".encode()):
        shutil.copy(bench.films / "fast.mp4", os.fsencode(folder) + b"/" + name)
    (folder / os.fsdecode(b"\xed\xa0\x80")).mkdir()
    origin = Origin(bench.reel, folder, bench.scratch)
    try:
        listed = json.loads(origin.get("/list/"))
        for title in listed["titles"]:
            origin.get("/info/" + urllib.parse.quote(title["path"]))
        return None if len(listed["titles"]) == 3 and not listed["folders"] else f"{listed}"
    finally:
        origin.close()


def test_text_alone(bench):
    """a film that has text and nothing else has neither playlist nor manifest"""
    folder = bench.scratch / "text"
    folder.mkdir()
    bench.ffmpeg("-i", bench.films / "title.en.vtt", "-c:s", "mov_text", folder / "text.mp4")
    os.utime(folder / "text.mp4", (1700000000, 1700000000))
    origin = Origin(bench.reel, folder, bench.scratch)
    try:
        got = [origin.ask(path)[::2] for path in ("/hls/text.mp4/master.m3u8", "/dash/text.mp4/manifest.mpd")]
        return None if got[0] == got[1] and got[0][0] == 404 else f"{got}"
    finally:
        origin.close()


def test_zz_stop(bench):
    """SIGTERM ends it with status 0, and nothing stays behind"""
    pids = [bench.origin.master(), *bench.origin.workers()]
    status = bench.origin.close()
    left = [p for p in pids if pathlib.Path(f"/proc/{p}/stat").exists()]
    scratch = list(bench.scratch.glob("reel-serve-*"))
    alerts = [line for line in bench.origin.said().splitlines() if re.search(r"exited on signal (?!9\b)|exited with code [1-9]|AddressSanitizer|runtime error", line)]
    return None if status == 0 and not left and not scratch and not alerts else f"{status} {left} {scratch} {alerts}"


def report(number, name, wrong):
    skip = wrong and wrong.startswith("SKIP")
    print(f"{'not ok' if wrong and not skip else 'ok'} {number} " + (f"# {wrong}" if skip else f"- {name}"))
    for line in (wrong or "").splitlines() if not skip else []:
        print(f"# {line[:2000]}")
    sys.stdout.flush()
    return bool(wrong) and not skip


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--reel", required=True)
    ap.add_argument("--only", default="", help="only the tests that have this in their name")
    ap.add_argument("--mallocs", help="the library of tests/mallocs.c")
    ap.add_argument("--slowdisk", help="the library of tests/slowdisk.c")
    ap.add_argument("--preload", help="a sanitizer's runtime, for nginx")
    a = ap.parse_args()
    Origin.preload, Origin.mallocs, Origin.slowdisk = a.preload, a.mallocs, a.slowdisk
    sys.stdout.reconfigure(errors="backslashreplace")
    for tool in ("ffmpeg", "nginx"):
        if not shutil.which(tool) and not os.access(f"/usr/sbin/{tool}", os.X_OK):
            print(f"1..0 # SKIP {tool} is not installed")
            return 0
    bad = number = 0
    with tempfile.TemporaryDirectory(prefix="reel-origin-") as scratch:
        os.chmod(scratch, 0o755)
        bench = Bench(str(pathlib.Path(a.reel).resolve()), pathlib.Path(scratch))
        try:
            for name, test in [(n, f) for n, f in globals().items() if n.startswith("test_") and a.only in n]:
                number += 1
                try:
                    wrong = test(bench)
                except Exception as e:  # pylint: disable=broad-except
                    wrong = f"{name}: {type(e).__name__}: {e}"
                bad += report(number, test.__doc__, wrong)
        finally:
            if bench.origin.process.poll() is None:
                bench.origin.close()
    print(f"1..{number}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
