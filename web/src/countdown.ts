// 还有 6 分钟: how long until a departure, in words, never longer than it is.

import { now, setClock } from "./clock";

const EVERY_MS = 15_000;
const MINUTE_MS = 60_000;
const FAR_MINUTES = 12 * 60;

export async function startCountdowns(): Promise<void> {
  const times = [...document.querySelectorAll<HTMLTimeElement>("time[data-countdown]")];
  // On a page about another moment, what is left until then is nobody's question.
  if (!times.length || new URL(location.href).searchParams.has("at")) return;
  await setClock();
  const tell = (): void => times.forEach(tellOne);
  tell();
  setInterval(tell, EVERY_MS);
  // A phone that was asleep has missed its turns.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) tell();
  });
}

function tellOne(time: HTMLTimeElement): void {
  const words = left(Date.parse(time.dateTime) - now());
  let told = time.nextElementSibling;
  if (!told?.classList.contains("countdown")) {
    told = document.createElement("span");
    told.className = "countdown";
    time.after(" ", told);
  }
  if (told.textContent !== words) told.textContent = words;
  time.parentElement?.classList.toggle("is-past", words === "已过");
}

/** 还有 6 分钟, 即将到站, 已过; empty when it is too far off to wait for. */
export function left(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return "";
  if (milliseconds < 0) return "已过";
  const minutes = Math.floor(milliseconds / MINUTE_MS);
  if (minutes < 1) return "即将到站";
  if (minutes < 60) return `还有 ${minutes} 分钟`;
  if (minutes > FAR_MINUTES) return "";
  const rest = minutes % 60;
  return `还有 ${Math.floor(minutes / 60)} 小时${rest ? ` ${rest} 分钟` : ""}`;
}
