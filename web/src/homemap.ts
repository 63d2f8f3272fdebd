// The map beside the list: every marker is a row of it, and neither shows what the other hasn't.

import L from "leaflet";
import "leaflet.markercluster";
import { createMap, latLng } from "./basemap";
import { drawLines } from "./buslines";
import { type MapConfig, reducedMotion } from "./config";
import { button, element } from "./dom";
import { clusterIcon, labelled, pinIcon, withPopup } from "./pins";
import { go, setStart } from "./going";
import { type Shift, shifting } from "./shifting";
import { breathe } from "./when";

const CLOSEST = 15;
const NEAR_ZOOM = 14;
/** A single place among outlines: its district is still to be seen. */
const ALONE_ZOOM = 11;

/** Draw the map of the list in `#finder`; called again whenever the list has changed. */
export interface HomeMap {
  show: () => void;
}

interface Place {
  row: HTMLElement;
  marker: L.Marker;
}

export async function startHomeMap(container: HTMLElement, config: MapConfig): Promise<HomeMap> {
  const shift = await shifting(config.crs);
  const { map, city } = createMap(container, config);
  await breathe();
  const clusters = L.markerClusterGroup({
    animate: !reducedMotion(),
    disableClusteringAtZoom: CLOSEST,
    iconCreateFunction: (cluster) => clusterIcon(cluster.getChildCount()),
    maxClusterRadius: 46,
    showCoverageOnHover: false,
    spiderfyOnMaxZoom: true,
  }).addTo(map);
  // The cluster that was opened by the keyboard is gone, and the focus with it.
  clusters.on("clusterkeypress", () => container.focus({ preventScroll: true }));
  const places = new Map<string, Place>();
  const origin = L.layerGroup().addTo(map);
  let start: L.LatLng | null = null;
  let moving = false;
  let wasMoved = false;

  const fit = (bounds: L.LatLngBounds, maxZoom = NEAR_ZOOM): void => {
    moving = true;
    // The list covers a strip of the map on a phone, and the buttons lie along the bottom.
    map.fitBounds(bounds, { animate: false, maxZoom, paddingBottomRight: [28, 44], paddingTopLeft: [28, 28] });
    moving = false;
  };

  const show = (isFirst = false): void => {
    clusters.clearLayers();
    places.clear();
    for (const row of document.querySelectorAll<HTMLElement>("#finder li.place[data-id]")) {
      const marker = markerOf(row);
      if (marker) places.set(row.dataset.id ?? "", { row, marker });
    }
    clusters.addLayers([...places.values()].map((place) => place.marker));
    const asked = new URL(location.href).searchParams;
    start = showOrigin(origin, asked, shift);
    wasMoved = false;
    // Whoever searched here looks at it already; whoever opens the link does not.
    if (isFirst || !asked.has("bbox")) frame();
  };

  const frame = (): void => {
    const asked = new URL(location.href).searchParams;
    if (asked.has("bbox")) {
      fit(boxOf(asked, shift), map.getMaxZoom());
      return;
    }
    const bounds = L.latLngBounds([...places.values()].map(({ marker }) => marker.getLatLng()));
    if (start && city.contains(start)) fit(nearest(start, [...places.values()]));
    else if (bounds.isValid()) fit(bounds, places.size === 1 && !config.tiles ? ALONE_ZOOM : NEAR_ZOOM);
  };

  const markerOf = (row: HTMLElement): L.Marker | null => {
    const where = latLng(row.dataset.lat, row.dataset.lon);
    if (!where) return null;
    const { name = "", theme = "" } = row.dataset;
    const glyph = row.querySelector(".tile")?.textContent ?? "";
    const marker = L.marker(where, { icon: pinIcon(theme, glyph, name), riseOnHover: true });
    withPopup(marker, () => popupOf(row), { autoPanPadding: [24, 60], maxWidth: 260 });
    marker.on("popupopen", () => {
      choose(row);
      // On a phone the list would slide over the map, and over what was just opened.
      if (isWide()) scrollTo(row, "nearest");
    });
    marker.on("popupclose", () => row.classList.remove("is-current"));
    return marker;
  };

  const raise = (row: Element | null, on: boolean): void => {
    const place = places.get((row as HTMLElement | null)?.dataset.id ?? "");
    const shown = place && (clusters.getVisibleParent(place.marker) as L.Marker | null);
    shown?.getElement()?.classList.toggle("is-raised", on);
    shown?.setZIndexOffset(on ? 1000 : 0);
  };
  followRows(raise);

  map.on("dragend zoomend", () => {
    wasMoved ||= !moving;
  });
  searchHere(map, () => moving, shift);
  startHere(map, city, shift);
  wider(map, () => {
    if (!wasMoved) frame();
  });
  await breathe();
  show(true);
  await breathe();
  void drawLines(map, container.dataset.lines);
  return { show: () => show() };
}

function choose(row: HTMLElement): void {
  for (const one of document.querySelectorAll("li.place.is-current")) one.classList.remove("is-current");
  row.classList.add("is-current");
}

/** The map stands beside the list, not above it. */
function isWide(): boolean {
  return matchMedia("(min-width: 900px)").matches;
}

