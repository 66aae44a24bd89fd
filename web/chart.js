// SPDX-License-Identifier: BSD-2-Clause
// Bit rate over time, a step for each GOP; sound as a line. Hover or arrows show one, a click or Enter goes there.
import { h } from "./dom.js";
import { bytes, clock, count, rate } from "./format.js";

const LEFT = 74;
const BOTTOM = 26;
const TOP = 10;
const HEIGHT = 260;

/* A round number a little above. */
function ceiling(n) {
    const unit = 10 ** Math.floor(Math.log10(Math.max(n, 1)));
    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((k) => k * unit).find((x) => x >= n) ?? n;
}

function stepFor(seconds, marks) {
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000];
    return steps.find((s) => seconds / s <= marks) ?? 86400;
}

class Chart {
    constructor(data, video, seek) {
        Object.assign(this, { video, seek, hover: -1, watching: null });
        const series = data.tracks
            .filter((t) => t.gops.length > 0 && (t.type === "video" || t.type === "audio"))
            .map((t) => ({
                ...t,
                gops: t.gops.map((g) => ({ ...g, rate: g.duration > 0 ? (g.bytes * 8) / g.duration : 0 })),
            }));
        this.main = series.find((t) => t.type === "video") ?? series[0];
        this.others = series.filter((t) => t !== this.main);
        this.end = Math.max(...series.flatMap((t) => t.gops.slice(-1).map((g) => g.time + g.duration)), 0.001);
        this.top = ceiling(Math.max(...series.flatMap((t) => t.gops.map((g) => g.rate)), 1));
        this.build();
    }

    build() {
        this.canvas = h("canvas", { class: "chart", height: String(HEIGHT), tabindex: "0", role: "img" });
        this.tip = h("div", { class: "chart-tip", hidden: true });
        this.line = h("p", { class: "unseen", "aria-live": "polite" });
        const mean = (this.main.gops.reduce((n, g) => n + g.bytes, 0) * 8) / this.end;
        const high = this.main.gops.reduce((a, b) => (b.rate > a.rate ? b : a));
        const unit = this.main.type === "video" ? "GOPs" : "spans";
        const most = `${rate(high.rate)} at most, at ${clock(high.time)}`;
        const words = `${count(this.main.gops.length)} ${unit}, ${rate(mean)} on average, ${most}`;
        this.canvas.setAttribute(
            "aria-label",
            `Bit rate over time: ${words}. Arrow keys go from one to the next, Enter seeks.`,
        );
        const key = [this.main, ...this.others].map((t, i) =>
            h("li", { data: { series: i ? "other" : "main" } }, `${t.type} ${t.id}`),
        );
        this.element = h(
            "div",
            { class: "chart-box" },
            h("div", { class: "chart-head" }, h("p", null, words), h("ul", { class: "key" }, key)),
            h("div", { class: "chart-frame" }, this.canvas, this.tip),
            this.line,
        );
        this.canvas.addEventListener("pointermove", (e) => this.point(e));
        this.canvas.addEventListener("pointerleave", () => this.show(-1));
        this.canvas.addEventListener("click", (e) => this.seek(this.timeAt(e)));
        this.canvas.addEventListener("keydown", (e) => this.key(e));
        this.canvas.addEventListener("blur", () => this.show(-1));
    }

    /* While it is shown it follows the film, the theme and its own width. */
    follow() {
        this.watching = new AbortController();
        const { signal } = this.watching;
        for (const name of ["timeupdate", "seeked", "seeking"]) {
            this.video.addEventListener(name, () => this.paint(), { signal });
        }
        document.addEventListener("theme", () => requestAnimationFrame(() => this.paint()), { signal });
        const sizes = new ResizeObserver(() => this.paint());
        sizes.observe(this.element);
        signal.addEventListener("abort", () => sizes.disconnect());
        this.paint();
    }

    hide() {
        this.watching?.abort();
    }

    x(time) {
        return LEFT + ((this.canvas.clientWidth - LEFT - 4) * time) / this.end;
    }

