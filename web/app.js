// SPDX-License-Identifier: BSD-2-Clause
// The page: routes in the hash (#/, #/folder/PATH/, #/watch/PATH?t=S, #/origin), the theme.
import { setIcon, state } from "./dom.js";
import { showLibrary } from "./library.js";
import { showOrigin } from "./origin.js";
import { pref, remember } from "./prefs.js";
import { showWatch } from "./watch.js";

const main = document.getElementById("main");
const slot = document.getElementById("search-slot");
let shown = null; // {key, view}: what stands in main

function decodePath(text) {
    try {
        return text.split("/").map(decodeURIComponent).join("/");
    } catch {
        return text; // a % that begins nothing: typed by hand
    }
}

export function parseRoute(hash) {
    const [path, query = ""] = hash.replace(/^#/, "").split("?", 2);
    const [, name = "", rest = ""] = /^\/?([^/]*)\/?(.*)$/.exec(path);
    return { name, path: decodePath(rest), query: new URLSearchParams(query) };
}

const VIEWS = {
    "": () => showLibrary(main, slot, ""),
    folder: ({ path }) => showLibrary(main, slot, path && !path.endsWith("/") ? `${path}/` : path),
    watch: ({ path, query }) => showWatch(main, path, Number(query.get("t")) || 0),
    origin: () => showOrigin(main),
};

function nowhere() {
    document.title = "reel";
    main.replaceChildren(state("There is no such page", "The address may have been cut short."));
    return {};
}

function go() {
    const route = parseRoute(location.hash);
    const key = `${route.name}/${route.path}`;
    if (shown?.key === key) {
        shown.view.update?.(route.query); // the same film at another time
        return;
    }
    shown?.view.close?.();
    slot.replaceChildren();
    main.replaceChildren();
    scrollTo(0, 0);
    const link = document.getElementById("origin-link");
    route.name === "origin" ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    shown = { key, view: (VIEWS[route.name] ?? nowhere)(route) };
}

function themeButton() {
    const button = document.getElementById("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const dark = () => (pref("theme") ?? (system.matches ? "dark" : "light")) === "dark";
    const show = () => {
        document.documentElement.dataset.theme = dark() ? "dark" : "light";
        setIcon(button, dark() ? "sun" : "moon", dark() ? "Light theme" : "Dark theme");
        document.dispatchEvent(new Event("theme")); // canvases have their colours from it
    };
    button.addEventListener("click", () => {
        const next = dark() ? "light" : "dark";
        // Back at what the system says: follow the system again.
        remember("theme", (next === "dark") === system.matches ? null : next);
        show();
    });
    system.addEventListener("change", show);
    show();
}

document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the hash is the route
    main.focus();
});
addEventListener("hashchange", go);
themeButton();
go();
