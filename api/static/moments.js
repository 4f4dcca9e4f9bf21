// Moving from moment to moment: by key, by link, and showing in the lists which one is being read.
document.documentElement.classList.add("script");

const report = () => document.getElementById("report");
const visible = (element) => element.getClientRects().length > 0;
const listLinks = () => [...document.querySelectorAll(".moment-list a")].filter(visible);

function say(words) {
  document.getElementById("said").textContent = words;
}

function targetOf(link) {
  return document.getElementById(link.dataset.moment);
}

// The moment whose passage the reader has reached: the last one that begins above the reading line.
function current() {
  const line = innerHeight * 0.45;
  const begun = listLinks().filter((link) => targetOf(link).getBoundingClientRect().top <= line);
  return begun.at(-1);
}

function go(link) {
  const target = targetOf(link);
  target.focus({ preventScroll: true });
  land(target);
  history.replaceState(null, "", "#" + target.id);
  settled = link.dataset.moment;
  showCurrent(settled);
  say(`${target.dataset.says} (${listLinks().indexOf(link) + 1} of ${listLinks().length})`);
}

// Where the keys count from: the moment last jumped to while it is still in sight, else the one being read.
let settled = "";
function index() {
  const links = listLinks();
  const kept = links.findIndex((link) => link.dataset.moment === settled);
  if (kept >= 0) {
    const top = targetOf(links[kept]).getBoundingClientRect().top;
    if (top > -innerHeight * 0.6 && top < innerHeight) return kept;
  }
  return links.indexOf(current());
}

function step(by) {
  const links = listLinks();
  if (!links.length) return say("No moments are shown.");
  const next = index() + by;
  if (next < 0) return say("This is the first moment.");
  if (next >= links.length) return say("That was the last moment.");
  go(links[next]);
}

function showCurrent(id) {
  for (const link of document.querySelectorAll("[data-moment]:is(a)")) {
    if (link.dataset.moment === id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

const keys = {
  j: () => step(1),
  n: () => step(1),
  k: () => step(-1),
  p: () => step(-1),
  m: () => (listLinks()[0] ?? document.getElementById("moments")).focus(),
  t: () => { scrollTo({ top: 0 }); document.getElementById("main").focus({ preventScroll: true }); },
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !report()) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-moment], .look-first a, .facts a");
  if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
  if (!link || !link.getAttribute("href").startsWith("#")) return;
  const id = link.getAttribute("href").slice(1);
  const inList = listLinks().find((one) => one.dataset.moment === id);
  if (!inList) return;
  event.preventDefault();
  go(inList);
});

let waiting = false;
document.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    showCurrent(listLinks()[index()]?.dataset.moment);
  });
}, { passive: true });

function land(target) {
  const scroll = () => target.scrollIntoView({ block: "start" });
  document.dispatchEvent(new CustomEvent("report:scroll", { detail: { element: target, scroll } }));
}

// From the end of a moment's turns back to its note, opened.
document.addEventListener("click", (event) => {
  const id = event.target.closest("a[data-opens]")?.dataset.opens;
  if (id) document.querySelector(`.card[data-moment="${id}"] .card-body`).open = true;
});

function landByAddress() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) land(target);
}
landByAddress();
addEventListener("hashchange", landByAddress);

// On a narrow screen notes start closed, so that the talk reads on; one touch opens each.
function closeNotes() {
  if (!matchMedia("(max-width: 60rem)").matches) return;
  for (const note of document.querySelectorAll(".card-body")) note.open = false;
}
closeNotes();
document.addEventListener("report:changed", closeNotes);
