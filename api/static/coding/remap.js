// Each person's own keys for the codes.
import { ask } from "./talk.js";

const form = document.getElementById("remap");
const fields = [...form.querySelectorAll("[data-key-of]")];
const problem = document.getElementById("remap-problem");

function show(keys) {
  for (const field of fields) field.value = keys[field.dataset.keyOf];
}

async function keep(wanted, take) {
  let answer;
  try {
    answer = await ask("PUT", "/api/v1/coding-keys", wanted);
  } catch {
    answer = { said: { error: { message: "The service cannot be reached just now." } } };
  }
  problem.hidden = Boolean(answer.ok);
  problem.textContent = answer.ok ? "" : answer.said.error.message;
  if (!answer.ok) return;
  show(answer.said.keys);
  take(answer.said.keys);
  form.closest("dialog").close();
}

export function offerKeys(keys, take) {
  show(keys);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(Object.fromEntries(fields.map((field) => [field.dataset.keyOf, field.value.trim()])), take);
  });
  document.getElementById("usual-keys").addEventListener("click", () => keep({}, take));
}
