// Buttons that copy an address or a position; without scripts the text is there to be selected.

const TOLD_MS = 2000;

/** Also for what is put into the page later. */
export function startCopying(): void {
  for (const one of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) one.hidden = false;
  document.addEventListener("click", (event) => {
    const one = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[data-copy]") : null;
    if (one) void copy(one);
  });
}

async function copy(pressed: HTMLButtonElement): Promise<void> {
  const text = pressed.dataset.copy ?? "";
  const done = await write(text);
  const before = (pressed.dataset.says ??= pressed.textContent ?? "");
  // The button itself is read out again: it has the focus.
  pressed.setAttribute("aria-live", "polite");
  pressed.textContent = done ? "已复制" : "没有复制成，请长按文字";
  setTimeout(() => {
    pressed.textContent = before;
  }, TOLD_MS);
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeTheOldWay(text);
  }
}

/** Plain http, or a web view that has no clipboard of its own. */
function writeTheOldWay(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "hidden";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
