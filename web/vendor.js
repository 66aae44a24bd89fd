// SPDX-License-Identifier: BSD-2-Clause
// node vendor.js: lays hls.js out of node_modules where the page asks for it, beside its licence. It keeps the ending
// .js, because few servers know that .mjs is JavaScript, and a browser takes no module without that type.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, "node_modules", "hls.js");
const to = join(here, "vendor");

mkdirSync(to, { recursive: true });
// The map lies elsewhere, and a browser's tools would ask for it in vain.
const text = readFileSync(join(from, "dist", "hls.min.mjs"), "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
writeFileSync(join(to, "hls.js"), text);
copyFileSync(join(from, "LICENSE"), join(to, "hls.LICENSE"));
