#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""cli.py --reel COMMAND --films PROGRAM [--update] [--only TEXT]: what the command says, word by word.

cli/cases.txt holds command lines and exit statuses, golden/cli/ what they print: FOLDER/NAME.out and NAME.err, neither
where it is empty. --update rewrites the golden files; statuses are written by hand. Beyond its golden files every line
has to keep the rules of rules(). What a golden file cannot hold (pipes that close, terminals, the promises of the JSON)
is tested below. Prints TAP.
"""
import argparse
import difflib
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden" / "cli"
WAIT = 60  # seconds after which a command hangs
COLOURS = re.compile(r"\x1b\[\d+m")


class Case:
    def __init__(self, folder, name, status):
        self.name, self.status, self.lines = f"{folder}/{name}", status, []
        self.golden = {s: GOLDEN / folder / f"{name}.{s}" for s in ("out", "err")}


def read_cases():
    """[folder], then NAME [STATUS]: LINE, or several lines below, each to end with STATUS (0)."""
    folder = ""
    for number, text in enumerate((HERE / "cli" / "cases.txt").read_text("utf-8").splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        if m := re.fullmatch(r"\[([\w-]+)\]", text):
            folder = m[1]
        elif m := re.fullmatch(r"([\w-]+)(?: ([012]))?:(?: (.*))?", text):
            case = Case(folder, m[1], int(m[2] or 0))
            case.lines += [m[3]] if m[3] else []
            yield case
        elif text.startswith("    "):
            case.lines.append(text.strip())
        else:
            sys.exit(f"cases.txt:{number}: what is this?")


class Bench:
    """A folder with the films, and the command in front of the path."""

    def __init__(self, scratch, reel, films):
        self.folder, self.master = scratch / "films", scratch / "master"
        self.reel = scratch / "bin" / "reel"
        for folder in (self.master / "folder", self.master / "new", self.reel.parent):
            folder.mkdir(parents=True)
        self.reel.symlink_to(pathlib.Path(reel).resolve())
        subprocess.run([films, self.master], check=True)
        self.env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LANG", "LANGUAGE")}
        self.env |= {"LC_ALL": "C", "TERM": "xterm", "TZ": "UTC", "PATH": f"{self.reel.parent}:{os.environ['PATH']}"}

    def refresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.master, self.folder, ignore=shutil.ignore_patterns("hostile"))
        (self.folder / "hostile").symlink_to(self.master / "hostile")  # larger than the others, and never written to

    def run(self, argv, **kw):
        kw = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.folder,
              "env": self.env | kw.pop("env", {}), "timeout": WAIT} | kw
        return subprocess.run(argv, check=False, **kw)

    def json(self, *argv):
        return documents(self.run(["reel", *argv]).stdout.decode())

    def films(self):
        """All that opens as a film of its own."""
        names = sorted(p.name for p in self.folder.iterdir() if p.is_file())
        return [n for n in names if self.run(["reel", "info", "--", n]).returncode == 0]


def documents(text):
    """The JSON values in text, one behind the other."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def printable(text):
    return all(c == "\n" or c.isprintable() for c in text)


def rules(line, status, out, err):
    """What holds for every command line, whatever its golden files say."""
    try:
        out, err = out.decode(), err.decode()
    except UnicodeDecodeError as e:
        return f"the output is no UTF-8: {e}"
    if not printable(COLOURS.sub("", out) if "--color always" in line else out) or not printable(err):
        return "there are control characters in the output"
    if any(not re.match(r"reel: \S.*: \S", s) for s in err.splitlines()):
        return "an error is one line: reel: FILE: what (where)"
    if status == 2 and out:
        return "a bad call prints nothing on standard output"
    if (status != 0) > bool(err) and "--fail-on" not in line:
        return "it failed without a word"
    try:
        if m := re.match(r"reel [^|>]*(?:--format |--format=|-f ?)(jsonl?)\b[^|>]*$", line):
            [json.loads(s) for s in out.splitlines()] if m[1] == "jsonl" else documents(out)
    except json.JSONDecodeError as e:
        return f"this is no JSON: {e}"
    return None


