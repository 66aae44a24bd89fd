// SPDX-License-Identifier: BSD-2-Clause
import { ORIGIN } from "./browser.mjs";
import { BITS, SECONDS } from "./films.mjs";
import {
    CLOCK,
    loudest,
    now,
    open,
    overflow,
    pause,
    play,
    plays,
    seekTo,
    settings,
    told,
    video,
    withPage,
} from "./page.mjs";
import { assert, test, until } from "./tap.mjs";

const start = async (page, hash = CLOCK) => {
    await open(page, hash);
    await plays(page);
};

/* The same places in every run, in no order. */
function places(n) {
    let x = 12345;
    return Array.from({ length: n }, () => {
        x = (x * 1103515245 + 12345) % 2147483648;
        return x % (SECONDS * 2 - 4);
    });
}

test("HLS plays, and the picture tells the right time", () =>
    withPage({}, async (page) => {
        await start(page);
        assert.match(await video(page, "currentSrc"), /^blob:/);
        assert.ok(Math.abs((await video(page, "duration")) - SECONDS) < 0.2);
        await pause(page);
        await seekTo(page, 11);
    }));

test("HLS: ten seeks, each shows its picture and plays on", () =>
    withPage({}, async (page) => {
        await start(page);
        for (const half of places(10)) {
            await pause(page);
            await seekTo(page, half, 5000);
            await play(page);
            await until(`it plays on from ${half / 2}`, async () => (await now(page)) > half / 2 + 0.6, 5000);
            assert.ok(
                Math.abs((await told(page)) - Math.floor((await now(page)) * 2)) <= 1,
                "picture and time agree while it plays",
            );
        }
    }));

/* Not every origin has a decoder. */
async function makesThumbs(page) {
    const answer = await page.request.get(`${ORIGIN}/list/`);
    return (await answer.json()).titles.some((t) => t.storyboard);
}

/* The half second that the picture above the bar tells; null: there is none. */
const previewed = (page) =>
    page.evaluate((bits) => {
        const box = document.querySelector(".bar-preview");
        const image = box.querySelector("img");
        if (box.closest("[hidden]") || !image.complete || image.naturalWidth === 0) {
            return null;
        }
        const [outer, inner] = [box.getBoundingClientRect(), image.getBoundingClientRect()];
        const [x, y] = [outer.left - inner.left, outer.top - inner.top];
        const canvas = new OffscreenCanvas(160, 90);
        const c = canvas.getContext("2d", { willReadFrequently: true });
        c.drawImage(image, x, y, 160, 90, 0, 0, 160, 90);
        let n = 0;
        for (let i = 0; i < bits; i += 1) {
            n += c.getImageData(i * 10 + 5, 5, 1, 1).data[1] > 128 ? 2 ** i : 0;
        }
        return { x, y, half: n, width: outer.width, height: outer.height };
    }, BITS);

test("the bar shows the picture of the time that is pointed at", () =>
    withPage({}, async (page) => {
        if (!(await makesThumbs(page))) {
            return;
        }
        await start(page);
        await pause(page);
        const box = await page.locator(".bar").boundingBox();
        for (const second of [2, 21, 47, 58]) {
            await page.mouse.move(box.x + (box.width * (second + 0.5)) / SECONDS, box.y + 10);
            await until(`the picture of ${second} s`, async () => {
                const shown = await previewed(page);
                // Key pictures: every two seconds.
                return shown && shown.half === second - (second % 2) + second - (second % 2);
            });
            const shown = await previewed(page);
            assert.deepEqual([shown.width, shown.height], [160, 90]);
            assert.deepEqual([shown.x, shown.y], [(second % 5) * 160, Math.floor((second % 25) / 5) * 90]);
        }
        await page.mouse.move(box.x + 200, box.y - 200);
        assert.equal(await page.locator(".bar-tip").isHidden(), true);
        const from = await now(page);
        await page.focus(".bar");
        await page.keyboard.press("ArrowRight");
        await until("keys seek", async () => (await now(page)) > from + 1);
    }));

test("a finger on the bar sees the picture too", () =>
    withPage({ hasTouch: true }, async (page) => {
        if (!(await makesThumbs(page))) {
            return;
        }
        await start(page);
        await pause(page);
        const box = await page.locator(".bar").boundingBox();
        const [clientX, clientY] = [box.x + (box.width * 30.5) / SECONDS, box.y + 10];
        const at = { pointerType: "touch", pointerId: 1, button: 0, clientX, clientY };
        await page.evaluate(() => {
            Element.prototype.setPointerCapture = () => {}; // of a finger that is none
        });
        await page.dispatchEvent(".bar", "pointerdown", at);
        await until("the picture of 30 s", async () => (await previewed(page))?.half === 60);
        await page.dispatchEvent(".bar", "pointerup", at);
        await until("it goes there", async () => Math.abs((await now(page)) - 30.5) < 1);
    }));