    y(value) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / this.top);
    }

    timeAt(event) {
        const box = this.canvas.getBoundingClientRect();
        return Math.max(0, Math.min(1, (event.clientX - box.left - LEFT) / (box.width - LEFT - 4))) * this.end;
    }

    /* The last that begins at or before time. */
    indexAt(time) {
        let [low, high] = [0, this.main.gops.length - 1];
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            this.main.gops[middle].time <= time ? (low = middle) : (high = middle - 1);
        }
        return low;
    }

    point(event) {
        this.show(this.indexAt(this.timeAt(event)));
    }

    key(event) {
        const last = this.main.gops.length - 1;
        const at = this.hover >= 0 ? this.hover : this.indexAt(this.video.currentTime);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
        if (to !== undefined) {
            event.preventDefault();
            this.show(Math.max(0, Math.min(last, to)));
        } else if (event.key === "Enter") {
            this.seek(this.main.gops[at].time);
        }
    }

    show(index) {
        this.hover = index;
        this.tip.hidden = index < 0;
        if (index >= 0) {
            const g = this.main.gops[index];
            const rows = [
                ["from", clock(g.time, true)],
                ["lasts", `${g.duration.toFixed(2)} s`],
                ["frames", count(g.frames)],
                ["size", bytes(g.bytes)],
                ["rate", rate(g.rate)],
            ];
            const title = `${this.main.type === "video" ? "GOP" : "Span"} ${index + 1}`;
            this.tip.replaceChildren(
                h("strong", null, title),
                h(
                    "dl",
                    null,
                    rows.map(([k, v]) => h("div", null, h("dt", null, k), h("dd", null, v))),
                ),
            );
            this.line.textContent = `${title}: ${rows.map((r) => r.join(" ")).join(", ")}`;
            const middle = this.x(g.time + g.duration / 2);
            this.tip.classList.toggle("flip", middle > this.canvas.clientWidth * 0.6);
            this.tip.style.setProperty("left", `${middle}px`);
        }
        this.paint();
    }

    paint() {
        const width = this.canvas.clientWidth;
        if (width === 0) {
            return;
        }
        const ratio = devicePixelRatio || 1;
        this.canvas.width = Math.round(width * ratio);
        this.canvas.height = Math.round(HEIGHT * ratio);
        const c = this.canvas.getContext("2d");
        c.scale(ratio, ratio);
        const style = getComputedStyle(this.canvas);
        const ink = (name) => style.getPropertyValue(name).trim();
        this.paintGrid(c, width, ink);
        this.paintMain(c, ink);
        this.others.forEach((t) => this.paintLine(c, t, ink("--ink-3")));
        const now = this.x(Math.min(this.video.currentTime, this.end));
        c.fillStyle = ink("--ink");
        c.fillRect(Math.round(now) - 1, TOP - 6, 2, HEIGHT - TOP - BOTTOM + 6);
        c.beginPath();
        c.arc(now, TOP - 5, 4, 0, 7);
        c.fill();
    }

    paintGrid(c, width, ink) {
        c.font = `11.5px ${ink("--mono")}`;
        c.fillStyle = ink("--ink-3");
        c.textBaseline = "middle";
        c.textAlign = "right";
        for (let i = 0; i <= 4; i += 1) {
            const y = Math.round(this.y((this.top * i) / 4));
            c.globalAlpha = 1;
            c.fillText(i ? rate((this.top * i) / 4) : "0", LEFT - 10, y);
            c.save();
            c.fillStyle = ink(i ? "--line" : "--line-strong");
            c.fillRect(LEFT, y, width - LEFT - 4, 1);
            c.restore();
        }
        const step = stepFor(this.end, Math.max(2, Math.floor((width - LEFT) / 90)));
        c.textAlign = "center";
        for (let t = 0; t <= this.end; t += step) {
            const x = this.x(t);
            if (x < width - 22) {
                c.fillText(clock(t, step < 1), Math.max(x, LEFT + 4), HEIGHT - 10);
            }
        }
    }

    /* Of the steps that share a pixel the highest is drawn. */
    paintMain(c, ink) {
        const floor = this.y(0);
        const [plain, lit] = [ink("--chart"), ink("--accent")];
        const columns = new Map();
        this.main.gops.forEach((g, i) => {
            const left = Math.floor(this.x(g.time));
            const right = Math.max(left + 1, Math.floor(this.x(g.time + g.duration)));
            const gap = right - left > 4 ? 1 : 0;
            const before = columns.get(left);
            if (right - left > 1 || !before || before.rate < g.rate || i === this.hover) {
                const top = this.y(g.rate);
                c.fillStyle = i === this.hover ? lit : plain;
                c.fillRect(left, top, right - left - gap, floor - top);
                columns.set(left, g);
            }
        });
    }

    paintLine(c, track, colour) {
        c.strokeStyle = colour;
        c.lineWidth = 1.5;
        c.beginPath();
        track.gops.forEach((g, i) =>
            (i ? c.lineTo : c.moveTo).call(c, this.x(g.time + g.duration / 2), this.y(g.rate)),
        );
        c.stroke();
    }
}

/* {element, show(), hide()}, or null when there is nothing to draw. */
export function chartPanel(data, video, seek) {
    if (!data.tracks.some((t) => t.gops.length > 0 && (t.type === "video" || t.type === "audio"))) {
        return null;
    }
    const chart = new Chart(data, video, seek);
    return { element: chart.element, show: () => chart.follow(), hide: () => chart.hide() };
}
