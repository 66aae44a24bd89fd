// SPDX-License-Identifier: BSD-2-Clause
// Subtitles, drawn over the picture and above the controls. The browser parses and times them (text tracks that are
// hidden), the look is ours.
import { h } from "./dom.js";

const isText = (t) => t.kind === "subtitles" || t.kind === "captions";

/* Cues that say that they belong to the upper half stay there. */
function isHigh(cue) {
    return typeof cue.line === "number" && (cue.snapToLines ? cue.line >= 0 && cue.line < 8 : cue.line < 50);
}

function block(cue) {
    const text = cue.getCueAsHTML ? cue.getCueAsHTML() : cue.text;
    return h("p", null, h("span", null, text));
}

export function drawCues(video, element, signal) {
    let track = null;
    const draw = () => {
        const cues = track && track.mode !== "disabled" ? [...(track.activeCues ?? [])] : [];
        const [high, low] = [cues.filter(isHigh), cues.filter((c) => !isHigh(c))];
        element.replaceChildren(
            h("div", { class: "cues-high" }, high.map(block)),
            h("div", { class: "cues-low" }, low.map(block)),
        );
    };
    const follow = () => {
        const now = [...video.textTracks].find((t) => isText(t) && t.mode === "hidden") ?? null;
        if (now !== track) {
            track?.removeEventListener("cuechange", draw);
            now?.addEventListener("cuechange", draw);
            track = now;
        }
        draw();
    };
    for (const event of ["addtrack", "removetrack", "change"]) {
        video.textTracks.addEventListener(event, follow, { signal });
    }
    video.addEventListener("seeked", follow, { signal });
    signal.addEventListener("abort", () => track?.removeEventListener("cuechange", draw));
    return follow;
}
