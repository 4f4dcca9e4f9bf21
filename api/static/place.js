// Scrolling to a place and holding it: what the browser skipped on the way grows once it is laid out, in the
// frames after, and would push the place off. So scroll again until nothing has moved for some frames.
const STILL = 6;
const MOST = 120; // frames; then let go, whatever still moves
let held = 0; // which hold is on: a later scroll, or the reader's own, ends the one before

function hold({ element, scroll }) {
  const mine = ++held;
  let still = 0, frames = 0, top;
  const frame = () => {
    if (mine !== held) return;
    still = element.getBoundingClientRect().top === top ? still + 1 : 0;
    scroll();
    top = element.getBoundingClientRect().top;
    if (still < STILL && ++frames < MOST) requestAnimationFrame(frame);
  };
  frame();
}

document.addEventListener("report:scroll", (event) => hold(event.detail));
for (const own of ["wheel", "touchstart", "pointerdown", "keydown"]) {
  document.addEventListener(own, () => { held++; }, { capture: true, passive: true });
}
