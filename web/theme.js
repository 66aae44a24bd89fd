// SPDX-License-Identifier: BSD-2-Clause
// Not a module: it runs before the first paint, so that a chosen theme does not flash.
"use strict";
try {
    const chosen = JSON.parse(localStorage.getItem("reel") || "{}").theme;
    if (chosen === "dark" || chosen === "light") {
        document.documentElement.dataset.theme = chosen;
    }
} catch {
    // a browser without storage, or with something else in it: the system's theme then
}
