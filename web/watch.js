// SPDX-License-Identifier: BSD-2-Clause
// A film: the stage, its name, and the tabs below.
import { getInfo, getList, url } from "./api.js";
import { boxesPanel } from "./boxes.js";
import { chartPanel } from "./chart.js";
import { Stage } from "./controls.js";
import { doctorPanel, worst } from "./doctor.js";
import { failure, h, loading, state } from "./dom.js";
import { bytes, clock, date, stem } from "./format.js";
import { originPanel } from "./origin.js";
import { Player } from "./player.js";
import { pref, remember } from "./prefs.js";
import { Tabs } from "./tabs.js";
import { tracksPanel } from "./tracks.js";

const folderOf = (path) => path.slice(0, path.lastIndexOf("/") + 1);
const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);

/* A panel whose content comes from the origin: loading, then the content or why it is not there. */
function fetched(what, get, make) {
    const element = h("div");
    let made = null;
    let shown = false;
    const load = async () => {
        element.replaceChildren(loading(what));
        try {
            const result = make(await get());
            made = result instanceof Node ? { element: result } : result;
            element.replaceChildren(made.element);
            shown && made.show?.();
        } catch (e) {
            if (e.name !== "AbortError") {
                element.replaceChildren(failure(e, load));
            }
        }
    };
    load();
    return {
        element,
        show: () => {
            shown = true;
            made?.show?.();
        },
        hide: () => {
            shown = false;
            made?.hide?.();
        },
    };
}

class Watch {
    constructor(main, path, time) {
        Object.assign(this, { main, path, abort: new AbortController(), asked: new Map() });
        document.title = `${stem(nameOf(path))} · reel`;
        this.video = h("video", { playsinline: true, preload: "auto", "aria-label": stem(nameOf(path)) });
        this.player = new Player(this.video);
        this.stage = new Stage(this.player, { shareLink: () => this.link() });
        this.name = h("h1", null, stem(nameOf(path)));
        this.facts = h("p", { class: "watch-facts" });
        this.tabs = new Tabs(this.panels(), "About this film", pref("tab"), (id) => remember("tab", id));
        main.replaceChildren(
            h(
                "div",
                { class: "watch" },
                this.stage.element,
                h("div", { class: "watch-body" }, this.head(), this.tabs.element),
            ),
        );
        this.video.addEventListener("pause", () => this.noteTime());
        this.video.addEventListener("seeked", () => this.noteTime());
        this.start(time);
    }

    /* What several parts ask for is fetched once; after a failure the next to ask tries again. */
    once(part) {
        if (!this.asked.has(part)) {
            const answer = getInfo(this.path, part, this.abort.signal);
            answer.catch(() => this.asked.delete(part));
            this.asked.set(part, answer);
        }
        return this.asked.get(part);
    }

    panels() {
        const get = (part) => () => this.once(part);
        return [
            { id: "tracks", label: "Tracks", make: () => fetched("the tracks", get(""), tracksPanel) },
            { id: "boxes", label: "Boxes", make: () => fetched("the boxes", get("boxes"), boxesPanel) },
            {
                id: "chart",
                label: "Bit rate",
                make: () =>
                    fetched(
                        "the bit rate",
                        get("chart"),
                        (data) =>
                            chartPanel(data, this.video, (t) => this.player.seek(t)) ??
                            state("Nothing to draw", "This film has no pictures and no sound."),
                    ),
            },
            { id: "doctor", label: "Doctor", make: () => fetched("the findings", get("doctor"), doctorPanel) },
            { id: "origin", label: "Origin", make: originPanel },
        ];
    }

    head() {
        const folder = folderOf(this.path);
        return h(
            "header",
            { class: "watch-head" },
            h(
                "div",
                null,
                h(
                    "div",
                    { class: "watch-name" },
                    h("a", { href: url.folder(folder) }, folder ? nameOf(folder.slice(0, -1)) : "Library"),
                    this.name,
                ),
                this.facts,
            ),
            h(
                "p",
                { class: "watch-links" },
                h("a", { class: "button", href: url.file(this.path), download: nameOf(this.path) }, "Download"),
                h("a", { class: "button", href: url.hls(this.path) }, "HLS"),
                h("a", { class: "button", href: url.dash(this.path) }, "DASH"),
            ),
        );
    }

    /* The list knows the sidecars and renditions; a film plays without them too. */
    async title() {
        try {
            const { titles } = await getList(folderOf(this.path), this.abort.signal);
            return titles.find((t) => t.path === this.path) ?? titles.find((t) => t.renditions?.includes(this.path));
        } catch {
            return null;
        }
    }

    async start(time) {
        const listed = await this.title();
        if (this.abort.signal.aborted) {
            return;
        }
        // Subtitle files have their URLs below the film that the title is listed under.
        const title = { sidecars: [], renditions: [], ...listed, path: this.path, home: listed?.path ?? this.path };
        if (listed) {
            this.name.textContent = listed.name;
            document.title = `${listed.name} · reel`;
        }
        this.showFacts(listed);
        this.stage.bar.preview.set(listed?.storyboard ? url.thumb(this.path, listed.storyboard) : null);
        this.player.open(title, pref("mode"), time, true);
        this.once("").then(
            (info) => this.know(info, listed),
            () => {},
        );
        this.once("doctor").then(
            (f) => this.badge(f),
            () => {},
        );
    }

    know(info, listed) {
        const video = info.tracks.find((t) => t.type === "video");
        this.stage.fps = video?.fps;
        this.stage.know(info, this.path);
        this.showFacts(listed, [
            video && `${video.width}×${video.height}`,
            clock(info.duration / info.timescale),
            bytes(info.size),
        ]);
        const chapters = (info.chapters ?? []).map((c) => ({ time: c.start / c.timescale, title: c.title }));
        const set = () => this.stage.bar.setChapters(chapters);
        set();
        this.video.addEventListener("durationchange", set);
    }

    showFacts(listed, more = []) {
        this.facts.replaceChildren(
            [nameOf(this.path), ...more, listed && date(listed.modified)].filter(Boolean).join(" · "),
        );
    }

    badge(findings) {
        this.tabs.setBadge("doctor", findings.length ? String(findings.length) : "", worst(findings));
    }

    link() {
        return new URL(url.watch(this.path, this.video.currentTime), location.href).href;
    }

    /* The address says where the film stands: a reload, or a link that is sent, goes on there. */
    noteTime() {
        if (!this.abort.signal.aborted && this.video.readyState > 0) {
            history.replaceState(null, "", url.watch(this.path, this.video.currentTime));
        }
    }

    update(query) {
        const time = Number(query.get("t"));
        if (query.has("t") && Number.isFinite(time)) {
            this.player.seek(time);
        }
    }

    close() {
        this.abort.abort();
        this.tabs.close();
        this.stage.bar.preview.close();
        this.stage.close();
        this.player.close();
    }
}

export const showWatch = (main, path, time) => new Watch(main, path, time);
