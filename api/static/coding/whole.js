// Episodes and ratings: what is said of the session as a whole.
import { WHOLE } from "./book.js";

const list = document.querySelector(".episodes");
const ratings = [...document.querySelectorAll("select[data-rating]")];

export function paintWhole(acts) {
  const { episodes, ratings: given } = acts.book.of(WHOLE);
  list.replaceChildren(...episodes.map((episode, nth) => line(acts, episode, nth)));
  for (const select of ratings) {
    select.value = String(given[select.dataset.rating] ?? "");
    select.disabled = acts.book.locked;
  }
}

function line(acts, episode, nth) {
  const made = document.getElementById("episode-line").content.cloneNode(true).querySelector("li");
  const turns = `turns ${episode.start + 1} to ${episode.end + 1}`;
  made.querySelector(".episode-turns").textContent = turns[0].toUpperCase() + turns.slice(1);
  for (const part of ["kind", "resolved"]) {
    const select = made.querySelector(`[data-part=${part}]`);
    select.value = episode[part];
    select.setAttribute("aria-label", `${part === "kind" ? "Kind" : "Status"} of ${turns}`);
    select.addEventListener("change", () => replace(acts, nth, { ...episode, [part]: select.value }, part));
  }
  const remove = made.querySelector("[data-part=remove]");
  remove.setAttribute("aria-label", `Remove the episode, ${turns}`);
  remove.addEventListener("click", () => replace(acts, nth));
  return made;
}

function replace(acts, nth, episode, part) {
  const episodes = acts.book.of(WHOLE).episodes.toSpliced(nth, 1, ...(episode ? [episode] : []));
  acts.whole({ episodes });
  const next = part ? list.children[nth]?.querySelector(`[data-part=${part}]`) : document.getElementById("begin-episode");
  next?.focus();
}

export function listenWhole(acts) {
  for (const select of ratings)
    select.addEventListener("change", () => {
      const given = { ...acts.book.of(WHOLE).ratings, [select.dataset.rating]: Number(select.value) || null };
      acts.whole({ ratings: given });
    });
}
