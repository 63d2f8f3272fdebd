// The districts as areas with their names: the map that needs no provider.

import type { Feature, FeatureCollection, Polygon } from "geojson";
import L from "leaflet";
import type { Crs, Position } from "./config";
import { element } from "./dom";

interface District {
  name: string;
  label: Position;
  /** Neighbours have different ones, 0–3. */
  tone: number;
}

const PANE = "outlines";
/** Of their own: in one pane Leaflet puts drawings over whatever stands in their upper part. */
const NAMES_PANE = "names";

/** Draw them; undefined when they can't be had, and the markers stand on plain ground. */
export async function drawOutlines(map: L.Map, crs: Crs): Promise<L.LayerGroup | undefined> {
  const response = await fetch(OUTLINES[crs]).catch(() => undefined);
  if (!response?.ok) return undefined;
  const districts = (await response.json()) as FeatureCollection<Polygon, District>;
  for (const pane of [PANE, NAMES_PANE])
    if (!map.getPane(pane)) map.createPane(pane).classList.add(`${pane}-pane`);
  const areas = L.geoJSON(districts, {
    interactive: false,
    pane: PANE,
    style: (feature) => ({ className: `district tone-${(feature as Feature<Polygon, District>).properties.tone}` }),
  });
  const names = districts.features.map(({ properties: { name, label } }) =>
    L.marker([label[1], label[0]], {
      icon: L.divIcon({ className: "district-name", html: element("span", "", name), iconSize: [0, 0] }),
      interactive: false,
      keyboard: false,
      pane: NAMES_PANE,
    }),
  );
  return L.layerGroup([areas, ...names]).addTo(map);
}
