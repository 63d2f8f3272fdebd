// geo/crs.py in the browser's language, for positions in China; tests hold the two together.

import type { Crs, Position } from "./config";

const AXIS = 6_378_245;
const ECCENTRICITY_SQUARED = 0.00669342162296594323;
const BD_PI = (Math.PI * 3000) / 180;
const CONVERGED = 1e-9;
const MAX_STEPS = 30;

const { sin, cos, sqrt, atan2, abs, PI } = Math;

export function fromWgs84(position: Position, crs: Crs): Position {
  if (crs === "wgs84") return position;
  const shifted = gcj(position);
  return crs === "gcj02" ? shifted : bd(shifted);
}

export function toWgs84(position: Position, crs: Crs): Position {
  if (crs === "wgs84") return position;
  return undo(gcj, crs === "gcj02" ? position : undo(bd, position));
}

function gcj([lon, lat]: Position): Position {
  const [x, y] = [lon - 105, lat - 35];
  const [xy, root] = [0.1 * x * y, sqrt(abs(x))];
  const common = 20 * sin(6 * PI * x) + 20 * sin(2 * PI * x);
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + xy + 0.2 * root +
    ((common + 20 * sin(PI * y) + 40 * sin((PI / 3) * y)) * 2) / 3 +
    ((160 * sin((PI / 12) * y) + 320 * sin((PI / 30) * y)) * 2) / 3;
  const east =
    300 + x + 2 * y + 0.1 * x * x + xy + 0.1 * root +
    ((common + 20 * sin(PI * x) + 40 * sin((PI / 3) * x)) * 2) / 3 +
    ((150 * sin((PI / 12) * x) + 300 * sin((PI / 30) * x)) * 2) / 3;
  const phi = (lat * PI) / 180;
  const magic = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2;
  const curve = sqrt(magic);
  const metresNorth = ((AXIS * (1 - ECCENTRICITY_SQUARED)) / (magic * curve)) * (PI / 180);
  const metresEast = (AXIS / curve) * cos(phi) * (PI / 180);
  return [lon + east / metresEast, lat + north / metresNorth];
}

function bd([lon, lat]: Position): Position {
  const radius = sqrt(lon * lon + lat * lat) + 2e-5 * sin(lat * BD_PI);
  const angle = atan2(lat, lon) + 3e-6 * cos(lon * BD_PI);
  return [radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006];
}

/** The position that `forward` takes to the given one, by fixed-point iteration. */
function undo(forward: (position: Position) => Position, [lon, lat]: Position): Position {
  let [x, y] = [lon, lat];
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const [reachedLon, reachedLat] = forward([x, y]);
    const [missLon, missLat] = [lon - reachedLon, lat - reachedLat];
    x += missLon;
    y += missLat;
    if (Math.max(abs(missLon), abs(missLat)) < CONVERGED) break;
  }
  return [x, y];
}
