// SPDX-License-Identifier: BSD-2-Clause
import { CLOCK, open, plays, withPage } from "./page.mjs";
import { assert, test } from "./tap.mjs";

const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

/* Contrast of WCAG 2, of colours that the style sheet names. */
const contrast = (page, ink, behind) =>
    page.evaluate(
        ([a, b]) => {
            const probe = document.body.appendChild(document.createElement("i"));
            const light = (name) => {
                probe.style.color = `var(${name})`;
                const rgb = getComputedStyle(probe)
                    .color.match(/[\d.]+/g)
                    .slice(0, 3)
                    .map((v) => v / 255)
                    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
                return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
            };
            const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
            probe.remove();
            return (high + 0.05) / (low + 0.05);
        },
        [ink, behind],
    );

for (const scheme of ["light", "dark"]) {
    test(`${scheme}: follows the system, enough contrast, the switch turns it and is remembered`, () =>
        withPage({ colorScheme: scheme }, async (page) => {
            await open(page);
            const before = await ground(page);
            assert.equal(Number(/\d+/.exec(before)[0]) > 128, scheme === "light");
            for (const [ink, behind] of [
                ["--ink", "--ground"],
                ["--ink-2", "--ground"],
                ["--ink-3", "--ground"],
                ["--ink-3", "--raised"],
                ["--ink-2", "--sunken"],
                ["--accent", "--ground"],
                ["--accent", "--raised"],
                ["--on-accent", "--accent"],
                ["--ground", "--bad"],
                ["--ground", "--warn"],
            ]) {
                const ratio = await contrast(page, ink, behind);
                assert.ok(ratio >= 4.5, `${ink} on ${behind}: ${ratio.toFixed(2)}`);
            }
            await page.click("#theme");
            const after = await ground(page);
            assert.notEqual(after, before);
            await page.reload();
            assert.equal(await ground(page), after);
            await page.click("#theme");
            assert.equal(await ground(page), before);
        }));
}

test("everything that can be pressed has a name, every field a label, every id is there once", () =>
    withPage({}, async (page) => {
        for (const hash of ["", CLOCK, "#/origin"]) {
            await open(page, hash);
            await page.waitForTimeout(800);
            const faults = await page.evaluate(() => {
                const named = (e) => e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length;
                const bad = [
                    ...document.querySelectorAll("button, a[href], input, select, [role=slider], canvas"),
                ].filter((e) => !named(e));
                const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
                return [...bad.map((e) => e.outerHTML.slice(0, 120)), ...ids.filter((id, i) => ids.indexOf(id) !== i)];
            });
            assert.deepEqual(faults, [], hash);
            assert.equal(await page.locator("h1").count(), 1, `one h1 in ${hash || "the library"}`);
        }
    }));

test("by keyboard alone: a film is found, opened and its settings are changed; focus can be seen", () =>
    withPage({}, async (page) => {
        await open(page);
        await page.waitForSelector(".card-name");
        await page.keyboard.press("/");
        await page.keyboard.type("clock");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        for (let i = 0; i < 6 && !(await page.evaluate(() => document.activeElement.closest(".card"))); i += 1) {
            await page.keyboard.press("Tab");
        }
        assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
        await page.keyboard.press("Enter");
        await plays(page);
        await page.focus("[data-tool=gear]");
        await page.keyboard.press("Enter");
        assert.equal(await page.evaluate(() => document.activeElement.name), "mode");
        await page.keyboard.press("Escape");
        assert.equal(await page.evaluate(() => document.activeElement.dataset.tool), "gear");
    }));

test("reduced motion: nothing moves by itself", () =>
    withPage({ reducedMotion: "reduce" }, async (page) => {
        await open(page);
        await page.waitForSelector(".card-name");
        await page.waitForTimeout(2500);
        assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    }));
