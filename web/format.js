// SPDX-License-Identifier: BSD-2-Clause
// Numbers as people read them.

const thousands = new Intl.NumberFormat("en");
const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export const count = (n) => thousands.format(n);

function scaled(n, step, units) {
    let i = 0;
    while (n >= step && i < units.length - 1) {
        n /= step;
        i += 1;
    }
    const digits = i === 0 || n >= 100 ? 0 : n >= 10 ? 1 : 2;
    return `${n.toFixed(digits)} ${units[i]}`;
}

export const bytes = (n) => scaled(n, 1000, ["B", "kB", "MB", "GB", "TB"]);
export const rate = (n) => scaled(n, 1000, ["b/s", "kb/s", "Mb/s", "Gb/s"]);
export const date = (unix) => days.format(new Date(unix * 1000));

/* 1:02:03 or 2:03; with tenths where they are asked for. */
export function clock(seconds, tenths = false) {
    if (!Number.isFinite(seconds)) {
        return "–:––";
    }
    const sign = seconds < 0 ? "−" : "";
    const t = Math.floor(Math.abs(seconds) * 10 + 1e-6);
    const [s, m, hours] = [Math.floor(t / 10) % 60, Math.floor(t / 600) % 60, Math.floor(t / 36000)];
    const two = (n) => String(n).padStart(2, "0");
    return `${sign}${hours ? `${hours}:${two(m)}` : m}:${two(s)}${tenths ? `.${t % 10}` : ""}`;
}

/* For ears: "1 minute 5 seconds". */
export function spoken(seconds) {
    const s = Math.max(0, Math.round(seconds || 0));
    const parts = [
        [Math.floor(s / 3600), "hour"],
        [Math.floor(s / 60) % 60, "minute"],
        [s % 60, "second"],
    ];
    const said = parts.filter(([n, unit]) => n > 0 || (unit === "second" && s < 60));
    return said.map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`).join(" ");
}

export const stem = (name) => name.replace(/\.[^.]+$/, "");
export const extension = (name) => /\.([^.]+)$/.exec(name)?.[1].toLowerCase() ?? "";

const tongues = (() => {
    try {
        return new Intl.DisplayNames(undefined, { type: "language" });
    } catch {
        return null;
    }
})();

export function language(code) {
    if (!code || code === "und") {
        return "";
    }
    try {
        return tongues?.of(code) ?? code;
    } catch {
        return code; // not a code at all
    }
}
