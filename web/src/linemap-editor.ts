// The stops of a line that is being edited: numbered pins to drag, an empty spot to tap for one more.

import L from "leaflet";
import { createMap } from "./basemap";
import type { MapConfig, Position } from "./config";
import { fromWgs84, toWgs84 } from "./crs";
import { element } from "./dom";
import { labelled } from "./pins";

interface Place {
  lon: HTMLInputElement;
  lat: HTMLInputElement;
  title: () => string;
  sign: string;
}

export function showStops(container: HTMLElement, form: HTMLFormElement, config: MapConfig): void {
  const { map, say } = createMap(container, config);
  map.scrollWheelZoom.disable();
  const shapes = JSON.parse(container.dataset.shapes ?? "{}") as Record<string, Position[]>;
  const drawn = Object.values(shapes).map((points) => points.map((point) => toMap(point, config)));
  for (const points of drawn) L.polyline(points, { className: "bus-line", interactive: false }).addTo(map);
  const straight = L.polyline([], { className: "bus-line", interactive: false }).addTo(map);
  const pins = new Map<HTMLInputElement, L.Marker>();
  const draw = (): void => {
    for (const place of places(form)) put(map, pins, place, config, draw);
    if (drawn.length === 0) straight.setLatLngs(inOrder(form, config));
  };
  draw();
  const bounds = L.latLngBounds([...pins.values()].map((pin) => pin.getLatLng()));
  if (bounds.isValid()) map.fitBounds(bounds, { animate: false, maxZoom: 16, padding: [36, 36] });
  form.addEventListener("input", draw);
  map.on("click", ({ latlng }) => {
    const empty = places(form).find(({ lon, lat }) => !lon.value.trim() && !lat.value.trim());
    if (!empty) return say("没有空行了：先点“再加空行”。");
    write(empty, latlng, config);
    say(`位置已填到${empty.title()}，请写站名。`);
    empty.lon.closest("tr")?.querySelector<HTMLInputElement>("input:not([type=hidden])")?.focus();
  });
}

function places(form: HTMLFormElement): Place[] {
  const field = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;
  const stops = [...form.querySelectorAll("[data-stop-row]")].map((_, number) => ({
    lat: field(`stop.${number}.lat`),
    lon: field(`stop.${number}.lon`),
    sign: String(number + 1),
    title: () => `站点 ${number + 1} ${field(`stop.${number}.name`).value}`.trim(),
  }));
  const gate = { lat: field("school_lat"), lon: field("school_lon"), sign: "校", title: () => "校门" };
  return [...stops, gate];
}

function put(
  map: L.Map,
  pins: Map<HTMLInputElement, L.Marker>,
  place: Place,
  config: MapConfig,
  moved: () => void,
): void {
  const where = read(place, config);
  const known = pins.get(place.lon);
  if (!where) {
    known?.remove();
    pins.delete(place.lon);
    return;
  }
  if (known) {
    known.setLatLng(where);
    return;
  }
  const icon = labelled(place.title(), {
    className: "stop",
    html: element("span", "", place.sign),
    iconSize: [28, 28],
  });
  const pin = L.marker(where, { autoPan: true, draggable: true, icon, riseOnHover: true, title: place.title() });
  pin.on("dragend", () => {
    write(place, pin.getLatLng(), config);
    moved();
  });
  pins.set(place.lon, pin.addTo(map));
}

/** From stop to stop, as the first direction with rows calls at them. */
function inOrder(form: HTMLFormElement, config: MapConfig): L.LatLng[] {
  const byId = new Map(
    places(form).slice(0, -1).map((place, number) => {
      const id = form.elements.namedItem(`stop.${number}.id`) as HTMLInputElement;
      return [id.value, read(place, config)];
    }),
  );
  const rows = [...form.querySelectorAll<HTMLSelectElement>('select[name^="row."][name$=".stop"]')];
  const way = rows.find(({ value }) => value)?.name.split(".")[1];
  return rows
    .filter(({ name }) => name.split(".")[1] === way)
    .map(({ value }) => byId.get(value))
    .filter((where): where is L.LatLng => Boolean(where));
}

function toMap(position: Position, config: MapConfig): L.LatLng {
  const [lon, lat] = fromWgs84(position, config.crs);
  return L.latLng(lat, lon);
}

function read({ lon, lat }: Place, config: MapConfig): L.LatLng | null {
  const [x, y] = [Number.parseFloat(lon.value), Number.parseFloat(lat.value)];
  const inside = Math.abs(x) <= 180 && Math.abs(y) <= 90;
  return inside ? toMap([x, y], config) : null;
}

function write({ lon, lat }: Place, where: L.LatLng, config: MapConfig): void {
  const [x, y] = toWgs84([where.lng, where.lat], config.crs);
  lon.value = x.toFixed(6);
  lat.value = y.toFixed(6);
  lon.dispatchEvent(new Event("input", { bubbles: true }));
}
