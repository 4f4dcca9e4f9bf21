// Asks how far the analysis is, less often the longer it takes, and moves on when it is done.
document.documentElement.classList.add("script");

const panel = document.querySelector("[data-poll]");
const says = panel.querySelector("[data-says]");
const waitsFor = panel.querySelector("[data-waits-for]");
const bar = panel.querySelector("progress");
let pause = 600;

async function ask() {
  try {
    const answer = await fetch(panel.dataset.poll, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 404) return location.reload();
    if (answer.ok) {
      const state = await answer.json();
      if (!["queued", "analysing"].includes(state.status)) return location.replace(panel.dataset.then);
      const words = state.status === "queued" ? panel.dataset.queued : panel.dataset.analysing + ".";
      if (says.textContent !== words) says.textContent = words;
      if (waitsFor.textContent !== state.waits_for) waitsFor.textContent = state.waits_for;
      if (state.total) {
        bar.max = state.total;
        bar.value = state.done ?? 0;
      }
    }
  } catch {
    says.textContent = "The service does not answer just now. Trying again.";
  }
  pause = Math.min(pause * 1.25, 5000);
  setTimeout(ask, pause);
}
setTimeout(ask, pause);
