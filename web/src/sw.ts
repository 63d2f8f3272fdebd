// The service worker: what has been seen can be seen again without network, and the hotlines always.
//
// Kept are the shell (scripts, styles, hotlines, the page for being without network), the pages
// visited last, and the last bundle. Addresses with a position in them are never kept.

/** Put in front by server/assets.py: the addresses of the shell's files. */
declare const SHELL: string[];

declare const self: ServiceWorkerGlobalScope;
export {};

const HOTLINES = "/hotlines";
const OFFLINE = "/offline";
const BUNDLE = "/api/v1/bundle";
const SHELL_PAGES = [HOTLINES, OFFLINE];
const WARMED = ["/", "/bus", BUNDLE];
const SHELL_CACHE = `shell-${fingerprint(SHELL.join("\n"))}`;
const SEEN_CACHE = "seen-1";
const SEEN_MOST = 60;
const PATIENCE_MS = 4000;
const HOTLINES_STALE_MS = 3_600_000;

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
  } else if (url.pathname === BUNDLE) {
    event.respondWith(newest(event, url));
  }
});

/** From the network if it comes in time, else as it was last. */
async function page(event: FetchEvent, url: URL): Promise<Response> {
  try {
    // The browser's own cache would answer for a minute yet, without saying how old it is.
    if (!self.navigator.onLine) throw new Error("offline");
    const preloaded = event.preloadResponse as Promise<Response | undefined>;
    const response = await inTime(preloaded.then((ready) => ready ?? fetch(event.request)));
    event.waitUntil(remember(url, response.clone()));
    return response;
  } catch {
    return (await kept(url)) ?? Response.error();
  }
}

async function inTime(answer: Promise<Response>): Promise<Response> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("late")), PATIENCE_MS);
  });
  return Promise.race([answer, late]);
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
  // That somebody has read the hotlines is nobody's business, this phone's least of all: they are
  // kept and renewed whether anyone reads them or not.
  await renewHotlines();
  if (!response.ok || response.redirected || SHELL_PAGES.includes(url.pathname)) return;
  const private_ = url.searchParams.has("lat") || url.searchParams.has("bbox");
  if (private_ || /no-store/.test(response.headers.get("Cache-Control") ?? "")) return;
  const seen = await caches.open(SEEN_CACHE);
  // Taken out first, so that the order of the keys is the order of the visits.
  await seen.delete(url.href);
  await seen.put(url.href, response);
  const old = (await seen.keys()).filter(({ url: one }) => !WARMED.includes(new URL(one).pathname));
  for (const one of old.slice(0, Math.max(0, old.length - SEEN_MOST))) await seen.delete(one);
}

async function renewHotlines(): Promise<void> {
  const shell = await caches.open(SHELL_CACHE);
  const there = await shell.match(HOTLINES);
  if (there && Date.now() - dateOf(there) < HOTLINES_STALE_MS) return;
  await Promise.allSettled(SHELL_PAGES.map((one) => shell.add(new Request(one, { cache: "reload" }))));
}

async function warm(path: string): Promise<void> {
  const seen = await caches.open(SEEN_CACHE);
  if (!(await seen.match(path))) await seen.add(path);
}

/** The page as it was last; else the page for being without network, at the same address. */
async function kept(url: URL): Promise<Response | undefined> {
  const isOffline = url.pathname === OFFLINE;
  const exact = await caches.match(isOffline ? OFFLINE : url.pathname + url.search);
  if (exact) return isOffline ? exact : withAge(exact);
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
