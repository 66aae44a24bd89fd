#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""decode_sounds.py --dump COMMAND --reel COMMAND [--keep FOLDER] [--only TEXT]: the sound that reel decodes is what ffmpeg
decodes, sample for sample, and as long as the edit list says.

Films of each codec that ffmpeg encodes: pulled and pushed; then samples that are sought come out as they did in order,
exactly, or near that where decoders make noise or remember for long. Prints TAP.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

RATE, SECONDS = 48000, 2
TONES = "0.5*sin(440*2*PI*t)*sin(t*3)+0.1*(random(0)-0.5)|0.4*sin(700*2*PI*t*(1+t/9))"
PCM = ["s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "f64be", "mulaw", "alaw", "u8", "s8"]
FRAGMENTS = ["-movflags", "frag_keyframe+empty_moov"]
FILMS = {  # name: (ending, arguments)
    "aac": ("mp4", ["-c:a", "aac", "-aac_pns", "0"]),
    "aac-mono-22050": ("mp4", ["-c:a", "aac", "-aac_pns", "0", "-ac", "1", "-ar", "22050"]),
    "aac-5.1": ("mp4", ["-c:a", "aac", "-aac_pns", "0", "-ac", "6"]),
    "aac-late": ("mp4", ["-c:a", "aac", "-aac_pns", "0", "-output_ts_offset", "1"]),
    "aac-fragments": ("mp4", ["-c:a", "aac", "-aac_pns", "0", *FRAGMENTS]),
    "aac-mov": ("mov", ["-c:a", "aac", "-aac_pns", "0"]),
    "mp3": ("mp4", ["-c:a", "libmp3lame"]),
    "mp3-mov": ("mov", ["-c:a", "libmp3lame", "-b:a", "32k"]),
    "mp2": ("mp4", ["-c:a", "mp2"]),
    "opus": ("mp4", ["-c:a", "libopus"]),
    "opus-60ms": ("mp4", ["-c:a", "libopus", "-frame_duration", "60", "-b:a", "16k", "-application", "voip"]),
    "opus-5.1": ("mp4", ["-c:a", "libopus", "-ac", "6"]),
    "opus-fragments": ("mp4", ["-c:a", "libopus", *FRAGMENTS]),
    "flac": ("mp4", ["-c:a", "flac"]),
    "flac-24": ("mp4", ["-c:a", "flac", "-sample_fmt", "s32"]),
    "flac-5.1": ("mp4", ["-c:a", "flac", "-ac", "6"]),
    "alac": ("m4a", ["-c:a", "alac"]),
    "alac-24": ("mov", ["-c:a", "alac", "-sample_fmt", "s32p"]),
    "ac3": ("mp4", ["-c:a", "ac3"]),
    "eac3-5.1": ("mp4", ["-c:a", "eac3", "-ac", "6"]),
    "dts": ("mp4", ["-c:a", "dca"]),
    "truehd": ("mp4", ["-c:a", "truehd"]),
    "vorbis": ("mp4", ["-c:a", "libvorbis"]),
    "ima4": ("mov", ["-c:a", "adpcm_ima_qt"]),
    "pcm-5.1": ("mov", ["-c:a", "pcm_s16le", "-ac", "6"]),
    "pcm-192k-8": ("mov", ["-c:a", "pcm_s24be", "-ac", "8", "-ar", "192000"]),
    **{f"pcm-{p}": ("mov", ["-c:a", f"pcm_{p}"]) for p in PCM},
}
# After a seek: decoders that put noise in, or whose past fades.
NEAR = {"opus": 0.05, "ac3": 0.1, "eac3": 0.15, "ima4": 0.02}
RAW = {"u8": ("u8", 1), "s16": ("s16le", 2), "s32": ("s32le", 4), "flt": ("f32le", 4), "dbl": ("f64le", 8)}


def make(folder, name, ending, args):
    out = folder / f"{name}.{ending}"
    if out.exists():
        return out, ""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", f"aevalsrc={TONES}:s={RATE}:d={SECONDS}",
                           *args, "-strict", "-2", str(out)], capture_output=True, text=True)
    if done.returncode:
        out.unlink(missing_ok=True)
        return None, (done.stderr.strip().splitlines() or ["no reason"])[-1]
    return out, ""


