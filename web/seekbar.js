// SPDX-License-Identifier: BSD-2-Clause
// The bar: what was played, what is buffered, chapters, the time under the pointer and its picture. A slider for keys
// and readers.
import { h } from "./dom.js";
import { clock, spoken } from "./format.js";
import { Preview } from "./preview.js";

export class Seekbar {
    constructor(video, seek) {
        Object.assign(this, { video, seek, chapters: [], dragging: null });
        this.buffered = h("div", { class: "bar-buffered" });
        this.played = h("div", { class: "bar-played" });
        this.marks = h("div", { class: "bar-marks" });
        this.knob = h("div", { class: "bar-knob" });
        this.preview = new Preview();
        this.preview.onreveal = () => this.place();
        this.words = h("span");
        this.tip = h(
            "div",
            { class: "bar-tip", "aria-hidden": "true", hidden: true },
            this.preview.element,
            this.words,
        );
        this.element = h(
            "div",
            { class: "bar", role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0" },
            h("div", { class: "bar-track" }, this.buffered, this.played, this.marks),
            this.knob,
            this.tip,
        );
        this.listen();
    }

    listen() {
        const e = this.element;
        e.addEventListener("pointerdown", (event) => {
            if (event.button === 0 && this.length > 0) {
                e.setPointerCapture(event.pointerId);
                this.dragging = this.at(event);
                this.paint();
                this.point(this.dragging); // a finger does not hover
            }
        });
        e.addEventListener("pointermove", (event) => {
            if (this.dragging !== null) {
                this.dragging = this.at(event);
                this.paint();
            }
            this.point(this.at(event));
        });
        e.addEventListener("pointerup", (event) => {
            if (this.dragging !== null) {
                this.dragging = null;
                this.seek(this.at(event));
            }
        });
        e.addEventListener("pointercancel", () => {
            this.dragging = null;
        });
        e.addEventListener("pointerleave", () => {
            this.tip.hidden = true;
        });
        for (const name of ["timeupdate", "progress", "durationchange", "seeking", "seeked", "emptied"]) {
            this.video.addEventListener(name, () => this.paint());
        }
    }

    get length() {
        return Number.isFinite(this.video.duration) ? this.video.duration : 0;
    }

    at(event) {
        const box = this.element.getBoundingClientRect();
        return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.length;
    }

    setChapters(chapters) {
        this.chapters = chapters;
        this.paint();
        this.marks.replaceChildren(
            ...chapters
                .filter((c) => c.time > 0 && c.time < this.length)
                .map((c) => h("i", { style: { left: `${(100 * c.time) / this.length}%` } })),
        );
    }

    point(time) {
        if (this.length === 0) {
            return;
        }
        const chapter = this.chapters.findLast?.((c) => c.time <= time)?.title;
        this.tip.hidden = false;
        this.words.textContent = chapter
            ? `${clock(time, this.length < 600)}  ${chapter}`
            : clock(time, this.length < 600);
        this.pointed = time;
        this.preview.show(time);
        this.place();
    }

    /* Above the time that is pointed at, and within the bar. */
    place() {
        const half = this.tip.offsetWidth / 2;
        const width = this.element.clientWidth;
        const x = Math.max(half, Math.min(width - half, (width * this.pointed) / this.length));
        this.tip.style.setProperty("left", `${x}px`);
    }

    paintBuffered() {
        const ranges = this.video.buffered;
        while (this.buffered.children.length < ranges.length) {
            this.buffered.append(h("i"));
        }
        [...this.buffered.children].forEach((i, n) => {
            const shown = n < ranges.length && this.length > 0;
            i.hidden = !shown;
            if (shown) {
                i.style.setProperty("left", `${(100 * ranges.start(n)) / this.length}%`);
                i.style.setProperty("width", `${(100 * (ranges.end(n) - ranges.start(n))) / this.length}%`);
            }
        });
    }

    paint() {
        const time = this.dragging ?? this.video.currentTime;
        const part = this.length > 0 ? time / this.length : 0;
        this.played.style.setProperty("transform", `scaleX(${part})`);
        this.knob.style.setProperty("left", `${100 * part}%`);
        this.element.setAttribute("aria-valuemax", String(Math.round(this.length)));
        this.element.setAttribute("aria-valuenow", String(Math.round(time)));
        this.element.setAttribute("aria-valuetext", `${spoken(time)} of ${spoken(this.length)}`);
        this.paintBuffered();
    }
}
