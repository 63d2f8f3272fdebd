// A page out of the phone's memory says how old it is. The worker that gave it has written so in
// its head: see sw.ts. What it says of a day that is over is taken out: 今天 was then.

import { day } from "./days";

const MINUTE_MS = 60_000;

export function tellAge(): void {
  const kept = document.querySelector<HTMLMetaElement>("meta[name=tongyou-kept]")?.content;
  const since = kept ? Date.parse(kept) : Number.NaN;
  if (Number.isNaN(since)) return;
  const note = document.createElement("p");
  note.className = "offline-note notice";
  note.setAttribute("role", "status");
  let isOver = false;
  const tell = (): void => {
    if (!isOver && day(since) !== day(Date.now())) {
      isOver = true;
      if (!isAboutMoment()) takeOutTimes();
    }
    const times = isOver ? `开放时间和班次是 ${day(since)}的，` : "";
    note.textContent = `离线：数据存于${ago(Date.now() - since)}，${times}可能已有变化。`;
  };
  tell();
  setInterval(tell, MINUTE_MS);
  (document.querySelector("main .panel") ?? document.querySelector("main"))?.prepend(note);
  addEventListener("online", () => location.reload(), { once: true });
}

/** What holds on the day of the page alone: open or not, runs or not, what comes next. */
const OF_THE_DAY = [
  ".open-now",
  ".open-now + .small",
  ".both-days",
  ".coming-list",
  "#h-next",
  "#h-next ~ .unknown",
  ".stop-card > .unknown",
  ".run-states",
].join(",");
/** Where days stand beside their dates, by which they are still known. */
const NAMED_DAYS = ".week th, .day > span:first-child, #h-day";
const THEN: Record<string, string> = { 今天: "当天", 明天: "次日" };

/** The page says itself which moment it is about. */
function isAboutMoment(): boolean {
  return new URL(location.href).searchParams.has("at");
}

function takeOutTimes(): void {
  for (const one of document.querySelectorAll(OF_THE_DAY)) one.remove();
  for (const facts of document.querySelectorAll(".facts")) openState(facts)?.remove();
  for (const one of document.querySelectorAll(NAMED_DAYS))
    for (const text of one.childNodes)
      if (text.nodeType === Node.TEXT_NODE)
        text.nodeValue = (text.nodeValue ?? "").replace(/今天|明天/g, (word) => THEN[word] ?? word);
  for (const row of document.querySelectorAll(".week .today")) row.classList.remove("today");
}

/** The first of the facts, unless the last says that it isn't known. */
function openState(facts: Element): Element | null {
  const unknown = facts.querySelector(".unknown")?.textContent ?? "";
  return unknown.includes("开放时间") ? null : facts.firstElementChild;
}

/** 不到 1 分钟前, 5 分钟前, 3 小时前, 2 天前. */
export function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / MINUTE_MS);
  if (minutes < 1) return "不到 1 分钟前";
  if (minutes < 60) return ` ${minutes} 分钟前`;
  if (minutes < 24 * 60) return ` ${Math.floor(minutes / 60)} 小时前`;
  return ` ${Math.floor(minutes / (24 * 60))} 天前`;
}
