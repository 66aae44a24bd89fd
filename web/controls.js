// SPDX-License-Identifier: BSD-2-Clause
// The stage: the picture, subtitles, controls, and what is said when it does not play.
import { drawCues } from "./cues.js";
import { lacking, lackLine } from "./decoders.js";
import { button, h, icon, say, setIcon } from "./dom.js";
import { clock } from "./format.js";
import { helpDialog, keyboard } from "./keys.js";
import { Seekbar } from "./seekbar.js";
import { Settings } from "./settings.js";

const IDLE = 2600; // ms until the controls go

const tool = (name, onclick) => h("button", { type: "button", class: "tool", data: { tool: name }, onclick });

export class Stage {
    constructor(player, { shareLink }) {
        Object.assign(this, { player, video: player.video, shareLink, listening: new AbortController() });
        this.build();
        this.follow();
        this.wake();
    }

    build() {
        const { video, player } = this;
        this.bar = new Seekbar(video, (t) => player.seek(t));
        this.settings = new Settings(player);
        this.tools = {
            play: tool("play", () => this.toggle()),
            mute: tool("mute", () => this.mute()),
            text: tool("text", () => player.toggleText()),
            gear: tool("gear", () => this.toggleSettings()),
            link: tool("link", () => this.copyLink()),
            keys: tool("keys", () => this.help.showModal()),
            pip: tool("pip", () => this.pip()),
            full: tool("full", () => this.full()),
        };
        this.volume = h("input", {
            type: "range",
            class: "volume",
            min: "0",
            max: "1",
            step: "0.01",
            "aria-label": "Volume",
            oninput: () => {
                video.volume = Number(this.volume.value);
                video.muted = video.volume === 0;
            },
        });
        this.time = h("span", { class: "time" });
        this.tag = h("span", { class: "tag" });
        this.cues = h("div", { class: "cues", "aria-hidden": "true" });
        this.note = h("div", { class: "stage-note", hidden: true });
        this.lack = h("p", { class: "lack", role: "status", hidden: true });
        this.fault = h("div", { class: "fault", role: "alert", hidden: true });
        this.big = h(
            "button",
            { type: "button", class: "big-play", "aria-label": "Play", onclick: () => this.toggle() },
            icon("play", 40),
        );
        this.help = helpDialog();
        const t = this.tools;
        this.controls = h(
            "div",
            { class: "controls" },
            this.bar.element,
            h(
                "div",
                { class: "tools" },
                t.play,
                t.mute,
                this.volume,
                this.time,
                h("span", { class: "gap" }),
                this.tag,
                t.text,
                t.gear,
                t.link,
                t.keys,
                t.pip,
                t.full,
            ),
        );
        this.element = h(
            "section",
            { class: "stage", "aria-label": "Player" },
            video,
            this.cues,
            h("div", { class: "spinner", "aria-hidden": "true" }),
            this.big,
            this.note,
            this.lack,
            this.fault,
            this.settings.element,
            this.controls,
            this.help,
        );
        this.labels();
    }

    labels() {
        setIcon(this.tools.gear, "gear", "Settings");
        this.tools.gear.setAttribute("aria-expanded", "false");
        this.tools.gear.setAttribute("aria-controls", "settings");
        setIcon(this.tools.link, "link", "Copy a link to this moment");
        setIcon(this.tools.keys, "keys", "Keyboard (?)");
        setIcon(this.tools.pip, "pip", "Picture in picture (p)");
        this.tools.pip.hidden = !document.pictureInPictureEnabled && !this.video.webkitSetPresentationMode;
        this.tools.full.hidden =
            !this.element.requestFullscreen &&
            !this.element.webkitRequestFullscreen &&
            !this.video.webkitEnterFullscreen;
    }

