// The reading column: each turn with its marks; the one in focus word by word.
import { wordsOf } from "./words.js";

const INTENSITY = { 1: "slight", 2: "clear", 3: "strong" };
export const codeNames = new Map();
export const codeKinds = new Map();
for (const button of document.querySelectorAll("button.code")) {
  codeNames.set(button.dataset.code, button.querySelector("span").textContent);
  codeKinds.set(button.dataset.code, ["withdrawal", "confrontation", "repair"].find((k) => button.classList.contains(k)));
}

export const bodyOf = (turn) => document.querySelector(`#turn-${turn} > .turn-body`);

function piece(tag, words, kinds = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  made.className = kinds;
  return made;
}

function within(place, span) {
  return span && place >= span.start && place < span.end;
}

// The words as they read, with what was marked in them.
function plain(turn, entry) {
  const letters = [...turn.text];
  const cuts = new Set([0, letters.length, ...entry.codes.flatMap((on) => [on.start, on.end])]);
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, i) => {
    const words = letters.slice(start, edges[i + 1]).join("");
    const on = entry.codes.find((one) => within(start, one));
    return on ? piece("mark", words, codeKinds.get(on.code)) : document.createTextNode(words);
  });
}

// The words one by one, so that evidence can be shown and chosen among them.
function wordByWord(turn, on, chosen) {
  const letters = [...turn.text];
  const made = [];
  let place = 0;
  const add = (end) => {
    if (end <= place) return;
    const kinds = [];
    if (within(place, on)) kinds.push("evident", codeKinds.get(on.code));
    if (within(place, chosen)) kinds.push("chosen");
    made.push(piece("span", letters.slice(place, end).join(""), kinds.join(" ")));
    place = end;
  };
  for (const word of wordsOf(turn)) {
    add(word.start);
    add(word.end);
  }
  add(letters.length);
  return made;
}

function marksOf(entry, suggested) {
  const marks = entry.codes.map((on) => piece("span", `${codeNames.get(on.code)}, ${INTENSITY[on.intensity]}`, `chip ${codeKinds.get(on.code)}`));
  if (entry.state === "nothing") marks.push(piece("span", "nothing here", "chip none"));
  if (entry.unsure) marks.push(piece("span", "unsure", "chip"));
  if (entry.comment) marks.push(piece("span", "comment", "chip"));
  for (const answered of entry.answers) marks.push(piece("span", `answers turn ${answered + 1}`, "chip"));
  for (const tag of suggested) marks.push(piece("span", `tagger: ${codeNames.get(tag.code)}`, "chip suggested"));
  return marks.flatMap((mark) => [mark, document.createTextNode(" ")]);
}

export function paintTurn(turn, entry, { focused = false, on = null, chosen = null, suggested = [] } = {}) {
  const line = document.getElementById(`turn-${turn.index}`);
  line.dataset.state = entry.state;
  line.classList.toggle("here", focused);
  const said = focused ? wordByWord(turn, on, chosen) : plain(turn, entry);
  document.getElementById(`said-${turn.index}`).replaceChildren(...said);
  document.getElementById(`marks-${turn.index}`).replaceChildren(...marksOf(entry, suggested));
  bodyOf(turn.index).tabIndex = focused ? 0 : -1;
}

export function focusTurn(turn) {
  const body = bodyOf(turn);
  body.focus({ preventScroll: true });
  const { top, bottom } = body.getBoundingClientRect();
  const room = innerHeight * (matchMedia("(max-width: 60rem)").matches ? 0.5 : 0.8);
  if (top < 90 || bottom > room) scrollBy({ top: top - room * 0.4 });
}

