// What the server tells a page's map: see server/basemap.py, which writes it.

export type Crs = "wgs84" | "gcj02" | "bd09";

/** Longitude, latitude. */
export type Position = [number, number];

export interface Tiles {
  url: string;
  labels_url: string | null;
  subdomains: string[];
  min_zoom: number;
  max_zoom: number;
  attribution: string;
}

export interface MapConfig {
  crs: Crs;
  /** Null: the outlines are the map. */
  tiles: Tiles | null;
  approval: string;
  centre: Position;
  /** West, south, east, north. */
  bounds: [number, number, number, number];
}

export function mapElement(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#map[data-map]");
}

export function mapConfig(element: HTMLElement): MapConfig {
  return JSON.parse(element.dataset.map ?? "") as MapConfig;
}

export const reducedMotion = (): boolean =>
  matchMedia("(prefers-reduced-motion: reduce)").matches;
