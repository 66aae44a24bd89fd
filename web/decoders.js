// SPDX-License-Identifier: BSD-2-Clause
// Which codecs of a film this browser has no decoder for. Without the picture's it plays the sound, and says nothing.
import { url } from "./api.js";
import { h } from "./dom.js";

const WHAT = { video: "picture", audio: "sound" };
const STILL = /^(jpeg|png|mp4v\.6[cd])/i; // covers, and pictures of chapters

const decodes = (video, { codec }) => codec && video.canPlayType(`video/mp4; codecs="${codec}"`) !== "";

/* What the element shows counts more than what it says of itself; true and false, or null: it is not known yet. */
function has(video, type) {
    if (video.readyState < 2) {
        return null;
    }
    return type === "video" ? video.videoWidth > 0 : video.webkitAudioDecodedByteCount > 0 || video.mozHasAudio || null;
}

/* Of picture and sound those of which no track can be decoded, each as its first track. */
export function lacking(info, video) {
    return Object.keys(WHAT).flatMap((type) => {
        const tracks = info.tracks.filter((t) => t.type === type && !STILL.test(t.codec ?? ""));
        const there = has(video, type) ?? tracks.some((t) => decodes(video, t));
        return tracks.length > 0 && !there ? [tracks[0]] : [];
    });
}

export const codecName = (track) => [track.codec_name, track.codec && `(${track.codec})`].filter(Boolean).join(" ");

/* One line: what is missing, and the film as it is for players that have it. */
export const lackLine = (lacks, path) => [
    `This browser has no decoder for the ${lacks.map((t) => `${WHAT[t.type]}, ${codecName(t)}`).join(", and the ")}. `,
    h("a", { href: `${url.file(path)}?original`, download: path.split("/").at(-1) }, "The film's original"),
    " plays in a player that has one, VLC or mpv.",
];
