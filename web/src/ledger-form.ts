// Keeps what is typed into a report: on the server after a moment of quiet, as the report's own
// draft; in the browser, by account and report, while the server can't be reached or asks for a
// choice. What waits is marked and counted. Marked by <form data-report="address">.

import { token } from "./asking";
import { element } from "./dom";
import { choices, label, picks } from "./ledger-choices";
import { type Clash, differing, type Fields, isPick, merge, Shelf } from "./ledger-kept";

interface Saved {
  edit: number;
  saved_at: string;
  asks: Fields;
}

interface Overtaken {
  edit: number;
  fields: Fields;
  who: string;
}

const QUIET = 1200;
const RETRY = 10_000;
const OWN = /^(csrf_token|act|edit|base|clash|pick\..*)$/;

export function startLedgerForm(form: HTMLFormElement): void {
  new LedgerForm(form).start();
}

class LedgerForm {
  private readonly address: string;
  private readonly status: HTMLElement;
  private readonly shelf: Shelf;
  private base: Fields;
  private edit: number;
  private timer = 0;
  private sending = false;
  /** The form itself is on its way, or a choice is asked for: nothing is sent beside it. */
  private still = false;
  /** Somebody has typed here: names that the form proposes are nobody's text before that. */
  private touched = false;
  /** This page has put something on the shelf: what another tab keeps there is not its to drop. */
  private shelved = false;
  /** Fields that two have changed, each to something else, until one text is chosen. */
  private undecided: string[] = [];

  constructor(private readonly form: HTMLFormElement) {
    const { report = "", account = "", key = "", edit = "0" } = form.dataset;
    this.address = report;
    this.status = form.querySelector("[data-autosave-status]") ?? element("p", "");
    this.shelf = new Shelf(account, key);
    this.edit = Number(edit);
    this.base = JSON.parse(this.hidden("base")?.value || "{}") as Fields;
  }

