// Moves <progress data-job="7"> along while the job runs, wherever it stands, and loads the page
// anew when it is over. Where no script runs, the page looks again of itself.

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
  for (const job of jobs) void follow(job);
}

async function follow(job: string): Promise<void> {
  let pause = SECONDS;
  for (;;) {
    await new Promise((done) => setTimeout(done, pause * 1000));
    if (document.hidden) continue;
    const state = await ask(job);
    if (state === null) {
      // The server may be starting anew: look less often, but go on looking.
      pause = Math.min(pause * 2, LONGEST);
      continue;
    }
    pause = SECONDS;
    if (state.state !== "waiting" && state.state !== "running") break;
    show(job, state);
  }
  location.reload();
}

async function ask(job: string): Promise<State | null> {
  try {
    const answer = await fetch(`/staff/jobs/${job}.json`, { headers: { Accept: "application/json" } });
    return answer.ok ? ((await answer.json()) as State) : null;
  } catch {
    return null;
  }
}

function show(job: string, { done, total, message }: State): void {
  for (const bar of document.querySelectorAll<HTMLProgressElement>(`progress[data-job="${job}"]`)) {
    if (total > 0) {
      bar.max = total;
      bar.value = done;
    } else {
      bar.removeAttribute("value");
    }
  }
  const told = total > 0 ? `${message}（${done}/${total}）` : message;
  for (const line of document.querySelectorAll(`[data-job-message="${job}"]`)) {
    if (line.textContent !== told) line.textContent = told;
  }
}
