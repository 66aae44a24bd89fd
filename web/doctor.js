// SPDX-License-Identifier: BSD-2-Clause
// Doctor's findings: what is odd about the film, why it matters, what to do.
import { h, state } from "./dom.js";

const ORDER = ["problem", "warning", "note"];
export const worst = (findings) => ORDER.find((level) => findings.some((f) => f.severity === level)) ?? "";

function command(text) {
    if (!text) {
        return null;
    }
    const copy = h(
        "button",
        {
            type: "button",
            class: "copy",
            onclick: async () => {
                try {
                    await navigator.clipboard.writeText(text);
                    copy.textContent = "Copied";
                } catch {
                    copy.textContent = "Select it by hand"; // no clipboard on a plain http page
                }
                setTimeout(() => {
                    copy.textContent = "Copy";
                }, 1500);
            },
        },
        "Copy",
    );
    return h("div", { class: "fix" }, h("code", null, text), copy);
}

function finding(f) {
    return h(
        "li",
        { class: "finding", data: { severity: f.severity } },
        h(
            "p",
            { class: "finding-level" },
            h("span", null, f.severity),
            h("code", null, f.id),
            f.track !== undefined && h("span", null, `track ${f.track}`),
        ),
        h("h3", null, f.what),
        h("p", null, f.why),
        h("p", null, f.fix),
        command(f.command),
    );
}

export function doctorPanel(findings) {
    if (findings.length === 0) {
        return state("Nothing to complain of", "It starts at once, seeks well, and its tracks fit together.");
    }
    const sorted = [...findings].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
    return h("ul", { class: "findings" }, sorted.map(finding));
}