function scrollTo(one: Element, block: ScrollLogicalPosition): void {
  one.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth", block });
}

/** The row in short: the server's own words, and the way to its page. */
function popupOf(row: HTMLElement): HTMLElement {
  const link = row.querySelector("a")?.cloneNode(true) as HTMLElement | undefined;
  const facts = element("span", "popup-facts", row.querySelector(".facts li")?.textContent ?? "");
  const far = row.querySelector(".far")?.textContent;
  const more = far ? [element("span", "popup-facts", far)] : [];
  return element("div", "popup", link ?? row.dataset.name ?? "", facts, ...more, ...(isWide() ? [] : [toRow(row)]));
}

function toRow(row: HTMLElement): HTMLButtonElement {
  return button("在列表中看", () => {
    row.querySelector("a")?.focus({ preventScroll: true });
    scrollTo(row, "center");
  });
}

function followRows(raise: (row: Element | null, on: boolean) => void): void {
  const rowOf = (event: Event): Element | null =>
    event.target instanceof Element ? event.target.closest("#finder li.place") : null;
  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]] as const)
    document.addEventListener(name, (event) => raise(rowOf(event), on));
}

/** Where the distances are from, if the address says so. */
function showOrigin(layer: L.LayerGroup, asked: URLSearchParams, shift: Shift): L.LatLng | null {
  layer.clearLayers();
  const start = latLng(asked.get("lat") ?? undefined, asked.get("lon") ?? undefined);
  if (!start) return null;
  const [lon, lat] = shift.toMap([start.lng, start.lat]);
  const icon = labelled("起点", { className: "origin", iconSize: [22, 22] });
  L.marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: -500 }).addTo(layer);
  return L.latLng(lat, lon);
}

/** West, south, east, north in the address; the whole world if that makes no sense. */
function boxOf(asked: URLSearchParams, shift: Shift): L.LatLngBounds {
  const [west = -180, south = -90, east = 180, north = 90] = (asked.get("bbox") ?? "").split(",").map(Number);
  const [left, bottom] = shift.toMap([west, south]);
  const [right, top] = shift.toMap([east, north]);
  return L.latLngBounds([bottom, left], [top, right]);
}

/** The start with the few places around it, rather than the whole city. */
function nearest(start: L.LatLng, places: Place[]): L.LatLngBounds {
  if (!places.length) return start.toBounds(4000);
  const near = places
    .map(({ marker }) => marker.getLatLng())
    .sort((one, other) => start.distanceTo(one) - start.distanceTo(other))
    .slice(0, 6);
  return L.latLngBounds([start, ...near]);
}

/** After the visitor has moved the map: offer what is in view. */
function searchHere(map: L.Map, isOurs: () => boolean, shift: Shift): void {
  const offer = button("在此区域查找", () => {
    offer.hidden = true;
    const bounds = map.getBounds();
    const [west, south] = shift.fromMap([bounds.getWest(), bounds.getSouth()]);
    const [east, north] = shift.fromMap([bounds.getEast(), bounds.getNorth()]);
    const url = new URL(location.href);
    url.searchParams.set("bbox", [west, south, east, north].map((d) => d.toFixed(4)).join(","));
    url.searchParams.delete("page");
    go(url);
  }, "map-button search-here");
  offer.hidden = true;
  map.getContainer().append(offer);
  L.DomEvent.disableClickPropagation(offer);
  map.on("dragend zoomend", () => {
    if (!isOurs()) offer.hidden = false;
  });
}

/** A tap on the ground offers to measure distances from there. */
function startHere(map: L.Map, city: L.LatLngBounds, shift: Shift): void {
  const popup = L.popup({ className: "start-here", closeButton: false });
  map.on("click", (event) => {
    if (map.getContainer().querySelector(".leaflet-popup")) {
      map.closePopup();
      return;
    }
    if (!city.contains(event.latlng)) return;
    const offer = button("以此处为起点", () => {
      map.closePopup();
      const [lon, lat] = shift.fromMap([event.latlng.lng, event.latlng.lat]);
      goFrom(lon, lat);
    });
    popup.setLatLng(event.latlng).setContent(offer).openOn(map);
  });
}

function goFrom(lon: number, lat: number): void {
  const url = new URL(location.href);
  setStart(url, lon, lat);
  for (const name of ["page", "bbox"]) url.searchParams.delete(name);
  go(url);
}

/** On a phone: more map or more list. */
function wider(map: L.Map, refit: () => void): void {
  const root = document.documentElement;
  const toggle = button("放大地图", () => {
    const wide = root.classList.toggle("map-wide");
    toggle.textContent = wide ? "看列表" : "放大地图";
    toggle.setAttribute("aria-pressed", String(wide));
    map.invalidateSize();
    if (wide) refit();
    // The map goes with the page as it is scrolled: the list starts where the two do.
    const both = map.getContainer().parentElement;
    if (!wide && both && both.getBoundingClientRect().top < 0) scrollTo(both, "start");
  }, "map-button sheet-toggle");
  toggle.setAttribute("aria-pressed", "false");
  map.getContainer().append(toggle);
  L.DomEvent.disableClickPropagation(toggle);
}
