// A place's own page: its small map.

import { startMap } from "./starting";

startMap(async (container, config) => (await import("./sitemap")).showSite(container, config));
