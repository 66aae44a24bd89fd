#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""layering.py ROOT: arrows point down only. Reads every #include and fails on one that goes up.

A folder of src/ may include itself and the folders on the lines below it here; meta and item stand side by side. A room
is a library of its own: no folder of the core includes it, and it includes no folder of the core.
The command, the examples and the benchmarks see what a user sees: <reel/...> and their own files.
Prints TAP: a line for each folder.
"""
import pathlib
import re
import sys

LAYERS = [["base"], ["source"], ["box"], ["movie"], ["codec"], ["bitstream"], ["meta", "item"], ["write"], ["doctor"]]
# Libraries of their own beside the core: they see <reel/...> and their own files. A folder of one sees those before it.
ROOMS = {"frame": ["base", "pool", "sched", "picture", "image", "decode", "exact", "play"]}
OUTSIDE = ["cli", "examples", "bench", "include"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def includes(path):
    for mark, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        yield mark, name


def files(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".c", ".h"))


def wrong_in_layer(root, folder, below):
    """Each include of ours names a folder: of this layer's own or of one below."""
    for path in files(root / "src" / folder):
        for mark, name in includes(path):
            if mark == "<" or name.split("/")[0] in below | {folder} and "/" in name:
                continue
            if "/" not in name and (path.parent / name).exists():
                continue
            yield f"{path.relative_to(root)} includes \"{name}\""


def wrong_in_room(root, room, order):
    """Its own files by their path from src/, of the same folder or of one before it, and headers that exist."""
    for path in files(root / "src" / room):
        seen = [f"{room}/{folder}" for folder in order[: order.index(path.parent.name) + 1]]
        for mark, name in includes(path):
            if mark == '"' and name.rpartition("/")[0] not in seen:
                yield f"{path.relative_to(root)} includes \"{name}\""
            if mark == "<" and name.startswith("reel/") and not (root / "include" / name).exists():
                yield f"{path.relative_to(root)} includes <{name}>, which is not there"


def wrong_outside(root, folder):
    for path in files(root / folder):
        for mark, name in includes(path):
            if mark == '"' and not (path.parent / name).exists():
                yield f"{path.relative_to(root)} includes \"{name}\""
            if mark == "<" and name.startswith("reel/") and not (root / "include" / name).exists():
                yield f"{path.relative_to(root)} includes <{name}>, which is not there"
            if mark == '"' and ".." in name:
                yield f"{path.relative_to(root)} reaches out of its folder for \"{name}\""


def strangers(root):
    known = {name for layer in LAYERS for name in layer} | set(ROOMS)
    for path in sorted((root / "src").iterdir()):
        if path.is_dir() and path.name not in known:
            yield f"src/{path.name} has no place in the order of layers"


def main():
    root = pathlib.Path(sys.argv[1])
    results = [("every folder of src/ has a layer", list(strangers(root)))]
    below = set()
    for layer in LAYERS:
        for folder in layer:
            results.append((f"src/{folder} looks down only", list(wrong_in_layer(root, folder, below))))
        below |= set(layer)
    for room, order in ROOMS.items():
        results.append((f"src/{room} includes <reel/...> and its own, and looks down only",
                        list(wrong_in_room(root, room, order))))
    for folder in OUTSIDE:
        results.append((f"{folder} includes nothing but <reel/...> and its own", list(wrong_outside(root, folder))))
    print(f"1..{len(results)}")
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong:
            print(f"# {line}")
    return any(wrong for _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
