#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""play_cli.py --reel COMMAND: reel play without a window: what it reports, and what it refuses; with one that nobody sees:
that its sound is the film's. How late frames are is the business of bench/play.py: here machines are busy. Prints TAP.
"""
import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

RATE, SECONDS = 25, 2


def film(folder):
    path = folder / "film.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=160x90:rate={RATE}", "-t", "2",
                    "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "10", path], check=True)
    return path


def run(reel, *words):
    return subprocess.run([reel, "play", *map(str, words)], capture_output=True, text=True, timeout=120)


def test_report(reel, path):
    """Every stream runs, loops, and is counted; all is the sum."""
    done = run(reel, "--headless", "-n", 3, "--seconds", SECONDS, "--load", 1, "--naive", "--format", "json", path)
    got = json.loads(done.stdout)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert got["streams"] == 3 and got["load"] == 1 and len(got["stream"]) == 3
    for name in ("presented", "missed", "dropped", "repeated", "errors"):
        assert got["all"][name] == sum(s[name] for s in got["stream"])
    shown = got["all"]["presented"] + got["all"]["dropped"]
    assert 3 <= shown <= 3 * RATE * (got["seconds"] + 1), shown
    assert got["timer"]["times"] > 0 and got["naive"]["presented"] > 0 and got["pacing"]["threads"] == 1
    late = got["all"]["late_ms"]
    assert 0 <= late["p50"] <= late["p99"] <= late["p99.9"] <= late["max"]


def test_text(reel, path):
    done = run(reel, "--headless", "--seconds", 1, "--fps", "30000/1001", "--policy", "wait", path, path)
    assert done.returncode == 0 and "bare timer" in done.stdout and "stream 1" in done.stdout, done.stdout
    assert "naive" not in done.stdout


def test_refusals(reel, path):
    for words in (["--headless", "--fps", "x"], ["--headless", "--fps", "0"], ["--headless", "--rate", "9"],
                  ["--headless", "--ahead", "1"], ["--headless", "--streams", "0"], ["--seconds", "3"],
                  ["--headless", "--policy", "never"]):
        done = run(reel, *words, path)
        assert done.returncode == 2 and done.stderr.startswith("reel: "), (words, done)
    done = run(reel, "--headless", "--seconds", 1, path.parent / "none.mp4")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done


def with_sound(path):
    out = path.with_name("sound.mp4")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, "-f", "lavfi", "-i", "aevalsrc=0.5*sin(700*t*(9+t))|0.3*sin(999*t):s=48000",
                    "-t", "2", "-c:v", "copy", "-c:a", "aac", out], check=True)
    return out


def first_sound(raw):
    """Bytes from the first sample that is not silent on."""
    for i in range(0, len(raw), 8):
        if raw[i : i + 8] != bytes(8):
            return raw[i:]
    return b""


def test_sound(reel, path):
    """SDL writes what is heard to a file: the first 0.4 s are ffmpeg's, sample for sample; and it ends when it is told to."""
    sound, heard = with_sound(path), path.with_name("heard.raw")
    env = dict(os.environ, SDL_VIDEODRIVER="dummy", SDL_RENDER_DRIVER="software", SDL_AUDIODRIVER="disk", SDL_DISKAUDIOFILE=str(heard))
    want = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", sound, "-c:a", "pcm_f32le", "-f", "f32le", "-"], check=True,
                          capture_output=True).stdout
    want, got = first_sound(want)[: 8 * 48000 * 4 // 10], b""
    with subprocess.Popen([reel, "play", sound], env=env, stderr=subprocess.PIPE, text=True) as play:
        until = time.monotonic() + 60
        while len(got) < len(want) and play.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
            got = first_sound(heard.read_bytes()) if heard.exists() else b""
        if play.poll() is None:
            play.send_signal(signal.SIGINT)
        words = play.communicate(timeout=60)[1]
    if "without SDL2" in words:
        return "built without SDL2"
    assert play.returncode == 0, (play.returncode, words)
    assert got[: len(want)] == want, "other sound than ffmpeg's"
    return None


def noise(path):
    """Whose tables are fine, and whose samples are nothing."""
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 4
    end = at - 8 + int.from_bytes(data[at - 8:at - 4], "big")
    data[at:end] = random.Random(1).randbytes(end - at)
    out = path.with_name("noise.mp4")
    out.write_bytes(data)
    return out


def test_hopeless(reel, path):
    """A film of which nothing can be decoded is told in one line, at once; of several, the others are reported."""
    bad = noise(path)
    done = run(reel, "--headless", "--seconds", 60, bad)
    assert done.returncode == 1 and not done.stdout and done.stderr.count("\n") == 1, done
    assert "noise.mp4: not one frame could be shown: sample 0: " in done.stderr, done
    done = run(reel, "--headless", "--seconds", 1, "-n", 2, bad, path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "errors: " in done.stdout, done
    assert "errors: " not in run(reel, "--headless", "--seconds", 1, path).stdout


def no_window(done):
    return "without SDL2" in done.stderr and "built without SDL2"


def windowed(reel, *words, **env):
    env = {**{k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")},
           "SDL_AUDIODRIVER": "dummy", "SDL_RENDER_DRIVER": "software", **env}
    return subprocess.run([reel, "play", *map(str, words)], env=env, capture_output=True, text=True, timeout=120)


def test_window(reel, path):
    """Without a display it says so; with one it closes at the end of the film, unless it is to stay; sound alone is refused."""
    done = windowed(reel, path)
    if no_window(done):
        return no_window(done)
    assert done.returncode == 1 and "reel: play: no display" in done.stderr and "--headless" in done.stderr, done
    done = windowed(reel, path, SDL_VIDEODRIVER="dummy")
    assert done.returncode == 0 and not done.stderr, done
    done = windowed(reel, noise(path), SDL_VIDEODRIVER="dummy")
    assert done.returncode == 1 and done.stderr, done
    try:
        subprocess.run([reel, "play", "--keep", path], timeout=4, check=False,
                       env=dict(os.environ, SDL_AUDIODRIVER="dummy", SDL_RENDER_DRIVER="software", SDL_VIDEODRIVER="dummy"))
        raise AssertionError("--keep: it ended")
    except subprocess.TimeoutExpired:
        pass
    sound = path.with_name("alone.m4a")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", with_sound(path), "-vn", "-c", "copy", sound], check=True)
    done = windowed(reel, sound)
    assert done.returncode == 1 and done.stderr.endswith("alone.m4a: there is no video track in it\n"), done
    return None


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--reel", required=True)
    args = parse.parse_args()
    tests = [test_report, test_text, test_refusals, test_sound, test_hopeless, test_window]
    failed = 0
    print(f"1..{len(tests)}")
    with tempfile.TemporaryDirectory() as folder:
        path = film(pathlib.Path(folder))
        for i, test in enumerate(tests, 1):
            try:
                skipped = test(args.reel, path)
                print(f"ok {i} - {test.__name__}" + (f" # SKIP {skipped}" if skipped else ""))
            except AssertionError as e:
                failed += 1
                print(f"not ok {i} - {test.__name__}: {e}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