  start(): void {
    // The server's page asks for choices too: they come back with the form, and not before.
    this.undecided = [...this.form.querySelectorAll<HTMLInputElement>("input[name=clash]")].map((one) => one.value);
    this.still = this.undecided.length > 0;
    this.takeUp();
    for (const kind of ["input", "change"]) {
      this.form.addEventListener(kind, (event) => {
        if (isPick(event.target)) return;
        this.touched = true;
        this.later();
      });
    }
    this.form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      this.still = true;
      window.clearTimeout(this.timer);
      this.takePicks();
      this.keep(); // should the form not arrive, the text is still here
    });
    window.addEventListener("online", () => this.later(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.later(0);
      else this.keep();
    });
    window.addEventListener("pagehide", () => this.keep());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.still = this.undecided.length > 0;
    });
  }

  private hidden(name: string): HTMLInputElement | null {
    return this.form.querySelector<HTMLInputElement>(`input[type=hidden][name="${name}"]`);
  }

  private typed(): Fields {
    const found: Fields = {};
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && value && !OWN.test(name)) found[name] = value.replaceAll("\r\n", "\n");
    }
    return found;
  }

  private waiting(): string[] {
    if (!this.touched) return [];
    return differing(this.typed(), this.base);
  }

  /** Keep what the server doesn't have; nothing, if it has all. */
  private keep(): boolean {
    if (this.waiting().length === 0) {
      if (this.shelved) this.shelf.drop();
      this.shelved = false;
      return true;
    }
    const { base, edit, undecided } = this;
    this.shelved = this.shelf.write({ fields: this.typed(), base, edit, undecided });
    return this.shelved;
  }

  private later(delay = QUIET): void {
    window.clearTimeout(this.timer);
    if (this.still) return;
    this.timer = window.setTimeout(() => void this.send(), delay);
  }

  private async send(): Promise<void> {
    if (this.still || this.sending || this.waiting().length === 0) return;
    this.sending = true;
    const sent = this.typed();
    // Before it is sent: a browser that dies on the way loses nothing.
    this.keep();
    try {
      this.answered(await this.put(sent), sent);
    } catch {
      this.wait("网络断了");
    } finally {
      this.sending = false;
    }
  }

  private async put(fields: Fields): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(this.address, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "If-Match": `"${this.edit}"` },
      body: JSON.stringify({ fields }),
    });
    let body: unknown = null;
    try {
      body = await answer.json();
    } catch {
      // A page for people: the status says enough.
    }
    return { status: answer.status, body };
  }

  private answered({ status, body }: { status: number; body: unknown }, sent: Fields): void {
    if (status === 200) return this.saved(body as Saved, sent);
    if (status === 412) return this.overtaken(body as Overtaken);
    const title = (body as { title?: string } | null)?.title;
    if (status === 401) this.wait("登录已过期，请重新登录，回到本页会接着送", this.entrance());
    else if (status === 400) this.wait("页面停留太久，请刷新本页，会接着送");
    else this.wait(title ?? "暂时没有送到");
  }

  private saved(answer: Saved, sent: Fields): void {
    this.settle(answer.edit, sent);
    this.ask(answer.asks);
    if (this.keep() && this.waiting().length === 0) this.say(`已自动保存 ${answer.saved_at.slice(-5)}`);
    else this.later();
  }

  /** From here on the form goes on from what the server has now. */
  private settle(edit: number, base: Fields): void {
    this.edit = edit;
    this.base = base;
    for (const input of document.querySelectorAll<HTMLInputElement>('input[type=hidden][name="edit"]')) {
      input.value = String(edit);
    }
    const carried = this.hidden("base");
    if (carried) carried.value = JSON.stringify(base);
    this.mark([]);
  }

  private overtaken(theirs: Overtaken): void {
    const joined = merge(this.base, theirs.fields, this.typed(), this.undecided);
    this.settle(theirs.edit, theirs.fields);
    this.fill(joined.fields);
    this.undecided = joined.clashes.map((clash) => clash.name);
    this.keep();
    if (joined.taken.length > 0) {
      this.mark(joined.taken, "theirs");
      this.notice(`${theirs.who}也在填这份报表，刚才改了 ${joined.taken.length} 处，已经放进本页，请看一看。`);
    }
    if (joined.clashes.length > 0) this.choose(joined.clashes, theirs.who);
    else this.later(0);
  }

  /** Both texts of what two have changed: nothing is sent until each is decided. */
  private choose(clashes: Clash[], who: string): void {
    this.still = true;
    this.form.querySelector(".choices")?.remove();
    const box = choices(clashes, who, (name) => label(this.form, name), (name, text) => {
      // Of one's own text that which stands there now: it may have been worked on meanwhile.
      if (text !== null) this.fill({ ...this.typed(), [name]: text });
      this.undecided = this.undecided.filter((one) => one !== name);
      this.keep();
      if (this.undecided.length > 0) return;
      box.remove();
      this.still = false;
      this.later(0);
    });
    this.form.prepend(box);
    box.scrollIntoView({ block: "center" });
    this.wait(`有 ${clashes.length} 处和${who}填的不一样，选定后再送`);
  }

  /** What is picked on the server's page stands in the form from here: it is decided. */
  private takePicks(): void {
    for (const [name, whose] of picks(this.form)) {
      if (whose === "theirs") this.fill({ ...this.typed(), [name]: this.base[name] ?? "" });
      this.undecided = this.undecided.filter((one) => one !== name);
    }
  }

  /** What this browser kept and the server never got is put back into the form and sent. */
  private takeUp(): void {
    const kept = this.shelf.read();
    // The page that comes back with what was sent shows it all.
    this.touched = this.form.dataset.fresh !== undefined;
    if (!kept || this.touched) return this.shelf.drop();
    const joined = merge(kept.base, this.base, kept.fields, kept.undecided ?? []);
    if (differing(joined.fields, this.base).length === 0 && joined.clashes.length === 0) return this.shelf.drop();
    this.touched = this.shelved = true;
    this.undecided = joined.clashes.map((clash) => clash.name);
    this.fill(joined.fields);
    this.notice("上次有内容没有送到服务器，已经从这台电脑上找回，正在接着送。");
    this.mark(this.waiting(), "waiting");
    if (joined.clashes.length > 0) this.choose(joined.clashes, "别人");
    else this.later(0);
  }

  private fill(fields: Fields): void {
    for (const input of this.form.elements) {
      if (input instanceof HTMLInputElement && (input.type === "checkbox" || input.type === "radio")) {
        if (!OWN.test(input.name)) input.checked = fields[input.name] === input.value;
      } else if (
        (input instanceof HTMLInputElement && input.type !== "hidden") ||
        input instanceof HTMLTextAreaElement
      ) {
        const value = fields[input.name] ?? "";
        if (input.value !== value) input.value = value;
      }
    }
  }

  /** Show where the server asks for a reason, and what it asks. */
  private ask(asks: Fields): void {
    for (const box of this.form.querySelectorAll<HTMLElement>("[data-reason]")) {
      const question = asks[box.dataset.reason ?? ""] ?? "";
      const given = box.querySelector("input")?.value ?? "";
      box.hidden = !question && !given;
      const asked = box.querySelector("[data-asks]");
      if (asked) asked.textContent = question;
    }
  }

  private wait(why: string, link?: HTMLAnchorElement): void {
    const names = this.waiting();
    const held = this.keep();
    this.mark(names, "waiting");
    const kept = held ? "，先留在这台电脑上" : "，请不要关闭本页";
    this.say(`有 ${names.length} 处还没有送到服务器${kept}（${why}）`, true, link);
    if (!this.still) this.timer = window.setTimeout(() => void this.send(), RETRY);
  }

  private mark(names: string[], how = "waiting"): void {
    for (const input of this.form.querySelectorAll("[data-waiting], [data-theirs]")) {
      input.removeAttribute("data-waiting");
      input.removeAttribute("data-theirs");
    }
    for (const name of names) {
      for (const input of this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) input.setAttribute(`data-${how}`, "");
    }
  }

  private entrance(): HTMLAnchorElement {
    const link = element("a", "", "重新登录");
    link.href = `/staff/?next=${encodeURIComponent(location.pathname)}`;
    return link;
  }

  private notice(text: string): void {
    const said = element("p", "notice", text);
    said.setAttribute("role", "status");
    this.form.before(said);
  }

  private say(text: string, bad = false, link?: HTMLAnchorElement): void {
    this.status.replaceChildren(text, ...(link ? [" ", link] : []));
    this.status.classList.toggle("error", bad);
    this.status.classList.toggle("waiting-fields", bad);
  }
}
