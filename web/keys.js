// SPDX-License-Identifier: BSD-2-Clause
// The keyboard: what each key does, and the page that tells it.
import { button, h } from "./dom.js";

const HELP = [
    [["Space", "K"], "Play, pause"],
    [["J"], "10 seconds back"],
    [["L"], "10 seconds on"],
    [["←", "→"], "5 seconds back, on"],
    [["↑", "↓"], "Louder, softer"],
    [["M"], "Sound off, on"],
    [["F"], "Full screen"],
    [["P"], "Picture in picture"],
    [["C"], "Subtitles off, on"],
    [["<", ">"], "Slower, faster"],
    [["0", "–", "9"], "To a tenth of the film"],
    [[",", "."], "A picture back, on (paused)"],
    [["?"], "This page"],
    [["Esc"], "Close"],
];

/* do: what the controls can do. Returns a listener for keydown. */
export function keyboard(act) {
    const table = {
        " ": act.toggle,
        k: act.toggle,
        j: () => act.skip(-10),
        l: () => act.skip(10),
        arrowleft: () => act.skip(-5),
        arrowright: () => act.skip(5),
        arrowup: () => act.louder(0.05),
        arrowdown: () => act.louder(-0.05),
        m: act.mute,
        f: act.full,
        p: act.pip,
        c: act.text,
        "<": () => act.speed(-1),
        ">": () => act.speed(1),
        ",": () => act.frame(-1),
        ".": () => act.frame(1),
        "?": act.help,
        escape: act.escape,
    };
    return (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
            return;
        }
        const target = event.target;
        if (act.busy() && event.key !== "?") {
            return;
        }
        const typing = target.matches?.(
            "input:not([type=radio]):not([type=range]), textarea, select, [contenteditable]",
        );
        const key = event.key.toLowerCase();
        // Elements keep the keys that they live by: a button its space, radio buttons, tabs and trees their arrows.
        const own =
            (key === " " && target.closest?.("button, summary, a")) ||
            (key.startsWith("arrow") && target.closest?.("input, [role=tab], [role=tree], canvas, summary"));
        if (typing || own) {
            return;
        }
        const what = /^[0-9]$/.test(key) ? () => act.tenth(Number(key)) : table[key];
        if (what && what() !== false) {
            event.preventDefault();
        }
    };
}

export function helpDialog() {
    const close = () => dialog.close();
    const dialog = h(
        "dialog",
        { class: "help", "aria-label": "Keyboard", onclick: (e) => e.target === dialog && close() },
        h(
            "div",
            null,
            h("h2", null, "Keyboard"),
            h(
                "dl",
                null,
                HELP.map(([keys, what]) =>
                    h(
                        "div",
                        null,
                        h(
                            "dt",
                            null,
                            keys.map((k) => (k === "–" ? " – " : h("kbd", null, k))),
                        ),
                        h("dd", null, what),
                    ),
                ),
            ),
            button("Close", close),
        ),
    );
    return dialog;
}