def run_case(bench, case):
    """What it printed, by stream, and what is wrong with it."""
    said, wrong = {"out": "", "err": ""}, []
    bench.refresh()
    for line in case.lines:
        p = bench.run(["sh", "-c", line])
        broken = rules(line, p.returncode, p.stdout, p.stderr)
        if p.returncode != case.status:
            wrong.append(f"{line}: exit status {p.returncode}, not {case.status}")
        if broken:
            wrong.append(f"{line}: {broken}")
        for stream, data in (("out", p.stdout), ("err", p.stderr)):
            said[stream] += f"$ {line}\n" if data and len(case.lines) > 1 else ""
            said[stream] += data.decode(errors="backslashreplace")
    return said, wrong


def compare(case, said):
    for stream, path in case.golden.items():
        want = path.read_text("utf-8") if path.exists() else ""
        if said[stream] != want:
            yield from difflib.unified_diff(want.splitlines(), said[stream].splitlines(), str(path.relative_to(HERE)),
                                            "now", lineterm="")


def update(case, said):
    for stream, path in case.golden.items():
        path.unlink(missing_ok=True)
        if said[stream]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(said[stream], "utf-8")


def left_over(cases, rewrite):
    known = {p for c in cases for p in c.golden.values()}
    for path in sorted(GOLDEN.rglob("*.*")):
        if path not in known and rewrite:
            path.unlink()
        elif path not in known:
            yield f"{path.relative_to(HERE)} belongs to no case"


# ---- what is no golden file ----

KEYS = {"track": int, "index": int, "dts": int, "pts": int, "duration": int, "size": int, "offset": int, "key": bool}


def test_packets_keep_their_promise(bench):
    """packets --format jsonl: these members first, in this order, then time; samples count from 0; json is the same"""
    for name in bench.films():
        lines, next_index = bench.json("packets", "--format", "jsonl", "--", name), {}
        for s in lines:
            members = [(k, type(v)) for k, v in s.items()]
            if members[:len(KEYS)] != list(KEYS.items()) or [k for k, _ in members[len(KEYS):]] not in ([], ["time"]):
                return f"{name}: {s}"
            if s["index"] != next_index.get(s["track"], 0):
                return f"{name}: index {s['index']} of track {s['track']}"
            next_index[s["track"]] = s["index"] + 1
        if bench.json("packets", "--format", "json", "--", name) != [lines]:
            return f"{name}: json is not what jsonl is"
        rows = bench.run(["reel", "packets", "--", name]).stdout.decode().splitlines()[1:]
        if len(rows) != len(lines):
            return f"{name}: {len(rows)} rows of text, {len(lines)} of jsonl"
    return None


def track_is_wrong(t, packets):
    want = {"id": int, "type": str, "codec": str, "timescale": int, "duration": int, "samples": int}
    if t["type"] == "video":
        want |= {"width": int, "height": int}
    if t["type"] == "audio":
        want |= {"channels": int, "sample_rate": int}
    bad = [k for k, kind in want.items() if type(t.get(k)) is not kind]
    return bad or (t["samples"] != len(packets) and "samples")


def test_info_keeps_its_promise(bench):
    """info --format json: the members of each kind of track, and as many samples as packets lists"""
    for name in bench.films():
        [film] = bench.json("info", "--format", "json", "--", name)
        packets = bench.json("packets", "--format", "jsonl", "--", name)
        for t in film["tracks"]:
            wrong = track_is_wrong(t, [s for s in packets if s["track"] == t["id"]])
            if wrong:
                return f"{name}: track {t['id']}: {wrong}"
    return None


def test_one_document(bench):
    """json is one document, whatever is asked of however many films: of several an array, one behind the other"""
    films = ["plain.mp4", "still.heic", "edits.mp4", "cut.mp4"]
    for argv in (["info"], ["boxes"], ["doctor"]):
        flat = argv == ["doctor"]
        alone = [d for f in films for [d] in [bench.json(*argv, "-f", "json", f)]]
        alone = [finding for found in alone for finding in found] if flat else alone
        if bench.json(*argv, "-f", "json", *films) != [alone]:
            return f"{argv} of several films is not what it says of each"
    return None


