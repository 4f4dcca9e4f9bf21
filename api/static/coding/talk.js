// Talking to the service: JSON both ways, and a fresh token where one signed in anew elsewhere.
const meta = document.querySelector("meta[name=csrf-token]");

async function once(method, address, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": meta.content };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(20000),
  });
  return { status: answer.status, ok: answer.ok, said: await answer.json() };
}

async function freshToken() {
  const page = await (await fetch("/about", { signal: AbortSignal.timeout(20000) })).text();
  const found = new DOMParser().parseFromString(page, "text/html").querySelector("meta[name=csrf-token]");
  if (found) meta.content = found.content;
}

// Throws where the service cannot be reached; else gives its answer, good or bad.
export async function ask(method, address, body) {
  const answer = await once(method, address, body);
  if (answer.said?.error?.code !== "forged") return answer;
  await freshToken();
  return once(method, address, body);
}
