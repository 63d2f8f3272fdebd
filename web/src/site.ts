// A place's own small map: where it lies, and nothing to get lost in.

import { mapConfig, mapElement } from "./config";
import { mapStyle } from "./style";
import { whenQuiet } from "./when";

whenQuiet(() => void startMap());

async function startMap(): Promise<void> {
  const container = mapElement();
  if (!container) return;
  const [{ showSite }] = await Promise.all([import("./sitemap"), mapStyle()]);
  showSite(container, mapConfig(container));
}
