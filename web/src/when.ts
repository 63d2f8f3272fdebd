/** After the page is loaded and painted, in a quiet moment: a map must not hold up the list. */
export function whenQuiet(work: () => void): void {
  const soon = (): void => {
    if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: 1500 });
    else setTimeout(work, 200);
  };
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}

/** Let the page answer a tap between two pieces of long work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
