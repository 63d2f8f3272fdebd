// Keeps what is typed into a listing's form: on the server after a moment of quiet, on this device
// while the network is away. Marked by <form data-autosave="address">. Without a script nothing is
// lost either, since whatever can't be saved comes back with the page; this guards what was never
// sent.

import { DeviceCopy } from "./device-copy";
import { button, element } from "./dom";

const QUIET = 2000;
const RETRY = 15_000;

interface Kept {
  fields: Record<string, string>;
  at: string;
}

/** What stands in the form's inputs; passwords and files there are none. */
function typed(form: HTMLFormElement): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "csrf_token" && name !== "act") found[name] = value;
  }
  return found;
}

/** Put kept text back into the inputs, and say so to whatever else looks at them. */
function restore(form: HTMLFormElement, fields: Record<string, string>): void {
  for (const input of form.elements) {
    if (input instanceof HTMLInputElement && (input.type === "checkbox" || input.type === "radio")) {
      input.checked = fields[input.name] === input.value;
    } else if (
      (input instanceof HTMLInputElement && input.type !== "hidden") ||
      input instanceof HTMLTextAreaElement ||
      input instanceof HTMLSelectElement
    ) {
      if (input.name in fields) input.value = fields[input.name] ?? "";
    } else {
      continue;
    }
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function clock(): string {
  return new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
}

class Autosave {
  private readonly status: HTMLElement;
  private readonly device: DeviceCopy<Kept>;
  private last: string;
  private timer = 0;
  private sending = false;
  private over = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly address: string,
  ) {
    this.status = form.querySelector("[data-autosave-status]") ?? element("p", "");
    const { account = "", autosaveKey = "" } = form.dataset;
    this.device = new DeviceCopy(`tongyou:form:${account}:${autosaveKey}`);
    this.last = JSON.stringify(typed(form));
  }

  start(): void {
    this.offer();
    for (const kind of ["input", "change"]) this.form.addEventListener(kind, () => this.later());
    this.form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) this.leave();
    });
    window.addEventListener("online", () => void this.send());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.send(true);
    });
    window.addEventListener("pageshow", () => (this.over = false));
  }

  private later(delay = QUIET): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), delay);
  }

  /** The form itself is being sent: what is in it is the server's from here. */
  private leave(): void {
    this.over = true;
    window.clearTimeout(this.timer);
    this.device.write({ fields: typed(this.form), at: clock() });
  }

  private async send(leaving = false): Promise<void> {
    const fields = typed(this.form);
    const text = JSON.stringify(fields);
    if (this.over || text === this.last) return;
    if (this.sending && !leaving) return this.later();
    this.sending = true;
    const problem = await this.post(fields, leaving);
    this.sending = false;
    if (problem === null) {
      this.last = text;
      this.device.drop();
      this.say(`已自动保存 ${clock()}`);
      if (JSON.stringify(typed(this.form)) !== text) this.later();
      return;
    }
    const held = this.device.write({ fields, at: clock() });
    this.say(held ? `${problem}，内容留在这台设备上` : `${problem}，请不要关闭这一页`, true);
    this.later(RETRY);
  }

  /** null when the server has it, else why not. */
  private async post(fields: Record<string, string>, keepalive: boolean): Promise<string | null> {
    const body = JSON.stringify({
      fields,
      key: fields.key,
      type: fields.type,
      if_match: fields.if_match,
    });
    const token = this.form.querySelector<HTMLInputElement>("input[name=csrf_token]")?.value ?? "";
    try {
      const response = await fetch(this.address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body,
        // A browser lets little text outlive its page; the device has what is longer.
        keepalive: keepalive && body.length < 20_000,
      });
      if (response.ok) return null;
      if (response.status === 401) return "您已退出登录";
      if (response.status === 400) return "页面停留太久";
      if (response.status === 403) return "这个条目现在不能编辑";
      return response.status === 413 ? "内容太长" : "暂时没能自动保存";
    } catch {
      return "网络断了";
    }
  }

  /** What this device has kept and the server never got. */
  private offer(): void {
    const kept = this.device.read();
    if (!kept) return;
    // The page that came back after sending the form shows it all; a saved form leaves nothing.
    if (JSON.stringify(kept.fields) === this.last || this.form.dataset.autosaveFresh !== undefined) {
      this.device.drop();
      return;
    }
    const banner = element("div", "notice", element("p", "", `这台设备上有您 ${kept.at} 没能上传的内容。`));
    banner.setAttribute("role", "status");
    const decide = (act: () => void) => () => {
      act();
      this.device.drop();
      banner.remove();
      this.later(0);
    };
    banner.append(
      element(
        "p",
        "buttons",
        button("继续编辑", decide(() => restore(this.form, kept.fields)), "button"),
        button("放弃", decide(() => undefined), "button quiet"),
      ),
    );
    this.form.before(banner);
  }

  private say(text: string, bad = false): void {
    this.status.textContent = text;
    this.status.classList.toggle("error", bad);
  }
}

/** A page that says ?saved=… is the answer to a form that has arrived: nothing is left to guard. */
function forgetSaved(): void {
  const here = new URL(location.href);
  const form = here.searchParams.get("saved");
  const account = document.querySelector<HTMLElement>("[data-account]")?.dataset.account;
  if (!form || !account) return;
  new DeviceCopy(`tongyou:form:${account}:${form}`).drop();
  here.searchParams.delete("saved");
  history.replaceState(history.state, "", here);
}

export function startAutosave(): void {
  forgetSaved();
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosave]")) {
    new Autosave(form, form.dataset.autosave ?? "").start();
  }
}
