// The form of a school line: checked as it is typed, with a map of its stops and a grid of times.

import { type MapConfig } from "./config";
import { mapStyle } from "./style";
import { startTimesGrids } from "./times-grid";

const PAUSE_MS = 900;

export function startLineEditor(form: HTMLFormElement): void {
  startTimesGrids();
  checkWhileTyping(form);
  const holder = form.querySelector<HTMLElement>("[data-line-map]");
  if (!holder) return;
  void mapStyle().then(async () => {
    const { showStops } = await import("./linemap-editor");
    holder.hidden = false;
    showStops(holder, form, JSON.parse(holder.dataset.lineMap ?? "") as MapConfig);
  });
}

/** What the server would say, after each pause: mistakes and the next days. Nothing is saved. */
function checkWhileTyping(form: HTMLFormElement): void {
  let timer = 0;
  let asked = 0;
  const check = async (): Promise<void> => {
    asked += 1;
    const turn = asked;
    const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    body.set("do", "check");
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of form.querySelectorAll<HTMLElement>("[data-checked]")) {
      const fresh = page.querySelector(`[data-checked="${part.dataset.checked}"]`);
      part.replaceChildren(...(fresh?.childNodes ?? []));
    }
    markMistakes(form, page);
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void check(), PAUSE_MS);
  });
}

/** A field of the page that came back is the same as here while its row and column are. */
function markMistakes(form: HTMLFormElement, page: Document): void {
  const typed = (name: string): string | undefined => (form.elements.namedItem(name) as HTMLInputElement | null)?.value;
  const there = (name: string): string | undefined => page.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value;
  const same = (name: string): boolean => owners(name).every((owner) => typed(owner) === there(owner));
  for (const input of form.querySelectorAll<HTMLElement>("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const wrong of page.querySelectorAll<HTMLInputElement>("[aria-invalid]")) {
    const mine = form.elements.namedItem(wrong.name);
    if (!(mine instanceof HTMLElement) || !same(wrong.name)) continue;
    mine.setAttribute("aria-invalid", "true");
    if (wrong.title) mine.title = wrong.title;
  }
}

/** The fields by which the row and the column of a field are known. */
function owners(name: string): string[] {
  const [kind, one, two, three] = name.split(".");
  if (kind === "t") return [`row.${one}.${two}.stop`, `trip.${one}.${three}.id`];
  if (kind === "trip") return [`trip.${one}.${two}.id`];
  return kind === "stop" || kind === "service" ? [`${kind}.${one}.id`] : [];
}