test("HLS: to the end, and again from the start", () =>
    withPage({}, async (page) => {
        await start(page, `${CLOCK}?t=${SECONDS - 2}`);
        await until("it ends", () => video(page, "ended"), 8000);
        assert.equal(await page.getAttribute("[data-tool=play]", "aria-label"), "Play again");
        await page.click("[data-tool=play]");
        await until("it begins again", async () => (await now(page)) < 5 && !(await video(page, "paused")));
        await plays(page);
    }));

test("HLS: the other sound is heard when it is chosen, and back", () =>
    withPage({}, async (page) => {
        await start(page);
        await until("English", async () => (await loudest(page, [330, 660])) === 330);
        await settings(page, "audio", "Deutsch");
        await until("Deutsch", async () => (await loudest(page, [330, 660])) === 660, 12000);
        await plays(page);
        await settings(page, "audio", "English");
        await until("English again", async () => (await loudest(page, [330, 660])) === 330, 12000);
    }));

test("HLS: subtitles are shown at their time, in the language chosen, and go", () =>
    withPage({}, async (page) => {
        await start(page, `${CLOCK}?t=20`);
        const cue = () => page.locator(".cues").textContent();
        await settings(page, "text", "English");
        await until("an English line", async () => /^second \d+$/.test(await cue()));
        await pause(page);
        await seekTo(page, 81);
        await until("the line of the time", async () => (await cue()) === "second 40");
        await settings(page, "text", "German");
        await until("the German line", async () => (await cue()) === "Sekunde 40");
        await settings(page, "text", "Off");
        await until("no line", async () => (await cue()) === "");
    }));

test("HLS: each quality can be chosen", () =>
    withPage({}, async (page) => {
        await start(page);
        await page.click("[data-tool=gear]");
        const labels = await page.locator("[data-group=quality] label").allTextContents();
        assert.equal(labels.length, 3);
        assert.match(labels.join("|"), /^Auto.*\|720p.*\|360p/);
        await settings(page, "quality", "360p");
        await until("360 lines", async () => (await video(page, "videoHeight")) === 360, 15000);
        await settings(page, "quality", /^720p/);
        await until("720 lines", async () => (await video(page, "videoHeight")) === 720, 15000);
        await plays(page);
    }));

test("progressive: the switch keeps the time, seeks work, subtitles too", () =>
    withPage({}, async (page) => {
        await start(page, `${CLOCK}?t=30`);
        await settings(page, "mode", "Progressive");
        await until("the file itself", async () => /\/file\/clock-720p\.mp4$/.test(await video(page, "currentSrc")));
        await plays(page);
        assert.ok((await now(page)) >= 30 && (await now(page)) < 40);
        await pause(page);
        for (const half of places(5)) {
            await seekTo(page, half);
        }
        await seekTo(page, 41);
        await settings(page, "text", "English");
        await until("its line", async () => (await page.locator(".cues").textContent()) === "second 20");
        await settings(page, "quality", "360p");
        await until("the other file", async () => (await video(page, "videoHeight")) === 360);
        await settings(page, "mode", "HLS");
        await until("HLS again", async () => /^blob:/.test(await video(page, "currentSrc")));
        await seekTo(page, 90);
    }));

test("names with spaces and signs, films in folders, films of sound alone, films whose moov is last", () =>
    withPage({}, async (page) => {
        for (const [hash, kind] of [
            ["Gradients%20%26%20more%20%231.mp4", "picture"],
            ["Shorts/Life.mp4", "picture"],
            ["Moov%20at%20the%20end.mp4", "picture"],
            ["Tone.m4a", "sound"],
        ]) {
            await start(page, `#/watch/${hash}`);
            assert.equal((await video(page, "videoWidth")) > 0, kind === "picture", hash);
        }
    }));

