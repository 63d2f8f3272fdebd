// Filters without leaving the page: the same address is fetched as the browser would, and what the
// server made of it takes the old list's place. Whatever goes wrong, the browser goes there itself.

import { go, onGoing } from "./going";

const FINDER = "finder";

let running: AbortController | undefined;
let shown = location.pathname + location.search;

export function startFinder(changed: () => void): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-filter]") : null;
    if (!link || event.defaultPrevented || !isPlain(event)) return;
    event.preventDefault();
    go(new URL(link.href));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.id !== "search") return;
    event.preventDefault();
    go(addressOf(form));
  });
  addEventListener("popstate", () => {
    // A link within the page is a step in the history as well, but to the same list.
    if (location.pathname + location.search !== shown) void show(new URL(location.href), changed);
  });
  onGoing((url) => {
    if (url.pathname !== location.pathname) return false;
    void show(url, changed, () => history.pushState(null, "", url));
    return true;
  });
}

function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
}

function addressOf(form: HTMLFormElement): URL {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value.trim()) url.searchParams.append(name, value.trim());
  }
  return url;
}

async function show(url: URL, changed: () => void, arrived?: () => void): Promise<void> {
  running?.abort();
  const mine = (running = new AbortController());
  const old = document.getElementById(FINDER);
  old?.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" }, signal: mine.signal });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(FINDER);
    if (!old || !fresh || mine.signal.aborted) throw new Error("no list");
    const refocus = rememberFocus(old);
    old.replaceWith(fresh);
    document.title = page.title;
    shown = url.pathname + url.search;
    arrived?.();
    refocus(fresh);
    announce(fresh);
    document.dispatchEvent(new Event("tongyou:list"));
    changed();
  } catch {
    // A later journey has taken this one's place.
    if (mine.signal.aborted) return;
    location.assign(url);
  }
}

/** Find again, in the new list, what had the focus in the old one. */
function rememberFocus(old: HTMLElement): (fresh: HTMLElement) => void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !old.contains(focused)) return () => undefined;
  // What was chosen in a menu lies in a closed menu now: its button stands for it.
  const place = focused.closest("details.menu") ? "details.menu > summary" : "a[data-filter], button";
  const menu = focused.closest("details.menu");
  const among = [...old.querySelectorAll<HTMLElement>(place)];
  const index = menu ? among.indexOf(menu.querySelector("summary") as HTMLElement) : among.indexOf(focused);
  const words = focused.textContent;
  return (fresh) => {
    const now = [...fresh.querySelectorAll<HTMLElement>(place)];
    const same = menu ? now[index] : now.find((one) => one.textContent === words);
    (same ?? heading(fresh))?.focus({ preventScroll: true });
  };
}

function heading(finder: HTMLElement): HTMLElement | null {
  const title = finder.querySelector<HTMLElement>("#results-title");
  title?.setAttribute("tabindex", "-1");
  return title;
}

function announce(finder: HTMLElement): void {
  const live = document.getElementById("live");
  if (live) live.textContent = finder.querySelector("#results-title")?.textContent ?? "";
}
