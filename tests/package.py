#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""package.py --reel COMMAND [--media FOLDER] [--only TEXT]: what `reel package` writes, byte by byte and through ffmpeg.

Each film of the matrix (tests/matrix.py), or of FOLDER, is packaged twice: as ranges of one file for each track, and with
--copy. The ranges are those bytes that the other has as files; they follow the rules of RFC 8216, agree with the index in
the file, and fill it; the file by itself is a film that reel finds nothing odd about. Then ffmpeg reads the tree from a
static server as HLS and as DASH: every sample of the film once, with its bytes, at its time. Prints TAP.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import static_server  # noqa: E402
import streams  # noqa: E402


class Wrong(Exception):
    pass


def need(true, what):
    if not true:
        raise Wrong(what)


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    need(done.returncode == 0, f"{command[1]} {command[-1]}: {done.stderr.strip()}")
    return done.stdout


# ---- playlists: RFC 8216 4.3.2.2, 4.3.2.5 ----

def playlist(path):
    """(map, [(duration, uri, offset, size)]) of a media playlist; offset None where the whole file is meant."""
    lines = path.read_text().split("\n")
    need(lines[0] == "#EXTM3U" and lines[-2:] == ["#EXT-X-ENDLIST", ""], f"{path.name}: no whole playlist")
    version = [int(x.split(":")[1]) for x in lines if x.startswith("#EXT-X-VERSION:")]
    ranged = any("BYTERANGE" in x for x in lines)
    need(len(version) == 1 and version[0] >= (6 if any("EXT-X-MAP" in x for x in lines) else 4 if ranged else 3),
         f"{path.name}: EXT-X-VERSION {version}")
    maps = [x for x in lines if x.startswith("#EXT-X-MAP:")]
    need(len(maps) <= 1, f"{path.name}: {len(maps)} maps")
    entries, duration, place, ends = [], None, (None, None), {}
    for line in lines[1:]:
        if line.startswith("#EXTINF:"):
            need(duration is None, f"{path.name}: two EXTINF for a segment")
            duration = float(line[8:].rstrip(","))
        elif line.startswith("#EXT-X-BYTERANGE:"):
            m = re.fullmatch(r"#EXT-X-BYTERANGE:(\d+)(?:@(\d+))?", line)
            need(m and int(m[1]) > 0 and place[0] is None and duration is not None, f"{path.name}: {line}")
            place = (m[2] and int(m[2]), int(m[1]))
        elif line and not line.startswith("#"):
            offset, size = place
            if size is not None and offset is None:  # goes on behind the range before, of the same resource
                need(line in ends, f"{path.name}: a range of {line} that begins nowhere")
                offset = ends[line]
            if size is not None:
                ends[line] = offset + size
            need(duration is not None, f"{path.name}: {line} without EXTINF")
            entries.append((duration, line, offset, size))
            duration, place = None, (None, None)
    target = int(re.search(r"#EXT-X-TARGETDURATION:(\d+)", "\n".join(lines))[1])
    need(all(int(e[0] + 0.5) <= target for e in entries), f"{path.name}: longer than the target duration")
    init = maps and re.fullmatch(r'#EXT-X-MAP:URI="([^"]+)"(?:,BYTERANGE="(\d+)@(\d+)")?', maps[0])
    need(not maps or init, f"{path.name}: {maps}")
    return (init[1], init[3] and int(init[3]), init[2] and int(init[2])) if init else None, entries


def piece(folder, uri, offset, size):
    data = (folder / uri).read_bytes()
    if size is None:
        return data
    need(offset + size <= len(data), f"{uri}: {size}@{offset} is not inside {len(data)} bytes")
    return data[offset:offset + size]


# ---- the index: ISO/IEC 14496-12 8.16.3 ----

def sidx(data):
    size, kind, version, track, timescale, first, offset, _, n = struct.unpack(">I4sIIIQQHH", data[:40])
    need(kind == b"sidx" and version >> 24 == 1 and size == len(data) == 40 + 12 * n and offset == 0, "the index is no sidx")
    entries = [struct.unpack(">III", data[40 + 12 * i:52 + 12 * i]) for i in range(n)]
    need(all(e[0] < 1 << 31 and e[2] == 0x90000000 for e in entries), "the index refers to another, or not to sync samples")
    return track, timescale, first, entries


