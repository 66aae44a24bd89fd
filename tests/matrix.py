#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""matrix.py --reel COMMAND [--keep FOLDER] [--only TEXT]: films that ffmpeg writes, read by reel and by ffprobe.

A covering set of codecs, B frames, frame rates, containers and edit lists. ffprobe runs without edit lists, parsers and
guesses, so that both say what the tables say: size, offset, dts, pts and key of every sample of every track, and codec,
timescale, count and size of the tracks. Two habits of ffprobe are allowed for (docs/time.md): it shifts the dts (tables) or
the pts (fragments) of a track by its least composition offset, and it joins samples of uncompressed sound.
Prints TAP.
"""
import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

VIDEO = {
    "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "10"],
    "h264-b": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12"],
    "h264-open": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "12", "-x264-params", "open-gop=1"],
    "hevc-b": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "bframes=3:keyint=12:log-level=none"],
    "hevc-hvc1": ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=none"],
    "av1": ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "8"],
    "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "10"],
    "mpeg4": ["-c:v", "mpeg4", "-bf", "0", "-g", "10"],
    "mpeg4-b": ["-c:v", "mpeg4", "-bf", "2", "-g", "12"],
    "mjpeg": ["-c:v", "mjpeg"],
    "prores": ["-c:v", "prores_ks", "-profile:v", "0"],
}
AUDIO = {
    "aac": ["-c:a", "aac"], "opus": ["-c:a", "libopus"], "alac": ["-c:a", "alac"], "flac": ["-c:a", "flac"],
    "ac3": ["-c:a", "ac3"], "eac3": ["-c:a", "eac3"], "mp3": ["-c:a", "libmp3lame"], "pcm16": ["-c:a", "pcm_s16le"],
    "pcm24": ["-c:a", "pcm_s24be"], "pcmf": ["-c:a", "pcm_f32le"], "ulaw": ["-c:a", "pcm_mulaw"],
}
SHAPE = {
    "plain": [], "faststart": ["-movflags", "+faststart"], "no-edits": ["-use_editlist", "0"],
    "negative": ["-movflags", "+negative_cts_offsets"],
    "frag-key": ["-movflags", "+frag_keyframe"],
    "empty": ["-movflags", "+frag_keyframe+empty_moov"],
    "base-moof": ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"],
    "separate": ["-movflags", "+frag_keyframe+empty_moov+separate_moof"],
    "every-frame": ["-movflags", "+frag_every_frame+empty_moov"],
    "omit-offset": ["-movflags", "+frag_keyframe+empty_moov+omit_tfhd_offset"],
    "dash": ["-movflags", "+frag_keyframe+empty_moov+dash"],
    "sidx": ["-movflags", "+frag_keyframe+empty_moov+default_base_moof+global_sidx"],
    "cmaf": ["-movflags", "+cmaf+frag_keyframe"],
    "delay": ["-movflags", "+frag_keyframe+empty_moov+delay_moov"],
    "short-frags": ["-movflags", "+empty_moov+default_base_moof", "-frag_duration", "100000"],
    "isml": ["-movflags", "+isml+frag_keyframe"],
    "skip-trailer": ["-movflags", "+frag_keyframe+skip_trailer"],
    "timescale": ["-video_track_timescale", "1000"], "brand": ["-brand", "3gp6"],
}
RATE = {"cfr": [], "vfr": ["-vf", "select='not(mod(n,3))+not(mod(n,5))'", "-vsync", "vfr"], "ntsc": ["-r", "30000/1001"]}
TRIM = {"": [], "trim": ["-ss", "0.37"]}


def cases():
    """(name, ending, video, audio, shape, rate, trim)"""
    def case(video, audio, shape="plain", rate="cfr", trim="", ending="mp4"):
        return "-".join(x for x in (video, audio, shape, rate, trim, ending) if x), ending, video, audio, shape, rate, trim
    for video in VIDEO:
        ending = "mov" if video == "prores" else "mp4"
        for shape, rate in (("plain", "cfr"), ("base-moof", "vfr")) if video != "prores" else (("plain", "cfr"), ("faststart", "ntsc")):
            yield case(video, "aac", shape, rate, ending=ending)
    for audio in AUDIO:
        ending = "mov" if audio in ("pcm16", "pcm24", "pcmf", "ulaw") else "mp4"
        for shape in ("plain", "base-moof") if ending == "mp4" else ("plain", "faststart"):
            yield case("h264-b", audio, shape, ending=ending)
    for shape in SHAPE:
        for video in ("h264-b", "hevc-b"):
            yield case(video, "aac", shape, "ntsc" if video == "hevc-b" else "cfr")
    for ending in ("mp4", "mov", "m4v", "3gp"):
        yield case("h264-b", "aac", "plain", "vfr", "trim", ending)
    for shape in ("faststart", "negative", "base-moof", "dash", "no-edits"):
        yield case("h264-b", "aac", shape, "cfr", "trim")
    for shape in ("plain", "frag-key", "sidx"):
        yield case("", "aac", shape)
        yield case("h264-b", "", shape, "ntsc")


def make(folder, name, ending, video, audio, shape, rate, trim):
    out = folder / f"{name}.{ending}"
    if out.exists():
        return out, ""
    frames = "8" if video == "av1" else "30"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    if video:
        command += [*TRIM[trim], "-f", "lavfi", "-i", "testsrc=size=64x48:rate=25:duration=1.6"]
    if audio:
        command += [*TRIM[trim], "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1.3"]
    if video:
        command += [*VIDEO[video], "-pix_fmt", "yuv422p10le" if video == "prores" else "yuvj420p" if video == "mjpeg" else "yuv420p",
                    "-frames:v", frames, *RATE[rate]]
    if audio:
        command += AUDIO[audio]
    command += ["-threads", "1", "-strict", "experimental", *SHAPE[shape], str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or not out.exists():
        out.unlink(missing_ok=True)
        return None, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"status {done.returncode}"
    return out, ""


def sparse(folder, source):
    """The same film with 5 GB of nothing in front of its media: offsets beyond 32 bits, a 64-bit box size."""
    data, out = source.read_bytes(), folder / "sparse.mp4"
    shift, at = 5 << 30, 0
    boxes = {}
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        boxes[kind] = (at, size)
        at += size
    moov, mdat = boxes[b"moov"], boxes[b"mdat"]
    head = bytearray(data[:mdat[0]] if moov[0] > mdat[0] else data[:moov[0]])
    tables = bytearray(data[moov[0]:moov[0] + moov[1]])
    at = 0
    moved = len(head) + 16 + shift - (mdat[0] + 8)
    while (at := tables.find(b"stco", at)) >= 0:  # 32-bit tables become 64-bit ones; parents grow with them
        size, = struct.unpack(">I", tables[at - 4:at])
        n, = struct.unpack(">I", tables[at + 8:at + 12])
        old = struct.unpack(f">{n}I", tables[at + 12:at + 12 + 4 * n])
        tables[at - 4:at - 4 + size] = struct.pack(f">I4sII{n}Q", size + 4 * n, b"co64", 0, n, *[o + moved for o in old])
        grow(tables, 0, len(tables), at - 4, 4 * n)
        at += size + 4 * n - 8
    with open(out, "wb") as f:
        f.write(head + struct.pack(">I4sQ", 1, b"mdat", 16 + shift + mdat[1] - 8))
        f.seek(shift, os.SEEK_CUR)
        f.write(data[mdat[0] + 8:mdat[0] + mdat[1]] + tables)
    return out


def grow(data, start, end, inside, by):
    """Lengthen every box from start on that holds the place `inside`, the innermost excepted."""
    while start < end:
        size, kind = struct.unpack(">I4s", data[start:start + 8])
        if start == inside:
            return
        if start < inside < start + size:
            struct.pack_into(">I", data, start, size + by)
            start, end = start + 8, start + size + by
        else:
            start += size


def probe(path):
    out = subprocess.run(["ffprobe", "-v", "error", "-ignore_editlist", "1", "-ignore_chapters", "1", "-fflags", "+nofillin+noparse",
                          "-show_packets", "-show_streams", "-of", "json", str(path)], capture_output=True, text=True)
    return json.loads(out.stdout)


def joined(mine, theirs):
    out, i = [], 0
    for t in theirs:
        if i >= len(mine) or mine[i]["offset"] != int(t["pos"]):
            return mine
        first, total = dict(mine[i]), 0
        while i < len(mine) and total < int(t["size"]):
            total += mine[i]["size"]
            i += 1
        out.append({**first, "size": total})
    return out


def compare(mine, theirs, video):
    if not video and len(theirs) < len(mine) and len({m["size"] for m in mine}) == 1:
        mine = joined(mine, theirs)
    if len(mine) != len(theirs):
        return f"{len(mine)} samples, ffprobe has {len(theirs)}"
    shift = max(0, -min((m["pts"] - m["dts"] for m in mine), default=0))
    for m, t in zip(mine, theirs):
        if m["size"] != int(t["size"]) or ("pos" in t and m["offset"] != int(t["pos"])):
            return f"sample {m['index']}: {m['size']} bytes at {m['offset']}, ffprobe: {t['size']} at {t.get('pos')}"
        if "dts" in t and m["dts"] - t["dts"] not in (0, shift):
            return f"sample {m['index']}: dts {m['dts']}, ffprobe {t['dts']}"
        if "pts" in t and t["pts"] - m["pts"] not in (0, shift):
            return f"sample {m['index']}: pts {m['pts']}, ffprobe {t['pts']}"
        if video and m["key"] != ("K" in t["flags"]):
            return f"sample {m['index']}: key {m['key']}, ffprobe {t['flags']}"
    return None


def check(reel, path):
    run = subprocess.run([reel, "packets", "--format", "jsonl", str(path)], capture_output=True, text=True)
    if run.returncode:
        return run.stderr.strip()
    info = subprocess.run([reel, "info", "--format", "json", str(path)], capture_output=True, text=True)
    if info.returncode:
        return info.stderr.strip()
    mine = {}
    for line in run.stdout.splitlines():
        sample = json.loads(line)
        mine.setdefault(sample["track"], []).append(sample)
    tracks = {t["id"]: t for t in json.loads(info.stdout)["tracks"]}
    said = probe(path)
    for s in said["streams"]:
        number = int(s["id"], 16)
        packets = [p for p in said["packets"] if p["stream_index"] == s["index"]]
        wrong = compare(mine.get(number, []), packets, s["codec_type"] == "video")
        if wrong:
            return f"track {number}: {wrong}"
        t = tracks[number]
        if t["type"] != s["codec_type"] or t["timescale"] != int(s["time_base"].split("/")[1]):
            return f"track {number}: {t['type']} in {t['timescale']}, ffprobe: {s['codec_type']} in {s['time_base']}"
        if t["samples"] != len(mine.get(number, [])):
            return f"track {number}: info says {t['samples']} samples, packets {len(mine.get(number, []))}"
        if s["codec_type"] == "video" and (t["width"], t["height"]) != (s["width"], s["height"]):
            return f"track {number}: {t['width']}x{t['height']}, ffprobe: {s['width']}x{s['height']}"
        if s["codec_type"] == "audio" and s["codec_name"] != "mp3" and \
                (t["channels"], t["sample_rate"]) != (s["channels"], int(s["sample_rate"])):
            return f"track {number}: {t['channels']} at {t['sample_rate']}, ffprobe: {s['channels']} at {s['sample_rate']}"
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--reel", required=True)
    ap.add_argument("--keep", type=pathlib.Path)
    ap.add_argument("--only", default="")
    a = ap.parse_args()
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        print("1..0 # SKIP ffmpeg is not installed")
        return 0
    bad = n = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = a.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for case in [c for c in dict.fromkeys(cases()) if a.only in c[0]] + ["sparse"]:
            n += 1
            if case == "sparse":
                name, (path, why) = "sparse, over 4 GB", make(folder, *next(c for c in cases() if c[0] == "h264-b-aac-plain-cfr-mp4"))
                path = path and sparse(folder, path)
            else:
                name, (path, why) = case[0], make(folder, *case)
            if not path:
                print(f"ok {n} # SKIP {name}: {why}")
                continue
            why = check(a.reel, path)
            bad += why is not None
            print(f"{'not ok' if why else 'ok'} {n} {name}" + (f": {why}" if why else ""), flush=True)
    print(f"1..{n}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
