// Picks a position: a pin on a map and the inputs beside it say the same; text can be pasted.

import L from "leaflet";
import { ask, settled, type } from "./asking";
import { createMap } from "./basemap";
import { type Crs, type MapConfig, type Position, mapConfig } from "./config";
import { fromWgs84, toWgs84 } from "./crs";
import { button, element } from "./dom";
import { mapStyle } from "./style";

const STREETS = 16;
const DISTRICTS = 12;
const DECIMALS = 6;
const QUIET_MS = 350;
const SHORT: Record<Crs, string> = { wgs84: "若是 GPS", gcj02: "若是腾讯、高德", bd09: "若是百度" };
/** Pixels of one press of an arrow key, and of one with Shift. */
const [STEP, STRIDE] = [4, 40];

interface Reading {
  crs: Crs;
  title: string;
  lon: number;
  lat: number;
  metres: number;
}

interface Told {
  lon: number;
  lat: number;
  crs: Crs;
  typed: Position;
  within: boolean;
  notes: string[];
  readings: Reading[];
}

interface Address {
  lon: number;
  lat: number;
  precise: boolean;
  told: string;
  within: boolean;
}

export function startPicker(box: HTMLElement): void {
  mapStyle()
    .then(() => new Picker(box))
    .catch(() => {
      one(box, "[data-picker-told]").textContent = "地图没有载入；经纬度照样可以填写。";
    });
}

const one = <T extends HTMLElement>(box: HTMLElement, selector: string): T =>
  box.querySelector<T>(selector) as T;

class Picker {
  private readonly lon: HTMLInputElement;
  private readonly lat: HTMLInputElement;
  private readonly crs: HTMLSelectElement;
  private readonly told: HTMLElement;
  private readonly readings: HTMLElement;
  private readonly config: MapConfig;
  private readonly map: L.Map;
  private readonly ghosts: L.LayerGroup;
  private readonly pin: L.Marker;
  private readonly review: () => void;
  /** While the pin writes into the inputs, they don't move the pin. */
  private writing = false;

  constructor(private readonly box: HTMLElement) {
    this.lon = one(box, "#f-lon");
    this.lat = one(box, "#f-lat");
    this.crs = one(box, "#f-crs");
    this.told = one(box, "[data-picker-told]");
    this.readings = one(box, "[data-picker-readings]");
    this.config = mapConfig(box);
    this.map = this.draw(one(box, "[data-picker-map]"));
    this.ghosts = L.layerGroup().addTo(this.map);
    this.pin = this.makePin();
    this.review = settled((signal) => void this.look(signal), QUIET_MS);
    for (const input of [this.lon, this.lat, this.crs]) {
      input.addEventListener("input", () => this.follow());
    }
    this.startFinding();
    this.follow();
  }

  private draw(container: HTMLElement): L.Map {
    container.hidden = false;
    container.className = "map picker-map";
    container.setAttribute("aria-label", "选位置的地图");
    const { map } = createMap(container, this.config);
    map.on("click", ({ latlng }) => this.put(latlng));
    if (L.Browser.mobile) map.scrollWheelZoom.disable();
    return map;
  }

  private makePin(): L.Marker {
    const icon = L.divIcon({ className: "picker-pin", iconSize: [30, 40], iconAnchor: [15, 39] });
    const pin = L.marker(this.map.getCenter(), { icon, draggable: true, autoPan: true, keyboard: true });
    pin.on("drag", () => this.write(pin.getLatLng()));
    pin.on("add", () => {
      const shape = pin.getElement();
      if (!shape) return;
      shape.setAttribute("role", "button");
      shape.setAttribute("aria-label", "图钉：拖动，或用方向键移动，按住 Shift 移得更远");
      shape.addEventListener("keydown", (event) => this.nudge(event));
    });
    return pin;
  }

  private nudge(event: KeyboardEvent): void {
    const far = event.shiftKey ? STRIDE : STEP;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [0, -far],
      ArrowDown: [0, far],
      ArrowLeft: [-far, 0],
      ArrowRight: [far, 0],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const here = this.map.latLngToContainerPoint(this.pin.getLatLng());
    this.put(this.map.containerPointToLatLng(here.add(L.point(move))));
    if (!this.map.getBounds().pad(-0.1).contains(this.pin.getLatLng())) {
      this.map.panTo(this.pin.getLatLng(), { animate: false });
    }
  }

  /** The pin was put somewhere on the map. */
  private put(where: L.LatLng): void {
    this.pin.setLatLng(where).addTo(this.map);
    this.write(where);
  }

  private write(where: L.LatLng): void {
    const wgs84 = toWgs84([where.lng, where.lat], this.config.crs);
    const [x, y] = fromWgs84(wgs84, this.crs.value as Crs);
    this.writing = true;
    type(this.lon, x.toFixed(DECIMALS));
    type(this.lat, y.toFixed(DECIMALS));
    this.writing = false;
    this.review();
  }

