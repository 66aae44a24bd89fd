// SPDX-License-Identifier: BSD-2-Clause
// What is played and how: the source, the choices and what is remembered of them. No element but the <video>.
import { OriginError } from "./api.js";
import { pref, remember } from "./prefs.js";
import { FileSource, SafariSource } from "./source_file.js";
import { HlsSource, MissingLibrary } from "./source_hls.js";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3];

/* Two and three letters name one language. */
function sameLanguage(a, b) {
    const canonical = (code) => {
        try {
            return Intl.getCanonicalLocales(code)[0].split("-")[0];
        } catch {
            return code;
        }
    };
    return Boolean(a && b) && canonical(a) === canonical(b);
}

export class Player extends EventTarget {
    constructor(video) {
        super();
        this.video = video;
        video.volume = pref("volume");
        video.muted = pref("muted");
        video.addEventListener("volumechange", () => {
            remember("volume", video.volume);
            remember("muted", video.muted);
        });
        video.addEventListener("ratechange", () => this.emit("change"));
    }

    emit(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }

    /* mode "hls" or "file"; from time on, in seconds. */
    async open(title, mode, time, play) {
        this.source?.close();
        Object.assign(this, { title, mode, settled: new Set() });
        const kind = mode === "file" ? FileSource : SafariSource.can(this.video) ? SafariSource : HlsSource;
        const source = new kind(this.video, title, {
            change: () => this.source === source && this.changed(),
            fault: (error) => this.source === source && this.emit("fault", error),
        });
        this.source = source;
        this.emit("opening");
        try {
            await source.start(time);
        } catch (error) {
            if (error instanceof MissingLibrary) {
                this.emit("note", "hls.js is not installed: this is the file itself");
                this.open(title, "file", time, play);
                return;
            }
            this.emit(
                "fault",
                error instanceof OriginError ? error : new OriginError("The player could not start", "", error.message),
            );
            return;
        }
        // Opening sets the speed back to this.
        this.video.defaultPlaybackRate = this.video.playbackRate = pref("speed");
        if (play) {
            this.play();
        }
    }

    play() {
        // Refused without a gesture: then the button is there. A fault has its own event.
        this.video.play().catch(() => {});
    }

    switchMode(mode) {
        if (mode !== this.mode) {
            remember("mode", mode);
            this.open(this.title, mode, this.video.currentTime, !this.video.paused);
        }
    }

    retry() {
        this.open(this.title, this.mode, this.video.currentTime, true);
    }

    /* What was chosen for another film is chosen here too, once the lists are there. */
    changed() {
        this.settle("text", this.source.texts(), pref("text"));
        this.settle("audio", this.source.audios(), pref("audio"));
        this.emit("change");
    }

    settle(what, list, wanted) {
        if (list.length === 0 || this.settled.has(what)) {
            return;
        }
        this.settled.add(what);
        const found = wanted ? list.find((t) => sameLanguage(t.lang, wanted)) : null;
        if (found && this.source[what] !== found.id) {
            this.source[what] = found.id;
        } else if (!found && what === "text" && this.source.text !== -1) {
            this.source.text = -1;
        }
    }

    chooseText(id) {
        this.source.text = id;
        remember("text", this.source.texts().find((t) => t.id === id)?.lang || null);
    }

    chooseAudio(id) {
        this.source.audio = id;
        remember("audio", this.source.audios().find((t) => t.id === id)?.lang || null);
    }

    chooseSpeed(speed) {
        remember("speed", speed);
        this.video.defaultPlaybackRate = this.video.playbackRate = speed;
    }

    stepSpeed(by) {
        const at = SPEEDS.findIndex((s) => s >= this.video.playbackRate);
        this.chooseSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))]);
    }

    toggleText() {
        const list = this.source.texts();
        if (list.length > 0) {
            const wanted = list.find((t) => sameLanguage(t.lang, navigator.language)) ?? list[0];
            this.chooseText(this.source.text === -1 ? wanted.id : -1);
        }
    }

    seek(time) {
        const end = Number.isFinite(this.video.duration) ? this.video.duration : Infinity;
        this.video.currentTime = Math.max(0, Math.min(end, time));
    }

    close() {
        this.source?.close();
        this.source = null;
    }
}