def dump(command, path, *args):
    """(frames, statistics, samples in turn, what went wrong)"""
    with tempfile.NamedTemporaryFile() as raw:
        run = subprocess.run([command, str(path), "sound", raw.name, *args], capture_output=True, text=True)
        samples = pathlib.Path(raw.name).read_bytes()
    lines = run.stdout.splitlines()
    frames = [[int(x) for x in line.split()[:4]] for line in lines if line[:1].isdigit() or line[:1] == "-"]
    wrong = [line for line in lines if line[:1] in "!~"] + ([f"status {run.returncode}"] if run.returncode else [])
    stats = {line.split()[1]: line.split()[2] for line in lines if line.startswith("#") and len(line.split()) > 2}
    return frames, stats, samples, wrong + run.stderr.splitlines()


def reference(path, form):
    run = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0", "-c:a", f"pcm_{form}", "-f", form, "-"],
                         capture_output=True)
    return run.stdout


def promised(reel, path):
    """How many ticks are heard: what the edits say, or all; and of how many a second."""
    run = subprocess.run([reel, "info", "--format", "json", str(path)], capture_output=True, text=True, check=True)
    track = next(t for t in json.loads(run.stdout)["tracks"] if t["type"] == "audio")
    edits = [e for e in track.get("edits", []) if e["kind"] == "media"]
    return sum(e["end"] - e["start"] for e in edits) if edits else None, track["timescale"]


def compare(name, reel, path, got):
    frames, stats, mine, wrong = got
    if wrong:
        return wrong[0]
    form, size = RAW[stats["format"].rstrip("p") if stats["format"] != "s16" else "s16"]
    size *= int(stats["channels"])
    theirs = reference(path, form)
    n = len(mine) // size
    # An end within a packet is where the table or the edit list has it; ffmpeg lets the packet's rest be heard.
    if theirs[: len(mine)] != mine:
        return f"other samples than ffmpeg's, {n} and {len(theirs) // size}"
    said, scale = promised(reel, path)
    # In milliseconds it may reach a little beyond the last packet.
    if said is not None and abs(said / scale - n / int(stats["rate"])) > 0.0011 and len(mine) != len(theirs):
        return f"{n} samples, the edit list says {said}/{scale}"
    if len(theirs) // size - n > 4096:
        return f"{n} samples, ffmpeg has {len(theirs) // size}"
    at = frames[0][0]
    for i, (pts, duration, _, flags) in enumerate(frames):
        if abs(pts - at) > 1 or flags & 8:
            return f"frame {i} at {pts}, the one before ended at {at}, flags {flags}"
        at = pts + duration
    if int(stats["wrapped"]) or int(stats["pools"]) > 3:
        return f"{stats['wrapped']} frames in memory of the codec's own, {stats['pools']} pools"
    return None


def check(a, name, path):
    got = dump(a.dump, path)
    why = compare(name, a.reel, path, got)
    if why:
        return why
    pushed = dump(a.dump, path, "push")
    if pushed[3] or pushed[2] != got[2]:
        return f"pushed: {(pushed[3] or ['other samples'])[0]}"
    near = next((["near", str(x)] for codec, x in NEAR.items() if name.startswith(codec)), [])
    wrong = dump(a.dump, path, *near, "seeks", "40")[3]
    return f"sought: {wrong[0]}" if wrong else None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--dump", required=True)
    ap.add_argument("--reel", required=True)
    ap.add_argument("--keep", type=pathlib.Path)
    ap.add_argument("--only", default="")
    a = ap.parse_args()
    if not shutil.which("ffmpeg"):
        print("1..0 # SKIP ffmpeg is not installed")
        return 0
    bad = n = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = a.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name, (ending, args) in FILMS.items():
            if a.only not in name:
                continue
            n += 1
            path, why = make(folder, name, ending, args)
            if not path:
                print(f"ok {n} # SKIP {name}: {why}", flush=True)
                continue
            why = check(a, name, path)
            bad += why is not None
            print(f"{'not ok' if why else 'ok'} {n} {name}" + (f": {why}" if why else ""), flush=True)
    print(f"1..{n}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