def check_ranges(folder, name, copied):
    """The playlist of ranges beside that of files, and the file."""
    init, entries = playlist(folder / name)
    whole = (folder / init[0]).read_bytes()
    other_init, others = playlist(copied / name)
    need(init[1] == 0 and piece(folder, *init) == piece(copied, *other_init), "the init segment is another")
    need([e[0] for e in entries] == [o[0] for o in others], "the segments last another time")
    need({e[1] for e in entries} == {init[0]}, "there are several files")
    for entry, other in zip(entries, others):
        need(piece(folder, *entry[1:]) == piece(copied, *other[1:]), f"{entry[2]}@{entry[3]} is not {other[1]}")
    at = entries[0][2]
    track, timescale, first, index = sidx(whole[init[2]:at])
    for entry, (size, ticks, _) in zip(entries, index):
        need(entry[2] == at and entry[3] == size, f"the index has {size} at {at}")
        need(abs(ticks / timescale - entry[0]) < 2e-6, f"the index has {ticks / timescale} s, the playlist {entry[0]}")
        at += size
    need(len(index) == len(entries) and at == len(whole), f"ranges end at {at} of {len(whole)} bytes")
    return init[2], entries[0][2]


def check_manifest(folder, places):
    text = (folder / "manifest.mpd").read_text()
    said = re.findall(r'<BaseURL>(t\d+)/media.mp4</BaseURL>\s*<SegmentBase timescale="(\d+)" indexRange="(\d+)-(\d+)"[^>]*>\s*'
                      r'<Initialization range="0-(\d+)"/>', text)
    need("isoff-on-demand" in text and "SegmentTemplate" not in text, "another profile")
    has = {t: (int(i) + 1, int(b) + 1) for t, _, a, b, i in said if int(a) == int(i) + 1}
    need(has == places, "the manifest has other ranges")


def odd(reel, path):
    """What reel doctor finds: {(id, what it is)}"""
    done = subprocess.run([reel, "doctor", "--format", "json", str(path)], capture_output=True, text=True)
    return {f["id"]: f["what"] for f in json.loads(done.stdout)}


def check_file(reel, path, known):
    """known: what may be found, since the film itself is so."""
    run(reel, "info", "--strict", path)
    found = {k: v for k, v in odd(reel, path).items() if k not in known}
    need(not found, f"{path.name}: {found}")


def check_tree(reel, film, folder, copied):
    places, known = {}, set(odd(reel, film))
    for media in sorted(folder.glob("t*/media.mp4")):
        where = media.parent.relative_to(folder)
        places[str(where)] = check_ranges(folder / where, "index.m3u8", copied / where)
        check_file(reel, media, known)
    for pictures in sorted(folder.glob("t*/iframes.mp4")):
        where = pictures.parent.relative_to(folder)
        check_ranges(folder / where, "iframes.m3u8", copied / where)
        check_file(reel, pictures, known | {"gaps", "variable-frame-rate"})  # between I pictures is nothing
    need(places, "there is no media.mp4")
    check_manifest(folder, places)
    need((folder / "master.m3u8").read_bytes() == (copied / "master.m3u8").read_bytes(), "the multivariant playlists differ")
    need(not list(folder.rglob("*.m4s")) and not list(folder.rglob(".reel-*")), "something is left over")


# ---- through ffmpeg ----

def check_hls(url, want):
    for track, samples in want.items():
        got, said = streams.stream(f"{url}t{track}/index.m3u8")
        wrong = streams.match({track: samples}, got)
        need(not wrong, f"hls, track {track}: {wrong}: {said[:300]}")


def check_dash(url, want, tracks):
    for kind in ("video", "audio"):  # ffmpeg ends a manifest when the shortest of its streams ends
        some = {t: want[t] for t in want if tracks[t]["type"] == kind}
        if some:
            got, said = streams.stream(f"{url}manifest.mpd", (f"0:{kind[0]}?",))
            wrong = streams.match(some, got)
            need(not wrong, f"dash, {kind}: {wrong}: {said[:300]}")


def check_pictures(url, folder, want, tracks):
    for track in (t for t in want if tracks[t]["type"] == "video"):
        there = {(s[1], s[2]) for s in want[track]}
        _, entries = playlist(folder / f"t{track}" / "iframes.m3u8")
        got, said = streams.stream(f"{url}t{track}/iframes.m3u8")
        need(len(got) == 1 and len(got[0]) == len(entries),
             f"{len(entries)} I pictures, {[len(g) for g in got]} come: {said[:300]}")
        need(all((g[1], g[2]) in there for g in got[0]), "an I picture is none of the film's")


def check(reel, path, folder, port, segment):
    want, tracks, _ = streams.film(reel, path)
    if not want:
        return [("has nothing to stream", None)]
    ranges, copied = folder / path.stem / "ranges", folder / path.stem / "copied"
    ranges.parent.mkdir()
    url = f"http://127.0.0.1:{port}/{urllib.parse.quote(path.stem)}/ranges/"
    out = []

    def part(what, act):
        try:
            act()
            out.append((what, None))
        except Wrong as why:
            out.append((what, str(why)))

    part("is written", lambda: [run(reel, "package", "-s", segment, *more, "-o", to, path)
                                for to, more in ((ranges, ()), (copied, ("--copy",)))])
    if out[0][1] is None:
        part("ranges", lambda: check_tree(reel, path, ranges, copied))
        part("hls", lambda: check_hls(url, want))
        part("dash", lambda: check_dash(url, want, tracks))
        part("I pictures", lambda: check_pictures(url, ranges, want, tracks))
    return out


