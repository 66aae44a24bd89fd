// SPDX-License-Identifier: BSD-2-Clause
import { CLOCK, now, open, pause, plays, withPage } from "./page.mjs";
import { assert, test, until } from "./tap.mjs";

const panel = async (page, id, wait) => {
    await page.click(`#tab-${id}`);
    await page.waitForSelector(`#panel-${id} ${wait}`);
    return page.locator(`#panel-${id}`);
};

test("tracks: codecs, sizes, languages, edit lists", () =>
    withPage({}, async (page) => {
        await open(page, CLOCK);
        const p = await panel(page, "tracks", ".track");
        assert.equal(await p.locator(".track").count(), 3);
        const text = await p.textContent();
        for (const words of [
            /avc1\.64001f/,
            /1280×720, 25 fps/,
            /mp4a\.40\.2/,
            /German \(deu\)/,
            /48,000 Hz/,
            /media from 0\.08 s/,
            /50 samples/,
        ]) {
            assert.match(text, words);
        }
    }));

test("boxes: the tree opens, offsets and sizes, search by name and offset", () =>
    withPage({}, async (page) => {
        await open(page, CLOCK);
        const p = await panel(page, "boxes", ".box-row");
        assert.deepEqual((await p.locator(".box-type").allTextContents()).slice(0, 3), ["ftyp", "moov", "mvhd"]);
        assert.match(await p.locator(".box-row", { hasText: "ftyp" }).textContent(), /FileTypeBox.*032$/);
        const minf = p.locator("summary", { hasText: "mdia" }).first();
        await minf.click();
        await p.locator("summary", { hasText: "minf" }).first().waitFor();
        await p.locator("input").fill("stsz");
        assert.equal(await p.locator(".box-row:not(.box-head)").count(), 3);
        assert.match(
            await p.locator(".box-row:not(.box-head)").first().textContent(),
            /moov\/trak\/mdia\/minf\/stbl\/stsz/,
        );
        await p.locator("input").fill("0x20");
        assert.match(await p.locator(".box-row:not(.box-head)").first().textContent(), /^moov/);
        await p.locator("button", { hasText: "Hex" }).click();
        assert.match(await p.locator(".box-row:not(.box-head)").first().textContent(), /0x20/);
    }));

test("bit rate: the pointer shows a GOP, a click and Enter go there", () =>
    withPage({}, async (page) => {
        await open(page, CLOCK);
        await plays(page);
        await pause(page);
        const p = await panel(page, "chart", "canvas");
        assert.match(await p.textContent(), /30 GOPs/);
        await p.locator("canvas").scrollIntoViewIfNeeded();
        const box = await p.locator("canvas").boundingBox();
        const at = (part) => [box.x + 74 + (box.width - 78) * part, box.y + 100];
        await page.mouse.move(...at(0.51));
        assert.match(await p.locator(".chart-tip").textContent(), /GOP 16.*0:30\.0.*frames50/);
        await page.mouse.click(...at(0.51));
        await until("there", async () => Math.abs((await now(page)) - 30.6) < 0.5);
        await p.locator("canvas").focus();
        await page.keyboard.press("End");
        await page.keyboard.press("Enter");
        await until("the last GOP", async () => Math.abs((await now(page)) - 58) < 0.5);
    }));

test("doctor: nothing to say of a good film, a finding with its reason and its cure of another", () =>
    withPage({}, async (page) => {
        await open(page, CLOCK);
        await panel(page, "doctor", 'h2:has-text("Nothing to complain of")');
        await open(page, "#/watch/Moov%20at%20the%20end.mp4");
        const p = await panel(page, "doctor", ".finding");
        assert.match(await p.textContent(), /problem.*moov-last.*behind the media.*faststart/);
        await until("the tab counts", async () => (await page.locator("#tab-doctor .tab-badge").textContent()) === "1");
    }));

test("origin: figures that move", () =>
    withPage({}, async (page) => {
        await open(page, CLOCK);
        await plays(page);
        const p = await panel(page, "origin", ".tile");
        await until(
            "requests a second",
            async () => /[1-9].*\/s/.test(await p.locator("[data-figure=requests] .tile-value").textContent()),
            12000,
        );
        assert.match(await p.locator("[data-figure=bytes] .tile-value").textContent(), /B\/s/);
        assert.equal(await p.locator(".spark").count(), 4);
        await open(page, "#/origin");
        await page.waitForSelector(".library .tile");
    }));

test("tabs: arrows move, and the tab is remembered", () =>
    withPage({}, async (page) => {
        await open(page, CLOCK);
        await page.click("#tab-tracks");
        await page.keyboard.press("ArrowRight");
        assert.equal(await page.getAttribute("#tab-boxes", "aria-selected"), "true");
        assert.equal(await page.evaluate(() => document.activeElement.id), "tab-boxes");
        await page.reload();
        await page.waitForSelector("#panel-boxes .box-row");
    }));
