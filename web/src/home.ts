// `/` and `/reading`: filters in place, suggestions, and the map when the page has come to rest.

import { mapConfig, mapElement } from "./config";
import { startFinder } from "./finder";
import type { HomeMap } from "./homemap";
import { mapStyle } from "./style";
import { startSuggesting } from "./suggest";
import { whenQuiet } from "./when";

let map: HomeMap | undefined;

startFinder(() => map?.show());
startSuggesting("f-q");
whenQuiet(() => void startMap());

async function startMap(): Promise<void> {
  const container = mapElement();
  if (!container) return;
  const [{ startHomeMap }] = await Promise.all([import("./homemap"), mapStyle()]);
  map = await startHomeMap(container, mapConfig(container));
}
