// Saving: what changed goes out at once, one request at a time, and stays here until the service says
// that it is kept. When it cannot be reached it is tried again until it can.
import { ask } from "./talk.js";
import { WHOLE } from "./book.js";

const MOST_CHARACTERS = 12000;
const PAUSES = [500, 1000, 2000, 4000, 5000];

export class Outbox {
  constructor(address, book) {
    this.address = address;
    this.book = book;
    this.versions = new Map();
    this.waiting = new Set();
    this.busy = false;
    this.failures = 0;
    this.trouble = ""; // offline | signed-out | closed
    this.onState = () => {};
    this.onRefused = () => {};
    this.onConflict = () => {};
    addEventListener("online", () => this.send());
    addEventListener("beforeunload", (event) => {
      if (this.waiting.size) event.preventDefault();
    });
  }

  put(turn, delay) {
    this.waiting.add(turn);
    this.onState();
    this.later(delay);
  }

  later(delay) {
    clearTimeout(this.timer);
    if (delay) this.timer = setTimeout(() => this.send(), delay);
    else this.send();
  }

  async send() {
    if (this.busy || !this.waiting.size || this.trouble === "closed") return;
    clearTimeout(this.timer);
    this.busy = true;
    this.onState();
    const batch = this.batch();
    try {
      const answer = await ask("PUT", this.address, batch.map(({ turn, said }) => this.asSent(turn, said)));
      this.take(answer, batch);
    } catch {
      this.fail("offline");
    }
    this.busy = false;
    this.onState();
    if (this.waiting.size && !this.trouble) this.send();
  }

  batch() {
    const chosen = [];
    let size = 0;
    for (const turn of this.waiting) {
      const said = this.book.of(turn);
      size += JSON.stringify(said).length + 60;
      if (chosen.length && size > MOST_CHARACTERS) break;
      chosen.push({ turn, said });
    }
    return chosen;
  }

  asSent(turn, said) {
    return { turn, base: this.versions.get(turn) ?? 0, [turn === WHOLE ? "whole" : "entry"]: said };
  }

  take(answer, batch) {
    if (answer.ok) {
      this.failures = 0;
      this.trouble = "";
      for (const one of answer.said.entries) this.settle(one, batch.find(({ turn }) => turn === one.turn));
    } else if (answer.status === 401) this.fail("signed-out");
    else if (answer.status >= 500 || answer.status === 429) this.fail("offline");
    else this.close(answer.said?.error?.message ?? "This session can no longer be coded.");
  }

  settle(one, sent) {
    if (one.outcome === "saved") {
      this.versions.set(one.turn, one.version);
      if (this.book.of(one.turn) === sent.said) this.waiting.delete(one.turn);
    } else if (one.outcome === "conflict") {
      this.versions.set(one.turn, one.version); // what was done here goes on top; the other stays as a version
      this.onConflict(one.turn);
    } else {
      if (this.book.of(one.turn) === sent.said) this.waiting.delete(one.turn);
      this.onRefused(one.turn, one.message);
    }
  }

  fail(trouble) {
    this.trouble = trouble;
    const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  close(message) {
    this.trouble = "closed";
    this.onRefused(null, message);
  }

  state() {
    const many = `${this.waiting.size} change${this.waiting.size === 1 ? "" : "s"}`;
    if (this.trouble === "offline") return `offline, ${many} waiting`;
    if (this.trouble === "signed-out") return `signed out, ${many} waiting: sign in again in another tab`;
    if (this.trouble === "closed") return "not saved";
    return this.waiting.size ? "saving" : "saved";
  }

  // Resolves with whether everything is kept.
  async settled() {
    while (this.waiting.size && !this.trouble) {
      this.send();
      await new Promise((done) => setTimeout(done, 30));
    }
    return !this.waiting.size;
  }
}
