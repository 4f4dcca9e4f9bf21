// Beside the text: the codes of who speaks, and everything else about the turn in focus.
import { focusTurn } from "./turns.js";
import { cut, selectedIn } from "./words.js";

const id = (name) => document.getElementById(name);
const codeButtons = [...document.querySelectorAll("button.code")];
const STATES = { unseen: "not looked at", nothing: "nothing here", coded: "" };

export function paintPanel(acts) {
  const { turn, entry, on, book } = acts;
  id("here").textContent = `Turn ${turn.index + 1}`;
  id("here-state").textContent = STATES[entry.state];
  for (const palette of document.querySelectorAll(".palette")) palette.hidden = palette.dataset.speaker !== turn.speaker;
  id("no-codes").hidden = turn.speaker !== "other";
  for (const button of codeButtons) {
    button.setAttribute("aria-pressed", String(entry.codes.some((one) => one.code === button.dataset.code)));
    button.classList.toggle("in-focus", on?.code === button.dataset.code);
  }
  for (const radio of document.querySelectorAll("input[name=intensity]")) {
    radio.checked = on?.intensity === Number(radio.value);
    radio.disabled = !on || book.locked;
  }
  id("evidence").textContent = on ? cut(turn.text, on.start, on.end) : "";
  id("unsure").checked = entry.unsure;
  if (id("comment").value !== entry.comment) id("comment").value = entry.comment;
  paintAnswers(acts);
  id("done").textContent = entry.state === "unseen" ? "Nothing here, next" : "Next turn";
  id("begin-episode").firstChild.textContent = acts.episodeFrom === null ? "An episode begins here " : "The episode ends here ";
  id("progress").textContent = `${book.judged()} of ${book.turns.length} turns looked at`;
}

function paintAnswers({ turn, entry, book, at }) {
  id("answers-field").hidden = turn.speaker !== "therapist";
  if (turn.speaker !== "therapist") return;
  const found = new Set([...entry.answers, ...book.rupturesBefore(at)]);
  const options = [new Option("no turn", "")];
  for (const turn of found) options.push(new Option(`turn ${turn + 1}: ${cut(book.turns[turn].text, 0, 40)}`, turn));
  id("answers").replaceChildren(...options);
  id("answers").value = String(entry.answers[0] ?? "");
}

export function paintKeys(keys) {
  for (const button of codeButtons) {
    button.querySelector("kbd").textContent = keys[button.dataset.code];
    button.setAttribute("aria-keyshortcuts", keys[button.dataset.code]);
  }
}

const wellFormed = (text) => text.toWellFormed?.() ?? text; // the longest comment may end in half a character
const here = (acts) => id(`said-${acts.at}`);

export function listenPanel(acts) {
  for (const button of codeButtons) {
    button.addEventListener("click", (event) => {
      const selected = selectedIn(here(acts), acts.turn);
      if (selected && !acts.on) acts.chosen = selected;
      acts.mark(button.dataset.code);
      if (event.detail) focusTurn(acts.at); // with the mouse one goes back to the text, so that Enter leads on
    });
  }
  for (const radio of document.querySelectorAll("input[name=intensity]"))
    radio.addEventListener("change", () => acts.intensity(Number(radio.value)));
  id("unsure").addEventListener("change", () => acts.unsure());
  id("comment").addEventListener("input", () => acts.comment(wellFormed(id("comment").value)));
  id("comment").addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) focusTurn(acts.at);
  });
  id("answers").addEventListener("change", () => acts.answers(id("answers").value ? [Number(id("answers").value)] : []));
  id("use-words").addEventListener("click", () => {
    const selected = selectedIn(here(acts), acts.turn);
    if (selected) acts.evidence(selected);
    else acts.say("Select words of this turn first.");
  });
  id("done").addEventListener("click", () => acts.done());
  id("clear").addEventListener("click", () => acts.clear());
  id("undo").addEventListener("click", () => acts.undo());
  id("begin-episode").addEventListener("click", () => acts.episode());
  listenText(acts);
}

function listenText(acts) {
  const column = document.querySelector(".reading");
  let pointing = false; // while the mouse is down the text stays as it is, or selecting would break off
  column.addEventListener("pointerdown", () => { pointing = true; });
  addEventListener("pointercancel", () => { pointing = false; });
  addEventListener("pointerup", (event) => {
    pointing = false;
    const turn = Number(event.target.closest?.(".turn")?.dataset.turn ?? -1);
    if (turn < 0) return;
    const selected = selectedIn(id(`said-${turn}`), acts.book.turns[turn]);
    if (turn !== acts.at) acts.go(turn);
    if (selected) acts.evidence(selected);
  });
  column.addEventListener("focusin", (event) => {
    const turn = Number(event.target.closest(".turn")?.dataset.turn ?? acts.at);
    if (!pointing && turn !== acts.at) acts.go(turn);
  });
}

export const dialogs = {
  comment: () => id("comment").focus(),
  keys: () => id("keys").showModal(),
  codebook(code) {
    id("codebook").showModal();
    const entry = code && id(`entry-${code}`);
    if (!entry) return;
    entry.focus({ preventScroll: true });
    entry.scrollIntoView({ block: "start" });
  },
};
