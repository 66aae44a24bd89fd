#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""manual.py COMMAND ROOT: docs/reel.1 and the three completions know the commands, options and choices that --help
knows, and no others. Prints TAP.

Every source is read into the same form: {command: {--option: (its letter or "", its choices or ())}}. What a completion
cannot say (bash completes no letters) is left out of both sides.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def choices(words):
    return tuple(words.split("|")) if words and "|" in words else ()


def from_help(reel):
    def say(*argv):
        return subprocess.run([reel, *argv], check=True, capture_output=True, text=True, timeout=60).stdout

    found = {}
    for command in re.findall(r"^  ([a-z]+) +\S", say("help"), re.M):
        found[command] = {}
        for letter, name, value in re.findall(r"^(?:  -(\w), |      )(--[\w-]+)(?: (\S+))?",
                                              say(command, "--help") if command != "help" else "", re.M):
            found[command][name] = (letter, choices(value))
    return found


# ---- the manual page ----

def options_of_item(line):
    """The options that one .It line of mdoc explains."""
    letter = ""
    for words in re.split(r" ?Fl ", line)[1:]:
        name, *rest = words.replace(" ,", " ").split()
        if not name.startswith("-"):
            letter = name
            continue
        values = "".join(rest[1:]) if rest[:1] == ["Cm"] else ""
        yield f"-{name}", (letter, choices(values))
        letter = ""


def from_manual(root, known):
    text = (root / "docs" / "reel.1").read_text("utf-8")
    found = {c: {} for c in re.findall(r"^\.It Cm (\w+)$", text, re.M)} | {"help": {}}
    for title, body in re.findall(r"^\.Ss Options of (.*)\n((?:(?!^\.S[sh]).*\n)*)", text, re.M):
        for item in re.split(r"^\.It ", body, flags=re.M)[1:]:
            line, explained = item.split("\n", 1)
            # "Not of\n.Cm boxes ." leaves a command out.
            but = re.findall(r"^Not of\n\.Cm (\w+)", explained, re.M)
            for command in known if title == "all commands" else [title]:
                if command not in but and command != "help":
                    found.setdefault(command, {}).update(options_of_item(line))
    return found


# ---- completions ----

def ask_bash(root, *words, folder=None, lines=False):
    """What bash offers for the last of the words."""
    script = f"source '{root}/completions/reel.bash'; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); " \
        "compopt() { :; }; _reel; printf '%s\\n' \"${COMPREPLY[@]}\""
    p = subprocess.run(["bash", "-c", script, "bash", *words], check=True, capture_output=True, text=True, timeout=60,
                       cwd=folder)
    return p.stdout.splitlines() if lines else p.stdout.split()


def from_bash(root, known):
    found = {c: {} for c in ask_bash(root, "reel", "") if not c.startswith("-")}
    for command in set(found) & set(known) - {"help"}:
        for name in ask_bash(root, "reel", command, "--"):
            letter, values = known[command].get(name, ("", ()))
            offered = tuple(ask_bash(root, "reel", command, name, "")) if values else ()
            short = tuple(ask_bash(root, "reel", command, f"-{letter}", "")) if values and letter else offered
            found[command][name] = (letter, offered if short == offered else ("of the letter:", *short))
    return found


def from_zsh(root, _):
    text = (root / "completions" / "_reel").read_text("utf-8")
    found = {c: {} for c in re.findall(r"^        '(\w+):", text, re.M)}
    parts = dict(re.findall(r"^    (format|reading|writing|last)=\((.*?)\)\n", text, re.M | re.S))
    for command, body in re.findall(r"^    (\w+)\)((?:(?!;;).)*);;", text, re.M | re.S):
        for name, words in parts.items():
            body = re.sub(rf"\${name}\b", lambda _, words=words: words, body)
        for letter, long, plain, values in re.findall(
                r"(?:\{-(\w),(--[\w-]+)\}'|'(--[\w-]+))\[[^]]*\](?::[^:']*:(?:\(([\w ]+)\))?)?", body):
            found.setdefault(command, {})[long or plain] = (letter, tuple(values.split()) if values else ())
    return found


def from_fish(root, _):
    text = (root / "completions" / "reel.fish").read_text("utf-8")
    lists = dict(re.findall(r"^set -l (\w+) (.*)$", text, re.M))
    found = {c: {} for c in re.findall(r"__fish_use_subcommand -f -a (\w+)", text)}
    for where, rest in re.findall(r"^complete -c reel -n .__fish_seen_subcommand_from ([^'\"]*). (.*)$", text, re.M):
        name = re.search(r"-l ([\w-]+)", rest)
        letter = re.search(r"-s (\w)", rest)
        values = re.search(r"-a '([\w ]+)'", rest)
        commands = re.sub(r"\$(\w+)", lambda m: lists[m[1]], where).split()
        for command in commands if name else []:
            found.setdefault(command, {})[f"--{name[1]}"] = (letter[1] if letter else "",
                                                            tuple(values[1].split()) if values else ())
    return found


def bash_is_handy(root, _):
    """What is wrong with names that hold blanks, and with values behind '='."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("two words.mp4", "two more.mp4", "three.mp4"):
            pathlib.Path(folder, name).touch()
        for words, want in ((["info", "two"], ["two more.mp4", "two words.mp4"]),
                            (["info", "two\\ w"], ["two words.mp4"]), (["info", '"two w'], ["two words.mp4"]),
                            (["info", "--format", "=", "j"], ["json", "jsonl"]),
                            (["info", "--format", "="], ["text", "json", "jsonl"]),
                            (["info", "--format=t"], ["text"])):
            got = ask_bash(root, "reel", *words, folder=folder, lines=True)
            if sorted(got) != sorted(want):
                yield f"{words}: {got}"


def differences(known, found):
    for command in sorted(set(known) | set(found)):
        if command not in known or command not in found:
            yield f"{command}: only {'here' if command in found else '--help'} knows this command"
            continue
        for name in sorted(set(known[command]) | set(found[command])):
            want, have = known[command].get(name), found[command].get(name)
            if want != have:
                yield f"{command} {name}: --help says {want}, here stands {have}"


def main():
    reel, root = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    known = from_help(reel)
    bad = 0
    for number, (name, read) in enumerate((("docs/reel.1", from_manual), ("completions/reel.bash", from_bash),
                                           ("completions/_reel", from_zsh), ("completions/reel.fish", from_fish)), 1):
        if read is from_bash and not shutil.which("bash"):
            print(f"ok {number} # SKIP there is no bash")
            continue
        wrong = list(differences(known, read(root, known)))
        bad += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name} knows what --help knows, and nothing else")
        for line in wrong:
            print(f"# {line}")
    wrong = "" if sum(map(len, known.values())) > 40 else "# --help was not understood\n"
    print(f"{'not ok' if wrong else 'ok'} 5 - --help tells of the options\n{wrong}", end="")
    bad += bool(wrong)
    wrong = list(bash_is_handy(root, known)) if shutil.which("bash") else []
    print(f"{'not ok' if wrong else 'ok'} 6 - bash completes names with blanks, and values behind =")
    print("".join(f"# {line}\n" for line in wrong) + "1..6")
    return 1 if bad or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
