// SPDX-License-Identifier: BSD-2-Clause
// Debian's chromium, driven by playwright-core, and where the origin is.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const WEB = join(dirname(fileURLToPath(import.meta.url)), "../../web");
export const ORIGIN = (process.env.REEL_ORIGIN ?? "http://127.0.0.1:18200").replace(/\/$/, "");

const { chromium } = createRequire(join(WEB, "package.json"))("playwright-core");

export const launch = () =>
    chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
    });
