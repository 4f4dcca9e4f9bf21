// Words, sentences and selections of a turn. Offsets count Unicode code points, as the service does.
const WORD = /[^\s]+/gu;
const SENTENCE = /[^.!?…]+[.!?…]*["'”’)]*|[.!?…]+/gu;

const points = (text) => [...text].length;

export function cut(text, start, end) {
  return [...text].slice(start, end).join("");
}

function spans(pattern, text) {
  const found = [];
  for (const match of text.matchAll(pattern)) {
    const words = match[0].trim();
    if (!words) continue;
    const start = points(text.slice(0, match.index)) + points(match[0]) - points(match[0].trimStart());
    found.push({ start, end: start + points(words) });
  }
  return found;
}

export const wordsOf = (turn) => (turn.words ??= spans(WORD, turn.text));

export function sentencesOf(turn) {
  if (turn.sentences.length) return turn.sentences.map(([start, end]) => ({ start, end }));
  return spans(SENTENCE, turn.text);
}

export function wholeOf(turn) {
  const words = wordsOf(turn);
  return words.length ? { start: words[0].start, end: words.at(-1).end } : { start: 0, end: points(turn.text) };
}

// What the mouse or a finger has selected within an element, drawn out to whole words; null where nothing.
export function selectedIn(element, turn) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!element.contains(range.startContainer) || !element.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const start = points(before.toString());
  const end = start + points(range.toString());
  const touched = wordsOf(turn).filter((word) => word.end > start && word.start < end);
  return touched.length ? { start: touched[0].start, end: touched.at(-1).end } : null;
}
