// A place that was never opened, shown without network from the last bundle. What depends on the
// hour (open or not) is not in it and is not guessed.

import { day } from "./days";
import { element } from "./dom";

interface Site {
  id: number;
  name: string;
  theme: string;
  district: string;
  address: string;
  phone: string | null;
  verified: boolean;
  introduction: string;
}

interface Term {
  code: string;
  title: string;
}

interface Bundle {
  edition: number;
  published_at: string;
  sites: Site[];
  themes: Term[];
  districts: Term[];
}

export async function showPlace(holder: HTMLElement): Promise<void> {
  const id = idOf(new URL(location.href));
  if (id === null) return;
  const response = await fetch("/api/v1/bundle").catch(() => undefined);
  if (!response?.ok) return;
  const bundle = (await response.json()) as Bundle;
  const site = bundle.sites.find((one) => one.id === id);
  if (!site) return;
  const title = (terms: Term[], code: string): string => terms.find((term) => term.code === code)?.title ?? "";
  const district = title(bundle.districts, site.district);
  const what = element("p", "place-what", `${title(bundle.themes, site.theme)} · ${district}`);
  const facts = element("dl", "pairs");
  pair(facts, "地址", site.address ? `${district}${site.address}` : "详细地址待核实");
  pair(facts, "电话", site.phone ? call(site.phone) : "待核实");
  const data = `存下的第 ${bundle.edition} 期数据（${day(Date.parse(bundle.published_at))}发布${keptOn(response)}）`;
  const notes = [element("p", "small", `没有网络，只显示${data}；开放时间请联网后再看。`)];
  if (!site.verified) notes.unshift(element("p", "notice", "未核实：出行前请先向场馆确认。"));
  const text = site.introduction ? [element("p", "", site.introduction)] : [];
  holder.replaceChildren(element("h2", "", site.name), what, ...notes, facts, ...text);
  holder.classList.add("card");
  document.title = `${site.name} · 童友图`;
}

function keptOn(response: Response): string {
  const since = Date.parse(response.headers.get("Date") ?? "");
  return Number.isNaN(since) ? "" : `，${day(since)}存下`;
}

function idOf(url: URL): number | null {
  const told = /^\/sites\/(\d+)$/.exec(url.pathname)?.[1] ?? url.searchParams.get("id") ?? "";
  return /^\d+$/.test(told) ? Number(told) : null;
}

function pair(list: HTMLElement, name: string, value: Node | string): void {
  list.append(element("dt", "", name), element("dd", "", value));
}

function call(phone: string): HTMLAnchorElement {
  const link = element("a", "button", phone);
  link.href = `tel:${phone.replace(/-/g, "")}`;
  return link;
}
