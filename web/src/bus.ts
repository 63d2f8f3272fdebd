// School lines: departures that count down; on a line's own page the line on a map, and its buses
// as they come in.

import { startCountdowns } from "./countdown";
import { startMap } from "./starting";

void startCountdowns();
startMap(async (container, config) => (await import("./linemap")).showLine(container, config));
