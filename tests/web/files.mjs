// SPDX-License-Identifier: BSD-2-Clause
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WEB } from "./browser.mjs";
import { assert, test } from "./tap.mjs";

const files = readdirSync(WEB).filter((f) => /\.(js|css|html|svg)$/.test(f) && f !== "vendor.js");

test("every file of the page is installed, and none needs anything from elsewhere", () => {
    const meson = readFileSync(join(WEB, "meson.build"), "utf8");
    for (const file of files) {
        assert.ok(meson.includes(`'${file}'`), `web/meson.build does not install ${file}`);
        const text = readFileSync(join(WEB, file), "utf8");
        assert.ok(text.slice(0, 120).includes("SPDX-License-Identifier: BSD-2-Clause"), `${file} has no SPDX line`);
        assert.deepEqual(
            text.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)[^\s"']+/g),
            null,
            `${file} names another server`,
        );
        assert.deepEqual(
            text.split("\n").filter((line) => line.length > 120),
            [],
            `${file} has lines that are too long`,
        );
    }
});
