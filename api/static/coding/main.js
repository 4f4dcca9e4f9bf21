// The coding page: fetches what was coded so far, then every key is an act, painted and saved at once.
import { Acts } from "./acts.js";
import { Book, WHOLE } from "./book.js";
import { listen } from "./keys.js";
import { Outbox } from "./outbox.js";
import { dialogs, listenPanel, paintKeys, paintPanel } from "./panel.js";
import { offerKeys } from "./remap.js";
import { listenSteps, paintSteps } from "./steps.js";
import { ask } from "./talk.js";
import { codeKinds, paintTurn } from "./turns.js";
import { listenWhole, paintWhole } from "./whole.js";

document.documentElement.classList.add("script");
const address = `/api/v1/assignments/${document.getElementById("coding").dataset.assignment}`;
const sync = document.getElementById("sync");
const spoken = document.getElementById("sync-said");

function say(words) {
  document.getElementById("said").textContent = words;
}

function trouble(words) {
  const shown = document.getElementById("trouble");
  shown.hidden = !words;
  shown.textContent = words;
}

function filled(opened) {
  const book = new Book(opened.transcript);
  const outbox = new Outbox(`${address}/entries`, book);
  for (const saved of opened.entries) {
    book.said.set(saved.turn, saved.entry ?? saved.whole);
    outbox.versions.set(saved.turn, saved.version);
  }
  return { book, outbox };
}

function showSaving(outbox) {
  let before = "";
  outbox.onState = () => {
    const state = outbox.state();
    sync.textContent = state;
    sync.dataset.trouble = outbox.trouble;
    const kind = outbox.trouble || (outbox.waiting.size ? before : "");
    if (kind !== before) spoken.textContent = kind ? `Not saved: ${state}` : "Connected again, everything is saved.";
    before = kind;
  };
  outbox.onRefused = (turn, message) => trouble(turn === null ? message : `Turn ${turn + 1} was not saved: ${message}`);
  outbox.onConflict = (turn) => trouble(`Turn ${turn + 1} was changed in another window too. What you did here counts; the other is kept as an earlier version.`);
}

function begin(opened) {
  const { book, outbox } = filled(opened);
  let suggestions = [];
  let keys = opened.keys;
  book.locked = opened.state === "finished";

  function paint(turn) {
    if (turn === WHOLE) return paintWhole(acts);
    const focused = turn === acts.at;
    const more = focused ? { focused, on: acts.on, chosen: acts.chosen } : {};
    paintTurn(book.turns[turn], book.of(turn), { ...more, suggested: suggestions.filter((tag) => tag.turn === turn) });
    if (focused) paintPanel(acts);
  }

  const acts = new Acts(book, { paint, say });
  book.onChange = (turn, delay) => {
    outbox.put(turn, delay);
    paint(turn);
  };
  showSaving(outbox);
  const sides = (code) => (codeKinds.get(code) === "repair" ? "therapist" : "client");
  listen(acts, dialogs, (key, speaker) => Object.keys(keys).find((code) => keys[code] === key && sides(code) === speaker));
  listenPanel(acts);
  listenWhole(acts);
  offerKeys(keys, (wanted) => paintKeys((keys = wanted)));
  listenSteps({
    address, acts, outbox, trouble,
    onState(state) {
      trouble("");
      book.locked = state.state === "finished";
      paintSteps(state.state, suggestions.length > 0);
      paint(acts.at);
      paint(WHOLE);
      say(state.state === "finished" ? "Finished." : "The first pass is saved.");
    },
    onSuggestions(found) {
      suggestions = found;
      document.getElementById("suggest").hidden = true;
      for (const turn of book.turns) paint(turn.index);
      say(`The tagger would mark ${new Set(found.map((tag) => tag.turn)).size} turns.`);
    },
  });
  for (const opener of document.querySelectorAll("[data-opens]"))
    opener.addEventListener("click", () => dialogs[opener.dataset.opens](acts.on?.code));
  for (const turn of book.turns) if (turn.index !== 0) paint(turn.index);
  paint(WHOLE);
  paintKeys(keys);
  paintSteps(opened.state, false);
  acts.go(opened.resume);
  outbox.onState();
}

async function open(pause = 500) {
  try {
    const answer = await ask("GET", address);
    if (!answer.ok) return trouble(answer.said.error.message);
    begin(answer.said);
  } catch {
    sync.textContent = "the service does not answer, trying again";
    setTimeout(() => open(Math.min(pause * 2, 5000)), pause);
  }
}
open();
