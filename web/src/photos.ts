// Photos in a form: uploaded with their progress told, moved up and down, taken away and back.

import { type Answer, told, token } from "./asking";
import { button, element } from "./dom";

interface Uploaded {
  id: string;
  width: number;
  height: number;
  url: string;
  shown: { width: number; height: number };
}

export function startPhotos(box: HTMLElement): void {
  const list = box.querySelector<HTMLElement>("[data-photo-list]");
  const add = box.querySelector<HTMLElement>("[data-photo-add]");
  const model = box.querySelector<HTMLTemplateElement>("[data-photo-template]");
  if (list && add && model) new Album(box, list, add, model);
}

class Album {
  private readonly consent: HTMLInputElement;
  private readonly file: HTMLInputElement;
  private readonly told: HTMLElement;
  private next: number;

  constructor(
    private readonly box: HTMLElement,
    private readonly list: HTMLElement,
    add: HTMLElement,
    private readonly model: HTMLTemplateElement,
  ) {
    this.consent = add.querySelector("[data-photo-consent]") as HTMLInputElement;
    this.file = add.querySelector("input[type=file]") as HTMLInputElement;
    this.told = box.querySelector("[data-photo-told]") as HTMLElement;
    add.hidden = false;
    this.next = 1 + Math.max(-1, ...this.rows().map((row) => Number(numberOf(row))));
    for (const row of this.rows()) this.equip(row);
    this.file.addEventListener("change", () => void this.upload([...(this.file.files ?? [])]));
    this.number();
  }

  private rows(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[data-photo]")];
  }

  private get room(): number {
    const staying = this.rows().filter((row) => !removal(row)?.checked);
    return Number(this.box.dataset.most ?? 8) - staying.length;
  }

  private async upload(files: File[]): Promise<void> {
    if (!this.consent.checked) {
      this.say("请先勾选上面的确认，再选择照片。", true);
      this.file.value = "";
      return;
    }
    for (const [n, file] of files.entries()) {
      if (this.room <= 0) {
        this.say(`最多 ${this.box.dataset.most} 张照片，其余的没有上传。`, true);
        break;
      }
      const answer = await this.send(file, files.length > 1 ? `（${n + 1}/${files.length}）` : "");
      if (!answer.ok) {
        this.say(`${file.name}：${answer.message}`, true);
        break;
      }
      this.append(answer.value);
    }
    this.file.value = "";
  }

  private send(file: File, which: string): Promise<Answer<Uploaded>> {
    const bar = element("progress", "");
    bar.max = 1;
    this.say(`正在上传${which}…`);
    this.told.append(bar);
    const form = new FormData();
    form.set("photo", file);
    form.set("consent", "yes");
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.box.dataset.upload ?? "");
      request.setRequestHeader("X-CSRFToken", token());
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.value = total ? loaded / total : 0;
        if (loaded === total) this.told.firstChild?.replaceWith(`正在处理${which}…`);
      });
      request.addEventListener("loadend", () => resolve(told(request.status, request.responseText)));
      request.send(form);
    });
  }

  private append({ id, width, height, url, shown }: Uploaded): void {
    if (this.rows().some((row) => part(row, "id")?.value === id)) {
      this.say("这张照片已经在里面了。", true);
      return;
    }
    const row = this.model.content.firstElementChild?.cloneNode(true) as HTMLElement;
    for (const each of row.querySelectorAll<HTMLElement>("[name], [id], [for]")) {
      for (const name of ["name", "id", "for"]) {
        const value = each.getAttribute(name);
        if (value) each.setAttribute(name, value.replace("photos.0.", `photos.${this.next}.`));
      }
    }
    this.next += 1;
    const values = { id, width: String(width), height: String(height) };
    for (const [name, value] of Object.entries(values)) (part(row, name) as HTMLInputElement).value = value;
    const picture = row.querySelector("img") as HTMLImageElement;
    Object.assign(picture, { src: url, width: shown.width, height: shown.height });
    this.list.append(row);
    this.equip(row);
    this.number();
    this.say("照片已上传，请写一句照片里有什么；保存后才算数。");
    part(row, "alt")?.focus();
    this.changed(row);
  }

  /** Buttons instead of a number and a tick. */
  private equip(row: HTMLElement): void {
    const acts = row.querySelector<HTMLElement>(".photo-acts");
    if (!acts) return;
    for (const each of acts.children) (each as HTMLElement).hidden = true;
    const up = button("前移", () => this.move(row, -1), "button quiet small");
    const down = button("后移", () => this.move(row, 1), "button quiet small");
    const away = button("", () => this.toggle(row, away), "button quiet small");
    acts.append(up, down, away);
    this.mark(row, away);
  }

  private move(row: HTMLElement, by: 1 | -1): void {
    const rows = this.rows();
    const other = rows[rows.indexOf(row) + by];
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    this.number();
    this.changed(row);
  }

  private toggle(row: HTMLElement, away: HTMLElement): void {
    const tick = removal(row);
    if (!tick) return;
    tick.checked = !tick.checked;
    this.mark(row, away);
    this.changed(row);
  }

  private mark(row: HTMLElement, away: HTMLElement): void {
    const gone = removal(row)?.checked ?? false;
    row.classList.toggle("is-gone", gone);
    away.textContent = gone ? "放回去" : "去掉";
  }

  private number(): void {
    this.rows().forEach((row, n) => {
      const place = part(row, "place");
      if (place) place.value = String(n + 1);
    });
  }

  private changed(row: HTMLElement): void {
    part(row, "place")?.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private say(text: string, bad = false): void {
    this.told.replaceChildren(text);
    this.told.classList.toggle("bad", bad);
  }
}

function part(row: HTMLElement, name: string): HTMLInputElement | null {
  return row.querySelector(`[name$=".${name}"]`);
}

const removal = (row: HTMLElement): HTMLInputElement | null => part(row, "remove");

const numberOf = (row: HTMLElement): string => part(row, "id")?.name.split(".")[1] ?? "0";
