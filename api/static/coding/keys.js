// From keys to acts. The letters for codes are each person's own.
const arrows = (acts) => ({
  ArrowDown: () => acts.go(acts.at + 1),
  ArrowUp: () => acts.go(acts.at - 1),
  ArrowRight: (event) => acts.word(1, event.shiftKey),
  ArrowLeft: (event) => acts.word(-1, event.shiftKey),
});

const commands = (acts, panel) => ({
  ...arrows(acts),
  Enter: () => acts.done(),
  " ": () => acts.done(),
  1: () => acts.intensity(1),
  2: () => acts.intensity(2),
  3: () => acts.intensity(3),
  Backspace: () => acts.clear(),
  Delete: () => acts.clear(),
  q: () => acts.sentence(),
  y: () => acts.another(),
  x: () => acts.unmark(),
  u: () => acts.unsure(),
  c: () => panel.comment(),
  n: () => acts.answer(),
  b: () => acts.episode(),
  z: () => acts.undo(),
  "/": (event) => panel.codebook(event.target.closest("[data-code]")?.dataset.code ?? acts.on?.code),
  "?": () => panel.keys(),
});

// Fields, and buttons for the keys that work them, keep their keys.
function taken(event) {
  if (event.target.closest("textarea, select, dialog, input:not([type=checkbox], [type=radio])")) return true;
  const moved = event.target.closest("input[type=radio]") && event.key.startsWith("Arrow");
  const pressed = [" ", "Enter"].includes(event.key) && event.target.closest("button, a, summary, input");
  return Boolean(moved || pressed);
}

export function listen(acts, panel, codeOf) {
  const known = commands(acts, panel);
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || taken(event)) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== "z") return;
      event.preventDefault();
      return acts.undo();
    }
    const code = codeOf(event.key, acts.turn.speaker);
    const act = known[event.key] ?? (code && (() => acts.mark(code)));
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}
