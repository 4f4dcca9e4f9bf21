// What the coder said of each turn and of the whole session, with the way back. Entries are never
// altered: a change is a new one. Nothing of it is put into the browser's storage: it is clinical text.
export const WHOLE = -1;
const EMPTY = Object.freeze({ state: "unseen", codes: [], unsure: false, comment: "", answers: [] });
const NO_WHOLE = Object.freeze({ episodes: [], ratings: {} });

export class Book {
  constructor(turns) {
    this.turns = turns;
    this.said = new Map();
    this.past = [];
    this.locked = false;
    this.onChange = () => {};
  }

  of(turn) {
    return this.said.get(turn) ?? (turn === WHOLE ? NO_WHOLE : EMPTY);
  }

  // Puts `change` (some fields) over what is there. `delay`: how long saving may wait.
  change(turn, change, { delay = 0, grows = false } = {}) {
    if (this.locked) return false;
    const before = this.of(turn);
    const after = tidy(turn, { ...before, ...change });
    const last = this.past.at(-1);
    if (!(grows && last?.turn === turn && last.grows)) this.past.push({ turn, before, grows });
    this.said.set(turn, after);
    this.onChange(turn, delay);
    return true;
  }

  // Takes back the last change; gives the turn that it was on.
  undo() {
    const last = this.locked ? undefined : this.past.pop();
    if (!last) return null;
    this.said.set(last.turn, last.before);
    this.onChange(last.turn, 0);
    return last.turn;
  }

  judged() {
    return this.turns.filter((turn) => this.of(turn.index).state !== "unseen").length;
  }

  firstUnseen(from = 0) {
    return this.turns.find((turn) => turn.index >= from && this.of(turn.index).state === "unseen")?.index;
  }

  // Marked turns of the client before a turn, the nearest first.
  rupturesBefore(turn) {
    const before = this.turns.slice(0, turn).filter((t) => t.speaker === "client");
    return before.filter((t) => this.of(t.index).codes.length).map((t) => t.index).reverse();
  }
}

function tidy(turn, said) {
  if (turn === WHOLE) return said;
  if (said.codes.length) return { ...said, state: "coded" };
  return said.state === "coded" ? { ...said, state: "unseen" } : said;
}
