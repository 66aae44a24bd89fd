// SPDX-License-Identifier: BSD-2-Clause
// Not a module: it runs before the first paint, so that no other theme flashes.
"use strict";
{
    let theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    try {
        const chosen = JSON.parse(localStorage.getItem("reel") || "{}").theme;
        if (chosen === "dark" || chosen === "light") {
            theme = chosen;
        }
    } catch {
        // a browser without storage, or with something else in it: the system's theme then
    }
    document.documentElement.dataset.theme = theme;
}
