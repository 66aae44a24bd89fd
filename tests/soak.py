#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""soak.py --reel COMMAND [--seconds 60] [--connections 1000] [--only TEXT]: the origin under load, for a minute or for a night.

One `reel serve` with two workers; connections that stay open ask for what comes to their mind, and compare every byte.
Then what hurts servers: slow readers, clients that leave, storms of HEAD and Range, workers that are killed, reloads, films
that are replaced, cut, written over and deleted. A line for each; the last one is `N passed, N failed`; exit 1 when anything
failed.
"""
import argparse
import asyncio
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time

import origin as o

FRESH = 1.2  # seconds, after which a worker asks again what a name means
REFUSED = (404, 415, 416, 422, 503)


# ---- clients -----------------------------------------------------------------------------------------------------

class Broken(Exception):
    """An answer that ended early, or none at all. got: the body as far as it came."""

    def __init__(self, why, got=b""):
        super().__init__(why)
        self.got = got


class Client:
    """One connection that stays open. Asks again where the server had closed it before it heard of the request."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    def close(self):
        if self.writer:
            self.writer.transport.abort()
        self.writer = None

    async def ask(self, path, method="GET", **headers):
        """(status, headers, body)"""
        used = self.writer is not None
        try:
            return await asyncio.wait_for(self.once(path, method, headers), o.WAIT)
        except Broken as e:
            self.close()
            if not used or e.got is not None:
                raise
        except asyncio.TimeoutError as e:
            self.close()
            raise Broken(f"no answer for {o.WAIT} seconds") from e
        return await self.ask(path, method, **headers)

    async def once(self, path, method, headers):
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        head = None
        try:
            if not self.writer:
                await self.open()
            self.writer.write(f"{method} {path} HTTP/1.1\r\nHost: soak\r\n{lines}\r\n".encode())
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, fields = int(head[9:12]), dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = b"" if method == "HEAD" or status == 304 else await self.reader.readexactly(int(fields[b"content-length"]))
        except asyncio.IncompleteReadError as e:
            raise Broken("it ended early", e.partial if head or e.partial else None) from e
        except OSError as e:
            raise Broken(str(e), b"" if head else None) from e
        if fields.get(b"connection") == b"close":
            self.close()
        return status, fields, body


class Load:
    """n clients that ask until they are told to stop. ask(client) gives None, or what was wrong."""

    def __init__(self, port, n, ask):
        self.port, self.ask = port, ask
        self.done = self.stop = 0
        self.wrong, self.broken, self.took = [], [], []
        self.tasks = [asyncio.create_task(self.run(i)) for i in range(n)]

    async def run(self, i):
        await asyncio.sleep(i / 1000)  # not all of them in one moment: the listening queue is short
        client = Client(self.port)
        while not self.stop:
            start = time.monotonic()
            try:
                wrong = await self.ask(client)
                self.done += 1
                self.took.append(time.monotonic() - start)
                if wrong:
                    self.wrong.append(wrong)
            except Broken as e:
                self.broken.append(str(e))
        client.close()

    async def end(self):
        self.stop = 1
        await asyncio.gather(*self.tasks)

    def words(self):
        took = sorted(self.took) or [0]
        return (f"{self.done} answers, {len(self.broken)} broken, {len(self.wrong)} wrong; "
                f"{1000 * took[len(took) // 2]:.0f} ms in the middle, {1000 * took[len(took) * 99 // 100]:.0f} ms of 99 in 100")

    def bad(self, broken=0, least=100):
        """What is wrong with it, where so many answers may be broken."""
        if self.wrong or len(self.broken) > broken or self.done < least:
            return f"{self.words()}\n{self.wrong[:3]} {self.broken[:3]}"
        return None


# ---- questions ---------------------------------------------------------------------------------------------------

class Questions:
    """Anything of whole answers that are known: the whole, ranges, HEAD."""

    def __init__(self, wholes, seed=1):
        self.wholes, self.paths, self.random = wholes, list(wholes), random.Random(seed)

    async def whole(self, client, path):
        status, _, body = await client.ask(path)
        return None if (status, body) == (200, self.wholes[path]) else f"{path}: {status}, {len(body)} bytes"

    async def part(self, client, path):
        whole = self.wholes[path]
        a = self.random.randrange(len(whole))
        z = min(len(whole) - 1, a + self.random.choice((0, 1, 1000, 65536, 300000)))
        status, _, body = await client.ask(path, Range=f"bytes={a}-{z}")
        return None if (status, body) == (206, whole[a:z + 1]) else f"{path} {a}-{z}: {status}, {len(body)} bytes"

    async def head(self, client, path):
        status, fields, _ = await client.ask(path, "HEAD")
        length = int(fields.get(b"content-length", -1))
        return None if (status, length) == (200, len(self.wholes[path])) else f"HEAD {path}: {status}, {length}"

    async def any(self, client):
        kind = self.random.choice((self.whole, self.whole, self.whole, self.part, self.head))
        return await kind(client, self.random.choice(self.paths))

    async def storm(self, client):
        return await self.random.choice((self.part, self.head))(client, self.random.choice(self.paths))


