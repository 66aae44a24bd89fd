#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""decode_films.py --dump COMMAND [--keep FOLDER] [--only TEXT]: what reel decodes is what ffmpeg decodes.

The films of matrix.py that have pictures, and more kinds of pictures: every frame's pixels, order and time are those of
ffmpeg's framemd5, with one thread and four, frames and slices, pulled and pushed; samples that are sought come out as they
did in order, with the frames behind them; and where samples are spoilt, all goes on at the next sync sample as if nothing had
been, and what is missing is counted. Prints TAP.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

import matrix

SIZE = ["-f", "lavfi", "-i", "testsrc2=size={}:rate=25:duration=2"]
MORE = {  # name: (ending, size, frames, arguments)
    "h264-pyramid": ("mp4", "120x90", 50, ["-c:v", "libx264", "-preset", "fast", "-bf", "6", "-b_strategy", "0", "-g", "25",
                                          "-x264-params", "b-pyramid=normal:open-gop=1"]),
    "h264-open-few": ("mp4", "98x66", 50, ["-c:v", "libx264", "-preset", "medium", "-bf", "3", "-g", "8", "-keyint_min", "8",
                                          "-sc_threshold", "0", "-x264-params", "open-gop=1"]),
    "h264-slices": ("mp4", "160x128", 30, ["-c:v", "libx264", "-preset", "fast", "-slices", "4", "-g", "10"]),
    "h264-interlaced": ("mp4", "128x96", 30, ["-c:v", "libx264", "-preset", "fast", "-flags", "+ildct+ilme", "-g", "15", "-bf", "2"]),
    "h264-10bit": ("mp4", "100x60", 20, ["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-g", "10"]),
    "h264-422": ("mp4", "102x62", 20, ["-c:v", "libx264", "-pix_fmt", "yuv422p", "-g", "10"]),
    "h264-444": ("mp4", "101x61", 20, ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-g", "10"]),
    "h264-gray": ("mp4", "66x50", 20, ["-c:v", "libx264", "-pix_fmt", "gray", "-g", "10"]),
    "h264-rgb": ("mp4", "66x50", 20, ["-c:v", "libx264rgb", "-pix_fmt", "rgb24", "-g", "10"]),
    "h264-refresh": ("mp4", "128x96", 50, ["-c:v", "libx264", "-preset", "fast", "-x264-params", "intra-refresh=1:keyint=20"]),
    "h264-odd": ("mp4", "1366x768", 12, ["-c:v", "libx264", "-preset", "ultrafast", "-g", "6"]),
    "hevc-open": ("mp4", "120x90", 50, ["-c:v", "libx265", "-preset", "fast", "-x265-params",
                                       "open-gop=1:keyint=10:min-keyint=10:bframes=4:scenecut=0:log-level=none"]),
    "hevc-10bit": ("mp4", "120x90", 20, ["-c:v", "libx265", "-preset", "fast", "-pix_fmt", "yuv420p10le", "-x265-params",
                                        "keyint=10:log-level=none"]),
    "vp9-alt": ("mp4", "160x128", 40, ["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-auto-alt-ref", "1",
                                      "-lag-in-frames", "16", "-g", "20"]),
    "vp9-444": ("mp4", "98x66", 12, ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", "-pix_fmt", "yuv444p"]),
    "av1-10bit": ("mp4", "128x96", 8, ["-c:v", "libaom-av1", "-cpu-used", "8", "-pix_fmt", "yuv420p10le", "-g", "4"]),
    "av1-svt": ("mp4", "128x96", 40, ["-c:v", "libsvtav1", "-preset", "12", "-g", "16"]),
    "mpeg4-packed": ("mp4", "128x96", 40, ["-c:v", "libxvid", "-bf", "2", "-g", "12"]),
    "mpeg4-qpel": ("mp4", "128x96", 30, ["-c:v", "mpeg4", "-flags", "+qpel", "-bf", "2", "-g", "12"]),
    "mpeg2": ("mp4", "128x96", 40, ["-c:v", "mpeg2video", "-bf", "2", "-g", "12"]),
    "mpeg1": ("mp4", "128x96", 40, ["-c:v", "mpeg1video", "-bf", "2", "-g", "12"]),
    "mjpeg-422": ("mp4", "101x67", 10, ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"]),
    "mjpeg-mov": ("mov", "96x64", 10, ["-c:v", "mjpeg", "-pix_fmt", "yuvj444p"]),
    "prores-hq": ("mov", "130x98", 10, ["-c:v", "prores_ks", "-profile:v", "3"]),
    "prores-4444": ("mov", "130x98", 10, ["-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"]),
    "png": ("mov", "65x33", 10, ["-c:v", "png"]),
    "png-rgba": ("mov", "65x33", 10, ["-c:v", "png", "-pix_fmt", "rgba"]),
    "h263": ("3gp", "176x144", 30, ["-c:v", "h263", "-g", "10"]),
    "dnxhd": ("mov", "1280x720", 5, ["-c:v", "dnxhd", "-b:v", "90M", "-pix_fmt", "yuv422p", "-r", "30000/1001"]),
    "dv": ("mov", "720x576", 5, ["-c:v", "dvvideo", "-pix_fmt", "yuv420p"]),
    "jpeg2000": ("mp4", "65x33", 6, ["-c:v", "jpeg2000"]),
    "qtrle": ("mov", "64x48", 10, ["-c:v", "qtrle"]),
    "uyvy": ("mov", "64x48", 10, ["-c:v", "rawvideo", "-pix_fmt", "uyvy422"]),
    "v210": ("mov", "96x48", 10, ["-c:v", "v210"]),
    "cinepak": ("mov", "64x48", 10, ["-c:v", "cinepak"]),
}
WAYS = [["threads", "1"], ["threads", "4", "kind", "frame"], ["threads", "4", "kind", "slice"], ["threads", "3", "push"]]
SEEKS = [["threads", "1", "seeks", "40"], ["threads", "4", "seeks", "40"]]
DAMAGE = [["threads", "1", "damage", "12"], ["threads", "4", "damage", "8"], ["threads", "1", "keep", "damage", "8"]]
# A refresh by and by has no picture that begins anew; the tables of a packed film do not tell which pictures lead.
NEVER_WHOLE = ["h264-refresh", "mpeg4-packed"]


def cases():
    for case in dict.fromkeys(matrix.cases()):
        if case[2]:
            yield case[0], lambda folder, case=case: matrix.make(folder, *case)
    for name, (ending, size, frames, args) in MORE.items():
        yield name, lambda folder, a=(name, ending, size, frames, args): make(folder, *a)


def make(folder, name, ending, size, frames, args):
    out = folder / f"{name}.{ending}"
    if out.exists():
        return out, ""
    pixels = [] if "-pix_fmt" in args or "prores_ks" in args else ["-pix_fmt", "yuv420p"]
    if name in ("png", "qtrle", "v210", "cinepak", "jpeg2000"):
        pixels = []
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *[s.format(size) for s in SIZE], *pixels, *args, "-frames:v",
                           str(frames), "-threads", "1", "-strict", "experimental", str(out)], capture_output=True, text=True)
    if done.returncode:
        out.unlink(missing_ok=True)
        return None, (done.stderr.strip().splitlines() or ["no reason"])[-1]
    return out, ""


def reference(path):
    """[(pts, md5)] in order, as ffmpeg has them."""
    run = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-noautorotate", "-ignore_editlist", "1", "-threads", "1", "-i", str(path),
                          "-map", "0:v:0", "-copyts", "-vsync", "passthrough", "-enc_time_base", "-1", "-f", "framemd5", "-"],
                         capture_output=True, text=True)
    lines = [[x.strip() for x in line.split(",")] for line in run.stdout.splitlines() if line[:1].isdigit()]
    return [(int(x[2]), x[5]) for x in lines]


