#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check.py [--quick] [--only PART]... [--fuzz-seconds N]: all that CI runs, added up.

Builds live in build*/ of the tree. The last line is `N passed, N failed`, over all parts; exit 1 when anything failed.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
JOBS = os.cpu_count() or 2
MEMCHECK = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,possible",
            "--child-silent-after-fork=yes", f"--suppressions={ROOT}/tests/memcheck.supp"]
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Tally:
    """What passed, what failed, and the words of what failed."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = 0

    def add(self, ok, name, output=""):
        if ok:
            self.passed += 1
            return
        self.failed.append(name)
        print(f"   FAILED {name}")
        for line in output.strip().splitlines()[-40:]:
            print(f"      {line}")


def run(argv, timeout=1200, **kw):
    """(exit status, output); a command that cannot be started or takes too long has failed."""
    env = dict(os.environ, **kw.pop("env", {}))
    try:
        p = subprocess.run([str(a) for a in argv], cwd=ROOT, env=env, timeout=timeout, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **kw)
        return p.returncode, p.stdout
    except subprocess.TimeoutExpired as e:
        said = e.stdout or b""
        return 124, (said.decode(errors="replace") if isinstance(said, bytes) else said) + f"\nno end after {timeout} s"
    except OSError as e:
        return 127, str(e)


def build(tally, folder, compiler, *options, env=None):
    """Configure and build; True when there is something to test."""
    path = ROOT / folder
    again = ["--reconfigure"] if (path / "build.ninja").exists() else []
    status, output = run(["meson", "setup", path, *again, *options], env={"CC": compiler, **(env or {})})
    if status:
        tally.add(False, f"{folder}: meson setup", output)
        return False
    status, output = run(["ninja", "-C", path, f"-j{JOBS}"])
    warnings = [line for line in output.splitlines() if " warning: " in line]
    tally.add(status == 0, f"{folder}: build with {compiler}", output)
    if status == 0 and warnings:
        tally.add(False, f"{folder}: no warnings", "\n".join(warnings))
    return status == 0


def build_gcc(tally):
    return build(tally, "build", "gcc", "-Dwerror=true", "-Dtests=enabled")


def count_subtests(tally, name, test):
    """A TAP test's lines are its tests; one that dies in between has failed besides."""
    points = re.findall(r"^(not )?ok\b(.*)$", test.get("stdout", ""), re.M)
    skipped = [text for no, text in points if "# SKIP" in text]  # cmocka writes "not ok 3 # SKIP name"
    bad = [re.sub(r"^[\s\d-]+", "", text) for no, text in points if no and "# SKIP" not in text]
    tally.passed += len(points) - len(bad) - len(skipped)
    tally.skipped += len(skipped)
    output = test.get("stdout", "") + test.get("stderr", "")
    if bad:
        tally.add(False, f"{name}: {bad[0]}", output)
        tally.failed += [f"{name}: {text}" for text in bad[1:]]
    elif test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"):
        tally.add(False, f"{name}: {test['result']} (status {test.get('returncode')})", output)


def meson_test(tally, folder, *args, log="testlog", env=None):
    path = ROOT / folder
    wrap = next((a.split("=", 1)[1] for a in args if a.startswith("--wrap=")), None)
    # meson puts the wrapper's name behind the log's
    journal = path / "meson-logs" / (f"{log}-{pathlib.Path(wrap.split()[0]).name}.json" if wrap else f"{log}.json")
    journal.unlink(missing_ok=True)
    status, output = run(["meson", "test", "-C", path, "--no-rebuild", f"--num-processes={JOBS}", "--logbase", log,
                          *args], env=env or {}, timeout=3600)
    if not journal.exists():
        tally.add(False, f"{folder}: meson test", output)
        return
    seen = 0
    for line in journal.read_text(errors="replace").splitlines():
        test = json.loads(line)
        seen += 1
        name = f"{folder}: {test['name']}"
        if re.search(r"^(not )?ok\b", test.get("stdout", ""), re.M):
            count_subtests(tally, name, test)
        elif test["result"] == "SKIP":
            tally.skipped += 1
        else:
            ok = test["result"] in ("OK", "EXPECTEDFAIL")
            tally.add(ok, f"{name}: {test['result']}", test.get("stdout", "") + test.get("stderr", ""))
    if not seen:
        tally.add(False, f"{folder}: no test ran", output)


def part_gcc(tally, _):
    """build with gcc, all tests"""
    if build_gcc(tally):
        meson_test(tally, "build")