def keys_of(value):
    """Every member's name in a JSON value, but for the fields of boxes, which docs/boxes.md lists."""
    for v in value if isinstance(value, list) else []:
        yield from keys_of(v)
    for k, v in value.items() if isinstance(value, dict) else []:
        yield k
        yield from keys_of(v) if k != "fields" else ()


def test_json_is_documented(bench):
    """docs/json.md knows every member that any golden file shows"""
    page = (HERE.parent / "docs" / "json.md").read_text("utf-8")
    known = set(re.findall(r"`(\w+)`", page))
    for case in read_cases():
        if not re.search(r"(--format |--format=|-k?f ?)json", " ".join(case.lines)) or not case.golden["out"].exists():
            continue
        text = re.sub(r"^\$ .*\n", "", case.golden["out"].read_text("utf-8"), flags=re.M)
        try:
            missing = set(keys_of(documents(text))) - known
        except json.JSONDecodeError:  # a text format stands beside it, or the case cut it short
            continue
        if missing:
            return f"{case.name}: {', '.join(sorted(missing))}"
    return None


def test_unmapped(bench):
    """a film that is read says the same as a film that is mapped"""
    for name in bench.films():
        for argv in (["info"], ["boxes", "--fields"], ["packets"], ["extract", "--as", "raw"]):
            mapped, read = (bench.run(["reel", *argv, *flag, "--", name]) for flag in ([], ["--no-map"]))
            if (mapped.returncode, mapped.stdout, mapped.stderr) != (read.returncode, read.stdout, read.stderr):
                return f"{argv} {name!r}: {mapped} {read}"
    return None


def test_closed_pipe(bench):
    """a reader that goes away ends the command at once, without a word"""
    for argv in (["packets", "many.mp4"], ["packets", "-f", "jsonl", "many.mp4"], ["packets", "-f", "json", "many.mp4"],
                 ["boxes", "--fields", "--rows", "0", "plain.mp4"], ["info", "plain.mp4"], ["extract", "plain.mp4"],
                 ["extract", "-t", "2", "text.mp4"], ["help"]):
        read, write = os.pipe()
        os.close(read)
        p = bench.run(["reel", *argv], stdout=write)
        os.close(write)
        if p.stderr or p.returncode != 1:
            return f"{argv}: status {p.returncode}, {p.stderr}"
    p = bench.run(["sh", "-c", "reel packets many.mp4 | head -1"])
    return None if not p.stderr and p.stdout.startswith(b"track ") else f"head: {p}"


def on_terminal(bench, argv, **env):
    """(exit status, what a terminal as standard output sees, standard error)"""
    ours, theirs = pty.openpty()
    with tempfile.TemporaryFile() as errors:
        p = subprocess.Popen(["reel", *argv], stdin=subprocess.DEVNULL, stdout=theirs, stderr=errors, cwd=bench.folder,
                             env=bench.env | env)
        os.close(theirs)
        seen = b""
        try:
            while data := os.read(ours, 65536):
                seen += data
        except OSError:  # so Linux ends a terminal that nobody writes to
            pass
        os.close(ours)
        status = p.wait(WAIT)
        errors.seek(0)
        return status, seen.decode().replace("\r\n", "\n"), errors.read().decode()


def test_colours(bench):
    """colours on a terminal only, unless NO_COLOR is set and not empty, TERM is dumb, or --color says otherwise"""
    for argv, env, coloured in (
            ([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"NO_COLOR": ""}, True), ([], {"TERM": "dumb"}, False),
            (["--color", "never"], {}, False), (["--color", "always"], {"NO_COLOR": "1"}, True)):
        for command in ("info", "boxes"):
            _, seen, _ = on_terminal(bench, [command, *argv, "plain.mp4"], **env)
            if ("\x1b" in seen) != coloured:
                return f"{command} {argv} {env}: {seen!r}"
    return None