def dump(command, path, *args):
    run = subprocess.run([command, str(path), *args], capture_output=True, text=True)
    lines = run.stdout.splitlines()
    frames = [line.split() for line in lines if line[:1].isdigit() or line[:1] == "-"]
    wrong = [line for line in lines if line[:1] in "!~"] + ([f"status {run.returncode}"] if run.returncode else [])
    stats = {line.split()[1]: line.split()[2] for line in lines if line.startswith("#")}
    return frames, wrong + run.stderr.splitlines(), stats


def without_lost(mine, theirs):
    """ffmpeg's demuxer loses frames of films with a fragment each: then ours are looked at where it has one."""
    kept, at = [], 0
    for m in mine:
        if at < len(theirs) and m[4] == theirs[at][1]:
            kept.append(m)
            at += 1
    return kept


def compare(name, mine, theirs):
    if "every-frame" in name and len(mine) == 30:
        mine = without_lost(mine, theirs)
    if len(mine) != len(theirs):
        return f"{len(mine)} frames, ffmpeg has {len(theirs)}"
    shift = theirs[0][0] - int(mine[0][0]) if mine else 0
    for i, (m, t) in enumerate(zip(mine, theirs)):
        if m[4] != t[1]:
            return f"frame {i} (sample {m[2]}): other pixels"
        # The tables of a packed film have no composition times, and ffmpeg makes some up; so it does where it lost frames.
        if int(m[0]) + shift != t[0] and name != "mpeg4-packed" and "every-frame" not in name:
            return f"frame {i}: pts {m[0]} + {shift}, ffmpeg {t[0]}"
        if int(m[3]) & 8:
            return f"frame {i}: flagged as damaged"
    return None


def check(command, name, path):
    theirs = reference(path)
    if not theirs:
        return "ffmpeg decodes nothing"
    for way in WAYS:
        mine, wrong, _ = dump(command, path, *way)
        why = wrong[0] if wrong else compare(name, mine, theirs)
        if why:
            return f"{' '.join(way)}: {why}"
    ways = SEEKS if "hevc-b-aac-every-frame" not in name else []  # its pictures come in another order than its times say
    for way in ways + (DAMAGE if name not in NEVER_WHOLE else []):
        _, wrong, _ = dump(command, path, *way)
        wrong = [line for line in wrong if "IMGUTILS" not in line]  # libavutil tells of impossible sizes past its caller
        if wrong:
            return f"{' '.join(way)}: {wrong[0]}"
    return None


def arguments(doc):
    ap = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--dump", required=True)
    ap.add_argument("--keep", type=pathlib.Path)
    ap.add_argument("--only", default="")
    return ap


def over_films(a, films, test):
    """films: (name, what makes it in a folder); test(name, path) gives what is wrong, or None. The program's exit status."""
    if not shutil.which("ffmpeg"):
        print("1..0 # SKIP ffmpeg is not installed")
        return 0
    bad = n = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = a.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name, film in films:
            if a.only not in name:
                continue
            n += 1
            path, why = film(folder)
            if not path:
                print(f"ok {n} # SKIP {name}: {why}", flush=True)
                continue
            why = test(name, path)
            bad += why is not None
            print(f"{'not ok' if why else 'ok'} {n} {name}" + (f": {why}" if why else ""), flush=True)
    print(f"1..{n}")
    return 1 if bad else 0


def main():
    a = arguments(__doc__).parse_args()
    return over_films(a, cases(), lambda name, path: check(a.dump, name, path))


if __name__ == "__main__":
    sys.exit(main())