    follow() {
        const { signal } = this.listening;
        const on = (target, events, f) => events.split(" ").forEach((e) => target.addEventListener(e, f, { signal }));
        on(this.video, "play pause ended volumechange timeupdate durationchange seeked loadedmetadata", () =>
            this.paint(),
        );
        on(this.video, "waiting seeking", () => this.element.classList.add("waiting"));
        on(this.video, "playing seeked canplay pause error emptied", () => this.element.classList.remove("waiting"));
        // Not at "play": that may come after the fault of what was to be played.
        on(this.video, "playing", () => {
            this.fault.hidden = true;
        });
        on(this.video, "timeupdate emptied", () => this.paintLack());
        on(this.video, "loadedmetadata", () => this.element.classList.toggle("sound", this.video.videoWidth === 0));
        on(this.video, "pointerdown", (e) => {
            this.woken = e.pointerType === "touch" && this.element.classList.contains("idle");
        });
        on(this.video, "click", () => this.tap());
        on(this.video, "dblclick", () => this.full());
        on(document, "fullscreenchange webkitfullscreenchange", () => this.paint());
        on(this.element, "pointermove pointerdown focusin keydown", () => this.wake());
        on(this.element, "pointerleave", (e) => e.pointerType !== "touch" && this.wake(600));
        on(document, "keydown", keyboard(this.actions()));
        on(
            document,
            "pointerdown",
            (e) =>
                !this.settings.element.contains(e.target) &&
                !this.tools.gear.contains(e.target) &&
                e.target !== this.video &&
                this.toggleSettings(false),
        );
        on(this.player, "change opening", () => this.paintChoices());
        on(this.player, "opening", () => {
            this.fault.hidden = true;
        });
        on(this.player, "note", (e) => this.flash(e.detail, 4000));
        on(this.player, "fault", (e) => this.showFault(e.detail));
        const redraw = drawCues(this.video, this.cues, signal);
        on(this.player, "change", redraw);
        this.paint();
    }

    actions() {
        const { player, video } = this;
        return {
            toggle: () => this.toggle(),
            skip: (by) => {
                player.seek(video.currentTime + by);
                this.flash(`${by > 0 ? "+" : "−"}${Math.abs(by)} s`);
            },
            louder: (by) => {
                video.muted = false;
                video.volume = Math.max(0, Math.min(1, Math.round((video.volume + by) * 100) / 100));
                this.flash(`Volume ${Math.round(video.volume * 100)} %`);
            },
            mute: () => this.mute(),
            full: () => this.full(),
            pip: () => this.pip(),
            text: () => {
                player.toggleText();
                this.flash(this.textName());
            },
            speed: (by) => {
                player.stepSpeed(by);
                this.flash(`${video.playbackRate}×`);
            },
            tenth: (n) => player.seek(((video.duration || 0) * n) / 10),
            frame: (by) => (video.paused ? player.seek(video.currentTime + by / (this.fps || 25)) : false),
            busy: () => this.help.open,
            help: () => (this.help.open ? this.help.close() : this.help.showModal()),
            escape: () => (this.settings.element.hidden ? false : this.toggleSettings(false)),
        };
    }

    textName() {
        const { source } = this.player;
        const list = source.texts();
        return list.length === 0
            ? "No subtitles"
            : `Subtitles: ${list.find((t) => t.id === source.text)?.label ?? "off"}`;
    }

    toggle() {
        if (!this.fault.hidden) {
            this.player.retry();
            return;
        }
        this.video.paused || this.video.ended ? this.player.play() : this.video.pause();
    }

    /* A finger that brings the controls back means nothing else. */
    tap() {
        if (this.woken) {
            this.woken = false;
        } else if (this.settings.element.hidden) {
            this.toggle();
        } else {
            this.toggleSettings(false);
        }
    }

    mute() {
        this.video.muted = !this.video.muted;
        this.flash(this.video.muted ? "Sound off" : "Sound on");
    }

    toggleSettings(open) {
        const had = this.settings.element.contains(document.activeElement);
        this.settings.toggle(open);
        const shown = !this.settings.element.hidden;
        this.tools.gear.setAttribute("aria-expanded", String(shown));
        this.element.classList.toggle("choosing", shown);
        if (shown) {
            this.settings.element.querySelector("input:checked")?.focus({ focusVisible: false });
        } else if (had) {
            this.tools.gear.focus();
        }
    }

    async copyLink() {
        try {
            await navigator.clipboard.writeText(this.shareLink());
            this.flash("Link copied");
        } catch {
            this.flash("The link is in the address bar"); // no clipboard on a plain http page
        }
    }

