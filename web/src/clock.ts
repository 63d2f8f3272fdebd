// Now, by the server's clock: a phone's own may be minutes off, and a bus doesn't wait.

const WORTH_MS = 20_000;

let ahead = 0;

export const now = (): number => Date.now() + ahead;

/** Compare the clocks once; without an answer the phone's own must do. */
export async function setClock(): Promise<void> {
  const sent = Date.now();
  const response = await fetch("/healthz", { cache: "no-store", method: "HEAD" }).catch(() => undefined);
  const told = Date.parse(response?.headers.get("Date") ?? "");
  if (Number.isNaN(told)) return;
  // The header has whole seconds, and was written about half-way.
  const offset = told + 500 - (sent + Date.now()) / 2;
  ahead = Math.abs(offset) > WORTH_MS ? offset : 0;
}
