// A place's marker: theme by shape, colour and character, so that no colour need be seen.

import L from "leaflet";
import { svg } from "./dom";

const SIZE = 34;

/** In a box of 40 by 40, all about as large. */
const SHAPES: Record<string, string> = {
  history: "M20 3 36 14.500V33a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3V14.500Z",
  science: "M20 2.500 35.500 11.200V28.800L20 37.500 4.500 28.800V11.200Z",
  nature: "M20 37C10 37 4 30.500 4 21.500 4 10 13 4 36 4 36 27 31 37 20 37Z",
  arts: "M20 3a17 17 0 1 1 0 34 17 17 0 0 1 0-34Z",
  heroes: "M20 3 35 8V20C35 29 29 34.500 20 37.500 11 34.500 5 29 5 20V8Z",
  sports: "M20 1.500 38.500 20 20 38.500 1.500 20Z",
  labour: "M8 4H32a4 4 0 0 1 4 4V32a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4Z",
  reading: "M7 3H33a2 2 0 0 1 2 2V38L20 31 5 38V5a2 2 0 0 1 2-2Z",
};
const OTHER = SHAPES["arts"] as string;
/** Where the character sits when the shape's middle is not the box's. */
const MIDDLE: Record<string, number> = { history: 23.500, nature: 21, reading: 18 };

export function pinIcon(theme: string, glyph: string, label: string): L.DivIcon {
  const picture = svg("svg", { viewBox: "0 0 40 40", "aria-hidden": "true" });
  picture.append(svg("path", { class: "shape", d: SHAPES[theme] ?? OTHER }));
  const text = svg("text", { class: "glyph", x: 20, y: (MIDDLE[theme] ?? 20) + 5.700 });
  text.textContent = glyph;
  picture.append(text);
  return labelled(label, {
    className: `pin pin-${theme}`,
    html: picture as unknown as HTMLElement,
    iconSize: [SIZE, SIZE],
  });
}

export function clusterIcon(count: number): L.DivIcon {
  const size = count < 10 ? 38 : count < 30 ? 44 : 52;
  const number = document.createElement("span");
  number.textContent = String(count);
  return labelled(`${count} 个地点，放大查看`, {
    className: "cluster",
    html: number,
    iconSize: [size, size],
  });
}

/** An icon whose element says what it is. */
export function labelled(label: string, options: L.DivIconOptions): L.DivIcon {
  const icon = L.divIcon(options);
  const plain = icon.createIcon.bind(icon);
  icon.createIcon = (old) => {
    const made = plain(old);
    // Leaflet makes it a button if it can be pressed.
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", label);
    return made;
  };
  return icon;
}

/** What opens on a tap opens by the keyboard as well, and takes the focus there and back. */
export function withPopup(marker: L.Marker, content: () => HTMLElement, options?: L.PopupOptions): L.Marker {
  marker.bindPopup(content, options);
  // Leaflet itself knows Enter; a button also answers to the space bar.
  marker.on("keydown", (event) => {
    const pressed = (event as unknown as L.LeafletKeyboardEvent).originalEvent;
    if (pressed.key !== " ") return;
    pressed.preventDefault();
    marker.openPopup();
  });
  marker.on("popupopen", ({ popup }: L.PopupEvent) => {
    if (document.activeElement === marker.getElement())
      popup.getElement()?.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
  });
  marker.on("popupclose", ({ popup }: L.PopupEvent) => {
    if (popup.getElement()?.contains(document.activeElement)) marker.getElement()?.focus({ preventScroll: true });
  });
  return marker;
}