def part_asan(tally, _):
    """build with clang, tests under AddressSanitizer and UBSan"""
    if build(tally, "build-asan", "clang", "-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dwerror=true",
             "-Dtests=enabled", "-Dbench=disabled"):
        meson_test(tally, "build-asan", "--timeout-multiplier=4", "--no-suite=matrix", env=SANITIZERS)


def part_tsan(tally, _):
    """the shared-movie tests under ThreadSanitizer"""
    if build(tally, "build-tsan", "clang", "-Db_sanitize=thread", "-Db_lundef=false", "-Dtests=enabled",
             "-Dbench=disabled"):
        meson_test(tally, "build-tsan", "--timeout-multiplier=4", "--suite=threads", env=SANITIZERS)


def part_m32(tally, _):
    """a 32-bit build: what needs no library of its own there"""
    probe = ["sh", "-c", "echo 'int main(void) { return 0; }' | gcc -m32 -x c -o /dev/null -"]
    if run(probe)[0]:
        print("   gcc has no -m32 here: skipped")
        tally.skipped += 1
        return
    flags = "-m32 -msse2 -mfpmath=sse"
    if build(tally, "build-m32", "gcc", f"-Dc_args={flags}", "-Dc_link_args=-m32", "-Dzlib=disabled", "-Dwerror=true",
             "-Dlibyuv=disabled", "-Dtests=auto", "-Dbench=auto", env={"PKG_CONFIG_LIBDIR": "/nonexistent"}):
        meson_test(tally, "build-m32", "--no-suite=matrix", "--no-suite=tree", "--no-suite=headers")


def part_memcheck(tally, _):
    """the small tests under valgrind"""
    if build_gcc(tally):
        meson_test(tally, "build", "--suite=small", "--timeout-multiplier=10", f"--wrap={' '.join(MEMCHECK)}",
                   log="memcheck")


def sources():
    """(file, compile command's folder) of all C files that are ours, as the build compiles them."""
    commands = json.loads((ROOT / "build" / "compile_commands.json").read_text())
    found = {(pathlib.Path(c["directory"]) / c["file"]).resolve() for c in commands}
    return sorted(p for p in found if p.is_relative_to(ROOT) and p.relative_to(ROOT).parts[0] in
                  ("src", "cli", "nginx", "examples", "bench", "fuzz"))


def part_tidy(tally, _):
    """clang-tidy over the library, the command, the origin, examples, benchmarks and fuzzers"""
    if not build_gcc(tally):
        return
    # gcc's own switches are nothing to clang.
    quiet = ["--quiet", "-p", "build", "--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-optimization-argument"]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = pool.map(lambda p: (p, run(["clang-tidy", *quiet, p])), sources())
        for path, (status, output) in results:
            said = re.findall(r"^.*\b(?:error|warning): .*$", output, re.M)
            tally.add(status == 0 and not said, f"clang-tidy {path.relative_to(ROOT)}", "\n".join(said) or output)


def part_cppcheck(tally, _):
    """cppcheck over the same"""
    status, output = run(["cppcheck", "--quiet", "--std=c11", "--language=c", f"-j{JOBS}", "--inline-suppr",
                          "--enable=warning,performance,portability", "--error-exitcode=1", "--suppress=missingInclude",
                          "--suppress=normalCheckLevelMaxBranches", "--suppress=unmatchedSuppression",
                          "-D_GNU_SOURCE", "-D__x86_64__", "-D__GNUC__", "-D__SIZEOF_POINTER__=8",
                          "-Iinclude", "-Isrc", "src", "cli", "nginx", "examples", "bench", "fuzz"])
    tally.add(status == 0, "cppcheck", output)


def fuzz_targets(folder):
    status, text = run(["meson", "introspect", "--targets", folder])
    if status:
        return []
    return [pathlib.Path(t["filename"][0]) for t in json.loads(text)
            if t["type"] == "executable" and pathlib.Path(t["defined_in"]).parent.name == "fuzz"
            and t["name"].startswith("fuzz")]


