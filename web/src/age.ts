// A page out of the phone's memory says how old it is. The worker that gave it has written so in
// its head: see sw.ts.

const MINUTE_MS = 60_000;

export function tellAge(): void {
  const kept = document.querySelector<HTMLMetaElement>("meta[name=tongyou-kept]")?.content;
  const since = kept ? Date.parse(kept) : Number.NaN;
  if (Number.isNaN(since)) return;
  const note = document.createElement("p");
  note.className = "offline-note notice";
  note.setAttribute("role", "status");
  const tell = (): void => {
    note.textContent = `离线：数据存于${ago(Date.now() - since)}，可能已有变化。`;
  };
  tell();
  setInterval(tell, MINUTE_MS);
  (document.querySelector("main .panel") ?? document.querySelector("main"))?.prepend(note);
  addEventListener("online", () => location.reload(), { once: true });
}

/** 不到 1 分钟前, 5 分钟前, 3 小时前, 2 天前. */
export function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / MINUTE_MS);
  if (minutes < 1) return "不到 1 分钟前";
  if (minutes < 60) return ` ${minutes} 分钟前`;
  if (minutes < 24 * 60) return ` ${Math.floor(minutes / 60)} 小时前`;
  return ` ${Math.floor(minutes / (24 * 60))} 天前`;
}
