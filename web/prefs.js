// SPDX-License-Identifier: BSD-2-Clause
// What the page remembers, in this browser only. One key, so that it is easy to look at and to throw away.

const KEY = "reel";
const DEFAULTS = {
    theme: null,
    volume: 1,
    muted: false,
    speed: 1,
    text: null,
    audio: null,
    mode: "hls",
    tab: "tracks",
    sort: "name",
};

function read() {
    try {
        const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
        return stored && typeof stored === "object" ? { ...DEFAULTS, ...stored } : { ...DEFAULTS };
    } catch {
        return { ...DEFAULTS };
    }
}

const values = read();

export const pref = (name) => values[name];

export function remember(name, value) {
    if (values[name] === value) {
        return;
    }
    values[name] = value;
    try {
        localStorage.setItem(KEY, JSON.stringify(values));
    } catch {
        // storage is full or forbidden: it is remembered as long as the page is open
    }
}
