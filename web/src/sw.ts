// The service worker: what has been seen can be seen again without network, and the hotlines always.
//
// Kept are the shell (scripts, styles, hotlines, the page for being without network), the pages
// visited last, and the last bundle. Where somebody is and what they searched for is never kept.

/** Put in front by server/assets.py: the addresses of the shell's files. */
declare const SHELL: string[];

declare const self: ServiceWorkerGlobalScope;
export {};

const HOTLINES = "/hotlines";
const OFFLINE = "/offline";
const BUNDLE = "/api/v1/bundle";
const SHELL_PAGES = [HOTLINES, OFFLINE];
const WARMED = ["/", "/bus", BUNDLE];
/** Parts of an address that tell of one person. */
const PERSONAL = ["q", "lat", "lon", "bbox"];
const BUILD = fingerprint(SHELL.join("\n"));
const SHELL_CACHE = `shell-${BUILD}`;
/** Pages name the files of their shell: with another shell they would stand without style. */
const SEEN_CACHE = `seen-${BUILD}`;
const SEEN_MOST = 60;
const PATIENCE_MS = 4000;
const STALE_MS = 3_600_000;

/** Pages of the map; the console and the API keep to themselves. */
const OURS = /^\/(?:$|reading$|about$|hotlines$|offline$|bus(?:\/\d+)?$|sites\/\d+$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(SHELL_CACHE);
      await shell.addAll([...SHELL, ...SHELL_PAGES.map((page) => new Request(page, { cache: "reload" }))]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name !== SHELL_CACHE && name !== SEEN_CACHE) await caches.delete(name);
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
      await Promise.allSettled(WARMED.map(warm));
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (OURS.test(url.pathname)) event.respondWith(page(event, url));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(part(request));
  } else if (url.pathname + url.search === BUNDLE) {
    event.respondWith(newest(event, url));
  }
});

/** From the network; as it was last if that is long in coming and this very page is kept. */
async function page(event: FetchEvent, url: URL): Promise<Response> {
  const answer = fromNetwork(event);
  // An answer that comes too late for this visit is there for the next.
  event.waitUntil(answer.then((response) => remember(url, response.clone())).catch(() => undefined));
  try {
    return await Promise.race([answer, early(url, answer)]);
  } catch {
    return (await kept(url)) ?? Response.error();
  }
}

async function fromNetwork(event: FetchEvent): Promise<Response> {
  // The browser's own cache would answer for a minute yet, without saying how old it is.
  if (!self.navigator.onLine) throw new Error("offline");
  const preloaded = (await event.preloadResponse) as Response | undefined;
  return preloaded ?? fetch(event.request);
}

/** The page as it was last, once patience is over; a slow network is better than none. */
async function early(url: URL, answer: Promise<Response>): Promise<Response> {
  await new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
  });
  return (await keptExactly(url)) ?? answer;
}

async function newest(event: FetchEvent, url: URL): Promise<Response> {
  try {
    const response = await fetch(event.request);
    event.waitUntil(remember(url, response.clone()));
    return response;
  } catch {
    return (await caches.match(BUNDLE)) ?? Response.error();
  }
}

/** Names with a hash never change their content. */
async function part(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

async function remember(url: URL, response: Response): Promise<void> {
  // First, as it may be one of those that would be renewed.
  await keep(url, response).catch(() => undefined);
  await renew();
}

async function keep(url: URL, response: Response): Promise<void> {
  // That somebody has read the hotlines is nobody's business, this phone's least of all: they are
  // kept and renewed whether anyone reads them or not.
  if (!response.ok || response.redirected || SHELL_PAGES.includes(url.pathname)) return;
  if (PERSONAL.some((name) => url.searchParams.has(name))) return;
  if (/private|no-store/.test(response.headers.get("Cache-Control") ?? "")) return;
  const seen = await caches.open(SEEN_CACHE);
  // Taken out first, so that the order of the keys is the order of the visits.
  await seen.delete(url.href);
  await seen.put(url.href, response);
  const old = (await seen.keys()).filter(({ url: one }) => !isWarmed(new URL(one)));
  for (const one of old.slice(0, Math.max(0, old.length - SEEN_MOST))) await seen.delete(one);
}

function isWarmed(url: URL): boolean {
  return WARMED.includes(url.pathname + url.search);
}

/** What is kept unasked is never older than an hour when the network was last there. */
async function renew(): Promise<void> {
  const shell = await caches.open(SHELL_CACHE);
  const there = await shell.match(HOTLINES);
  const hotlines = there && !isStale(there) ? [] : SHELL_PAGES;
  await Promise.allSettled([
    ...hotlines.map((one) => shell.add(new Request(one, { cache: "reload" }))),
    ...WARMED.map(renewWarmed),
  ]);
}

async function renewWarmed(path: string): Promise<void> {
  const seen = await caches.open(SEEN_CACHE);
  const there = await seen.match(path);
  // Unchanged since, it costs one answer without content.
  if (there ? isStale(there) : path === BUNDLE) await seen.add(new Request(path, { cache: "no-cache" }));
}

async function warm(path: string): Promise<void> {
  const seen = await caches.open(SEEN_CACHE);
  // The browser's own cache may still have the page of the last build.
  if (!(await seen.match(path))) await seen.add(new Request(path, { cache: "no-cache" }));
}

function isStale(response: Response): boolean {
  return Date.now() - dateOf(response) >= STALE_MS;
}

/** The page at this very address as it was last, saying how old it is. */
async function keptExactly(url: URL): Promise<Response | undefined> {
  const isOffline = url.pathname === OFFLINE;
  const exact = await caches.match(isOffline ? OFFLINE : url.pathname + url.search);
  return exact && !isOffline ? withAge(exact) : exact;
}

/** The page as it was last; else the page for being without network, at the same address. */
async function kept(url: URL): Promise<Response | undefined> {
  const exact = await keptExactly(url);
  if (exact) return exact;
  // A list without its filters under an address with them would tell what isn't so.
  if (url.search && (await caches.match(url.pathname))) return Response.redirect(url.pathname, 302);
  return (await caches.match(OFFLINE))?.clone();
}

/** Pages can't read their own headers: their age goes into their head, for age.ts. */
async function withAge(response: Response): Promise<Response> {
  const since = new Date(dateOf(response)).toISOString();
  const text = await response.text();
  const told = text.replace("</head>", `<meta name="tongyou-kept" content="${since}"></head>`);
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response(told, { headers, status: response.status });
}

function dateOf(response: Response): number {
  const date = Date.parse(response.headers.get("Date") ?? "");
  return Number.isNaN(date) ? 0 : date;
}

/** FNV-1a, 32 bits: another shell has another name. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