def test_terminal_is_safe(bench):
    """nothing that a file holds or is called reaches a terminal but as text"""
    for name in sorted(p.name for p in bench.folder.iterdir() if p.is_file()):
        for argv in (["info"], ["boxes", "--fields"], ["doctor"], ["packets", "-n", "3"]):
            _, seen, err = on_terminal(bench, [*argv, "--", name])
            for text in (COLOURS.sub("", seen), err):
                if not printable(text):
                    return f"{argv} {name!r}: {text!r}"
    return None


def test_no_stream_on_a_terminal(bench):
    """extract does not throw bytes at a terminal, unless told to"""
    status, seen, err = on_terminal(bench, ["extract", "plain.mp4"])
    if status != 2 or seen or "-o" not in err:
        return f"{status} {seen!r} {err!r}"
    status, seen, err = on_terminal(bench, ["extract", "-t", "2", "-o", "-", "text.mp4"])
    return None if status == 0 and "WEBVTT" in seen and not err else f"-o -: {status} {seen!r} {err!r}"


def test_unreadable(bench):
    """a file that may not be read"""
    path = bench.folder / "secret.mp4"
    path.write_bytes(b"secret")
    path.chmod(0)
    who = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        p = bench.run(["reel", "info", path.name], **who)
    except OSError:
        return "SKIP root may read it, and nobody may not start the command"
    finally:
        path.unlink()
    return None if (p.returncode, p.stderr) == (1, b"reel: secret.mp4: Permission denied\n") else str(p)


def extract_big(bench, meddle):
    """reel extract of two gigabytes, and meddle(process, film) once some of them are written."""
    film, new = bench.folder / "big.mp4", bench.folder / "new"
    shutil.copy(bench.master / "hostile" / film.name, film)
    os.truncate(film, film.stat().st_size + (2000 << 20))
    (new / "file").write_text("old")
    p = subprocess.Popen(["reel", "extract", "-a", "raw", "-o", "new/file", film.name], stdin=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, cwd=bench.folder, env=bench.env)
    while p.poll() is None and not any(f.stat().st_size for f in new.glob("file.*")):
        time.sleep(0.001)
    meddle(p, film)
    said = p.communicate(timeout=WAIT)[1].decode()
    kept = [(f.name, f.read_text() if f.stat().st_size < 10 else "new") for f in new.iterdir()]
    film.unlink()
    return p.returncode, said, kept


def test_interrupted(bench):
    """a signal ends extract as it ends others, and nothing that is half written stays"""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        ended = extract_big(bench, lambda p, film, number=number: p.send_signal(number))
        if ended != (-number, "", [("file", "old")]):
            return str(ended)
    return None


def test_shrinks(bench):
    """a film that gets shorter while it is extracted is at fault, and not the output"""
    status, said, kept = extract_big(bench, lambda p, film: os.truncate(film, 1 << 16))
    if status != 1 or kept != [("file", "old")] or said.count("\n") != 1 or not said.startswith("reel: big.mp4: "):
        return f"{status} {said!r} {kept}"
    return None


def package_big(bench, meddle):
    """reel package of two gigabytes, and meddle(process, film) once some of them are written."""
    film, new = bench.folder / "big.mp4", bench.folder / "new"
    shutil.copy(bench.master / "hostile" / film.name, film)
    os.truncate(film, film.stat().st_size + (2000 << 20))
    (new / "title").mkdir(exist_ok=True)
    (new / "title" / "master.m3u8").write_text("old")
    p = subprocess.Popen(["reel", "package", "-o", "new/title", film.name], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=bench.folder, env=bench.env)
    while p.poll() is None and not any(f.is_file() and f.stat().st_size for f in new.glob("title/.reel-*/t1/*")):
        time.sleep(0.001)
    meddle(p, film)
    said = p.communicate(timeout=WAIT)[1].decode()
    kept = [(str(f.relative_to(new)), f.is_file() and f.read_text()) for f in sorted(new.rglob("*"))]
    film.unlink()
    return p.returncode, said, kept


def test_package_interrupted(bench):
    """a signal ends package as it ends others, and the tree that was there is still what is there"""
    there = [("title", False), ("title/master.m3u8", "old")]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        ended = package_big(bench, lambda p, film, number=number: p.send_signal(number))
        if ended != (-number, "", there):
            return str(ended)
    status, said, kept = package_big(bench, lambda p, film: os.truncate(film, 1 << 16))
    if status != 1 or kept != there or said.count("\n") != 1 or not said.startswith("reel: big.mp4: "):
        return f"{status} {said!r} {kept}"
    return None


