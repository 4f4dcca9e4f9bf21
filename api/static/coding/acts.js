// What a coder can do, one function each; keys, buttons and fields all come through here.
import { WHOLE } from "./book.js";
import { sentencesOf, wholeOf, wordsOf } from "./words.js";
import { codeKinds, codeNames, focusTurn } from "./turns.js";

const INTENSITY = { 1: "slight", 2: "clear", 3: "strong" };

export class Acts {
  constructor(book, { paint, say }) {
    Object.assign(this, { book, paint, say });
    this.at = 0;
    this.nth = 0; // which of the turn's codes is in focus
    this.chosen = null; // words chosen before there is a code
    this.reach = null; // where choosing words by key began and has got to
    this.episodeFrom = null;
  }

  get turn() { return this.book.turns[this.at]; }
  get entry() { return this.book.of(this.at); }
  get on() { return this.entry.codes[this.nth] ?? null; }

  go(turn) {
    if (turn < 0 || turn >= this.book.turns.length) return;
    const before = this.at;
    Object.assign(this, { at: turn, nth: 0, chosen: null, reach: null });
    this.paint(before);
    this.paint(turn);
    focusTurn(turn);
  }

  change(change, options) {
    if (!this.book.change(this.at, change, options)) this.say("This session is finished; it can no longer be changed.");
  }

  // Nothing here, or done with the codes that are: on to the next turn.
  done() {
    if (this.entry.state === "unseen") this.change({ state: "nothing" });
    if (this.at + 1 < this.book.turns.length) return this.go(this.at + 1);
    const left = this.book.firstUnseen();
    if (left === undefined) return this.say("That was the last turn, and every turn is looked at.");
    this.go(left);
    this.say(`Turn ${left + 1} is not looked at yet.`);
  }

  mark(code) {
    const codes = this.entry.codes;
    const there = codes.findIndex((on) => on.code === code);
    if (there >= 0 && there !== this.nth) this.nth = there;
    else if (there >= 0) return this.unmark();
    else {
      this.nth = codes.length;
      const span = this.chosen ?? wholeOf(this.turn);
      this.chosen = null;
      this.change({ codes: [...codes, { code, start: span.start, end: span.end, intensity: 2 }] });
    }
    this.paint(this.at);
    this.say(this.described());
  }

  unmark() {
    if (!this.on) return this.say("No code on this turn.");
    const name = codeNames.get(this.on.code);
    const codes = this.entry.codes.filter((on) => on !== this.on);
    this.nth = 0;
    this.change({ codes });
    this.say(`${name} taken off.`);
  }

  clear() {
    this.nth = 0;
    this.change({ state: "unseen", codes: [], answers: [] });
    this.say("Not looked at.");
  }

  another() {
    if (this.entry.codes.length < 2) return this.say(this.described());
    this.nth = (this.nth + 1) % this.entry.codes.length;
    this.reach = null;
    this.paint(this.at);
    this.say(this.described());
  }

  alter(change) {
    if (!this.on) return this.say("No code on this turn.");
    const codes = this.entry.codes.map((on) => (on === this.on ? { ...on, ...change } : on));
    this.change({ codes });
  }

  intensity(value) {
    this.alter({ intensity: value });
    if (this.on) this.say(INTENSITY[value]);
  }

  // The evidence of the code in focus; kept for the next code where there is none yet.
  evidence(span) {
    if (this.on) this.alter({ start: span.start, end: span.end });
    else {
      this.chosen = span;
      this.paint(this.at);
    }
    this.say([...this.turn.text].slice(span.start, span.end).join(""));
  }

  word(by, more) {
    const words = wordsOf(this.turn);
    if (!words.length) return;
    const last = words.length - 1;
    const clamp = (n) => Math.max(0, Math.min(last, n));
    if (!this.reach) this.reach = by > 0 ? { from: 0, to: more ? 1 : 0 } : { from: last, to: more ? last - 1 : last };
    else this.reach = { from: more ? this.reach.from : clamp(this.reach.to + by), to: clamp(this.reach.to + by) };
    const [first, end] = [this.reach.from, clamp(this.reach.to)].sort((a, b) => a - b);
    this.evidence({ start: words[first].start, end: words[end].end });
  }

  sentence() {
    const choices = [...sentencesOf(this.turn), wholeOf(this.turn)];
    const now = this.on ?? this.chosen;
    const at = choices.findIndex((one) => now && one.start === now.start && one.end === now.end);
    this.reach = null;
    this.evidence(choices[(at === choices.length - 1 ? 0 : at + 1) % choices.length]);
  }

  unsure() {
    this.change({ unsure: !this.entry.unsure });
    this.say(this.entry.unsure ? "Unsure." : "Sure.");
  }

  comment(text) {
    this.change({ comment: text }, { delay: 600, grows: true });
  }

  // A repair answers the nearest marked turn of the client; again: an earlier one; then none.
  answer() {
    if (this.turn.speaker !== "therapist") return this.say("Only a therapist's turn answers a rupture.");
    const found = this.book.rupturesBefore(this.at);
    if (!found.length) return this.say("No turn of the client before this one is marked.");
    const next = found[found.indexOf(this.entry.answers[0]) + 1];
    this.answers(next === undefined ? [] : [next]);
  }

  answers(turns) {
    this.change({ answers: turns });
    this.say(turns.length ? `Answers turn ${turns[0] + 1}.` : "Answers no turn.");
  }

  episode() {
    if (this.episodeFrom === null) {
      this.episodeFrom = this.at;
      this.paint(this.at);
      return this.say(`An episode begins at turn ${this.at + 1}. Press b where it ends.`);
    }
    const [start, end] = [this.episodeFrom, this.at].sort((a, b) => a - b);
    const episode = { start, end, kind: this.kindOf(start, end), resolved: "no" };
    this.episodeFrom = null;
    this.whole({ episodes: [...this.book.of(WHOLE).episodes, episode].sort((a, b) => a.start - b.start) });
    this.say(`An episode of ${episode.kind}, turns ${start + 1} to ${end + 1}.`);
  }

  kindOf(start, end) {
    const kinds = new Set();
    for (let turn = start; turn <= end; turn += 1)
      for (const on of this.book.of(turn).codes) kinds.add(codeKinds.get(on.code));
    kinds.delete("repair");
    return kinds.size === 1 ? [...kinds][0] : "mixed";
  }

  whole(change) {
    this.book.change(WHOLE, change);
  }

  undo() {
    const turn = this.book.undo();
    if (turn === null) return this.say("Nothing to undo.");
    if (turn !== WHOLE) this.go(turn);
    this.say("Undone.");
  }

  described() {
    const on = this.on;
    if (!on) return "No code on this turn.";
    return `${codeNames.get(on.code)}, ${INTENSITY[on.intensity]}, turn ${this.at + 1}`;
  }
}
