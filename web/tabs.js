// SPDX-License-Identifier: BSD-2-Clause
// Tabs as WAI-ARIA describes them. A panel is made when it is first shown, and told when it is shown and hidden.
import { h } from "./dom.js";

/* list: [{id, label, make() -> {element, show?(), hide?(), close?()}}] */
export class Tabs {
    constructor(list, label, chosen, onchoose) {
        this.list = list.map((t) => ({ ...t, made: null }));
        this.onchoose = onchoose;
        for (const t of this.list) {
            t.badge = h("span", { class: "tab-badge", hidden: true });
            t.tab = h(
                "button",
                {
                    type: "button",
                    role: "tab",
                    id: `tab-${t.id}`,
                    class: "tab",
                    "aria-controls": `panel-${t.id}`,
                    onclick: () => this.choose(t.id),
                },
                t.label,
                t.badge,
            );
            t.panel = h("div", {
                role: "tabpanel",
                id: `panel-${t.id}`,
                class: "panel",
                "aria-labelledby": `tab-${t.id}`,
                hidden: true,
            });
        }
        this.row = h(
            "div",
            { class: "tabs", role: "tablist", "aria-label": label, onkeydown: (e) => this.key(e) },
            this.list.map((t) => t.tab),
        );
        this.element = h(
            "div",
            { class: "tabbed" },
            this.row,
            this.list.map((t) => t.panel),
        );
        this.choose(this.list.some((t) => t.id === chosen) ? chosen : this.list[0].id);
    }

    key(event) {
        const at = this.list.indexOf(this.now);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.list.length - 1 }[event.key];
        if (to !== undefined) {
            event.preventDefault();
            const next = this.list[(to + this.list.length) % this.list.length];
            this.choose(next.id);
            next.tab.focus();
        }
    }

    choose(id) {
        const next = this.list.find((t) => t.id === id);
        this.now?.made?.hide?.();
        this.now = next;
        for (const t of this.list) {
            const on = t === next;
            t.tab.setAttribute("aria-selected", String(on));
            t.tab.tabIndex = on ? 0 : -1;
            t.panel.hidden = !on;
        }
        next.tab.scrollIntoView?.({ block: "nearest", inline: "nearest" });
        if (!next.made) {
            next.made = next.make();
            next.panel.append(next.made.element);
        }
        next.made.show?.();
        this.onchoose?.(id);
    }

    setBadge(id, text, kind) {
        const { badge } = this.list.find((t) => t.id === id);
        badge.textContent = text;
        badge.dataset.kind = kind;
        badge.hidden = text === "";
    }

    close() {
        this.now?.made?.hide?.();
        this.list.forEach((t) => t.made?.close?.());
    }
}
