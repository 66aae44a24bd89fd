// SPDX-License-Identifier: BSD-2-Clause
// A page of the browser as the tests see it: what it complained of, what its picture says, what it sounds like.
import { launch, ORIGIN } from "./browser.mjs";
import { BITS } from "./films.mjs";
import { assert, until } from "./tap.mjs";

export const CLOCK = "#/watch/clock-720p.mp4";
let browser = null;

export async function closeBrowser() {
    await browser?.close();
}

/* Runs body with a fresh page; fails when the page complains of something that is not allowed to happen. */
export async function withPage(options, body) {
    browser ??= await launch();
    const { allow = [], ...rest } = options;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...rest });
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (e) => complaints.push(`error: ${e.message}`));
    // A browser says of a picture that is refused that it is; which one, only beside the text.
    const known = (address) => address.includes("/thumb/Broken.mp4/");
    page.on(
        "console",
        (m) =>
            ["error", "warning"].includes(m.type()) &&
            !known(m.location().url) &&
            complaints.push(`${m.type()}: ${m.text()}`),
    );
    page.on(
        "request",
        (r) => !r.url().startsWith(ORIGIN) && !/^(blob|data):/.test(r.url()) && complaints.push(`outside: ${r.url()}`),
    );
    page.on(
        "response",
        (r) => r.status() >= 400 && !known(r.url()) && complaints.push(`HTTP ${r.status()}: ${r.url()}`),
    );
    try {
        await body(page, complaints);
        const left = complaints.filter((c) => !allow.some((a) => a.test(c)));
        assert.deepEqual(left, [], "the page complained");
    } finally {
        await context.close();
    }
}

export const open = (page, hash = "") => page.goto(`${ORIGIN}/${hash}`);
export const now = (page) => page.evaluate(() => document.querySelector("video").currentTime);
export const video = (page, name) => page.evaluate((n) => document.querySelector("video")[n], name);

/* It really plays: time goes on, by itself. */
export async function plays(page, ms = 8000) {
    await page.waitForSelector("video", { state: "attached" });
    await until("the film can play", () => page.evaluate(() => document.querySelector("video").readyState >= 2), ms);
    const from = await now(page);
    await until(`time goes on from ${from}`, async () => (await now(page)) > from + 0.4, ms);
    assert.equal(await page.evaluate(() => document.querySelector("video").error?.message ?? null), null);
}

/* Half seconds, as the picture tells them. */
export const told = (page) =>
    page.evaluate((bits) => {
        const canvas = new OffscreenCanvas(256, 144);
        const c = canvas.getContext("2d", { willReadFrequently: true });
        c.drawImage(document.querySelector("video"), 0, 0, 256, 144);
        let n = 0;
        for (let i = 0; i < bits; i += 1) {
            n += c.getImageData(i * 16 + 8, 8, 1, 1).data[1] > 128 ? 2 ** i : 0;
        }
        return n;
    }, BITS);

/* Seeks to the middle of a half second while the film stands still, and returns when its picture is there. */
export async function seekTo(page, half, ms = 8000) {
    await page.evaluate(
        (t) => {
            document.querySelector("video").currentTime = t;
        },
        half / 2 + 0.25,
    );
    await until(`the picture of ${half / 2} s`, async () => (await told(page)) === half, ms);
}

export const pause = (page) => page.evaluate(() => document.querySelector("video").pause());
export const play = (page) => page.evaluate(() => document.querySelector("video").play());

/* Which of these tones is the loudest now? Sound is analysed, not listened to. */
export const loudest = (page, tones) =>
    page.evaluate(async (hertz) => {
        if (!window.ears) {
            const context = new AudioContext();
            const ears = context.createAnalyser();
            ears.fftSize = 8192;
            context
                .createMediaElementSource(document.querySelector("video"))
                .connect(ears)
                .connect(context.destination);
            window.ears = ears;
        }
        await new Promise((resolve) => setTimeout(resolve, 350));
        const bins = new Float32Array(window.ears.frequencyBinCount);
        window.ears.getFloatFrequencyData(bins);
        const level = (hz) => bins[Math.round((hz * window.ears.fftSize) / window.ears.context.sampleRate)];
        return (
            hertz
                .map((hz) => [level(hz), hz])
                .filter(([l]) => l > -60)
                .sort((a, b) => b[0] - a[0])[0]?.[1] ?? 0
        );
    }, tones);

export async function settings(page, group, label) {
    if (await page.locator("#settings").isHidden()) {
        await page.mouse.move(300, 200);
        await page.click("[data-tool=gear]");
    }
    await page.locator(`[data-group=${group}] label`, { hasText: label }).first().click();
}

/* Nothing is wider than the screen. */
export const overflow = (page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
