// How the console's modules ask the server: as a form would, with the page's token.

export type Answer<T> = { ok: true; value: T } | { ok: false; message: string };

const AWAY = "没有连上服务器，请检查网络后再试。";
const OUT = "登录已过期或页面停留太久：先保存草稿或复制写下的内容，再重新登录。";

export function token(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrf_token]")?.value ?? "";
}

/** Ask a tool; a refusal is a Chinese sentence. An aborted question is never answered. */
export async function ask<T>(
  url: string,
  fields: Record<string, string>,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      signal,
    });
    return told<T>(answer.status, await answer.text());
  } catch (error) {
    if (signal?.aborted) return new Promise(() => undefined);
    return { ok: false, message: AWAY };
  }
}

/** What an answer's text says; anything but our own JSON is an error page. */
export function told<T>(status: number, text: string): Answer<T> {
  try {
    const value: unknown = JSON.parse(text);
    if (status === 200) return { ok: true, value: value as T };
    const { message } = value as { message?: string };
    if (message) return { ok: false, message };
  } catch {
    // No JSON: an error page.
  }
  return { ok: false, message: status === 400 || status === 401 ? OUT : AWAY };
}

/** Set an input as if somebody had typed, so that whoever listens hears of it. */
export function type(input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, value: string): void {
  if (input.value === value) return;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Run `work` when nothing has happened for a while; what it is told is whether it is still wanted. */
export function settled(work: (signal: AbortSignal) => void, ms: number): () => void {
  let timer = 0;
  let running = new AbortController();
  return () => {
    clearTimeout(timer);
    running.abort();
    running = new AbortController();
    const { signal } = running;
    timer = window.setTimeout(() => work(signal), ms);
  };
}
