// A school line: departures that count down, the line on a map, and its buses as they come in.

import { mapConfig, mapElement } from "./config";
import { startCountdowns } from "./countdown";
import { mapStyle } from "./style";
import { whenQuiet } from "./when";

void startCountdowns();
whenQuiet(() => void startMap());

async function startMap(): Promise<void> {
  const container = mapElement();
  if (!container) return;
  const [{ showLine }] = await Promise.all([import("./linemap"), mapStyle()]);
  showLine(container, mapConfig(container));
}
