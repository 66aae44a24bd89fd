// SPDX-License-Identifier: BSD-2-Clause
// Prometheus text, read, and what the page makes of it. Figures are found by the end of their names, so that a prefix may
// change; what is counted for several workers or kinds is added up.

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
    requests: /requests_total$/,
    bytes: /(sent_bytes|bytes_sent|response_bytes|bytes)_total$/,
    hits: /hits?_total$/,
    misses: /miss(es)?_total$/,
    movies: /(open_movies|movies_open|cached_movies|movies)$/,
};

export function figures(rows) {
    const sum = (pattern) => {
        const found = rows.filter((r) => pattern.test(r.name) && Number.isFinite(r.value));
        return found.length ? found.reduce((n, r) => n + r.value, 0) : null;
    };
    return Object.fromEntries(Object.entries(FIGURES).map(([key, pattern]) => [key, sum(pattern)]));
}

/* Two looks at the counters, seconds apart, as rates; null where a figure is missing or the origin began anew. */
export function rates(before, now, seconds) {
    const per = (key) => (before[key] === null || now[key] === null || now[key] < before[key] ? null : (now[key] - before[key]) / seconds);
    const [hits, misses] = [per("hits"), per("misses")];
    const looks = (hits ?? 0) + (misses ?? 0);
    return { requests: per("requests"), bytes: per("bytes"), hitRate: hits === null || looks === 0 ? null : hits / looks, movies: now.movies };
}
