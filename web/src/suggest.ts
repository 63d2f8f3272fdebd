// The search box completes what is typed: a combobox with a list, as the ARIA practices describe it.

import { element } from "./dom";

interface Suggestion {
  id: number;
  name: string;
  matched: string;
}

const WAIT_MS = 140;
const MOST = 8;
const HOW: Record<string, string> = { alias: "别名", pinyin: "拼音", initials: "首字母", address: "地址" };

/** The box is replaced together with the list, and taken up again. */
export function startSuggesting(id: string): void {
  const find = (): void => {
    const input = document.getElementById(id);
    if (input instanceof HTMLInputElement && !input.hasAttribute("role")) takeUp(input);
  };
  find();
  document.addEventListener("tongyou:list", find);
}

function takeUp(input: HTMLInputElement): void {
  const list = element("ul", "suggestions");
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "搜索提示");
  list.hidden = true;
  const combo = element("span", "combo");
  const isFocused = document.activeElement === input;
  input.replaceWith(combo);
  combo.append(input, list);
  if (isFocused) input.focus();
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);
  let active = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;

  const close = (): void => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (index: number): void => {
    const options = [...list.children];
    active = options.length ? (index + options.length + 1) % (options.length + 1) : -1;
    // One place past the last stands for the box itself.
    if (active === options.length) active = -1;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    const chosen = options[active];
    if (chosen) {
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const open = (option: Element | undefined): void => {
    const place = (option as HTMLElement | undefined)?.dataset.place;
    if (!place) return;
    close();
    location.assign(`/sites/${place}`);
  };
  const ask = async (): Promise<void> => {
    const typed = input.value.trim();
    asking?.abort();
    if (!typed) return close();
    const mine = (asking = new AbortController());
    try {
      const address = `/api/v1/suggest?limit=${MOST}&q=${encodeURIComponent(typed)}`;
      const response = await fetch(address, { signal: mine.signal });
      const { items } = (response.ok ? await response.json() : { items: [] }) as { items: Suggestion[] };
      if (mine.signal.aborted) return;
      list.replaceChildren(...items.map((item, i) => optionOf(item, `${list.id}-${i}`)));
      list.hidden = items.length === 0;
      active = -1;
      input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-expanded", String(items.length > 0));
    } catch {
      // Without suggestions the box still searches.
      if (!mine.signal.aborted) close();
    }
  };

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    // Letters of a word still being composed are nobody's query.
    if (!(event as InputEvent).isComposing) timer = setTimeout(() => void ask(), WAIT_MS);
  });
  input.addEventListener("compositionend", () => void ask());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) void ask();
      else choose(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      open(list.children[active]);
    } else if (event.key === "Enter") close();
    else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  // Before the box loses the focus, and with it the list.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => open((event.target as Element).closest("[role=option]") ?? undefined));
  input.addEventListener("blur", close);
}

function optionOf(item: Suggestion, id: string): HTMLLIElement {
  const how = HOW[item.matched];
  const option = element("li", "", element("span", "", item.name), ...(how ? [element("span", "small", how)] : []));
  option.id = id;
  option.dataset.place = String(item.id);
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  return option;
}
