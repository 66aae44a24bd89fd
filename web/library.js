// SPDX-License-Identifier: BSD-2-Clause
// The library: folders, cards, search.
import { getList, url } from "./api.js";
import { button, failure, h, icon, say, state, svg } from "./dom.js";
import { bytes, clock, date, extension, language } from "./format.js";
import { lengthOf, posters } from "./poster.js";
import { pref, remember } from "./prefs.js";
import { crawl, matcher } from "./search.js";

const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const ORDERS = {
    name: ["Name", (a, b) => natural.compare(a.name, b.name)],
    newest: ["Newest", (a, b) => b.modified - a.modified],
    largest: ["Largest", (a, b) => b.size - a.size],
};
const SOUND = new Set(["m4a", "m4b", "m4r", "f4a", "f4b", "cmfa", "isma"]);

const fileOf = (title) => title.path.slice(title.path.lastIndexOf("/") + 1);

function hash(text) {
    let n = 2166136261;
    for (const c of text) {
        n = Math.imul(n ^ c.codePointAt(0), 16777619);
    }
    return n >>> 0;
}

/* A frame of film leader: the sweep stands at another angle for each title. */
function leader(title) {
    const angle = (((hash(title.name) % 300) + 30) * Math.PI) / 180;
    const [x, y] = [80 + 120 * Math.sin(angle), 45 - 120 * Math.cos(angle)];
    const mark = [...title.name.trim()].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? "·";
    const face = SOUND.has(extension(title.path))
        ? [12, 22, 34, 26, 40, 30, 18, 28, 14].map((n, i) =>
              svg("rect", { x: 50 + i * 7, y: 45 - n / 2, width: 3, height: n, class: "leader-mark" }),
          )
        : svg("text", { x: 80, y: 55, "text-anchor": "middle", class: "leader-text" }, mark.toUpperCase());
    return svg(
        "svg",
        { viewBox: "0 0 160 90", class: "leader", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" },
        svg("path", { d: `M80 45V-80A125 125 0 ${angle > Math.PI ? 1 : 0} 1 ${x} ${y}z`, class: "leader-sweep" }),
        svg("path", { d: "M0 45H160M80 0V90", class: "leader-line" }),
        svg("circle", { cx: 80, cy: 45, r: 34, class: "leader-ring" }),
        svg("circle", { cx: 80, cy: 45, r: 30, class: "leader-disc" }),
        face,
    );
}

function badges(title) {
    const renditions = new Set([title.path, ...(title.renditions ?? [])]).size;
    const texts = (title.sidecars ?? []).map((s) => s.language).filter((l, i, all) => all.indexOf(l) === i);
    const names = texts.map((t) => language(t) || "unnamed").join(", ");
    const list = [
        renditions > 1 &&
            h(
                "span",
                { class: "badge", title: `There as ${renditions} files of different quality` },
                `${renditions} qualities`,
            ),
        texts.length > 0 &&
            h(
                "span",
                { class: "badge", title: `Subtitles: ${names}` },
                h("span", { class: "unseen" }, "Subtitles "),
                `CC ${texts.slice(0, 3).join(" ")}${texts.length > 3 ? ` +${texts.length - 3}` : ""}`,
            ),
    ].filter(Boolean);
    return list.length > 0 && h("span", { class: "badges" }, list);
}

/* The origin's own picture, when the card comes near the screen; where there is none the leader stays. */
function poster(title, frame) {
    const image = h("img", {
        class: "coming",
        alt: "",
        loading: "lazy",
        decoding: "async",
        onload: () => {
            image.classList.remove("coming");
            frame.classList.add("drawn");
            lengthOf(title).then((duration) => put(frame, duration));
        },
        onerror: () => image.remove(),
    });
    image.src = `${url.thumb(title.path, title.poster)}?w=480&v=${title.modified}`;
    frame.prepend(image);
}

function put(frame, duration) {
    if (Number.isFinite(duration)) {
        frame.append(h("span", { class: "frame-time" }, clock(duration)));
    }
}

function card(title, drawer, place) {
    const frame = h("span", { class: "frame" }, leader(title));
    const element = h(
        "li",
        { class: "card" },
        h(
            "a",
            { href: url.watch(title.path) },
            frame,
            h("span", { class: "card-name" }, title.name),
            place && h("span", { class: "card-place" }, place),
            h(
                "span",
                { class: "card-facts" },
                h("span", null, bytes(title.size)),
                h("span", null, date(title.modified)),
            ),
            badges(title),
        ),
    );
    if (title.poster) {
        poster(title, frame);
        return element;
    }
    drawer.watch(frame, title, (found) => {
        if (found?.src) {
            frame.prepend(h("img", { src: found.src, alt: "", decoding: "async" }));
            frame.classList.add("drawn");
        }
        put(frame, found?.duration);
    });
    return element;
}

const folderLink = (f) =>
    h("li", null, h("a", { href: url.folder(f.path) }, icon("folder", 18), h("span", null, f.name)));

function crumbs(folder) {
    const parts = folder.split("/").filter(Boolean);
    const links = parts.map((name, i) => ({ name, path: `${parts.slice(0, i + 1).join("/")}/` }));
    return h(
        "nav",
        { class: "crumbs", "aria-label": "Folders above" },
        h(
            "ol",
            null,
            [{ name: "Library", path: "" }, ...links].map(({ name, path }, i, all) =>
                h("li", null, i === all.length - 1 ? h("h1", null, name) : h("a", { href: url.folder(path) }, name)),
            ),
        ),
    );
}

function searchField(slot, oninput) {
    const input = h("input", {
        type: "search",
        class: "field",
        id: "search",
        placeholder: "Search the library",
        "aria-label": "Search the library",
        autocomplete: "off",
        spellcheck: "false",
        "aria-keyshortcuts": "/",
        oninput,
        onkeydown: (event) => {
            if (event.key === "Escape") {
                input.value = "";
                oninput();
                input.blur();
            }
        },
    });
    slot.replaceChildren(h("div", { class: "search" }, input, h("kbd", { "aria-hidden": "true" }, "/")));
    return input;
}

class Library {
    constructor(main, slot, folder) {
        Object.assign(this, { main, slot, folder, abort: new AbortController(), below: [], crawling: false });
        this.onkey = (event) => {
            const typing = event.target.closest?.("input, textarea, select");
            if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
                event.preventDefault();
                this.input?.focus();
                this.input?.select();
            }
        };
        document.addEventListener("keydown", this.onkey);
        document.title = folder ? `${folder.slice(0, -1).split("/").at(-1)} · reel` : "reel";
        this.load();
    }

    async load() {
        this.main.replaceChildren(
            h(
                "div",
                { class: "library" },
                crumbs(this.folder),
                h(
                    "ul",
                    { class: "grid", "aria-busy": "true" },
                    Array.from({ length: 8 }, () =>
                        h("li", { class: "card ghost" }, h("span", { class: "frame" }), h("i"), h("i")),
                    ),
                ),
            ),
        );
        try {
            this.list = await getList(this.folder, this.abort.signal);
        } catch (e) {
            if (e.name !== "AbortError") {
                this.main.replaceChildren(failure(e, () => this.load()));
            }
            return;
        }
        this.frame();
    }

    frame() {
        this.input = searchField(this.slot, () => this.search());
        this.results = h("div", { class: "results" });
        this.tally = h("span", { class: "tally" });
        this.order = h(
            "select",
            {
                class: "order",
                "aria-label": "Order",
                onchange: () => {
                    remember("sort", this.order.value);
                    this.render();
                },
            },
            Object.entries(ORDERS).map(([key, [name]]) => h("option", { value: key }, name)),
        );
        this.order.value = ORDERS[pref("sort")] ? pref("sort") : "name";
        this.main.replaceChildren(
            h(
                "div",
                { class: "library" },
                h(
                    "div",
                    { class: "library-head" },
                    crumbs(this.folder),
                    h("div", { class: "library-tools" }, this.tally, this.order),
                ),
                this.results,
            ),
        );
        this.render();
    }

    async search() {
        this.render();
        if (this.input.value.trim() && !this.crawling) {
            this.crawling = true; // once: it stays in memory as long as the folder is shown
            await crawl(
                this.list,
                (list) => {
                    this.below.push(list);
                    this.render();
                },
                this.abort.signal,
            );
        }
    }

    matches(query) {
        const match = matcher(query);
        const own = this.list.titles.filter((t) => match(`${t.name} ${fileOf(t)}`)).map((t) => ({ ...t, place: "" }));
        const deeper = this.below.flatMap((l) =>
            l.titles.filter((t) => match(`${t.path} ${t.name}`)).map((t) => ({ ...t, place: l.path })),
        );
        const folders = [this.list, ...this.below].flatMap((l) => l.folders).filter((f) => match(f.name));
        return { titles: [...own, ...deeper], folders };
    }

    render() {
        const query = this.input.value.trim();
        const { titles, folders } = query ? this.matches(query) : this.list;
        const sorted = [...titles].sort(ORDERS[this.order.value][1]);
        // Each folder that search reads ends here; what is on the screen stays when it brings nothing new.
        const sign = JSON.stringify([query === "", folders.map((f) => f.path), sorted.map((t) => t.path)]);
        if (sorted.length > 0 && sign === this.sign) {
            return;
        }
        this.sign = sign;
        this.tally.textContent = this.count(titles);
        const focused = this.results.contains(document.activeElement)
            ? document.activeElement.getAttribute("href")
            : null;
        this.drawer?.close();
        this.drawer = posters();
        this.results.replaceChildren(
            folders.length > 0 ? h("ul", { class: "folders", "aria-label": "Folders" }, folders.map(folderLink)) : "",
            sorted.length > 0 ? this.grid(sorted) : this.nothing(query, folders.length > 0),
        );
        if (focused) {
            [...this.results.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus();
        }
        if (query) {
            say(`${titles.length} titles found`);
        }
    }

    count(titles) {
        const total = titles.reduce((sum, t) => sum + t.size, 0);
        return titles.length ? `${titles.length} ${titles.length === 1 ? "title" : "titles"}, ${bytes(total)}` : "";
    }

    grid(titles) {
        return h(
            "ul",
            { class: "grid", "aria-label": "Titles" },
            titles.map((t) => card(t, this.drawer, t.place)),
        );
    }

    nothing(query, hasFolders) {
        if (query) {
            return state(`Nothing is called “${query}”`, "Search looks at names, here and in the folders below.", {
                actions: [
                    button("Show all", () => {
                        this.input.value = "";
                        this.render();
                        this.input.focus();
                    }),
                ],
            });
        }
        if (hasFolders) {
            return "";
        }
        return state(this.folder ? "This folder has no films" : "The library is empty", [
            "Put .mp4, .mov, .m4v or .m4a files here: they can be played at once.",
            "Nothing needs to be imported.",
        ]);
    }

    close() {
        this.abort.abort();
        this.drawer?.close();
        document.removeEventListener("keydown", this.onkey);
    }
}

export const showLibrary = (main, slot, folder) => new Library(main, slot, folder);
