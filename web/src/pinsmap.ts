// Where a place was and where it is to be, on one small map.

import L from "leaflet";
import { createMap } from "./basemap";
import { type MapConfig, type Position, mapConfig } from "./config";
import { labelled } from "./pins";
import { mapStyle } from "./style";

const CLOSEST = 17;
const OUTLINES_CLOSEST = 12;
const MARGIN_PX = 48;

export function startPins(container: HTMLElement): void {
  mapStyle()
    .then(() => showPins(container, mapConfig(container)))
    .catch(() => {
      // The difference says the same in words.
      container.textContent = "地图没有载入，刷新页面再试。";
    });
}

function showPins(container: HTMLElement, config: MapConfig): void {
  const { map } = createMap(container, config);
  map.scrollWheelZoom.disable();
  if (L.Browser.mobile) map.dragging.disable();
  const before = place(container.dataset.before);
  const after = place(container.dataset.after);
  if (before && after)
    L.polyline([before, after], { className: "pin-move", interactive: false }).addTo(map);
  if (before) pin(before, "pin-before", "现在的位置").addTo(map);
  if (after) pin(after, "pin-after", "新位置").addTo(map);
  const bounds = L.latLngBounds([before, after].filter((each) => each !== null));
  if (!bounds.isValid()) return;
  map.fitBounds(bounds, {
    animate: false,
    maxZoom: config.tiles ? CLOSEST : OUTLINES_CLOSEST,
    padding: [MARGIN_PX, MARGIN_PX],
  });
}

function place(written: string | undefined): L.LatLng | null {
  const position = JSON.parse(written ?? "null") as Position | null;
  return position && L.latLng(position[1], position[0]);
}

function pin(where: L.LatLng, className: string, label: string): L.Marker {
  const icon = labelled(label, { className: `move-pin ${className}`, iconSize: [22, 22] });
  return L.marker(where, { icon, interactive: false, keyboard: false });
}
