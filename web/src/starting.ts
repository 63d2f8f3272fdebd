// How every page's map starts: when the page has come to rest, and with a word if it can't.

import { type MapConfig, mapConfig, mapElement } from "./config";
import { mapStyle } from "./style";
import { whenQuiet } from "./when";

export function startMap(draw: (container: HTMLElement, config: MapConfig) => Promise<void>): void {
  whenQuiet(() => {
    const container = mapElement();
    if (!container) return;
    mapStyle()
      .then(() => draw(container, mapConfig(container)))
      .catch(() => {
        // The list or the address beside it says the same in words.
        container.textContent = "地图没有载入，刷新页面再试。";
      });
  });
}