def fuzz_one(target, seconds, seeds, jobs):
    """One fuzzer for so long; what it finds is kept in build-fuzz/findings."""
    findings = ROOT / "build-fuzz" / "findings" / target.name
    corpus = ROOT / "build-fuzz" / "corpus" / target.name
    for folder in (findings, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    argv = [target, f"-max_total_time={seconds}", f"-timeout={30 * max(1, jobs // JOBS)}", "-rss_limit_mb=2048", "-print_final_stats=1",
            f"-artifact_prefix={findings}/"] + [f"-dict={ROOT / 'fuzz' / 'mp4.dict'}", corpus, *seeds]
    return run(argv, timeout=seconds * 2 + 120, env=SANITIZERS)


def part_fuzz(tally, args):
    """each fuzzer for a while"""
    if not (ROOT / "fuzz" / "meson.build").exists():
        tally.add(False, "fuzz: no fuzzers in the tree")
        return
    if not build(tally, "build-fuzz", "clang", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false",
                 "-Dtests=disabled", "-Dbench=disabled", "-Dcli=disabled"):
        return
    targets = fuzz_targets("build-fuzz")
    if not targets:
        tally.add(False, "fuzz: no fuzzers were built")
    seeds = [p for p in (ROOT / "build-fuzz" / "fuzz" / "seeds", ROOT / "fuzz" / "regressions") if p.is_dir()]
    with concurrent.futures.ThreadPoolExecutor(args.fuzz_jobs) as pool:
        for target, (status, output) in zip(targets, pool.map(lambda t: fuzz_one(t, args.fuzz_seconds, seeds, args.fuzz_jobs), targets)):
            runs = re.search(r"number_of_executed_units:\s*(\d+)", output)
            said = re.sub(r"^#\d+\s.*\n", "", output, flags=re.M)
            tally.add(status == 0, f"{target.name}, {args.fuzz_seconds} s", f"{said}\nexit status {status}")
            if status == 0 and runs:
                print(f"   {target.name}: {int(runs[1]):,} inputs in {args.fuzz_seconds} s, no finding")


def part_conformance(tally, _):
    """agreement with ffprobe on a folder of real files, where there is one ($REEL_MEDIA, or ../shared/media)"""
    media = pathlib.Path(os.environ.get("REEL_MEDIA", ROOT.parent / "shared" / "media"))
    script = media.parent / "tools" / "conformance.py"
    if not script.exists():
        print("   no such folder here: skipped")
        tally.skipped += 1
        return
    for folder in ("build", "build-asan"):
        reel = ROOT / folder / "cli" / "reel"
        if not reel.exists():
            continue
        with tempfile.NamedTemporaryFile(suffix=".txt") as report:
            status, output = run([sys.executable, script, "--reel", reel, "--corpus", media, "--report", report.name,
                                  "--min", "100", "-j", JOBS], env=SANITIZERS)
        last = output.strip().splitlines()[-1] if output.strip() else ""
        print(f"   {folder}: {last}")
        tally.add(status == 0, f"{folder}: agreement on real files", output)


def part_web(tally, _):
    """the page of reel serve in a browser"""
    status, output = run([ROOT / "tools" / "setup.sh", "webtest"])
    if status:
        print("   no browser, or no npm, here: skipped")
        print("   " + (output.strip().splitlines() or [""])[-1])
        tally.skipped += 1
        return
    if not (ROOT / "build" / "cli" / "reel").exists() and not build_gcc(tally):
        return
    status, output = run(["node", ROOT / "tests" / "web" / "run.mjs"])
    count_subtests(tally, "web", {"stdout": output, "result": "OK" if status == 0 else "FAIL", "returncode": status})


PARTS = {
    "gcc": part_gcc, "asan": part_asan, "tsan": part_tsan, "m32": part_m32, "memcheck": part_memcheck, "tidy": part_tidy,
    "cppcheck": part_cppcheck, "conformance": part_conformance, "web": part_web, "fuzz": part_fuzz,
}


def main():
    sys.stdout.reconfigure(line_buffering=True)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one build and its tests")
    parser.add_argument("--only", action="append", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--fuzz-seconds", type=int, default=30)
    parser.add_argument("--fuzz-jobs", type=int, default=2 * JOBS, help="fuzzers that run at once")
    args = parser.parse_args()
    total = Tally()
    started = time.monotonic()
    for name in args.only or (["gcc"] if args.quick else PARTS):
        print(f"== {name}: {PARTS[name].__doc__}")
        part, began = Tally(), time.monotonic()
        PARTS[name](part, args)
        print(f"   {part.passed} passed, {len(part.failed)} failed, {time.monotonic() - began:.0f} s")
        total.passed += part.passed
        total.failed += part.failed
        total.skipped += part.skipped
    print(f"\n{(time.monotonic() - started) / 60:.1f} minutes" + (f"; {total.skipped} skipped" if total.skipped else ""))
    for name in total.failed:
        print(f"FAILED {name}")
    print(f"{total.passed} passed, {len(total.failed)} failed")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
