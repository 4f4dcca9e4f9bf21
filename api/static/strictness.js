// Another strictness without losing one's place: fetch the same page, put its report in, stay at the same turn.
function readingTurn() {
  const turns = document.querySelectorAll(".turn");
  const line = 160;
  let low = 0, high = turns.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (turns[middle].getBoundingClientRect().bottom < line) low = middle + 1;
    else high = middle;
  }
  const turn = turns[low];
  if (!turn || turn.getBoundingClientRect().top > innerHeight) return null;
  return { id: turn.id, top: turn.getBoundingClientRect().top };
}

function keepPlace(place) {
  const turn = place && document.getElementById(place.id);
  if (!turn) return;
  const scroll = () => scrollBy({ top: turn.getBoundingClientRect().top - place.top, behavior: "instant" });
  document.dispatchEvent(new CustomEvent("report:scroll", { detail: { element: turn, scroll } }));
}

// The moment the address names, if the reader went to one: its name and its turns.
function chosenMoment() {
  const element = document.getElementById(location.hash.slice(1));
  return element?.dataset?.turns ? { says: element.dataset.says.split(":")[0], turns: turnsOf(element) } : null;
}

function turnsOf(element) {
  return element.dataset.turns.split(" ").map(Number);
}

// The moment of the fresh report that holds some of the same turns: its number may be another now.
function sameMoment(report, moment) {
  return [...report.querySelectorAll("[data-turns]")].find((one) => {
    const [first, last] = turnsOf(one);
    return first <= moment.turns[1] && moment.turns[0] <= last;
  });
}

// Says what changed, for those who hear and those who see.
function tell(level, fresh, moment, kept) {
  const count = fresh.dataset.moments;
  const gone = moment && !kept ? `${moment.says} is not shown at this strictness.` : "";
  document.getElementById("said").textContent = `Strictness ${level}: ${count} moments. ${gone}`.trim();
  const note = document.querySelector(".strictness-said");
  note.textContent = gone;
  note.hidden = !gone;
}

async function load(url) {
  const report = document.getElementById("report");
  report.setAttribute("aria-busy", "true");
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("report");
  if (!answer.ok || !fresh) throw new Error("no report");
  const place = readingTurn();
  const moment = chosenMoment();
  const focused = document.activeElement?.dataset?.strictness;
  report.replaceWith(document.adoptNode(fresh));
  document.dispatchEvent(new Event("report:changed"));
  keepPlace(place);
  if (focused) document.querySelector(`a[data-strictness="${focused}"]`).focus({ preventScroll: true });
  const level = document.querySelector("a[data-strictness][aria-current]").textContent.toLowerCase();
  const kept = moment && sameMoment(fresh, moment);
  tell(level, fresh, moment, kept);
  return kept ? "#" + kept.id : "";
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-strictness]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link.href).then(
    (hash) => {
      history.pushState(null, "", link.href + hash);
      shown = location.search;
    },
    () => { location.href = link.href; },
  );
});

// Going back may lead to another strictness, or only to another place in the same report.
let shown = location.search;
addEventListener("popstate", () => {
  if (location.search === shown) return;
  shown = location.search;
  load(location.href).catch(() => location.reload());
});