test("keys: play, seek, volume, speed, subtitles, help", () =>
    withPage({}, async (page) => {
        await start(page, `${CLOCK}?t=20`);
        await page.keyboard.press("k");
        assert.equal(await video(page, "paused"), true);
        const key = async (name) => {
            await page.keyboard.press(name);
            return page.evaluate(
                () =>
                    new Promise((resolve) =>
                        setTimeout(() => resolve(document.querySelector("video").currentTime), 50),
                    ),
            );
        };
        await page.keyboard.press("5");
        assert.equal(Math.round(await now(page)), SECONDS / 2);
        assert.equal(Math.round(await key("j")), SECONDS / 2 - 10);
        assert.equal(Math.round(await key("l")), SECONDS / 2);
        assert.equal(Math.round(await key("ArrowLeft")), SECONDS / 2 - 5);
        assert.equal(Math.round(await key("ArrowRight")), SECONDS / 2);
        const before = await now(page);
        assert.ok(Math.abs((await key(".")) - before - 0.04) < 0.01);
        await page.keyboard.press("ArrowDown");
        assert.equal(await video(page, "volume"), 0.95);
        await page.keyboard.press("m");
        assert.equal(await video(page, "muted"), true);
        await page.keyboard.press(">");
        assert.equal(await video(page, "playbackRate"), 1.25);
        await page.keyboard.press("<");
        assert.equal(await video(page, "playbackRate"), 1);
        await page.keyboard.press("c");
        await until("subtitles", async () => (await page.locator(".cues").textContent()) !== "");
        await page.keyboard.press("?");
        assert.equal(await page.locator("dialog.help").isVisible(), true);
        await page.keyboard.press("Escape");
        await until("it is gone", () =>
            page.evaluate(
                () => !document.querySelector("dialog.help").open && document.activeElement === document.body,
            ),
        );
        await page.keyboard.press(" ");
        await until("it plays", async () => !(await video(page, "paused")));
        await page.keyboard.press("f");
        await until("full screen", () => page.evaluate(() => document.fullscreenElement?.classList.contains("stage")));
        await page.keyboard.press("f");
    }));

test("the seek bar: a time under the pointer, a click goes there, keys move it", () =>
    withPage({}, async (page) => {
        await start(page);
        await pause(page);
        await page.mouse.move(300, 200);
        const box = await page.locator(".bar").boundingBox();
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        assert.match(await page.locator(".bar-tip").textContent(), /^0:(29|30)\.\d$/);
        await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
        await until("the middle", async () => Math.abs((await now(page)) - SECONDS / 2) < 0.5);
        await until(
            "what is buffered is shown",
            async () => (await page.locator(".bar-buffered i:not([hidden])").count()) > 0,
        );
        await page.focus(".bar");
        await page.keyboard.press("ArrowRight");
        assert.ok(Math.abs((await now(page)) - SECONDS / 2 - 5) < 0.5);
        const said = () => page.getAttribute(".bar", "aria-valuetext");
        await until("it is said", async () => /^35 seconds of 1 minute/.test(await said()));
    }));

test("volume, speed and subtitles are remembered; a link leads to its moment", () =>
    withPage({}, async (page) => {
        await start(page);
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowDown");
        await settings(page, "speed", "1.5×");
        await settings(page, "text", "German");
        await open(page, "#/");
        await open(page, `${CLOCK}?t=42.5`);
        await page.reload();
        await plays(page);
        assert.ok((await now(page)) >= 42.5 && (await now(page)) < 50);
        assert.equal(await video(page, "volume"), 0.9);
        assert.equal(await video(page, "playbackRate"), 1.5);
        await until("German", async () => /^Sekunde/.test(await page.locator(".cues").textContent()));
        await pause(page);
        await until("the address tells the time", async () => {
            const t = Number(/[?&]t=([\d.]+)/.exec(page.url())?.[1]);
            return Math.abs(t - (await now(page))) < 0.2;
        });
        await page.evaluate((hash) => {
            location.hash = hash;
        }, `${CLOCK}?t=10`);
        await until("the same film at another time", async () => Math.abs((await now(page)) - 10) < 0.5);
    }));

test("what cannot be played says why, and offers the other way", () =>
    withPage({ allow: [/HTTP 4\d\d/, /status of 4\d\d/] }, async (page) => {
        await open(page, "#/watch/Broken.mp4");
        await page.waitForSelector(".fault:not([hidden])", { timeout: 15000 });
        const words = await page.locator(".fault").textContent();
        assert.match(words, /cannot give this film/);
        assert.match(words, /not an ISO base media file/, "the origin's own line");
        await page.click("text=Play the file itself");
        await until("the browser's own reason", async () =>
            /does not play this file/.test(await page.locator(".fault").textContent()),
        );
        await open(page, "#/watch/Gone.mp4");
        await until(
            "not there",
            async () =>
                /is not there/.test(
                    await page
                        .locator(".fault, .state")
                        .allTextContents()
                        .then((t) => t.join()),
                ),
            15000,
        );
    }));

