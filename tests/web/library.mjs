// SPDX-License-Identifier: BSD-2-Clause
import { open, withPage } from "./page.mjs";
import { assert, test, until } from "./tap.mjs";

const names = (page) => page.locator(".card-name").allTextContents();

test("the library shows its titles, and nothing complains", () =>
    withPage({}, async (page) => {
        await open(page);
        await page.waitForSelector(".card-name");
        assert.deepEqual(await names(page), [
            "Broken",
            "clock",
            "Gradients & more #1",
            "Mandelbrot",
            "Moov at the end",
            "Tone",
        ]);
        assert.deepEqual(await page.locator(".folders a").allTextContents(), ["Codecs", "Empty", "Shorts"]);
        const card = page.locator(".card", { hasText: "clock" });
        assert.match(await card.locator(".card-facts").textContent(), /12\.\d MB/);
        assert.match(await card.locator(".badges").textContent(), /2 qualities.*CC de en/);
    }));

test("search filters at once, from the key / on, and looks into folders", () =>
    withPage({}, async (page) => {
        await open(page);
        await page.waitForSelector(".card-name");
        await page.keyboard.press("/");
        await page.keyboard.type("mandel");
        assert.deepEqual(await names(page), ["Mandelbrot"]);
        await page.fill("#search", "LIFE");
        await until("a title of a folder is found", async () => (await names(page)).join() === "Life");
        await page.fill("#search", "more grad");
        assert.deepEqual(await names(page), ["Gradients & more #1"], "words in any order");
        await page.fill("#search", "zzz");
        assert.match(await page.locator(".state").textContent(), /Nothing is called “zzz”/);
        await page.keyboard.press("Escape");
        assert.equal((await names(page)).length, 6);
    }));

test("folders open, go back, and may be empty", () =>
    withPage({}, async (page) => {
        await open(page);
        await page.click("text=Shorts");
        await page.waitForSelector(".card-name >> text=Life");
        assert.deepEqual(await names(page), ["Life", "Sierpinski"]);
        await page.click(".crumbs a");
        await page.waitForSelector(".card-name >> text=Mandelbrot");
        await page.click("text=Empty");
        await page.waitForSelector("text=This folder has no films");
    }));

test("order: by name, newest, largest, and it is remembered", () =>
    withPage({}, async (page) => {
        await open(page);
        await page.waitForSelector(".card-name");
        await page.selectOption(".order", "largest");
        assert.equal((await names(page))[0], "Mandelbrot");
        assert.equal((await names(page)).at(-1), "Broken");
        await page.reload();
        await page.waitForSelector(".card-name");
        assert.equal((await names(page))[0], "Mandelbrot");
    }));

test("posters come of films, and a film without one keeps its tile", () =>
    withPage({}, async (page) => {
        await open(page);
        await until("four posters", async () => (await page.locator(".frame.drawn img").count()) >= 4, 20000);
        const images = page.locator(".frame.drawn img");
        const sizes = await images.evaluateAll((all) => all.map((i) => [i.naturalWidth, i.naturalHeight]));
        for (const [width, height] of sizes) {
            assert.ok(width > 100 && height > 50, `a poster of ${width}x${height}`);
        }
        const clock = page.locator(".card", { hasText: "clock" });
        await until("how long it is", async () => (await clock.locator(".frame-time").count()) === 1);
        assert.equal(await page.locator("video").count(), 0, "the film that is drawn is not in the page");
        const broken = page.locator(".card", { hasText: "Broken" });
        await until("no poster", async () => (await broken.locator("img").count()) === 0);
        assert.equal(await broken.locator(".leader").count(), 1);
        const tone = page.locator(".card", { hasText: "Tone" }).locator(".frame-time");
        await until("how long the sound is", async () => (await tone.count()) === 1, 20000);
        assert.match(await tone.textContent(), /1:00/);
    }));

test("a folder that is not there says so", () =>
    withPage({ allow: [/404/] }, async (page) => {
        await open(page, "#/folder/Nowhere/");
        await page.waitForSelector("text=Try again");
        assert.match(await page.locator(".state h2").textContent(), /Nowhere.*is not there/);
    }));