def test_package_interrupted_late(bench):
    """a signal while a tree gets its names leaves nothing of the folder that it was written in"""
    run = bench.run(["sh", "-c", "reel concat -o new/long.mp4 $(yes plain.mp4 | head -n 100)"])
    if run.returncode:
        return str(run)
    title = bench.folder / "new" / "title"
    for _ in range(20):
        shutil.rmtree(title, ignore_errors=True)
        title.mkdir()
        p = subprocess.Popen(["reel", "package", "-c", "-s", "0.01", "-o", "new/title", "new/long.mp4"], cwd=bench.folder,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=bench.env)
        while p.poll() is None and not (title / "t1").exists():
            pass
        p.send_signal(signal.SIGTERM)
        p.communicate(timeout=WAIT)
        if left := list(title.glob(".reel-*")):
            return f"{left[0].name} is left"
    return None


def test_package_across(bench):
    """what a rename would not reach is told before the tree that is there is touched"""
    title = bench.folder / "new" / "title"
    title.mkdir()
    if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == title.stat().st_dev:
        return "SKIP there is no second file system"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        (title / "t2").symlink_to(other)
        (title / "master.m3u8").write_text("old")
        p = bench.run(["reel", "package", "-o", "new/title", "plain.mp4"])
        kept = sorted(f.name for f in [*title.iterdir(), *pathlib.Path(other).iterdir()])
    want = b"reel: new/title/t2: it lies in another file system than new/title: a file cannot be moved there in one go\n"
    if (p.returncode, p.stderr, kept) != (1, want, ["master.m3u8", "t2"]) or (title / "master.m3u8").read_text() != "old":
        return f"{p} {kept}"
    return None


def test_package_is_taken_back(bench):
    """where the last of the names cannot be had, what had its name before is taken back, and what it replaced returns"""
    if os.geteuid() != 0:
        return "SKIP only root can put a file there that nobody may replace"
    title = bench.folder / "new" / "title"
    (title / "t1").mkdir(parents=True)
    (title / "t1" / "media.mp4").write_text("old")
    (title / "master.m3u8").write_text("old")
    os.chmod(title, 0o1777)  # there a file can be replaced by who owns it
    for path in (title / "t1", title / "t1" / "media.mp4"):
        os.chown(path, 65534, 65534)
    try:
        p = bench.run(["reel", "package", "-o", "new/title", "plain.mp4"], user=65534, group=65534, extra_groups=[])
    except OSError:
        return "SKIP nobody may not start the command"
    kept = sorted((str(f.relative_to(title)), f.read_text(errors="replace")) for f in title.rglob("*") if f.is_file())
    if p.returncode != 1 or b"master.m3u8" not in p.stderr or kept != [("master.m3u8", "old"), ("t1/media.mp4", "old")]:
        return f"{p} {[(n, t[:20]) for n, t in kept]}"
    return None


# ---- the doctor's word ----

