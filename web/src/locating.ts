// 我的位置: asked for on a tap and never otherwise, put into the address and kept nowhere else.

import { go, setStart } from "./going";

const OPTIONS: PositionOptions = { enableHighAccuracy: true, maximumAge: 60_000, timeout: 10_000 };

export function startLocating(): void {
  reveal();
  document.addEventListener("tongyou:list", reveal);
  document.addEventListener("click", (event) => {
    const one = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[data-locate]") : null;
    if (one && one.getAttribute("aria-busy") !== "true") locate(one);
  });
}

function reveal(): void {
  for (const one of document.querySelectorAll<HTMLButtonElement>("button[data-locate]")) one.hidden = false;
}

function locate(pressed: HTMLButtonElement): void {
  const before = pressed.textContent;
  const done = (): void => {
    pressed.removeAttribute("aria-busy");
    pressed.textContent = before;
  };
  const refused = (): void => {
    done();
    const told = document.querySelector<HTMLElement>("[data-locate-refused]");
    if (!told) return;
    told.hidden = false;
    told.tabIndex = -1;
    told.focus();
  };
  if (!("geolocation" in navigator)) return refused();
  pressed.setAttribute("aria-busy", "true");
  pressed.textContent = "正在定位…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      done();
      go(from(pressed.dataset.locate, coords.latitude, coords.longitude));
    },
    refused,
    OPTIONS,
  );
}

function from(path: string | undefined, lat: number, lon: number): URL {
  const url = path ? new URL(path, location.origin) : new URL(location.href);
  url.hash = "";
  setStart(url, lon, lat);
  for (const name of ["page", "bbox", "sort"]) url.searchParams.delete(name);
  return url;
}
