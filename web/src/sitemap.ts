import L from "leaflet";
import { createMap, latLng } from "./basemap";
import type { MapConfig } from "./config";
import { pinIcon } from "./pins";

const STREETS = 15;
const DISTRICTS = 10;

export function showSite(container: HTMLElement, config: MapConfig): void {
  const { lat, lon, name = "", theme = "" } = container.dataset;
  const where = latLng(lat, lon);
  if (!where) return;
  const { map } = createMap(container, config);
  // Outlines show nothing of a street: there, the place within its district says more.
  map.setView(where, config.tiles ? STREETS : DISTRICTS, { animate: false });
  // Two fingers for the map, one for the page that it stands in.
  if (L.Browser.mobile) map.dragging.disable();
  map.scrollWheelZoom.disable();
  const glyph = container.dataset.glyph ?? document.querySelector("h1")?.closest("header")?.querySelector(".tile")?.textContent ?? "";
  L.marker(where, { icon: pinIcon(theme, glyph, name), interactive: false, keyboard: false }).addTo(map);
}
