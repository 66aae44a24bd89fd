// SPDX-License-Identifier: BSD-2-Clause
// The tracks of a film, and the film itself: what an engineer reads first.
import { h } from "./dom.js";
import { bytes, clock, count, language, rate } from "./format.js";

const seconds = (ticks, timescale) => (timescale ? ticks / timescale : NaN);
const round = (n, digits = 3) => String(Number(n.toFixed(digits)));

function picture(t) {
    const facts = [];
    if (t.width) {
        facts.push([
            "Picture",
            [`${t.width}×${t.height}`, t.fps && `${round(t.fps)} fps`, t.bit_depth && `${t.bit_depth} bits`, t.hdr]
                .filter(Boolean)
                .join(", "),
        ]);
    }
    if (t.rotation) {
        facts.push(["Turned", `${t.rotation}°${t.mirrored ? ", mirrored" : ""}`]);
    }
    if (t.pixel_aspect && t.pixel_aspect[0] !== t.pixel_aspect[1]) {
        facts.push(["Pixels", t.pixel_aspect.join(":")]);
    }
    if (t.colour) {
        facts.push([
            "Colour",
            [
                t.colour.primaries_name ?? t.colour.primaries,
                t.colour.transfer_name ?? t.colour.transfer,
                t.colour.matrix_name ?? t.colour.matrix,
                t.colour.full_range ? "full range" : "",
            ]
                .filter((x) => x !== "")
                .join(", "),
        ]);
    }
    if (t.longest_gop) {
        facts.push([
            "GOP",
            t.shortest_gop === t.longest_gop
                ? `${t.longest_gop} samples`
                : `${t.shortest_gop} to ${t.longest_gop} samples`,
        ]);
    }
    return facts;
}

function sound(t) {
    return [
        [
            "Sound",
            [`${count(t.sample_rate)} Hz`, `${t.channels} ${t.channels === 1 ? "channel" : "channels"}`].join(", "),
        ],
    ];
}

/* An edit as a sentence: times of the film on the left, of the media on the right. */
function edit(e, t) {
    const from = clock(seconds(e.start, t.timescale), true);
    const to = e.end === undefined ? "the end" : clock(seconds(e.end, t.timescale), true);
    const shows = e.kind === "empty" ? "nothing" : `media from ${round(seconds(e.media_time, t.timescale))} s`;
    const still = e.kind === "dwell" ? "one picture of " : "";
    const speed = e.kind === "media" && e.media_rate !== 1 ? `, rate ${e.media_rate}` : "";
    return `${from} to ${to}: ${still}${shows}${speed}`;
}

const MOST_EDITS = 12;

function edits(t) {
    const list = t.edits ?? [];
    const items = list.slice(0, MOST_EDITS).map((e) => h("li", null, edit(e, t)));
    const more = (t.edit_count ?? 0) - items.length;
    return list.length === 0
        ? "none"
        : h("ol", { class: "edits" }, items, more > 0 && h("li", null, `and ${count(more)} more`));
}

function facts(t) {
    const someSync = t.sync_samples !== undefined && t.sync_samples !== t.samples;
    const samples = `${count(t.samples)}${someSync ? `, ${count(t.sync_samples)} sync` : ""}`;
    const time = (ticks) => clock(seconds(ticks, t.timescale), true);
    return [
        ...(t.type === "video" ? picture(t) : t.type === "audio" ? sound(t) : []),
        ["Plays", `${time(t.presentation_start)} to ${time(t.presentation_in_file ?? t.presentation_duration)}`],
        [
            "Rate",
            [t.bitrate !== undefined && rate(t.bitrate), t.sample_bytes !== undefined && bytes(t.sample_bytes)]
                .filter(Boolean)
                .join(", "),
        ],
        ["Samples", samples],
        ["Timescale", count(t.timescale)],
        ["Edit list", edits(t)],
        [
            "Protection",
            t.encryption
                ? [t.encryption.scheme ?? t.encryption.scheme_name, t.encryption.kid].filter(Boolean).join(" ")
                : "",
        ],
        ["Broken", t.error ?? ""],
    ].filter(([, value]) => value !== "");
}

const list = (pairs) =>
    h(
        "dl",
        { class: "facts" },
        pairs.map(([k, v]) => h("div", null, h("dt", null, k), h("dd", null, v))),
    );

function card(t) {
    const tongue = language(t.language);
    return h(
        "article",
        { class: "track", data: { type: t.type } },
        h(
            "header",
            null,
            h(
                "h3",
                null,
                h("span", { class: "track-type" }, `${t.id} ${t.type}`),
                h("code", null, t.codec ?? t.format ?? t.handler),
            ),
            h(
                "p",
                null,
                [
                    t.codec_name,
                    tongue && `${tongue}${t.language ? ` (${t.language})` : ""}`,
                    t.name && `“${t.name}”`,
                    t.enabled ? "" : "disabled",
                ]
                    .filter(Boolean)
                    .join(" · "),
            ),
        ),
        list(facts(t)),
    );
}

function film(info) {
    const place = info.faststart === undefined ? "" : info.faststart ? "in front of the media" : "behind the media";
    return list(
        [
            [
                "Brands",
                [info.major_brand, ...(info.brands ?? []).filter((b) => b !== info.major_brand)]
                    .filter(Boolean)
                    .join(" "),
            ],
            ["Length", clock(seconds(info.duration, info.timescale), true)],
            ["Size", `${bytes(info.size)} (${count(info.size)} B)`],
            ["Movie box", info.moov_size === undefined ? "none" : `${bytes(info.moov_size)} ${place}`],
            [
                "Layout",
                info.fragmented
                    ? ["fragmented", info.sidx && "sidx", info.mfra && "mfra"].filter(Boolean).join(", ")
                    : "one movie box",
            ],
            ["Chapters", info.chapters?.length ? count(info.chapters.length) : ""],
            ...(info.warnings ?? []).map((w) => ["Warning", w]),
        ].filter(([, v]) => v !== ""),
    );
}

export function tracksPanel(info) {
    return h(
        "div",
        { class: "tracks" },
        h("div", { class: "film-facts" }, film(info)),
        h("div", { class: "track-grid" }, info.tracks.map(card)),
    );
}