  /** The inputs say something new: the pin goes there. */
  private follow(): void {
    if (this.writing) return;
    const typed = this.typed();
    this.ghosts.clearLayers();
    this.readings.hidden = true;
    if (!typed) {
      this.pin.remove();
      this.tell("点一下地图放上图钉，或在上面粘贴坐标。");
      return;
    }
    const where = this.onMap(toWgs84(typed, this.crs.value as Crs));
    const first = !this.map.hasLayer(this.pin);
    this.pin.setLatLng(where).addTo(this.map);
    if (first || !this.map.getBounds().contains(where)) {
      this.map.setView(where, this.config.tiles ? STREETS : DISTRICTS, { animate: false });
    }
    this.review();
  }

  private typed(): Position | null {
    const [x, y] = [this.lon, this.lat].map(({ value }) => Number(value.trim() || Number.NaN));
    const possible = Math.abs(x as number) <= 180 && Math.abs(y as number) <= 90;
    return possible ? [x as number, y as number] : null;
  }

  private onMap(wgs84: Position): L.LatLng {
    const [lon, lat] = fromWgs84(wgs84, this.config.crs);
    return L.latLng(lat, lon);
  }

  private async look(signal: AbortSignal): Promise<void> {
    const typed = this.typed();
    if (!typed) return;
    // The order of the inputs is known: nobody need guess it.
    const text = `lon=${typed[0]}&lat=${typed[1]}`;
    const answer = await ask<Told>(this.tool, { text, crs: this.crs.value }, signal);
    if (answer.ok) this.show(answer.value);
    else this.tell(answer.message, true);
  }

  private get tool(): string {
    return this.box.dataset.tool ?? "";
  }

  private show(told: Told): void {
    const turned = told.notes.some((note) => note.includes("写反"));
    if (turned) this.take(told);
    this.tell(told.notes.join(""), !told.within);
    this.ghosts.clearLayers();
    const others = told.readings.filter(({ crs, metres }) => crs !== this.crs.value && metres > 0);
    this.readings.hidden = others.length === 0;
    this.readings.replaceChildren(...others.map((reading) => this.line(reading)));
    for (const { lon, lat, crs } of others) {
      L.circleMarker(this.onMap([lon, lat]), { className: "picker-ghost", radius: 6, interactive: false })
        .bindTooltip(SHORT[crs], { permanent: true, direction: "left", offset: [-6, 0] })
        .addTo(this.ghosts);
    }
  }

  private line({ crs, title, metres }: Reading): HTMLElement {
    const far = metres < 1000 ? `${metres} 米` : `${(metres / 1000).toFixed(1)} 千米`;
    const change = button("改用", () => type(this.crs, crs), "button quiet small");
    change.setAttribute("aria-label", `改用${title}`);
    return element("li", "", element("span", "", `若是${title}，则在 ${far}外`), change);
  }

  /** Take over a position that was told: the inputs say it, in its own system. */
  private take({ crs, typed }: Pick<Told, "crs" | "typed">): void {
    this.writing = true;
    type(this.crs, crs);
    type(this.lon, String(typed[0]));
    type(this.lat, String(typed[1]));
    this.writing = false;
    this.pin.setLatLng(this.onMap(toWgs84(typed, crs))).addTo(this.map);
    this.map.setView(this.pin.getLatLng(), this.config.tiles ? STREETS : DISTRICTS, { animate: false });
  }

  private tell(text: string, bad = false): void {
    this.told.textContent = text;
    this.told.classList.toggle("bad", bad);
  }

  private startFinding(): void {
    one(this.box, "[data-picker-find]").hidden = false;
    const text = one<HTMLInputElement>(this.box, "#f-position-text");
    const read = (): void => void this.read(text.value);
    one(this.box, "[data-picker-read]").addEventListener("click", read);
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      read();
    });
    const geocode = this.box.querySelector<HTMLElement>("[data-picker-geocode]");
    geocode?.addEventListener("click", () => void this.geocode(geocode.dataset.pickerGeocode ?? ""));
  }

  private async read(text: string): Promise<void> {
    const answer = await ask<Told>(this.tool, { text, crs: this.crs.value });
    if (!answer.ok) {
      this.tell(answer.message, true);
      return;
    }
    this.take(answer.value);
    this.show(answer.value);
  }

  private async geocode(url: string): Promise<void> {
    const address = document.querySelector<HTMLInputElement>("#f-address")?.value ?? "";
    this.tell("正在查…");
    const answer = await ask<Address>(url, { address });
    if (!answer.ok) {
      this.tell(answer.message, true);
      return;
    }
    const { lon, lat, precise, told, within } = answer.value;
    this.take({ crs: "wgs84", typed: [lon, lat] });
    const sure = precise ? "请核对图钉是否在门口。" : "只查到大概位置，请把图钉拖到门口。";
    this.tell(`查到：${told}。${within ? sure : "它不在本市范围内，请检查地址。"}`, !within);
    this.ghosts.clearLayers();
    this.readings.hidden = true;
  }
}