def wholes_of(bench):
    """Of each film playlists, segments, I pictures, clips, the file itself."""
    paths = ["/list/"]
    for film in ("one.mp4", "fast.mp4", "frag.mp4", "sub/Ein%20Film%20%C3%A9%20%231.mp4"):
        paths += [f"/hls/{film}/master.m3u8", f"/dash/{film}/manifest.mpd", f"/info/{film}", f"/file/{film}"]
        paths += [f"/file/{film}?start={n}.{n}&end={n + 3}" for n in range(0, 16, 4)]
        for stream in ("t1", "t2", "mux"):
            paths += [f"/hls/{film}/{stream}/index.m3u8", f"/hls/{film}/{stream}/init.mp4"]
            paths += bench.segments(f"/hls/{film}/{stream}/index.m3u8")
        paths += bench.segments(f"/hls/{film}/t1/iframes.m3u8")
    return {path: bench.origin.get(path) for path in paths}


# ---- what the workers hold ---------------------------------------------------------------------------------------

def private(pids):
    """Kilobytes that belong to the workers alone; 0 where the kernel does not tell."""
    kb = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            kb += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:"))
        except OSError:
            return 0
    return kb


def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def died(bench):
    """What nginx said of workers that ended by themselves."""
    said = bench.origin.said()
    return "\n".join(line for line in said.splitlines() if "exited on signal" in line and "signal 9" not in line)


# ---- the soak ----------------------------------------------------------------------------------------------------

async def soak_keepalive(bench, a):
    """connections that stay open ask for segments, clips, ranges and playlists at random; memory stays where it was"""
    load = Load(bench.origin.port, a.connections, Questions(bench.wholes).any)
    workers, seen = bench.origin.workers(), []
    for _ in range(10):
        await asyncio.sleep(a.seconds / 10)
        seen.append(private(workers))
    await load.end()
    print(f"# {a.connections} connections, {a.seconds} s: {load.words()}; private memory {seen[2]} to {seen[-1]} kB")
    if seen[-1] > max(seen[2], seen[4]) * 1.1 + 4096:
        return f"private memory of the workers grows: {seen} kB"
    return load.bad(least=a.connections) or (None if bench.origin.workers() == workers else "a worker is another one")


