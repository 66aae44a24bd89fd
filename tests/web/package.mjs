// SPDX-License-Identifier: BSD-2-Clause
// What `reel package` writes, in hls.js and dash.js: byte ranges of a file for each track, as a static server sends them.
import { execFileSync } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { ORIGIN, WEB } from "./browser.mjs";
import { SECONDS } from "./films.mjs";
import { now, pause, play, plays, seekTo, told, withPage } from "./page.mjs";
import { assert, test, until } from "./tap.mjs";

const REEL = resolve(process.env.REEL_BUILD ?? join(WEB, "../build"), "cli/reel");
const TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".mp4": "video/mp4",
    ".m4s": "video/mp4",
    ".vtt": "text/vtt",
};
const SCRIPTS = {
    hls: join(WEB, "node_modules/hls.js/dist/hls.min.js"),
    dash: join(WEB, "node_modules/dashjs/dist/modern/umd/dash.all.min.js"),
};

/* A file, or the range of it that is asked for. */
function answer(path, range) {
    const file = openSync(path, "r");
    try {
        const { size } = fstatSync(file);
        const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
        const from = asked ? Number(asked[1]) : 0;
        const to = Math.min(asked?.[2] ? Number(asked[2]) : size - 1, size - 1);
        const body = Buffer.alloc(to - from + 1);
        readSync(file, body, 0, body.length, from);
        const headers = { "content-type": TYPES[extname(path)], "accept-ranges": "bytes" };
        if (asked) {
            headers["content-range"] = `bytes ${from}-${to}/${size}`;
        }
        return { status: asked ? 206 : 200, headers, body };
    } finally {
        closeSync(file);
    }
}

/* A bare page with that player, and a tree that is there below /packaged/. Gives what was asked for. */
async function packaged(page, folder, player, start) {
    const asked = [];
    await page.route(`${ORIGIN}/packaged/**`, (route) => {
        const name = decodeURIComponent(new URL(route.request().url()).pathname.slice("/packaged/".length));
        const range = route.request().headers().range;
        asked.push({ name, range });
        return route.fulfill(answer(join(folder, name), range));
    });
    await page.route(`${ORIGIN}/bare`, (route) =>
        route.fulfill({
            contentType: "text/html",
            body: `<!doctype html><title>packaged</title><link rel="icon" href="data:,">
                <video muted playsinline autoplay></video><script src="/player.js"></script>`,
        }),
    );
    await page.route(`${ORIGIN}/player.js`, (route) =>
        route.fulfill({ contentType: "text/javascript", body: readFileSync(SCRIPTS[player]) }),
    );
    await page.goto(`${ORIGIN}/bare`);
    await page.evaluate(start);
    return asked;
}

async function withTree(more, body) {
    const folder = mkdtempSync(join(tmpdir(), "reel-packaged-"));
    const films = ["clock-720p.mp4", "clock-360p.mp4"].map((name) => join(process.env.REEL_FILMS, name));
    try {
        execFileSync(REEL, ["package", ...more, "-o", folder, ...films], { stdio: ["ignore", "ignore", "inherit"] });
        await body(folder);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

async function playsAndSeeks(page) {
    await plays(page, 15000);
    for (const half of [100, 7, 64, 31, 90]) {
        await pause(page);
        await seekTo(page, half);
        await play(page);
        await until("it plays on", async () => (await now(page)) > half / 2 + 0.6, 5000);
        assert.ok(Math.abs((await told(page)) - Math.floor((await now(page)) * 2)) <= 1);
    }
    assert.deepEqual(await page.evaluate(() => window.faults), []);
}

function onlyRanges(asked) {
    const media = asked.filter((a) => a.name.endsWith(".mp4"));
    assert.ok(media.length > 4);
    assert.deepEqual(
        media.filter((a) => !a.range),
        [],
        "whole files are asked for",
    );
}

const hls = () => {
    window.faults = [];
    window.player = new Hls({ maxBufferLength: 10 });
    /* A machine that is busy stalls; a load that the player itself gives up for a seek is "aborted". */
    const notices = ["bufferStalledError", "aborted"];
    window.player.on(Hls.Events.ERROR, (_, e) => (e.fatal || !notices.includes(e.details)) && window.faults.push(e.details));
    window.player.loadSource("/packaged/master.m3u8");
    window.player.attachMedia(document.querySelector("video"));
};

const dash = () => {
    window.faults = [];
    window.player = dashjs.MediaPlayer().create();
    window.player.updateSettings({ debug: { logLevel: 0 } });
    window.player.on("error", (e) => window.faults.push(JSON.stringify(e.error)));
    window.player.initialize(document.querySelector("video"), "/packaged/manifest.mpd", true);
};

/* Another's origin does not say where its films are. */
const local = process.env.REEL_FILMS ? test : () => {};

local("a packaged title plays in hls.js by byte ranges: qualities, sounds and subtitle files are there", () =>
    withTree([], (folder) =>
        withPage({}, async (page) => {
            const asked = await packaged(page, folder, "hls", hls);
            await playsAndSeeks(page);
            onlyRanges(asked);
            const has = await page.evaluate(() => [
                window.player.levels.length,
                window.player.audioTracks.length,
                window.player.subtitleTracks.map((t) => t.lang),
            ]);
            assert.deepEqual(has, [2, 2, ["de", "en"]]);
            await page.evaluate(() => {
                window.player.subtitleDisplay = true;
                window.player.subtitleTrack = 1;
            });
            await until("cues are there", () =>
                page.evaluate(() => [...document.querySelector("video").textTracks].some((t) => t.cues?.length > 3)),
            );
        }),
    ));

local("a packaged title plays in dash.js by its index: pictures and time agree, seeks play on", () =>
    withTree([], (folder) =>
        withPage({}, async (page) => {
            const asked = await packaged(page, folder, "dash", dash);
            await playsAndSeeks(page);
            onlyRanges(asked);
            assert.ok(Math.abs((await page.evaluate(() => window.player.duration())) - SECONDS) < 0.3);
            assert.equal(await page.evaluate(() => window.player.getTracksFor("audio").length), 2);
            assert.equal(await page.evaluate(() => window.player.getTracksFor("text").length), 2);
        }),
    ));

local("a title packaged with --copy plays in hls.js", () =>
    withTree(["--copy"], (folder) =>
        withPage({}, async (page) => {
            await packaged(page, folder, "hls", hls);
            await playsAndSeeks(page);
        }),
    ));