# ---- more than one film, and text ----

def ffmpeg(*args):
    return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, args)], capture_output=True).returncode == 0


def make_title(folder):
    """Two bit rates with two text tracks each, and subtitle files beside them; None: ffmpeg cannot."""
    folder.mkdir()
    (folder / "a.srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nOne\n\n2\n00:00:02,000 --> 00:00:03,000\nTwo\n")
    for height in (90, 180):
        if not ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={height * 16 // 9}x{height}:rate=25:duration=4", "-f", "lavfi", "-i",
                      "sine=duration=4", "-i", folder / "a.srt", "-i", folder / "a.srt", "-map", "0", "-map", "1", "-map", "2",
                      "-map", "3", "-c:v", "libx264", "-g", "25", "-c:a", "aac", "-c:s", "mov_text", "-metadata:s:s:0",
                      "language=eng", "-metadata:s:s:1", "language=fra", folder / f"a title-{height}p.mp4"):
            return None
    (folder / "a title.en.vtt").write_text("WEBVTT\n\n00:00.500 --> 00:01.500\nBeside\n")
    (folder / "a title-180p.de.srt").write_text((folder / "a.srt").read_text())
    return [folder / "a title-180p.mp4", folder / "a title-90p.mp4"]


def attributes(line):
    return {k: v.strip('"') for k, v in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line.split(":", 1)[1])}


def check_title(reel, folder, films, url):
    run(reel, "package", "-s", "1", "-o", folder, *films)
    master = (folder / "master.m3u8").read_text().splitlines()
    named = [attributes(x)["URI"] for x in master if "URI=" in x] + [x for x in master if x and not x.startswith("#")]
    for uri in named:
        path = folder / urllib.parse.unquote(uri)
        init, entries = playlist(path)
        for _, leaf, offset, size in entries:
            need(piece(path.parent, leaf, offset, size), f"{uri}: {leaf} is empty")
        text = "sub/" in uri or not init
        need(not text or [e[1] for e in entries] == ["file.vtt"], f"{uri}: {entries}")
        if text:
            need((path.parent / "file.vtt").read_text().startswith("WEBVTT\n"), f"{uri} is no WebVTT")
            need(abs(entries[0][0] - 4) < 0.1, f"{uri} lasts {entries[0][0]}")
    subtitles = sorted(attributes(x)["LANGUAGE"] for x in master if "TYPE=SUBTITLES" in x)
    need(subtitles == ["de", "en", "en", "fr"], f"subtitles in {subtitles}")
    manifest = (folder / "manifest.mpd").read_text()
    for uri in re.findall(r"<BaseURL>([^<]*)</BaseURL>", manifest):
        need((folder / urllib.parse.unquote(uri)).is_file(), f"the manifest names {uri}")
    need(manifest.count("SegmentBase timescale") == 4 and manifest.count(".vtt</BaseURL>") == 6, "the manifest lacks something")
    got = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", url + "master.m3u8"],
                         capture_output=True, text=True).stdout.split()
    need(got.count("video") >= 2 and "audio" in got, f"ffprobe finds {got}")


def title(reel, made, films, port):
    paths = make_title(films / "title")
    if not paths:
        return "# SKIP ffmpeg cannot make it"
    try:
        check_title(reel, made / "title", paths, f"http://127.0.0.1:{port}/title/")
    except Wrong as why:
        return str(why)
    return None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--reel", required=True)
    p.add_argument("--media")
    p.add_argument("--only", default="")
    p.add_argument("--segment", default="0.5")
    args = p.parse_args()
    bad = number = 0
    with tempfile.TemporaryDirectory(prefix="reel-package-") as scratch:
        made, films = pathlib.Path(scratch) / "made", pathlib.Path(scratch) / "films"
        made.mkdir()
        films.mkdir()
        server = static_server.serve(made)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        paths = list(dict.fromkeys(streams.films(args, films)))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            work = lambda x: check(args.reel, x, made, server.server_port, args.segment)  # noqa: E731
            for path, results in zip(paths, pool.map(work, paths)):
                for what, wrong in results:
                    number += 1
                    bad += wrong is not None
                    print(f"{'ok' if wrong is None else 'not ok'} {number} - {path.stem}: {what}", flush=True)
                    if wrong:
                        print(f"# {wrong}")
        if not args.media and args.only in "title":
            number += 1
            wrong = title(args.reel, made, films, server.server_port)
            skip = wrong and wrong.startswith("# SKIP")
            bad += bool(wrong and not skip)
            said = wrong if skip else "- two bit rates, text and subtitle files"
            print(f"{'not ok' if wrong and not skip else 'ok'} {number} {said}")
            if wrong and not skip:
                print(f"# {wrong}")
        server.shutdown()
    print(f"1..{number}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