test("a codec that no browser has, a film that is cut off: it is said, and nothing waits for ever", () =>
    withPage({ allow: [/HTTP [45]\d\d/, /status of [45]\d\d/] }, async (page) => {
        const fault = (words) =>
            until(String(words), async () => words.test(await page.locator(".fault").textContent()), 20000);
        await page.route("**/hls/clock-720p.mp4/master.m3u8", async (route) => {
            const answer = await route.fetch();
            await route.fulfill({
                response: answer,
                body: (await answer.text()).replaceAll(/avc1\.\w+/g, "hvc9.1.6.L93"),
            });
        });
        await open(page, CLOCK);
        await fault(/no decoder for this film/);
        await page.unroute("**/hls/clock-720p.mp4/master.m3u8");
        await page.route("**/*.m4s", (route) =>
            route.fulfill({ status: 500, contentType: "text/plain", body: "cut off\n" }),
        );
        await page.click("text=Try again");
        await fault(/cannot give this film/);
        await fault(/cut off/);
        await page.unroute("**/*.m4s");
        await page.click("text=Try again");
        await plays(page);
        await page.route("**/file/clock-720p.mp4", (route) =>
            route.fulfill({ status: 422, contentType: "text/plain", body: "its tables end early\n" }),
        );
        await settings(page, "mode", "Progressive");
        await fault(/cannot be read/);
        await fault(/its tables end early/);
    }));

test("a picture or a sound that the browser has no decoder for: one line names the codec, and leads to the original", () =>
    withPage({}, async (page) => {
        const lines = {
            "Part 2": /no decoder for the picture, MPEG-4 .*\(mp4v\.20\.\d+\)\. The film's original/,
            "Part 2 alone": /no decoder for the picture, MPEG-4 .*\(mp4v\.20\.\d+\)\. The film's original/,
            "AC-3": /no decoder for the sound, Dolby Digital \(ac-3\)\. The film's original/,
        };
        const said = (where, line) =>
            until(String(line), async () => line.test(await page.locator(where).textContent()), 15000);
        for (const mode of ["hls", "file"]) {
            await page.addInitScript((m) => localStorage.setItem("reel", JSON.stringify({ mode: m })), mode);
            for (const [name, line] of Object.entries(lines)) {
                await open(page, `#/watch/Codecs/${encodeURIComponent(name)}.mp4`);
                await page.reload();
                const where = mode === "file" && name !== "Part 2 alone" ? ".lack" : ".fault";
                await page.waitForSelector(`${where}:not([hidden])`, { timeout: 15000 });
                await said(where, line);
                const original = `/file/Codecs/${encodeURIComponent(name)}.mp4?original`;
                assert.equal(await page.locator(`${where} a`).getAttribute("href"), original);
                assert.equal((await page.request.get(ORIGIN + original)).status(), 200);
            }
        }
        await open(page, "#/watch/Shorts/Life.mp4");
        await plays(page);
        await until("it goes on", async () => (await now(page)) > 1);
        assert.equal(await page.locator(".lack").isHidden(), true);
    }));

test("without hls.js the file is played, and the page says so", () =>
    withPage({ allow: [/404/] }, async (page) => {
        await page.route("**/web/vendor/hls.js", (route) => route.fulfill({ status: 404, body: "no" }));
        await start(page, `${CLOCK}?t=20`);
        assert.match(await video(page, "currentSrc"), /\/file\//);
        assert.match(await page.locator(".stage-note").textContent(), /hls\.js is not installed/);
        assert.ok((await now(page)) >= 20);
    }));

test("a phone: nothing is too wide, a tap shows the controls and does not pause", () =>
    withPage({ viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true }, async (page) => {
        await open(page);
        await page.waitForSelector(".card-name");
        assert.equal(await overflow(page), 0, "library");
        await start(page);
        await until("the controls go", () =>
            page.evaluate(() => document.querySelector(".stage").classList.contains("idle")),
        );
        await page.tap("video");
        assert.equal(await video(page, "paused"), false);
        assert.equal(await page.evaluate(() => document.querySelector(".stage").classList.contains("idle")), false);
        await page.tap("[data-tool=gear]");
        await page.tap("[data-group=speed] label >> text=2×");
        assert.equal(await video(page, "playbackRate"), 2);
        await page.tap("[data-tool=gear]");
        for (const id of ["tracks", "boxes", "chart", "doctor", "origin"]) {
            await page.tap(`#tab-${id}`);
            await page.waitForTimeout(400);
            assert.equal(await overflow(page), 0, id);
        }
    }));
