// The school lines, faint below the places: where a child could come by bus.

import type { FeatureCollection } from "geojson";
import L from "leaflet";

const PANE = "lines";

export async function drawLines(map: L.Map, address: string | undefined): Promise<void> {
  if (!address) return;
  const response = await fetch(address).catch(() => undefined);
  if (!response?.ok) return;
  const lines = (await response.json()) as FeatureCollection;
  map.createPane(PANE).classList.add("lines-pane");
  L.geoJSON(lines, {
    interactive: false,
    pane: PANE,
    // Stops and schools, should they be in it, stand on the line's own page.
    filter: (feature) => feature.geometry.type.endsWith("LineString"),
    style: { className: "bus-line is-faint" },
  }).addTo(map);
}
