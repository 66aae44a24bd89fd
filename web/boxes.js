// SPDX-License-Identifier: BSD-2-Clause
// The box tree: the file as a strip, and under it every box with its offset and size. Branches are made when they are
// opened, so that a film of a hundred thousand fragments opens like a small one.
import { h } from "./dom.js";
import { bytes, count } from "./format.js";

const STEP = 200; // boxes of a branch at a time
const MOST_FOUND = 300;
const MOST_ON_STRIP = 400;

const hex = (n) => `0x${n.toString(16)}`;

function flags(box) {
    const version = box.version === undefined ? "" : `v${box.version}`;
    return [
        version,
        box.flags ? `flags ${hex(box.flags)}` : "",
        box.cut ? "cut off" : "",
        box.to_end ? "to the end" : "",
        box.inflated ? "inflated" : "",
        box.error ?? "",
    ]
        .filter(Boolean)
        .join(" ");
}

class BoxTree {
    constructor(file) {
        this.file = file;
        this.hexadecimal = false;
        this.search = h("input", {
            type: "search",
            class: "field",
            placeholder: "Find a box: stsz, edit, 0x1f3a",
            "aria-label": "Find a box",
            spellcheck: "false",
            autocomplete: "off",
            oninput: () => this.render(),
        });
        this.base = h(
            "button",
            { type: "button", class: "button", "aria-pressed": "false", onclick: () => this.switchBase() },
            "Hex",
        );
        this.body = h("div", { class: "boxes-body" });
        this.element = h(
            "div",
            { class: "boxes" },
            this.strip(),
            h(
                "div",
                { class: "panel-tools" },
                this.search,
                this.base,
                h("span", { class: "tally" }, `${bytes(file.size)}, ${count(file.boxes.length)} boxes at the top`),
            ),
            this.body,
        );
        this.render();
    }

    switchBase() {
        this.hexadecimal = !this.hexadecimal;
        this.base.setAttribute("aria-pressed", String(this.hexadecimal));
        this.render();
    }

    number(n) {
        return this.hexadecimal ? hex(n) : count(n);
    }

    /* Where in the file what lies: to scale, though nothing is too thin to be seen. */
    strip() {
        const shown = this.file.boxes.slice(0, MOST_ON_STRIP);
        return h(
            "div",
            { class: "strip", "aria-hidden": "true" },
            shown.map((b) =>
                h(
                    "i",
                    {
                        data: { type: b.type },
                        title: `${b.type}: ${count(b.size)} bytes at ${count(b.offset)}`,
                        style: { "flex-grow": String(b.size / this.file.size) },
                    },
                    b.size / this.file.size > 0.04 ? b.type : "",
                ),
            ),
        );
    }

    cells(box, path) {
        return [
            h("code", { class: "box-type" }, box.type),
            h(
                "span",
                { class: "box-name" },
                path ?? box.name ?? (box.known === false ? "unknown" : ""),
                h("small", null, flags(box)),
            ),
            h("code", { class: "box-number" }, this.number(box.offset)),
            h("code", { class: "box-number" }, this.number(box.size)),
        ];
    }

    node(box, depth, open) {
        const children = box.boxes ?? [];
        const row = { class: "box-row", style: { "--depth": String(depth) } };
        if (children.length === 0) {
            return h("div", row, this.cells(box));
        }
        const inside = h("div");
        const details = h("details", null, h("summary", row, this.cells(box)), inside);
        const fill = () => inside.children.length === 0 && this.fill(inside, children, depth + 1, 0);
        details.addEventListener("toggle", fill);
        if (open > 0) {
            details.open = true;
            this.fill(inside, children, depth + 1, open - 1);
        }
        return details;
    }

    fill(parent, boxes, depth, open, from = 0) {
        parent.append(...boxes.slice(from, from + STEP).map((b) => this.node(b, depth, open)));
        const left = boxes.length - from - STEP;
        if (left > 0) {
            const more = h(
                "button",
                {
                    type: "button",
                    class: "more",
                    style: { "--depth": String(depth) },
                    onclick: () => {
                        more.remove();
                        this.fill(parent, boxes, depth, open, from + STEP);
                    },
                },
                `${count(left)} more`,
            );
            parent.append(more);
        }
    }

    /* Without recursion: files nest as they like. */
    found(query) {
        const hits = [];
        const stack = this.file.boxes.map((b) => [b, b.type]).reverse();
        while (stack.length > 0 && hits.length < MOST_FOUND) {
            const [box, path] = stack.pop();
            const text = `${path} ${box.name ?? ""} ${box.uuid ?? ""}`.toLowerCase();
            if (text.includes(query) || query === String(box.offset) || query === hex(box.offset)) {
                hits.push([box, path]);
            }
            for (let i = (box.boxes?.length ?? 0) - 1; i >= 0; i -= 1) {
                stack.push([box.boxes[i], `${path}/${box.boxes[i].type}`]);
            }
        }
        return hits;
    }

    render() {
        const query = this.search.value.trim().toLowerCase().replaceAll(",", "");
        const head = h(
            "div",
            { class: "box-row box-head" },
            h("span", null, "Box"),
            h("span", null, query ? "Path" : "Name"),
            h("span", { class: "box-number" }, "Offset"),
            h("span", { class: "box-number" }, "Size"),
        );
        this.body.replaceChildren(head);
        if (!query) {
            this.fill(this.body, this.file.boxes, 0, this.file.boxes.length < 12 ? 2 : 0);
            return;
        }
        const hits = this.found(query);
        this.body.append(
            ...hits.map(([b, path]) => h("div", { class: "box-row", style: { "--depth": "0" } }, this.cells(b, path))),
        );
        if (hits.length === 0 || hits.length === MOST_FOUND) {
            this.body.append(
                h("p", { class: "quiet" }, hits.length ? `The first ${MOST_FOUND} are shown.` : "No box is called so."),
            );
        }
    }
}

export const boxesPanel = (file) => new BoxTree(file).element;
