// SPDX-License-Identifier: BSD-2-Clause
// The origin's live figures: four lines of the last minutes, and every figure as it is sent.
import { getMetrics } from "./api.js";
import { h, loading, svg } from "./dom.js";
import { bytes, count } from "./format.js";
import { figures, parseMetrics, rates } from "./metrics.js";

const EVERY = 2000; // ms
const KEEP = 90; // points: three minutes
const [WIDTH, HEIGHT] = [300, 56];

const history = []; // of the whole visit, so that a line does not begin anew with each film
let last = null;

const TILES = [
    ["requests", "Requests", (n) => `${n < 10 ? Number(n.toFixed(1)) : count(Math.round(n))} /s`],
    ["bytes", "Sent", (n) => `${bytes(n)}/s`],
    ["hitRate", "Cache hits", (n) => `${Math.round(n * 100)} %`],
    ["films", "Open films", (n) => count(n)],
];

function spark(key) {
    const points = history.map((p) => p[key]);
    const high = key === "hitRate" ? 1 : 1.2 * Math.max(...points.map((p) => p ?? 0), 1e-9);
    const x = (i) => (WIDTH * (i + KEEP - points.length)) / (KEEP - 1);
    const y = (v) => HEIGHT - 3 - ((HEIGHT - 8) * v) / high;
    let path = "";
    points.forEach((p, i) => {
        if (p !== null) {
            path += `${i > 0 && points[i - 1] !== null ? "L" : "M"}${x(i).toFixed(1)} ${y(p).toFixed(1)}`;
        }
    });
    return svg(
        "svg",
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "spark", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("path", { d: `M0 ${HEIGHT - 1}H${WIDTH}`, class: "spark-floor" }),
        svg("path", { d: path, class: "spark-line", "vector-effect": "non-scaling-stroke" }),
    );
}

function tile([key, name, words]) {
    const value = history.at(-1)?.[key] ?? null;
    return h(
        "div",
        { class: "tile", data: { figure: key } },
        h("p", { class: "tile-name" }, name),
        h("p", { class: "tile-value" }, value === null ? "–" : words(value)),
        spark(key),
    );
}

function table(rows) {
    return h(
        "table",
        null,
        h(
            "tbody",
            null,
            rows.map((r) =>
                h(
                    "tr",
                    null,
                    h("th", { scope: "row" }, r.name, h("small", null, r.labels)),
                    h("td", null, count(r.value)),
                ),
            ),
        ),
    );
}

class Origin {
    constructor() {
        this.tiles = h("div", { class: "tiles" });
        this.raw = h("div", { class: "raw-body" });
        this.details = h("details", { class: "raw" }, h("summary", null, "All figures"), this.raw);
        this.problem = h("p", { class: "quiet", role: "status" });
        this.element = h("div", { class: "origin" }, loading("the origin's figures"));
        this.look = this.look.bind(this);
    }

    show() {
        this.shown = true;
        this.look();
    }

    hide() {
        this.shown = false;
        clearTimeout(this.timer);
    }

    async look() {
        clearTimeout(this.timer);
        if (!document.hidden) {
            await this.measure();
        }
        if (this.shown) {
            clearTimeout(this.timer);
            this.timer = setTimeout(this.look, EVERY);
        }
    }

    async measure() {
        try {
            this.take(parseMetrics(await getMetrics(AbortSignal.timeout(EVERY * 2))));
            this.problem.textContent = "";
        } catch (e) {
            this.problem.textContent = `${e.title ?? "No figures"}: ${e.message}. Trying again.`;
        }
        if (!this.tiles.isConnected) {
            this.element.replaceChildren(this.problem, this.tiles, this.details);
        }
    }

    take(rows) {
        const now = { at: performance.now(), ...figures(rows) };
        if (last && now.at - last.at > EVERY / 2) {
            history.push(rates(last, now, (now.at - last.at) / 1000));
            history.splice(0, history.length - KEEP);
        }
        if (!last || now.at - last.at > EVERY / 2) {
            last = now;
        }
        this.tiles.replaceChildren(...TILES.map(tile));
        if (this.details.open || this.raw.children.length === 0) {
            this.raw.replaceChildren(table(rows));
        }
    }
}

export const originPanel = () => new Origin();

/* The same as a page of its own. */
export function showOrigin(main) {
    const origin = new Origin();
    document.title = "Origin · reel";
    main.replaceChildren(
        h(
            "div",
            { class: "library" },
            h("div", { class: "library-head" }, h("h1", { class: "page-title" }, "Origin")),
            origin.element,
        ),
    );
    origin.show();
    return { close: () => origin.hide() };
}
