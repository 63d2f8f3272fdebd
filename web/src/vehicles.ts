// Buses where they last said they were. An old position is shown as old; no news is no bus.

import L from "leaflet";
import { ago } from "./age";
import type { BaseMap } from "./basemap";
import { now } from "./clock";
import { reducedMotion } from "./config";
import { element, svg } from "./dom";
import { labelled } from "./pins";

interface Vehicle {
  vehicle: string;
  lat: number;
  lon: number;
  bearing: number | null;
  at: string;
  next_stop_name: string | null;
  expected_at: string | null;
  off_route: boolean;
}

interface Answer {
  items: Vehicle[];
  degraded: boolean;
}

const EVERY_MS = 10_000;
const AFTER_FAILURE_MS = 30_000;
const GLIDE_MS = 2500;
const OLD_MS = 90_000;

export function followVehicles({ map, say }: BaseMap, address: string): void {
  const buses = new Map<string, L.Marker>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = ({ items, degraded }: Answer): void => {
    const there = new Set(items.map((item) => item.vehicle));
    for (const [id, bus] of buses)
      if (!there.has(id)) {
        bus.remove();
        buses.delete(id);
      }
    for (const item of items) {
      const bus = buses.get(item.vehicle) ?? newBus(map);
      buses.set(item.vehicle, bus);
      move(bus, L.latLng(item.lat, item.lon));
      dress(bus, item);
    }
    say(degraded ? "车辆位置暂时收不全。" : "");
  };
  const ask = async (): Promise<void> => {
    clearTimeout(timer);
    if (document.hidden) return;
    const response = await fetch(address).catch(() => undefined);
    // A line whose buses send nothing has no such answer; nobody need be told.
    if (response?.status === 404) return;
    if (response?.ok) show((await response.json()) as Answer);
    else if (buses.size) say("车辆位置暂时收不到。");
    timer = setTimeout(() => void ask(), response?.ok ? EVERY_MS : AFTER_FAILURE_MS);
  };
  document.addEventListener("visibilitychange", () => void ask());
  void ask();
}

function newBus(map: L.Map): L.Marker {
  const bus = L.marker([0, 0], { icon: icon("校车", null, false), zIndexOffset: 2000 });
  bus.once("move", () => bus.addTo(map));
  return bus;
}

function dress(bus: L.Marker, item: Vehicle): void {
  const age = now() - Date.parse(item.at);
  const said = [
    item.off_route ? "不在线路上" : item.next_stop_name ? `下一站：${item.next_stop_name}` : "",
    item.expected_at && !item.off_route ? `预计 ${clock(item.expected_at)} 到` : "",
    `位置更新于${ago(age)}`,
  ].filter(Boolean);
  bus.setIcon(icon(`校车，${said.join("，")}`, item.bearing, age > OLD_MS));
  const popup = element("div", "popup", ...said.map((text) => element("span", "popup-facts", text)));
  if (bus.getPopup()) bus.setPopupContent(popup);
  else bus.bindPopup(popup);
}

function clock(time: string): string {
  return new Date(time).toLocaleTimeString("zh-CN", { hour: "2-digit", hour12: false, minute: "2-digit", timeZone: "Asia/Shanghai" });
}

/** A round with a nose in the direction of travel; 0 is north. */
function icon(label: string, bearing: number | null, old: boolean): L.DivIcon {
  const picture = svg("svg", { viewBox: "0 0 40 40", "aria-hidden": "true" });
  if (bearing !== null) picture.append(svg("path", { class: "nose", d: "M20 0 27 9H13Z", transform: `rotate(${bearing} 20 20)` }));
  picture.append(
    svg("circle", { class: "body", cx: 20, cy: 20, r: 13 }),
    svg("path", { class: "sign", d: "M14 14h12a1.500 1.500 0 0 1 1.500 1.500V24a1.500 1.500 0 0 1-1.500 1.500V27.500H23.500V25.500H16.500V27.500H14V25.500A1.500 1.500 0 0 1 12.500 24V15.500A1.500 1.500 0 0 1 14 14ZM14.500 16V20.500H25.500V16Z" }),
  );
  return labelled(label, {
    className: old ? "bus is-old" : "bus",
    html: picture as unknown as HTMLElement,
    iconSize: [40, 40],
  });
}

/** Glide there, so that the eye can follow; at once for those who want nothing to move. */
function move(bus: L.Marker, to: L.LatLng): void {
  const from = bus.getLatLng();
  const isNew = from.lat === 0 && from.lng === 0;
  if (isNew || reducedMotion() || from.equals(to)) {
    bus.setLatLng(to);
    return;
  }
  const began = performance.now();
  const step = (time: number): void => {
    const part = Math.min(1, (time - began) / GLIDE_MS);
    bus.setLatLng([from.lat + (to.lat - from.lat) * part, from.lng + (to.lng - from.lng) * part]);
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