async def soak_slow_readers(bench, _):
    """two hundred slow readers hold nobody else up, and cost a few kilobytes each"""
    big, workers = bench.big, bench.origin.workers()
    before, wrong = private(workers), []

    async def slow():
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.origin.port, limit=4096)
        writer.write(b"GET /file/big.mp4?original HTTP/1.1\r\nHost: soak\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        at = 0
        for _ in range(50):
            got = await reader.read(2048)
            if not got or got != big[at:at + len(got)] or not head.startswith(b"HTTP/1.1 200"):
                wrong.append(f"a slow reader at {at}: {len(got)} bytes")
                break
            at += len(got)
            await asyncio.sleep(0.1)
        writer.transport.abort()

    readers = [asyncio.create_task(slow()) for _ in range(200)]
    await asyncio.sleep(1)
    load = Load(bench.origin.port, 16, Questions(bench.wholes).any)
    await asyncio.sleep(3)
    held = private(workers)
    await load.end()
    await asyncio.gather(*readers)
    print(f"# {load.words()}; private memory {before} to {held} kB")
    if wrong or held > before + 200 * 64:
        return f"{wrong[:3]} {before} to {held} kB"
    return load.bad() or (None if sorted(load.took)[len(load.took) * 99 // 100] < 2 else load.words())


async def soak_aborted(bench, _):
    """two thousand clients that leave in the middle leave nothing behind"""
    workers, r = bench.origin.workers(), random.Random(2)
    paths = list(bench.wholes) + ["/file/big.mp4?original"] * 20
    before = descriptors(workers)

    async def leave():
        for _ in range(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", bench.origin.port)
            writer.write(f"GET {r.choice(paths)} HTTP/1.1\r\nHost: soak\r\n\r\n".encode())
            if r.random() < 0.7:
                await reader.read(r.choice((1, 1000, 100000)))
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    await asyncio.gather(*(leave() for _ in range(100)))
    await asyncio.sleep(FRESH)
    after = descriptors(workers)
    # films that were opened meanwhile stay open, two descriptors each
    if after > before + 2 * 2 * 8:
        return f"descriptors: {before}, then {after}"
    return None if bench.origin.workers() == workers else "a worker is another one"


async def soak_storms(bench, _):
    """HEAD and Range, and nothing else, from 256 connections"""
    load = Load(bench.origin.port, 256, Questions(bench.wholes, 3).storm)
    await asyncio.sleep(5)
    await load.end()
    print(f"# {load.words()}")
    return load.bad(least=500)


async def soak_reload(bench, _):
    """reloads under load lose no request"""
    load = Load(bench.origin.port, 200, Questions(bench.wholes, 4).any)
    for _ in range(6):
        await asyncio.sleep(0.7)
        os.kill(bench.origin.master(), signal.SIGHUP)
    await asyncio.sleep(1)
    await load.end()
    print(f"# {load.words()}")
    return load.bad()


async def soak_killed(bench, _):
    """workers that are killed under load take along what they were sending, and nothing else"""
    load = Load(bench.origin.port, 200, Questions(bench.wholes, 5).any)
    kills = 0
    for _ in range(4):
        await asyncio.sleep(0.8)
        os.kill(bench.origin.workers()[0], signal.SIGKILL)
        kills += 1
    await asyncio.sleep(1)
    broken = len(load.broken)
    await asyncio.sleep(1)
    await load.end()
    print(f"# {load.words()}")
    if len(load.broken) > broken:
        return f"{len(load.broken) - broken} broken, long after the last worker was killed"
    return load.bad(broken=200 * kills) or (None if len(bench.origin.workers()) == 2 else "a worker is missing")


# ---- films that change -------------------------------------------------------------------------------------------

LEAVES = ("/file/swap.mp4?original", "/hls/swap.mp4/t1/0.m4s", "/hls/swap.mp4/t1/76800.m4s", "/hls/swap.mp4/t1/init.mp4",
          "/hls/swap.mp4/mux/index.m3u8", "/file/swap.mp4?start=2&end=7", "/info/swap.mp4")


def put(bench, data):
    """Under another name first, then renamed, as films should be put there."""
    (bench.scratch / "new.mp4").write_bytes(data)
    os.replace(bench.scratch / "new.mp4", bench.swap)


async def versions(bench):
    """Two films, and the answers of each under the one name."""
    films = [(bench.films / f"title-{n}p.mp4").read_bytes() for n in (180, 360)]
    known = []
    for film in films:
        put(bench, film)
        await asyncio.sleep(FRESH)
        known.append({leaf: bench.origin.get(leaf) for leaf in LEAVES})
    return films, known


def begins(film, body):
    """Is body how film begins? Pages that sendfile put into the socket are the file's own: where a film is cut, the kernel
    makes zeros of some of them, up to two megabytes of a large one."""
    page = 4096
    for at in range(0, len(body), page):
        came, was = body[at:at + page], film[at:at + page]
        if was.startswith(came):
            continue
        if len(came) > len(was) or any(c not in (0, w) for c, w in zip(came, was)):
            return False
    return True


class Changing:
    """Asks for what changes meanwhile: one version or the other, or a clean refusal, where that may be."""

    def __init__(self, films, known, refused=(), piecewise=False):
        self.films, self.known, self.refused, self.piecewise = films, known, refused, piecewise
        self.random, self.refusals = random.Random(6), 0

    def is_of_one(self, leaf, body):
        """A whole answer of one version; where films are written piece by piece, also the media that is there by then."""
        if any(body == k[leaf] for k in self.known):
            return True
        if not self.piecewise:
            return False
        if leaf.startswith("/file/") and "start" not in leaf:
            return any(begins(f, body) for f in self.films)
        at = body.find(b"mdat") + 4
        return leaf.endswith(".m4s") and at > 4 and any(body[at:] in f for f in self.films)

    async def ask(self, client):
        leaf = self.random.choice(LEAVES if not self.piecewise else LEAVES[:3])
        part = leaf == LEAVES[0] and self.random.random() < 0.5
        a = self.random.randrange(100000)
        z = a + self.random.choice((0, 10, 1000, 100000))
        try:
            status, _, body = await client.ask(leaf, **({"Range": f"bytes={a}-{z}"} if part else {}))
        except Broken as e:
            if self.piecewise and e.got and leaf == LEAVES[0] and not part and not self.is_of_one(leaf, e.got):
                return f"{leaf}: broken, and half of each"
            raise
        if status in self.refused:
            self.refusals += 1
            return None
        if part and status == 206:
            ok = any(f[a:z + 1] == body or (self.piecewise and f[a:a + len(body)] == body) for f in self.films)
        else:
            ok = status == 200 and self.is_of_one(leaf, body)
        return None if ok else f"{leaf} {f'{a}-{z}' if part else ''}: {status}, {len(body)} bytes of neither"


async def change(bench, steps, broken=0, **how):
    """Load on one name while steps() go on behind it."""
    films, known = await versions(bench)
    questions = Changing(films, known, **how)
    load = Load(bench.origin.port, 64, questions.ask)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        await steps(films)
    await load.end()
    print(f"# {load.words()}; {questions.refusals} refused")
    put(bench, films[0])
    await asyncio.sleep(FRESH)
    wrong = load.bad(broken=broken)
    return wrong or (None if bench.origin.get(LEAVES[1]) == known[0][LEAVES[1]] else "afterwards another film is served")


async def soak_replaced(bench, _):
    """a film that is replaced again and again by a rename: every answer is all of one version"""
    async def steps(films):
        for film in films:
            put(bench, film)
            await asyncio.sleep(0.3)
    return await change(bench, steps)


async def soak_deleted(bench, _):
    """a film that is deleted and comes back: all of it, or 404"""
    async def steps(films):
        bench.swap.unlink(missing_ok=True)
        await asyncio.sleep(1.3)
        put(bench, films[0])
        await asyncio.sleep(0.3)
    return await change(bench, steps, refused=(404,))


async def soak_truncated(bench, _):
    """a film that is cut in its place: what it was, what is left of it, an early end or a reason; no half of each"""
    async def steps(films):
        size = len(films[0])
        put(bench, films[0])
        await asyncio.sleep(0.2)
        for part in (90, 60, 30, 2, 0):
            os.truncate(bench.swap, size * part // 100)
            await asyncio.sleep(0.1)
    return await change(bench, steps, broken=10000, refused=REFUSED, piecewise=True)


async def soak_written_over(bench, _):
    """a film that is written over in its place, piece by piece: the same"""
    async def steps(films):
        for film in films:
            with open(bench.swap, "wb", buffering=0) as f:
                for at in range(0, len(film), 1 << 18):
                    f.write(film[at:at + (1 << 18)])
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
    return await change(bench, steps, broken=10000, refused=REFUSED, piecewise=True)


def prepare(bench):
    """A long file to read slowly, a name whose film changes (of pictures alone), and all answers there are."""
    for n in (180, 360):
        film = bench.films / f"title-{n}p.mp4"
        bench.ffmpeg("-i", film, "-an", "-c", "copy", "-movflags", "+faststart", bench.scratch / "t.mp4")
        os.replace(bench.scratch / "t.mp4", film)
    bench.swap = bench.films / "swap.mp4"
    bench.big = bench.one + bytes(24 << 20)
    (bench.films / "big.mp4").write_bytes(bench.big)
    time.sleep(FRESH)
    bench.wholes = wholes_of(bench)


def run(bench, a):
    passed = failed = 0
    for name, soak in [(n, f) for n, f in globals().items() if n.startswith("soak_") and a.only in n]:
        try:
            wrong = asyncio.run(soak(bench, a)) or died(bench)
        except Exception as e:  # pylint: disable=broad-except
            wrong = f"{type(e).__name__}: {e}"
        print(f"{'not ok' if wrong else 'ok'} - {soak.__doc__}")
        for line in (wrong or "").splitlines():
            print(f"# {line[:1000]}")
        sys.stdout.flush()
        failed += bool(wrong)
        passed += not wrong
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--reel", required=True)
    ap.add_argument("--seconds", type=float, default=60, help="how long the first part takes; the others a minute together")
    ap.add_argument("--connections", type=int, default=1000)
    ap.add_argument("--only", default="", help="only the parts that have this in their name")
    a = ap.parse_args()
    for tool in ("ffmpeg", "nginx"):
        if not shutil.which(tool) and not os.access(f"/usr/sbin/{tool}", os.X_OK):
            print(f"soak.py: {tool} is not installed")
            return 1
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    a.connections = min(a.connections, 1000 if hard == resource.RLIM_INFINITY else (hard - 100) // 2)
    with tempfile.TemporaryDirectory(prefix="reel-soak-") as scratch:
        os.chmod(scratch, 0o755)
        bench = o.Bench(str(pathlib.Path(a.reel).resolve()), pathlib.Path(scratch))
        try:
            prepare(bench)
            return run(bench, a)
        finally:
            bench.origin.close()


if __name__ == "__main__":
    sys.exit(main())
