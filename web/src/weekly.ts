// The common case of opening hours as a table, and the expression that says the same.

export const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] as const;

/** `usual`: the rule is not mentioned, so the day of the week holds. */
export interface Line {
  kind: "open" | "off" | "usual";
  /** Begin and end, HH:MM; at most two. */
  spans: [string, string][];
}

export interface Weekly {
  days: Line[];
  holidays: Line;
  school: Line;
}

const SPANS = /^\d{2}:\d{2}-\d{2}:\d{2}(,\d{2}:\d{2}-\d{2}:\d{2})?$/;

export const empty = (): Weekly => ({
  days: DAYS.map(() => ({ kind: "off", spans: [] })),
  holidays: { kind: "usual", spans: [] },
  school: { kind: "usual", spans: [] },
});

/** The expression of a table; empty where no day is open. */
export function written({ days, holidays, school }: Weekly): string {
  const open = DAYS.filter((_, n) => days[n]?.kind === "open" && days[n]?.spans.length);
  if (open.length === 0) return "";
  const groups = new Map<string, string[]>();
  days.forEach((day, n) => {
    const said = spans(day);
    groups.set(said, [...(groups.get(said) ?? []), DAYS[n] as string]);
  });
  const rules = [...groups].sort((a, b) => Number(a[0] === "off") - Number(b[0] === "off"));
  const parts = rules.map(([said, names]) => `${ranges(names)} ${said}`);
  // In the school holidays the days that are closed in every week stay so.
  if (school.kind === "off") parts.push("SH off");
  else if (school.kind === "open" && school.spans.length) {
    parts.push(open.length === 7 ? `SH ${spans(school)}` : `SH ${ranges(open)} ${spans(school)}`);
  }
  if (holidays.kind === "off" || (holidays.kind === "open" && holidays.spans.length)) {
    parts.push(`PH ${spans(holidays)}`);
  }
  return parts.join("; ");
}

/** The table that says what an expression says; null where a table can't. */
export function read(expression: string): Weekly | null {
  const weekly = empty();
  if (!expression.trim()) return weekly;
  for (const rule of expression.trim().split(/\s*;\s*/)) {
    const [selector, ...rest] = rule.split(/\s+/);
    const said = rest.pop() ?? "";
    const line = lineOf(said);
    if (!selector || !line) return null;
    if (selector === "PH" && rest.length === 0) weekly.holidays = line;
    else if (selector === "SH" && rest.length <= 1) {
      weekly.school = line;
      // Written with the week's open days, or with none where all are open.
      if (rest[0] && rest[0] !== ranges(openDays(weekly))) return null;
    } else if (rest.length === 0 && !fill(weekly, selector, line)) return null;
    else if (rest.length > 0) return null;
  }
  return weekly;
}

const openDays = ({ days }: Weekly): string[] => DAYS.filter((_, n) => days[n]?.kind === "open");

function fill(weekly: Weekly, selector: string, line: Line): boolean {
  const numbers = selector.split(",").map((part) => {
    const [first, last, ...more] = part.split("-").map((name) => DAYS.indexOf(name as "Mo"));
    if (first === undefined || first < 0 || more.length || (last ?? 0) < 0) return [];
    return DAYS.map((_, n) => n).filter((n) => n >= first && n <= (last ?? first));
  });
  if (numbers.some((some) => some.length === 0)) return false;
  for (const n of numbers.flat()) weekly.days[n] = { kind: line.kind, spans: [...line.spans] };
  return true;
}

function lineOf(said: string): Line | null {
  if (said === "off" || said === "closed") return { kind: "off", spans: [] };
  if (!SPANS.test(said)) return null;
  const both = said.split(",").map((span) => span.split("-") as [string, string]);
  return { kind: "open", spans: both };
}

function spans({ kind, spans: both }: Line): string {
  if (kind !== "open" || both.length === 0) return "off";
  return both.map((span) => span.join("-")).join(",");
}

/** `Tu-Su`, `Mo,We-Fr`. */
function ranges(names: readonly string[]): string {
  const numbers = names.map((name) => DAYS.indexOf(name as "Mo"));
  const runs: number[][] = [];
  for (const n of numbers) {
    const run = runs.at(-1);
    if (run && run.at(-1) === n - 1) run.push(n);
    else runs.push([n]);
  }
  return runs
    .flatMap((run) => (run.length > 2 ? [`${DAYS[run[0] ?? 0]}-${DAYS[run.at(-1) ?? 0]}`] : run.map((n) => DAYS[n])))
    .join(",");
}