def damaged(bench):
    """Films with an ill each, beside those that are there: torn at several places, without movie box, written over."""
    for name in ("plain.mp4", "fragmented.mp4", "late.mp4", "encrypted.mp4", "text.mp4", "av1.mp4"):
        data = (bench.folder / name).read_bytes()
        for i in range(1, 12):
            (bench.folder / f"torn-{i}-{name}").write_bytes(data[:len(data) * i // 12])
        at = data.rfind(b"mdat") - 4
        (bench.folder / f"zero-{name}").write_bytes(data[:at] + bytes(4) + data[at + 4:])
        (bench.folder / f"junk-{name}").write_bytes(data + b"more than there should be")
        moov = data.find(b"moov")
        (bench.folder / f"headless-{name}").write_bytes(data[:moov] + b"free" + data[moov + 4:])
    segments = [(bench.folder / f"{i}.m4s").read_bytes() for i in (1, 2)]
    (bench.folder / "no-init.mp4").write_bytes(b"".join(segments))
    (bench.folder / "gap.mp4").write_bytes((bench.folder / "init.mp4").read_bytes() + segments[0] + b"?" * 99 + segments[1])


def findings(bench, name):
    p = bench.run(["reel", "doctor", "-f", "json", "--", name])
    return documents(p.stdout.decode())[0] if p.stdout else []


def test_doctor_is_right(bench):
    """each command of reel that doctor gives can be followed, and after it the finding is gone"""
    damaged(bench)
    shutil.copytree(bench.master / "hostile", bench.folder, dirs_exist_ok=True)
    followed = set()
    for name in sorted(p.name for p in bench.folder.iterdir() if p.is_file() and p.name != "out.mp4"):
        for f in findings(bench, name):
            command = f.get("command", "").replace("GOOD_FILE", "init.mp4")
            if not command.startswith("reel "):
                continue
            p = bench.run(["bash", "-c", command])
            if p.returncode:
                return f"{name!r}: {f['id']}: {command}: {p.stderr.decode()}"
            out = "new.mp4" if name == "out.mp4" else "out.mp4"
            after = findings(bench, out)
            if any((a["id"], a.get("track")) == (f["id"], f.get("track")) for a in after):
                return f"{name!r}: {f['id']} is there still after {command}"
            (bench.folder / out).unlink()
            followed.add((command.split()[1], f["id"]))
    commands = {c for c, _ in followed}
    if not commands >= {"repair", "defragment", "faststart"} or ("repair", "unreadable") not in followed:
        return f"only these were tried: {followed}"
    return None


def test_doctor_of_our_own(bench):
    """of a film that reel made of a sound one doctor has no more to say than of that one"""
    ways = [["faststart"], ["defragment"], ["fragment", "-s", "0.2"], ["cut", "--to", "0.3"], ["cut", "-e", "--from", "0.1"],
            ["repair"], ["concat"], ["package", "-s", "0.2"]]
    for name in ("plain.mp4", "fragmented.mp4", "late.mp4", "leading.mp4", "av1.mp4", "encrypted.mp4", "many.mp4"):
        had = {f["id"] for f in findings(bench, name)}
        for way in ways:
            shutil.rmtree(bench.folder / "new")
            (bench.folder / "new").mkdir()
            films = [name, name] if way == ["concat"] else [name]
            p = bench.run(["reel", *way, "-o", "new/title" if way[0] == "package" else "new/out.mp4", *films])
            for path in sorted((bench.folder / "new").rglob("*.mp4")) if p.returncode == 0 else []:
                more = [f for f in findings(bench, path) if f["id"] not in had and f["severity"] != "note"]
                if more:
                    return f"{name} {way} {path.name}: {more[0]}"
    return None


def check(number, name, wrong):
    wrong = [wrong] if isinstance(wrong, str) else list(wrong or [])
    skip = wrong and wrong[0].startswith("SKIP")
    print(f"{'not ok' if wrong and not skip else 'ok'} {number} " + (f"# {wrong[0]}" if skip else f"- {name}"))
    for line in wrong if not skip else []:
        print("\n".join(f"# {s}" for s in line.splitlines() or [""]))
    sys.stdout.flush()
    return bool(wrong) and not skip


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # under nohup some are ignored, and children inherit that
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--reel", required=True)
    ap.add_argument("--films", required=True)
    ap.add_argument("--update", action="store_true", help="rewrite the golden files")
    ap.add_argument("--only", default="", help="only the cases that have this in their name")
    a = ap.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")
    cases, bad, number = list(read_cases()), 0, 0
    others = [f for name, f in globals().items() if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        bench = Bench(pathlib.Path(scratch), a.reel, a.films)
        for number, case in enumerate([c for c in cases if a.only in c.name], 1):
            said, wrong = run_case(bench, case)
            if a.update:
                update(case, said)
            bad += check(number, case.name, wrong + list(compare(case, said)))
        for test in [t for t in others if a.only in t.__name__]:
            number += 1
            bench.refresh()
            bad += check(number, test.__doc__, test(bench))
        number += 1
        bad += check(number, "every golden file belongs to a case", left_over(cases, a.update))
    print(f"1..{number}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
