// SPDX-License-Identifier: BSD-2-Clause
// For titles of which the origin has no posters (sound; or it has no decoder), the browser draws them from the films
// themselves: one film at a time, only for cards that are on the screen, by one <video> that nobody sees. What was
// drawn stays in memory until the page is closed.
import { getInfo, url } from "./api.js";

const WIDTH = 480;
const PATIENCE = 12000; // ms for one film, then the next has its turn
const AT = 0.1; // of the film: behind black and logos, before anything is given away

const drawn = new Map(); // key: {src, duration}, or null when the film gives no picture
const waiting = new Map(); // element: {title, done}
let working = false;

const keyOf = (title) => `${title.path}\n${title.modified}\n${title.size}`;

const lengths = new Map(); // key: seconds, to come

/* How long a film is, as the origin says; NaN where it does not. */
export function lengthOf(title) {
    const key = keyOf(title);
    if (!lengths.has(key)) {
        lengths.set(
            key,
            getInfo(title.path, "").then(
                (info) => info.duration / info.timescale,
                () => NaN,
            ),
        );
    }
    return lengths.get(key);
}

function event(target, name, signal) {
    return new Promise((resolve, reject) => {
        target.addEventListener(name, resolve, { once: true, signal });
        target.addEventListener("error", () => reject(new Error("the browser does not play it")), {
            once: true,
            signal,
        });
        signal.addEventListener("abort", () => reject(new Error("it took too long")));
    });
}

async function picture(video) {
    const scale = Math.min(1, WIDTH / video.videoWidth);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
    return blob && URL.createObjectURL(blob);
}

async function draw(title) {
    const video = document.createElement("video");
    const signal = AbortSignal.timeout(PATIENCE);
    video.muted = true;
    video.playsInline = true;
    video.preload = "metadata";
    try {
        video.src = url.file(title.path);
        await event(video, "loadedmetadata", signal);
        const found = { src: null, duration: video.duration };
        if (!video.videoWidth) {
            return found; // sound
        }
        video.preload = "auto";
        video.currentTime = Math.min(video.duration * AT, 600) || 0;
        await event(video, "seeked", signal);
        found.src = await picture(video);
        return found;
    } finally {
        // Lets go of the connection: a browser has six of them for an origin.
        video.removeAttribute("src");
        video.load();
    }
}

async function work() {
    if (working) {
        return;
    }
    working = true;
    while (waiting.size > 0) {
        const [element, { title, done }] = waiting.entries().next().value;
        waiting.delete(element);
        const key = keyOf(title);
        if (!drawn.has(key)) {
            drawn.set(key, await draw(title).catch(() => null));
        }
        done(drawn.get(key));
    }
    working = false;
}

/* Watches cards; close() when they leave the page. */
export function posters() {
    const wanted = new Map();
    const thrifty = navigator.connection?.saveData === true;
    const observer = new IntersectionObserver(
        (entries) => {
            for (const { target, isIntersecting } of entries) {
                const want = wanted.get(target);
                if (isIntersecting && want) {
                    waiting.set(target, {
                        ...want,
                        done: (found) => {
                            wanted.delete(target);
                            observer.unobserve(target);
                            want.done(found);
                        },
                    });
                } else {
                    waiting.delete(target);
                }
            }
            work();
        },
        { rootMargin: "80px" },
    );
    return {
        watch(element, title, done) {
            const known = drawn.get(keyOf(title));
            if (known !== undefined) {
                done(known);
            } else if (!thrifty) {
                wanted.set(element, { title, done });
                observer.observe(element);
            }
        },
        close() {
            observer.disconnect();
            wanted.forEach((_, element) => waiting.delete(element));
        },
    };
}
