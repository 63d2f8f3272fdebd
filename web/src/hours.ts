// The editor of opening hours: presets, a table for the common case, the next days as it is typed.

import { ask, settled, type } from "./asking";
import { button, element } from "./dom";
import { type Line, type Weekly, read, written } from "./weekly";

const QUIET_MS = 400;
const DAY_NAMES = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const PRESETS: [string, string][] = [
  ["每天 9–17 点", "Mo-Su 09:00-17:00"],
  ["周一闭馆", "Tu-Su 09:00-17:00; Mo off"],
  ["工作日", "Mo-Fr 08:30-12:00,13:30-17:00; Sa,Su off; PH off"],
  ["全天开放", "24/7"],
];

interface Day {
  name: string;
  date: string;
  hours: string;
  known: boolean;
  note: string;
  today: boolean;
}

interface Told {
  days: Day[];
  mistake: string;
  column: number | null;
  remarks: string[];
}

export function startHours(box: HTMLElement): void {
  const text = document.getElementById(box.dataset.input ?? "") as HTMLTextAreaElement | null;
  const shown = box.querySelector<HTMLElement>("[data-hours-preview]");
  const grid = box.querySelector<HTMLElement>("[data-hours-grid]");
  if (!text || !shown || !grid) return;
  box.querySelector<HTMLElement>("[data-hours-button]")?.setAttribute("hidden", "");
  startGrid(grid, text);
  const look = settled((signal) => void preview(box.dataset.tool ?? "", text, shown, signal), QUIET_MS);
  text.addEventListener("input", look);
  text.form?.addEventListener("change", ({ target }) => {
    if ((target as HTMLInputElement).name?.startsWith("closures.")) look();
  });
  look();
}

async function preview(url: string, text: HTMLTextAreaElement, shown: HTMLElement, signal: AbortSignal): Promise<void> {
  const fields: Record<string, string> = { opening_hours: text.value };
  for (const input of text.form?.querySelectorAll<HTMLInputElement>("input[name^='closures.']") ?? []) {
    fields[input.name] = input.value;
  }
  const answer = await ask<Told>(url, fields, signal);
  shown.hidden = false;
  if (answer.ok) shown.replaceChildren(...answered(answer.value, text.value));
  else shown.replaceChildren(element("p", "small", answer.message));
}

function answered({ days, mistake, column, remarks }: Told, text: string): HTMLElement[] {
  const told = remarks.map((remark) => element("p", "small", remark));
  if (mistake) return [element("p", "error", mistake), ...(column ? [marked(text, column)] : [])];
  const rows = days.map(({ name, date, hours, known, note, today }) => {
    const head = element("th", "", `${name} `, element("span", "small", date));
    head.scope = "row";
    const said = element("td", "", known ? hours : element("span", "unknown", hours));
    if (note) said.append(" ", element("span", "small", note));
    return element("tr", today ? "today" : "", head, said);
  });
  const caption = element("caption", "", "今后 14 天");
  return [element("table", "week", caption, element("tbody", "", ...rows)), ...told];
}

/** The expression, with what is not understood marked. */
function marked(text: string, column: number): HTMLElement {
  const plain = text.trim();
  return element("code", "hours-mistake", plain.slice(0, column - 1), element("mark", "", plain.slice(column - 1) || " "));
}

function startGrid(holder: HTMLElement, text: HTMLTextAreaElement): void {
  const presets = PRESETS.map(([title, said]) => button(title, () => type(text, said), "button quiet small"));
  const rows = [...DAY_NAMES, "寒暑假", "节假日"].map((name, n) => new Row(name, n > 6, () => write()));
  const beyond = element("p", "small", "现在的写法比表格能表示的细，请直接改下面的文字；在表格里填写会替换它。");
  const copy = button("各天都照周一", () => {
    const monday = rows[0]?.line;
    if (monday) for (const row of rows.slice(1, 7)) row.show(monday);
    write();
  }, "button quiet small");
  const table = element("div", "hours-rows", ...rows.map(({ box }) => box));
  const fold = element("details", "hours-fold", element("summary", "", "用表格填写"), beyond, table, element("p", "buttons", copy));
  holder.hidden = false;
  holder.append(element("p", "buttons", ...presets), fold);
  let own = false;
  const write = (): void => {
    own = true;
    beyond.hidden = true;
    type(text, written(weeklyOf(rows.map(({ line }) => line))));
    own = false;
  };
  const follow = (): void => {
    if (own) return;
    const weekly = read(text.value);
    beyond.hidden = weekly !== null;
    const lines = weekly ? [...weekly.days, weekly.school, weekly.holidays] : [];
    rows.forEach((row, n) => row.show(lines[n] ?? { kind: n > 6 ? "usual" : "off", spans: [] }));
  };
  text.addEventListener("input", follow);
  follow();
}

function weeklyOf(lines: Line[]): Weekly {
  const usual: Line = { kind: "usual", spans: [] };
  return { days: lines.slice(0, 7), school: lines[7] ?? usual, holidays: lines[8] ?? usual };
}

/** One line of the table: open or not, and up to two spans. */
class Row {
  readonly box: HTMLElement;
  private readonly kind: HTMLSelectElement;
  private readonly times: HTMLInputElement[];
  private readonly spans: HTMLElement;
  private readonly second: HTMLElement;
  private readonly more: HTMLElement;

  constructor(name: string, special: boolean, changed: () => void) {
    this.kind = element("select", "");
    for (const [code, title] of [...(special ? [["usual", "与平时一样"]] : []), ["open", "开放"], ["off", "不开放"]]) {
      this.kind.add(new Option(title, code));
    }
    this.kind.setAttribute("aria-label", name);
    this.times = ["开始", "结束", "第二段开始", "第二段结束"].map((part) => {
      const input = element("input", "");
      input.type = "time";
      input.setAttribute("aria-label", `${name}${part}`);
      return input;
    });
    const [a, b, c, d] = this.times as [HTMLInputElement, HTMLInputElement, HTMLInputElement, HTMLInputElement];
    this.second = element("span", "", c, "–", d);
    this.more = button("加一段", () => {
      this.unfold(true);
      c.focus();
    }, "button quiet small");
    this.more.setAttribute("aria-label", `${name}加一段`);
    this.spans = element("span", "hours-spans", element("span", "", a, "–", b), this.second, this.more);
    this.box = element("div", "hours-row", element("strong", "", name), this.kind, this.spans);
    this.kind.addEventListener("change", () => {
      if (this.kind.value === "open" && !a.value) [a.value, b.value] = ["09:00", "17:00"];
      this.spans.hidden = this.kind.value !== "open";
      changed();
    });
    for (const input of this.times) input.addEventListener("change", changed);
  }

  get line(): Line {
    const [a, b, c, d] = this.times.map(({ value }) => value) as [string, string, string, string];
    const both: [string, string][] = [[a, b], [c, d]];
    return { kind: this.kind.value as Line["kind"], spans: both.filter(([begin, end]) => begin && end) };
  }

  private unfold(both: boolean): void {
    this.second.hidden = !both;
    this.more.hidden = both;
  }

  show({ kind, spans }: Line): void {
    this.kind.value = kind;
    this.unfold(spans.length > 1);
    this.spans.hidden = kind !== "open";
    const values = [...spans.flat(), "", "", "", ""];
    this.times.forEach((input, n) => {
      // An input of the browser's knows no 24:00.
      input.value = values[n] === "24:00" ? "00:00" : (values[n] ?? "");
    });
  }
}