    full() {
        const { element, video } = this;
        if (document.fullscreenElement ?? document.webkitFullscreenElement) {
            (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
        } else if (element.requestFullscreen ?? element.webkitRequestFullscreen) {
            Promise.resolve((element.requestFullscreen ?? element.webkitRequestFullscreen).call(element)).catch(
                () => {},
            );
        } else {
            video.webkitEnterFullscreen?.(); // a phone of Apple's: only the video itself
        }
    }

    async pip() {
        try {
            document.pictureInPictureElement
                ? await document.exitPictureInPicture()
                : await this.video.requestPictureInPicture();
        } catch (e) {
            this.flash(e.name === "NotAllowedError" ? "The browser does not allow it now" : "No picture to show yet");
        }
    }

    /* A word in the picture, for keys that change what cannot be seen. */
    flash(text, ms = 900) {
        this.note.textContent = text;
        this.note.hidden = false;
        say(text);
        clearTimeout(this.noteTimer);
        this.noteTimer = setTimeout(() => {
            this.note.hidden = true;
        }, ms);
        this.wake();
    }

    wake(ms = IDLE) {
        this.element.classList.remove("idle");
        clearTimeout(this.idleTimer);
        this.idleTimer = setTimeout(() => {
            const held =
                this.controls.matches(":has(:focus-visible)") ||
                !this.settings.element.hidden ||
                this.bar.dragging !== null;
            this.element.classList.toggle("idle", !this.video.paused && !held);
        }, ms);
    }

    /* What the film has is known, maybe after it has failed. */
    know(info, path) {
        Object.assign(this, { info, path });
        this.paintLack();
        if (!this.fault.hidden) {
            this.showFault(this.error);
        }
    }

    lacks() {
        return this.info ? lacking(this.info, this.video) : [];
    }

    /* It plays, without picture or without sound. */
    paintLack() {
        const lacks = this.video.currentTime > 0.5 ? this.lacks() : [];
        if (this.lack.hidden !== (lacks.length === 0)) {
            this.lack.hidden = lacks.length === 0;
            this.lack.replaceChildren(...(lacks.length ? lackLine(lacks, this.path) : []));
        }
    }

    showFault(error) {
        const lacks = this.lacks();
        this.error = error;
        this.element.classList.remove("waiting");
        const other = this.player.mode === "hls" ? ["Play the file itself", "file"] : ["Play HLS", "hls"];
        this.fault.replaceChildren(
            h("h2", null, error.title),
            lacks.length ? h("p", null, lackLine(lacks, this.path)) : error.hint && h("p", null, error.hint),
            h("p", { class: "detail" }, error.message),
            h(
                "div",
                { class: "actions" },
                button("Try again", () => this.player.retry(), true),
                button(other[0], () => this.player.switchMode(other[1])),
            ),
        );
        this.fault.hidden = false;
        this.wake();
    }

    paint() {
        const { video, tools } = this;
        const state = video.ended
            ? ["again", "Play again"]
            : video.paused
              ? ["play", "Play (k)"]
              : ["pause", "Pause (k)"];
        setIcon(tools.play, ...state);
        const silent = video.muted || video.volume === 0;
        setIcon(tools.mute, silent ? "muted" : "volume", silent ? "Sound on (m)" : "Sound off (m)");
        this.volume.value = String(silent ? 0 : video.volume);
        this.volume.style.setProperty("--part", `${silent ? 0 : video.volume * 100}%`);
        this.time.textContent = `${clock(video.currentTime)} / ${clock(video.duration)}`;
        this.element.classList.toggle("paused", video.paused);
        const full = document.fullscreenElement ?? document.webkitFullscreenElement;
        setIcon(tools.full, full ? "window" : "full", full ? "Leave full screen (f)" : "Full screen (f)");
        if (video.paused) {
            this.element.classList.remove("idle");
        }
    }

    paintChoices() {
        const { source, mode } = this.player;
        const texts = source.texts();
        this.tools.text.hidden = texts.length === 0;
        setIcon(this.tools.text, "text", source.text === -1 ? "Subtitles on (c)" : "Subtitles off (c)");
        this.tools.text.setAttribute("aria-pressed", String(source.text !== -1));
        const quality = source.qualities().find((q) => q.id === source.quality);
        const speed = this.video.playbackRate === 1 ? "" : `${this.video.playbackRate}×`;
        this.tag.textContent = [
            mode === "hls" ? "HLS" : "File",
            quality?.detail && quality.id === -1 ? quality.detail : quality?.label,
            speed,
        ]
            .filter(Boolean)
            .join(" · ");
    }

    close() {
        this.listening.abort();
        clearTimeout(this.idleTimer);
        clearTimeout(this.noteTimer);
        if (document.pictureInPictureElement === this.video) {
            document.exitPictureInPicture().catch(() => {});
        }
    }
}
