// `/` and `/reading`: filters in place, suggestions, and the map when the page has come to rest.

import { startFinder } from "./finder";
import type { HomeMap } from "./homemap";
import { startMenus } from "./menus";
import { startMap } from "./starting";
import { startSuggesting } from "./suggest";

let map: HomeMap | undefined;

startFinder(() => map?.show());
startMenus();
startSuggesting("f-q");
startMap(async (container, config) => {
  map = await (await import("./homemap")).startHomeMap(container, config);
});
