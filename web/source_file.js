// SPDX-License-Identifier: BSD-2-Clause
// What the browser plays by itself: the file (progressive), and HLS on Safari.
//
// A source has start(time), qualities(), audios(), texts(), each a list of {id, label, detail, lang}, the properties
// quality, audio and text with the id that is chosen (-1: auto, none), and close(). It calls hooks.change() when a list
// or a choice has changed, and hooks.fault(error) when it cannot go on.
import { OriginError, refusal, url } from "./api.js";
import { language, stem } from "./format.js";
import { h } from "./dom.js";

const WORDS = {
    2: ["The connection was lost", "Playing goes on from here when the origin answers again."],
    3: ["The browser could not decode this film", "Its findings are below, under Doctor."],
    4: ["This browser does not play this file", "Its codecs are named under Tracks. HLS may play, or another browser."],
};

/* What tells names apart: 720p and 360p of film-720p and film-360p. */
function apart(names) {
    let same = 0;
    while (same < names[0].length && names.every((n) => n[same] === names[0][same])) {
        same += 1;
    }
    const cut = names[0].slice(0, same).search(/[^-_. ]*$/);
    return names.map((n) => n.slice(cut) || n);
}

class NativeSource {
    constructor(video, title, hooks) {
        Object.assign(this, { video, title, hooks });
        this.listening = new AbortController();
        this.left = new Set(video.textTracks); // by another source: a script's tracks cannot be taken out of an element
        this.left.forEach((t) => {
            t.mode = "disabled";
        });
        const { signal } = this.listening;
        video.addEventListener("error", async () => hooks.fault(await this.explain()), { signal });
        video.addEventListener("loadedmetadata", () => hooks.change(), { signal });
        for (const list of [video.audioTracks, video.textTracks]) {
            for (const event of ["addtrack", "removetrack", "change"]) {
                list?.addEventListener?.(event, () => hooks.change(), { signal });
            }
        }
    }

    /* A <video> does not tell what the answer was: it is asked for once more. */
    async explain() {
        const { error, currentSrc } = this.video;
        const refused = currentSrc ? await refusal(currentSrc, "This film", this.listening.signal) : null;
        if (refused) {
            return refused;
        }
        const [title, hint] = WORDS[error?.code] ?? WORDS[4];
        return new OriginError(title, hint, error?.message || "The browser gives no reason.");
    }

    begin(address, time) {
        this.video.src = address;
        if (time > 0) {
            this.video.addEventListener(
                "loadedmetadata",
                () => {
                    this.video.currentTime = time;
                },
                { once: true, signal: this.listening.signal },
            );
        }
    }

    qualities() {
        return [];
    }

    audios() {
        return [...(this.video.audioTracks ?? [])].map((t, id) => ({
            id,
            label: t.label || language(t.language) || `Track ${id + 1}`,
            lang: t.language,
        }));
    }

    get audio() {
        return [...(this.video.audioTracks ?? [])].findIndex((t) => t.enabled);
    }

    set audio(id) {
        [...this.video.audioTracks].forEach((t, i) => {
            t.enabled = i === id;
        });
        this.hooks.change();
    }

    tracks() {
        return [...this.video.textTracks]
            .filter((t) => !this.left.has(t))
            .filter((t) => t.kind === "subtitles" || t.kind === "captions");
    }

    texts() {
        return this.tracks().map((t, id) => ({
            id,
            label: t.label || language(t.language) || `Track ${id + 1}`,
            lang: t.language,
        }));
    }

    get text() {
        return this.tracks().findIndex((t) => t.mode !== "disabled");
    }

    set text(id) {
        this.tracks().forEach((t, i) => {
            t.mode = i === id ? "hidden" : "disabled";
        }); // cues.js draws what is hidden
        this.hooks.change();
    }

    close() {
        this.listening.abort();
        this.video.removeAttribute("src");
        this.video.replaceChildren();
        this.video.load();
    }
}

export class SafariSource extends NativeSource {
    static can(video) {
        return /Apple/.test(navigator.vendor) && video.canPlayType("application/vnd.apple.mpegurl") !== "";
    }

    async start(time) {
        this.begin(url.hls(this.title.path), time);
    }
}

export class FileSource extends NativeSource {
    async start(time) {
        this.chosen = this.title.path;
        this.addSidecars();
        this.begin(url.file(this.chosen), time);
    }

    /* Subtitle files beside the film, as the origin makes WebVTT of them. */
    addSidecars() {
        const tracks = (this.title.sidecars ?? []).map((s) =>
            h("track", {
                kind: "subtitles",
                srclang: s.language,
                label: s.name && s.name !== s.language ? s.name : language(s.language) || s.name,
                src: url.hls(this.title.home, s.uri.replace(/index\.m3u8$/, "file.vtt")),
            }),
        );
        this.video.replaceChildren(...tracks);
    }

    qualities() {
        const paths = this.title.renditions ?? [];
        if (paths.length < 2) {
            return [];
        }
        const names = apart(paths.map((p) => stem(p.split("/").at(-1))));
        return paths.map((p, i) => ({ id: p, label: names[i] }));
    }

    get quality() {
        return this.chosen;
    }

    set quality(path) {
        const { currentTime, paused } = this.video;
        this.chosen = path;
        this.begin(url.file(path), currentTime);
        if (!paused) {
            this.video.play().catch(() => {}); // not allowed without a gesture: it stands still then
        }
        this.hooks.change();
    }
}
