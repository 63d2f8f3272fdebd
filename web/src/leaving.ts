// 快速离开: somebody comes into the room. The page is gone at once, and Back doesn't return to it.

const PRESSES = 3;
const WITHIN_MS = 1500;

export function startLeaving(): void {
  const link = document.querySelector<HTMLAnchorElement>("a[data-leave]");
  if (!link) return;
  const leave = (): void => {
    // Another page may take a while to come; this one is not to be seen meanwhile.
    document.documentElement.hidden = true;
    document.title = "";
    location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
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
  // Back from there would show it again out of the browser's memory.
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.documentElement.hidden) location.replace(link.href);
  });
}
