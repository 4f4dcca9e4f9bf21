// From the first pass to finished, and the tagger's suggestions in between.
import { ask } from "./talk.js";
import { focusTurn } from "./turns.js";

const step = document.getElementById("step");
const suggest = document.getElementById("suggest");
const WORDS = { open: "Save the first pass", first_pass: "Finish" };
const ASKED = {
  suggest: "Show what the tagger would mark? What you change from now on is kept as changed after seeing it.",
  finish: "Finish this session? Its coding can no longer be changed.",
};

export function paintSteps(state, shown) {
  step.hidden = !(state in WORDS);
  step.textContent = WORDS[state] ?? "";
  suggest.hidden = state === "open" || shown;
}

export function listenSteps({ address, acts, outbox, onState, onSuggestions, trouble }) {
  async function post(what) {
    if (!(await outbox.settled())) return trouble("Not everything is saved yet. Wait until it is, and try again.");
    try {
      const answer = await ask("POST", `${address}/${what}`);
      if (answer.ok) return answer.said;
      trouble(answer.said.error.message);
    } catch {
      trouble("The service cannot be reached just now. Try again.");
    }
  }

  step.addEventListener("click", async () => {
    const left = acts.book.firstUnseen();
    if (left !== undefined) {
      acts.go(left);
      return acts.say(`Turn ${left + 1} is not looked at yet.`);
    }
    const finishing = step.textContent === WORDS.first_pass;
    if (finishing && !confirm(ASKED.finish)) return;
    const state = await post(finishing ? "finish" : "first-pass");
    if (state) onState(state);
    focusTurn(acts.at);
  });
  suggest.addEventListener("click", async () => {
    if (!confirm(ASKED.suggest)) return;
    const answer = await post("suggestions");
    if (answer) onSuggestions(answer.suggestions);
  });
}
