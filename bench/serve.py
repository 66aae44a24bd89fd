#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""serve.py [--build FOLDER] [--seconds N] [--format text|jsonl]: the origin beside nginx serving the same bytes as files.

One nginx worker on the first processor, wrk with 8 connections on the second, random segments; the two take turns, several
times in one run, and the median counts. The static segments are what the origin answers, written into files first.
"""
import argparse
import atexit
import json
import os
import pathlib
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
NGINX = """daemon off; worker_processes 1; worker_cpu_affinity 01; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=5000 inactive=60s;
  default_type application/octet-stream; client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;
  uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
  server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""
WRK = """local urls = {{}}
for line in io.lines("{list}") do urls[#urls + 1] = line end
math.randomseed(7)
request = function() return wrk.format("GET", urls[math.random(#urls)]) end
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process):
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit("serve.py: the server did not start")


def start(argv, port, cpu=None):
    pin = ["taskset", "-c", str(cpu)] if cpu is not None and shutil.which("taskset") else []
    process = subprocess.Popen(pin + argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(lambda: process.poll() is None and process.terminate())
    wait_for(port, process)
    return process


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as r:
        return r.read()


def segments(port, playlist):
    """What a media playlist names, as paths of the server."""
    text = get(port, playlist).decode()
    return [urllib.parse.urljoin(playlist, line) for line in text.splitlines() if line and not line.startswith("#")]


def private_kilobytes(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+)", text, re.M))


def worker_of(process):
    """The nginx worker below reel serve: the youngest of the tree."""
    pids = [process.pid]
    for pid in pids:
        pids += [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return pids[-1]


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.build = pathlib.Path(args.build)
        self.media, self.static = folder / "media", folder / "static"
        self.media.mkdir()
        self.static.mkdir()
        self.missed = 0

    def film(self, name, *options):
        """Written in full, as the static segments are: holes come from the page cache at another speed."""
        sparse = self.folder / name
        subprocess.run([self.build / "bench" / "longfile", *options, sparse], check=True)
        subprocess.run(["cp", "--sparse=never", "--reflink=never", sparse, self.media / name], check=True)
        sparse.unlink()

    def serve(self):
        self.port = free_port()
        reel = self.build / "cli" / "reel"
        self.reel = start([reel, "serve", self.media, "--port", str(self.port), "--workers", "1", "--segment", "6"],
                          self.port, 0)
        self.static_port = free_port()
        conf = self.folder / "static.conf"
        conf.write_text(NGINX.format(dir=self.folder, port=self.static_port, root=self.static))
        self.nginx = start(["nginx", "-p", str(self.folder), "-c", str(conf)], self.static_port, 0)

    def save(self, paths, limit):
        """The same bytes as files, under the same names. Each is fetched twice: warm page cache on both sides."""
        random.Random(3).shuffle(paths)
        for path in paths[:limit]:
            to = self.static / path.lstrip("/")
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(get(self.port, path))
            assert get(self.static_port, path) == get(self.port, path), path
        return paths[:limit]

    def wrk(self, port, paths):
        listing, script = self.folder / "urls", self.folder / "wrk.lua"
        listing.write_text("\n".join(paths) + "\n")
        script.write_text(WRK.format(list=listing))
        argv = ["taskset", "-c", "1", "wrk", "-t1", "-c8", f"-d{self.args.seconds}s", "-s", script, f"http://127.0.0.1:{port}"]
        out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        bad = re.search(r"Non-2xx.*|Socket errors.*", out)
        if bad:
            raise SystemExit(f"serve.py: {bad[0]}")
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])

    def beside(self, what, paths, least=None, reel_port=None):
        """Requests a second of reel and of static files, in turn; the medians."""
        reel, static = [], []
        for _ in range(self.args.rounds):
            reel.append(self.wrk(self.port, paths))
            static.append(self.wrk(self.static_port, paths))
        self.row(what, "req/s", statistics.median(reel), "static files, nginx", statistics.median(static), least)
        return statistics.median(reel)

    def row(self, what, unit, reel, peer, value, least=None, most=None):
        ratio = reel / value if value else None
        met = None
        if least is not None:
            met = ratio >= least
        if most is not None:
            met = reel <= most
        self.missed += met is False
        if self.args.format == "jsonl":
            print(json.dumps({"what": what, "unit": unit, "reel": reel, "peer": peer, "peer_value": value,
                              "ratio": ratio}), flush=True)
            return
        target = f">= {least:g}x" if least is not None else f"<= {most:g}" if most is not None else ""
        verdict = "" if met is None else "met" if met else "MISSED"
        right = f"{peer:26} {value:10.1f} {ratio:7.3f}x" if value else " " * 46
        print(f"{what:52} {reel:10.1f} {unit:7} {right}  {target:10} {verdict}", flush=True)

    def first_byte(self):
        """A film that this worker has never seen, warm in the page cache: playlist, then a segment in the middle."""
        for name in ("never-1.mp4", "never-2.mp4"):
            shutil.copyfile(self.media / "10h.mp4", self.media / name)
            with open(self.media / name, "rb") as f:
                while f.read(1 << 20) and f.tell() < 200 << 20:
                    pass
        for name, path in (("never-1.mp4", "index.m3u8"), ("never-2.mp4", None)):
            path = f"/hls/{name}/mux/{path}" if path else self.middle.replace("10h.mp4", name)
            begin = time.perf_counter()
            get(self.port, path)
            what = "playlist" if path.endswith("m3u8") else "middle segment"
            self.row(f"first request of a never-seen 10-hour film: {what}", "ms", (time.perf_counter() - begin) * 1e3, "", 0,
                     most=20)

    def memory(self):
        for i in range(1000):
            os.link(self.media / "small.mp4", self.media / f"m{i}.mp4") if i % 100 else shutil.copyfile(
                self.media / "small.mp4", self.media / f"m{i}.mp4")
        time.sleep(4)  # a film that was written to just now is kept nowhere
        for i in range(1000):
            get(self.port, f"/hls/m{i}.mp4/mux/index.m3u8")
            get(self.port, f"/hls/m{i}.mp4/mux/init.mp4")
        self.row("worker, private memory after 1,000 films", "MB", private_kilobytes(worker_of(self.reel)) / 1024, "", 0, most=40)


def run(args, folder):
    b = Bench(args, folder)
    b.film("10m.mp4", "--minutes", "10", "--percent", "187")
    b.film("4h.mp4", "--minutes", "240", "--percent", "7")
    b.film("10h.mp4", "--minutes", "600", "--percent", "7")
    b.film("small.mp4", "--minutes", "2", "--percent", "7")
    b.serve()
    ten = b.save(segments(b.port, "/hls/10m.mp4/mux/index.m3u8"), 60)
    b.beside("6 s segments, 10 minutes, 6 Mbit/s, muxed", ten, 0.95)
    cmaf = b.save(segments(b.port, "/hls/10m.mp4/t1/index.m3u8"), 60)
    b.beside("the same, CMAF, video alone", cmaf, 0.90)
    four = b.save(segments(b.port, "/hls/4h.mp4/mux/index.m3u8"), 1000)
    at_four = b.beside("6 s segments of 200 kB, 4 hours, 60 fps, muxed", four, 0.85)
    long = segments(b.port, "/hls/10h.mp4/mux/index.m3u8")
    b.middle = long[len(long) // 2]
    long = b.save(long, 1000)
    at_ten = b.beside("the same, 10 hours", long)
    b.row("10 hours beside 4 hours", "req/s", at_ten, "reel at 4 hours", at_four, 0.9)
    playlist = b.save(["/hls/4h.mp4/mux/index.m3u8"], 1)
    b.beside("playlist of 4 hours, 2,400 segments", playlist, 0.5)
    b.first_byte()
    b.memory()
    return b.missed


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=str(ROOT / "build-release"))
    p.add_argument("--seconds", type=int, default=5)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--format", choices=("text", "jsonl"), default="text")
    args = p.parse_args()
    for tool in ("wrk", "nginx", "taskset"):
        if not shutil.which(tool):
            print(f"serve.py: {tool} is not installed: nothing is measured", file=sys.stderr)
            return 0
    with tempfile.TemporaryDirectory(prefix="reel-serve-") as folder:
        os.chmod(folder, 0o755)  # workers of a root nginx are somebody else
        run(args, pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
