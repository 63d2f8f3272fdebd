// A line's shape and stops, tied to the list of stops, with its buses on top.

import L from "leaflet";
import { createMap, latLng } from "./basemap";
import type { MapConfig, Position } from "./config";
import { element } from "./dom";
import { labelled } from "./pins";
import { followVehicles } from "./vehicles";

export function showLine(container: HTMLElement, config: MapConfig): void {
  const base = createMap(container, config);
  const { map } = base;
  map.scrollWheelZoom.disable();
  if (L.Browser.mobile) map.dragging.disable();
  const shape = (JSON.parse(container.dataset.shape ?? "[]") as Position[]).map(([lon, lat]) => L.latLng(lat, lon));
  const line = L.polyline(shape, { className: "bus-line", interactive: false }).addTo(map);
  const stops = [...document.querySelectorAll<HTMLElement>("li[data-stop]")]
    .map((row, index) => stopOf(row, index + 1))
    .filter((stop): stop is L.Marker => stop !== null);
  for (const stop of stops) stop.addTo(map);
  const bounds = line.getBounds();
  for (const stop of stops) bounds.extend(stop.getLatLng());
  if (bounds.isValid()) map.fitBounds(bounds, { animate: false, padding: [32, 32] });
  // The server names the address where positions come in at all.
  if (container.dataset.vehicles) followVehicles(base, container.dataset.vehicles);
}

function stopOf(row: HTMLElement, number: number): L.Marker | null {
  const where = latLng(row.dataset.lat, row.dataset.lon);
  if (!where) return null;
  const name = row.dataset.name ?? row.textContent?.trim() ?? "";
  const link = row.querySelector("a");
  const chosen = link?.getAttribute("aria-current") === "true";
  const icon = labelled(`第 ${number} 站 ${name}`, {
    className: chosen ? "stop is-chosen" : "stop",
    html: element("span", "", String(number)),
    iconSize: [26, 26],
  });
  // Stops may lie closer than a finger is wide; the list beside the map has the same links, so the
  // keyboard need not come by here as well.
  const stop = L.marker(where, { icon, keyboard: false, riseOnHover: true, zIndexOffset: chosen ? 500 : 0 });
  const hint = chosen ? "正在看这一站" : "点站名看这一站的班次";
  return stop.bindPopup(() =>
    element("div", "popup", link?.cloneNode(true) ?? name, element("span", "popup-facts", hint)),
  );
}
