// The map without its markers: tiles of a provider, or the outlines of the districts.

import L from "leaflet";
import { type MapConfig, type Tiles, reducedMotion } from "./config";
import { button, escaped } from "./dom";
import { drawOutlines } from "./outlines";

const OUTLINES_MAX_ZOOM = 17;
/** A whole number: markercluster loses single markers otherwise. */
const OUTLINES_MIN_ZOOM = 7;
const ERRORS_IN_A_ROW = 4;
const PATIENCE_MS = 12_000;

export interface BaseMap {
  map: L.Map;
  /** The city's bounding box. */
  city: L.LatLngBounds;
  /** Tell something in the map's corner; empty takes it away. */
  say: (text: string, ...more: HTMLElement[]) => void;
}

export function latLng(lat: string | undefined, lon: string | undefined): L.LatLng | null {
  const [y, x] = [Number.parseFloat(lat ?? ""), Number.parseFloat(lon ?? "")];
  return Number.isFinite(y) && Number.isFinite(x) ? L.latLng(y, x) : null;
}

export function createMap(element: HTMLElement, config: MapConfig): BaseMap {
  const [west, south, east, north] = config.bounds;
  const city = L.latLngBounds([south, west], [north, east]);
  const still = reducedMotion();
  const map = L.map(element, {
    attributionControl: false,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    maxBounds: city.pad(0.6),
    maxBoundsViscosity: 0.8,
    maxZoom: config.tiles?.max_zoom ?? OUTLINES_MAX_ZOOM,
    minZoom: config.tiles?.min_zoom ?? OUTLINES_MIN_ZOOM,
    zoomAnimation: !still,
    zoomControl: false,
    // Pictures look best at their own size; outlines have none.
    zoomSnap: config.tiles ? 1 : 0.25,
  });
  map.fitBounds(city);
  element.setAttribute("role", "region");
  if (!element.hasAttribute("aria-label")) element.setAttribute("aria-label", "地图");
  L.control
    .zoom({ position: "topright", zoomInTitle: "放大", zoomOutTitle: "缩小" })
    .addTo(map);
  map.on("popupopen", ({ popup }) =>
    popup.getElement()?.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "关闭"),
  );
  // Leaflet hears Escape only while the map itself has the focus, not what lies in it.
  element.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") map.closePopup();
  });
  const say = announcer(map);
  credit(map, config);
  if (config.tiles) drawTiles(map, config, config.tiles, say);
  else void drawOutlines(map, config.crs);
  return { map, city, say };
}

function announcer(map: L.Map): BaseMap["say"] {
  const said = document.createElement("p");
  said.className = "map-said";
  said.setAttribute("role", "status");
  map.getContainer().append(said);
  L.DomEvent.disableClickPropagation(said);
  return (text, ...more) => said.replaceChildren(text, ...more);
}

function credit(map: L.Map, config: MapConfig): void {
  const control = L.control.attribution({ position: "bottomleft", prefix: false }).addTo(map);
  const by = config.tiles ? config.tiles.attribution : "区县轮廓为示意";
  // Leaflet takes markup here.
  control.addAttribution([by, config.approval].filter(Boolean).map(escaped).join(" · "));
}

function drawTiles(map: L.Map, config: MapConfig, tiles: Tiles, say: BaseMap["say"]): void {
  const options: L.TileLayerOptions = {
    className: "map-tiles",
    maxZoom: tiles.max_zoom,
    minZoom: tiles.min_zoom,
    // Keys of providers are bound to our host, which is all that they are told.
    referrerPolicy: "origin",
    subdomains: tiles.subdomains,
  };
  const layers = [tiles.url, tiles.labels_url]
    .filter((url): url is string => url !== null)
    .map((url) => L.tileLayer(url, options));
  let errors = 0;
  let loaded = false;
  const fallBack = (): void => {
    clearTimeout(patience);
    for (const layer of layers) layer.off().remove();
    const outlines = drawOutlines(map, config.crs);
    const again = button("再试一次", () => {
      say("");
      void outlines.then((group) => group?.remove());
      drawTiles(map, config, tiles, say);
    });
    say("底图没有载入，先用区县轮廓代替。", again);
  };
  const patience = setTimeout(() => {
    if (!loaded) fallBack();
  }, PATIENCE_MS);
  for (const layer of layers) {
    layer.on("tileload", () => {
      loaded = true;
      errors = 0;
    });
    layer.on("tileerror", () => {
      errors += 1;
      if (errors === ERRORS_IN_A_ROW) fallBack();
    });
    layer.addTo(map);
  }
}
