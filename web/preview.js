// SPDX-License-Identifier: BSD-2-Clause
// Small pictures of a film's times: a WebVTT file that says which part of which sheet stands for what time. It is
// fetched when it is first wanted, and so is each sheet. A film that has none is without, and says nothing.
import { h } from "./dom.js";

const CUE = /^((?:\d+:)?\d+:\d+\.\d+)\s+-->\s+((?:\d+:)?\d+:\d+\.\d+)[^\n]*\n([^\n#]+)#xywh=(\d+),(\d+),(\d+),(\d+)/gm;

const seconds = (stamp) => stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/* [{begin, end, sheet, x, y, width, height}], by time. */
export const tilesOf = (text, base) =>
    [...text.replaceAll("\r\n", "\n").matchAll(CUE)].map(([, begin, end, name, ...numbers]) => {
        const [x, y, width, height] = numbers.map(Number);
        return { begin: seconds(begin), end: seconds(end), sheet: new URL(name, base).href, x, y, width, height };
    });

export class Preview {
    constructor() {
        this.image = h("img", { alt: "", decoding: "async", draggable: "false" });
        this.element = h("div", { class: "bar-preview", hidden: true }, this.image);
        this.image.addEventListener("load", () => this.reveal());
        this.image.addEventListener("error", () => this.refused());
        this.set(null);
    }

    /* Where the storyboard is; null: there is none. */
    set(address) {
        this.abort?.abort();
        Object.assign(this, { address, tiles: null, abort: new AbortController(), bad: new Set(), tile: null });
        this.image.removeAttribute("src");
        this.element.hidden = true;
    }

    async load() {
        const { address, abort } = this;
        this.address = null; // asked once
        const base = new URL(address, location.href);
        try {
            const response = await fetch(base, { signal: abort.signal });
            if (response.ok) {
                this.tiles = tilesOf(await response.text(), base);
                this.show(this.time);
            }
        } catch {
            // the bar goes without
        }
    }

    show(time) {
        this.time = time;
        if (this.address) {
            this.load();
        }
        const tile = this.tiles?.findLast?.((t) => t.begin <= time) ?? this.tiles?.[0];
        if (!tile || this.bad.has(tile.sheet)) {
            this.element.hidden = true;
            return;
        }
        this.tile = tile;
        if (this.image.src !== tile.sheet) {
            this.element.hidden = true; // another sheet's picture is not of this time
            this.image.src = tile.sheet;
        } else if (this.image.complete && this.image.naturalWidth > 0) {
            this.reveal();
        }
    }

    reveal() {
        const { tile } = this;
        if (!tile || this.image.src !== tile.sheet) {
            return;
        }
        this.element.style.setProperty("width", `${tile.width}px`);
        this.element.style.setProperty("height", `${tile.height}px`);
        this.image.style.setProperty("transform", `translate(${-tile.x}px, ${-tile.y}px)`);
        this.element.hidden = false;
        this.onreveal?.();
    }

    refused() {
        this.bad.add(this.image.src);
        this.element.hidden = true;
    }

    close() {
        this.abort.abort();
    }
}
