// SPDX-License-Identifier: BSD-2-Clause
// DASH, which the page itself does not play, in dash.js on a bare page.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ORIGIN, WEB } from "./browser.mjs";
import { SECONDS } from "./films.mjs";
import { now, pause, play, plays, seekTo, told, withPage } from "./page.mjs";
import { assert, test, until } from "./tap.mjs";

const SCRIPT = join(WEB, "node_modules/dashjs/dist/modern/umd/dash.all.min.js");
const PAGE = `<!doctype html><title>dash</title><link rel="icon" href="data:,">
    <video muted playsinline></video><script src="/dash.js"></script>`;

async function dashPage(page) {
    await page.route(`${ORIGIN}/bare`, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.route(`${ORIGIN}/dash.js`, (route) =>
        route.fulfill({ contentType: "text/javascript", body: readFileSync(SCRIPT) }),
    );
    await page.goto(`${ORIGIN}/bare`);
    await page.evaluate(() => {
        window.faults = [];
        window.player = dashjs.MediaPlayer().create();
        window.player.updateSettings({ debug: { logLevel: 0 } });
        window.player.on("error", (e) => window.faults.push(JSON.stringify(e.error)));
        window.player.initialize(document.querySelector("video"), "/dash/clock-720p.mp4/manifest.mpd", true);
    });
}

test("DASH plays in dash.js: pictures and time agree, seeks play on, both sounds are there", () =>
    withPage({}, async (page) => {
        await dashPage(page);
        await plays(page, 15000);
        assert.ok(Math.abs((await page.evaluate(() => window.player.duration())) - SECONDS) < 0.3);
        for (const half of [100, 7, 64, 31, 90]) {
            await pause(page);
            await seekTo(page, half);
            await play(page);
            await until("it plays on", async () => (await now(page)) > half / 2 + 0.6, 5000);
            assert.ok(Math.abs((await told(page)) - Math.floor((await now(page)) * 2)) <= 1);
        }
        assert.equal(await page.evaluate(() => window.player.getTracksFor("audio").length), 2);
        assert.deepEqual(await page.evaluate(() => window.faults), []);
    }));
