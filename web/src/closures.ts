// One more row of closures: <fieldset data-closures>. Without a script, saving brings one.

import { button } from "./dom";

export function startClosures(box: HTMLElement): void {
  const more = button("再加一段", () => add(box, more), "button quiet small");
  box.append(more);
}

function add(box: HTMLElement, before: HTMLElement): void {
  const rows = box.querySelectorAll<HTMLElement>(".closure");
  const last = rows[rows.length - 1];
  if (!last) return;
  const row = last.cloneNode(true) as HTMLElement;
  for (const each of row.querySelectorAll("*")) {
    for (const { name, value } of [...each.attributes]) {
      each.setAttribute(name, value.replace(/closures\.(\d+)\./, (_, n) => `closures.${Number(n) + 1}.`));
    }
  }
  for (const input of row.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("aria-invalid");
  }
  for (const error of row.querySelectorAll(".error")) error.remove();
  before.before(row);
  row.querySelector("input")?.focus();
}
