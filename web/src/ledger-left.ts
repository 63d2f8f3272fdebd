// A report that was handed in while this browser still had text of it: shown, until it is let go.
// Marked by <div data-report-left>.

import { button, element } from "./dom";
import { differing, type Fields, Shelf } from "./ledger-kept";

export function startLedgerLeft(box: HTMLElement): void {
  const { account = "", key = "", base = "{}" } = box.dataset;
  const shelf = new Shelf(account, key);
  const kept = shelf.read();
  if (!kept) return;
  // What was handed in has arrived; what the report doesn't say has not.
  const missing = differing(kept.fields, JSON.parse(base) as Fields);
  if (missing.length === 0) return shelf.drop();
  const list = element("ul", "reasons");
  for (const name of missing) {
    list.append(element("li", "", `${name.split(":")[0]}：${kept.fields[name] ?? "（空）"}`));
  }
  const drop = button("知道了，不再保留", () => {
    shelf.drop();
    box.hidden = true;
  }, "button quiet small");
  const told = element("p", "", "这台电脑上还有您没送到服务器的内容；报表已经不能改了，需要时请抄下来：");
  box.append(element("div", "notice bad", told, list, drop));
}
