// Moves <progress data-job="7"> along while the job runs, wherever it stands, and loads the page
// anew when it is over. What is no job of one's own names the address of its state instead
// (data-state-at). Where no script runs, the page looks again of itself.

interface State {
  state: string;
  done: number;
  total: number;
  message: string;
}

const SECONDS = 1;
const LONGEST = 15;

export function startProgress(): void {
  const bars = document.querySelectorAll<HTMLProgressElement>("progress[data-job]");
  const jobs = new Set([...bars].map((bar) => bar.dataset.job ?? ""));
  for (const job of jobs) void follow(`/staff/jobs/${job}.json`, (state) => show(job, state));
  for (const bar of document.querySelectorAll<HTMLProgressElement>("progress[data-state-at]")) {
    void follow(bar.dataset.stateAt ?? "", (state) => move(bar, state));
  }
}

async function follow(address: string, shown: (state: State) => void): Promise<void> {
  let pause = SECONDS;
  for (;;) {
    await new Promise((done) => setTimeout(done, pause * 1000));
    if (document.hidden) continue;
    const state = await ask(address);
    if (state === null) {
      // The server may be starting anew: look less often, but go on looking.
      pause = Math.min(pause * 2, LONGEST);
      continue;
    }
    pause = SECONDS;
    if (state.state !== "waiting" && state.state !== "running") break;
    shown(state);
  }
  location.reload();
}

async function ask(address: string): Promise<State | null> {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? ((await answer.json()) as State) : null;
  } catch {
    return null;
  }
}

function move(bar: HTMLProgressElement, { done, total }: State): void {
  if (total > 0) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
}

function show(job: string, state: State): void {
  for (const bar of document.querySelectorAll<HTMLProgressElement>(`progress[data-job="${job}"]`)) {
    move(bar, state);
  }
  const { done, total, message } = state;
  const told = total > 0 ? `${message}（${done}/${total}）` : message;
  for (const line of document.querySelectorAll(`[data-job-message="${job}"]`)) {
    if (line.textContent !== told) line.textContent = told;
  }
}
