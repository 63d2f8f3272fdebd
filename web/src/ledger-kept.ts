// What the browser keeps of a report's text, and how two texts are joined.

import { DeviceCopy } from "./device-copy";

export type Fields = Record<string, string>;

/** What the browser keeps: what was typed, on which edit, and what stood there then. */
export interface Kept {
  fields: Fields;
  base: Fields;
  edit: number;
  /** What two had changed, and nobody has chosen yet; its base is the other's text already. */
  undecided: string[];
}

export interface Clash {
  name: string;
  mine: string;
  theirs: string;
}

/** Join what two people made of one text; the same rule as the server's. What is undecided stays so. */
export function merge(
  base: Fields,
  theirs: Fields,
  mine: Fields,
  undecided: readonly string[],
): { fields: Fields; taken: string[]; clashes: Clash[] } {
  const fields: Fields = {};
  const taken: string[] = [];
  const clashes: Clash[] = [];
  for (const name of new Set([...Object.keys(base), ...Object.keys(theirs), ...Object.keys(mine)])) {
    const [was = "", other = ""] = [base[name], theirs[name]];
    let own = mine[name] ?? "";
    const open = undecided.includes(name);
    if (!open && own === was && other !== was) {
      own = other;
      taken.push(name);
    } else if (own !== other && (open || other !== was)) clashes.push({ name, mine: own, theirs: other });
    if (own) fields[name] = own;
  }
  return { fields, taken, clashes };
}

/** The fields in which two texts differ. */
export function differing(one: Fields, other: Fields): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => (one[name] ?? "") !== (other[name] ?? ""));
}

/** The browser's own copy of a report. */
export class Shelf extends DeviceCopy<Kept> {
  constructor(account: string, report: string) {
    super(`tongyou:report:${account}:${report}`);
  }
}

const CHOICES: Fields = { done: "已完成", not_done: "未完成", yes: "是", "": "（空）" };

/** A field's text as a button has room for it. */
export function told(text: string): string {
  const said = CHOICES[text] ?? text;
  return said.length > 40 ? `${said.slice(0, 40)}…` : said;
}

/** Whether it chooses between two texts, and is no text itself. */
export function isPick(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.name.startsWith("pick.");
}
