// SPDX-License-Identifier: BSD-2-Clause
// Prometheus text, read, and what the page makes of it. What is counted by kind is added up.

const LINE = /^([a-zA-Z_:][\w:]*)(\{.*\})?\s+([-+\d.eE]+|[+-]?Inf|NaN)/;

export function parseMetrics(text) {
    const rows = [];
    for (const line of text.split("\n")) {
        const found = line.startsWith("#") ? null : LINE.exec(line);
        if (found) {
            rows.push({ name: found[1], labels: found[2] ?? "", value: Number(found[3].replace("Inf", "Infinity")) });
        }
    }
    return rows;
}

const FIGURES = {
    requests: "reel_requests_total",
    bytes: "reel_sent_bytes_total",
    hits: "reel_cache_hits_total",
    misses: "reel_cache_misses_total",
    films: "reel_open_movies",
};

export function figures(rows) {
    const sum = (name) => {
        const found = rows.filter((r) => r.name === name && Number.isFinite(r.value));
        return found.length ? found.reduce((n, r) => n + r.value, 0) : null;
    };
    return Object.fromEntries(Object.entries(FIGURES).map(([key, name]) => [key, sum(name)]));
}

/* Two looks at the counters, seconds apart, as rates; null where a figure is missing or the origin began anew. */
export function rates(before, now, seconds) {
    const per = (key) =>
        before[key] === null || now[key] === null || now[key] < before[key] ? null : (now[key] - before[key]) / seconds;
    const [hits, misses] = [per("hits"), per("misses")];
    const looks = (hits ?? 0) + (misses ?? 0);
    return {
        requests: per("requests"),
        bytes: per("bytes"),
        hitRate: hits === null || looks === 0 ? null : hits / looks,
        films: now.films,
    };
}
