// SPDX-License-Identifier: BSD-2-Clause
// node shots.mjs DIR: pictures of the page, to look at (REEL_ORIGIN says of which origin).
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, ORIGIN } from "./browser.mjs";

const dir = process.argv[2] ?? "shots";
mkdirSync(dir, { recursive: true });
const browser = await launch();
const only = process.argv[3];

async function shot(name, { width, height, theme, hash, wait = 2500, act }) {
    if (only && !name.includes(only)) {
        return;
    }
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        hasTouch: width < 500,
        isMobile: width < 500,
    });
    const page = await context.newPage();
    page.on("pageerror", (e) => console.error(`${name}: ${e.message}`));
    page.on("console", (m) => m.type() === "error" && console.error(`${name}: ${m.text()}`));
    await page.goto(`${ORIGIN}/${hash}`);
    await page.waitForTimeout(wait);
    await act?.(page);
    await page.screenshot({ path: join(dir, `${name}.png`) });
    await context.close();
}

const desk = { width: 1440, height: 900 };
const phone = { width: 375, height: 812 };
const film = "#/watch/clock-720p.mp4?t=21";
const tab = (id) => async (page) => {
    await page.click(`#tab-${id}`);
    await page.waitForTimeout(900);
};
const sharp = async (page) => {
    await page.waitForTimeout(6000); // the better quality is there by then
    await page.keyboard.press("c");
    await page.waitForTimeout(1500);
    await page.mouse.move(500, 300);
};

for (const theme of ["dark", "light"]) {
    await shot(`library-${theme}`, { ...desk, theme, hash: "", wait: 6000 });
    await shot(`watch-${theme}`, {
        ...desk,
        theme,
        hash: film,
        act: async (page) => {
            await sharp(page);
            await tab("chart")(page);
        },
    });
    await shot(`library-phone-${theme}`, { ...phone, theme, hash: "", wait: 6000 });
    await shot(`watch-phone-${theme}`, { ...phone, theme, hash: film, act: tab("tracks") });
}
const tall = { width: 1440, height: 1300, theme: "light", hash: film };
for (const id of ["tracks", "boxes", "chart", "doctor"]) {
    await shot(`tab-${id}`, { ...tall, act: tab(id) });
}
await shot("tab-boxes-dark", { ...tall, theme: "dark", act: tab("boxes") });
await shot("tab-origin", {
    ...tall,
    theme: "dark",
    act: async (page) => {
        await tab("origin")(page);
        await page.waitForTimeout(14000);
    },
});
await shot("phone-boxes", {
    ...phone,
    theme: "dark",
    hash: film,
    act: async (page) => {
        await tab("boxes")(page);
        await page.evaluate(() => document.querySelector(".boxes").scrollIntoView());
    },
});
await shot("phone-settings", {
    ...phone,
    theme: "dark",
    hash: film,
    act: async (page) => {
        await page.tap("video");
        await page.tap("[data-tool=gear]");
    },
});
await shot("settings", {
    ...desk,
    theme: "dark",
    hash: film,
    act: async (page) => {
        await page.mouse.move(500, 300);
        await page.click("[data-tool=gear]");
    },
});
await shot("help", { ...desk, theme: "light", hash: film, act: (page) => page.keyboard.press("?") });
await shot("fault", { ...desk, theme: "light", hash: "#/watch/Broken.mp4" });
await shot("gone", { ...desk, theme: "dark", hash: "#/folder/Nowhere/" });
await shot("empty", { ...desk, theme: "light", hash: "#/folder/Empty/" });
await shot("search", {
    ...desk,
    theme: "dark",
    hash: "",
    act: async (page) => {
        await page.keyboard.press("/");
        await page.keyboard.type("si");
        await page.waitForTimeout(1500);
    },
});
await browser.close();
