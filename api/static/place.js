// Scrolling to a place exactly. A browser skips what is far away and guesses its height; laying it out later
// would push the place off. So all is laid out before the scroll, and skipped again once its height is known.
const FRAMES = 2; // heights are remembered at the end of the first

function skipAgain(report, frames) {
  if (frames) requestAnimationFrame(() => skipAgain(report, frames - 1));
  else report.classList.remove("whole");
}

document.addEventListener("report:scroll", (event) => {
  const report = document.getElementById("report");
  report?.classList.add("whole");
  event.detail();
  if (report) skipAgain(report, FRAMES);
});
