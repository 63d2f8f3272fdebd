// The grid of times: a block of a spreadsheet pasted into it, arrow keys, and the mark 约 by a key.

const ABOUT = "约";

export function startTimesGrids(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table[data-times]")) {
    table.addEventListener("paste", (event) => pasted(table, event));
    table.addEventListener("keydown", (event) => moved(table, event));
  }
}

function cell(table: HTMLTableElement, row: number, column: number): HTMLInputElement | null {
  return table.querySelector<HTMLInputElement>(`input[name="t.${table.dataset.times}.${row}.${column}"]`);
}

function placeOf(input: EventTarget | null): [number, number] | null {
  const parts = input instanceof HTMLInputElement ? input.name.split(".") : [];
  return parts[0] === "t" ? [Number(parts[2]), Number(parts[3])] : null;
}

/** More than one cell: spread over the grid. What doesn't fit in goes to the server, which makes room. */
function pasted(table: HTMLTableElement, event: ClipboardEvent): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const place = placeOf(event.target);
  if (!place || !/[\t\n]/.test(text.trimEnd())) return;
  event.preventDefault();
  const rows = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
  const [row, column] = place;
  const cells = rows.flatMap((line, i) => line.map((value, j) => ({ input: cell(table, row + i, column + j), value })));
  if (cells.some(({ input }) => !input)) return letServerPaste(table, text, row, column);
  for (const { input, value } of cells) if (input) input.value = value.trim();
  table.dispatchEvent(new Event("input", { bubbles: true }));
}

function letServerPaste(table: HTMLTableElement, text: string, row: number, column: number): void {
  const form = table.closest("form");
  const way = table.dataset.times;
  const set = (part: string, value: string): void => {
    const field = form?.elements.namedItem(`paste.${way}.${part}`) as HTMLInputElement | null;
    if (field) field.value = value;
  };
  set("row", String(row + 1));
  set("trip", String(column + 1));
  set("text", text);
  form?.querySelector<HTMLButtonElement>(`button[value="paste.${way}"]`)?.click();
}

function moved(table: HTMLTableElement, event: KeyboardEvent): void {
  const place = placeOf(event.target);
  if (!place) return;
  const input = event.target as HTMLInputElement;
  if (event.key === "~" || event.key === "～") {
    event.preventDefault();
    input.value = input.value.startsWith(ABOUT) ? input.value.slice(1) : ABOUT + input.value;
    table.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
  if (!step || event.isComposing) return;
  event.preventDefault();
  const next = cell(table, place[0] + step, place[1]);
  next?.focus();
  next?.select();
}
