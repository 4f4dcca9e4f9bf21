// A click anywhere on the timeline goes to the talk at that place; a line shows where one is reading.
const line = () => document.querySelector("svg.line");

function starts() {
  const text = line()?.dataset.starts;
  return text ? text.split(" ").map(Number) : [];
}

document.addEventListener("click", (event) => {
  const picture = event.target.closest("svg.line");
  if (!picture || event.target.closest("a")) return;
  const box = picture.getBoundingClientRect();
  const share = (100 * (event.clientX - box.left)) / box.width;
  const at = starts().findLastIndex((start) => start <= share);
  const turn = document.getElementById("turn-" + (Math.max(at, 0) + 1));
  if (!turn) return;
  const scroll = () => turn.scrollIntoView({ block: "start" });
  document.dispatchEvent(new CustomEvent("report:scroll", { detail: { element: turn, scroll } }));
});

function place() {
  const here = line()?.querySelector(".here");
  if (!here) return;
  const all = document.querySelectorAll(".turn");
  const reading = innerHeight * 0.35;
  let low = 0, high = all.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().bottom < reading) low = middle + 1;
    else high = middle;
  }
  const begun = all.length && all[0].getBoundingClientRect().top < reading;
  here.setAttribute("visibility", begun ? "visible" : "hidden");
  const x = (starts()[low] ?? 0) + "%";
  here.setAttribute("x1", x);
  here.setAttribute("x2", x);
}

let waiting = false;
document.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; place(); });
}, { passive: true });
document.addEventListener("report:changed", place);
place();
