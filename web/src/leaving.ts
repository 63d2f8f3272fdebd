// 快速离开: somebody comes into the room. The page is gone at once, and Back doesn't return to it.

const PRESSES = 3;
const WITHIN_MS = 1500;
/** In the tab's own storage, gone with the tab; says nothing of what was left. */
const LEFT = "left";

export function startLeaving(): void {
  const link = document.querySelector<HTMLAnchorElement>("a[data-leave]");
  if (!link) return;
  const leave = (): void => {
    // Another page may take a while to come; this one is not to be seen meanwhile.
    document.documentElement.hidden = true;
    document.title = "";
    setLeft(true);
    location.replace(link.href);
  };
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (navigation?.type === "back_forward") {
    if (hasLeft()) return leave();
  } else setLeft(false);
  // Back from there would show it again out of the browser's memory.
  addEventListener("pageshow", (event) => {
    if (event.persisted && hasLeft()) leave();
  });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  onEscapes(leave);
  stayOneEntry();
}

function onEscapes(leave: () => void): void {
  let presses: number[] = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      presses = [];
      return;
    }
    const now = performance.now();
    presses = [...presses.filter((then) => now - then < WITHIN_MS), now];
    if (presses.length >= PRESSES) leave();
  });
}

/** Links within the page go there without a step in the history: leaving replaces only one. */
function stayOneEntry(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  });
}

function hasLeft(): boolean {
  // As it was hidden it comes out of the browser's memory, storage or none.
  if (document.documentElement.hasAttribute("hidden")) return true;
  try {
    return sessionStorage.getItem(LEFT) !== null;
  } catch {
    return false;
  }
}

function setLeft(has: boolean): void {
  try {
    if (has) sessionStorage.setItem(LEFT, "");
    else sessionStorage.removeItem(LEFT);
  } catch {
    // Without storage the page is still replaced.
  }
}
