// Files one after another, each with its progress and, where it is refused, the sentence that says why.
document.documentElement.classList.add("script");

const form = document.querySelector("form.upload");
const picker = form.querySelector("input[type=file]");
const drop = form.querySelector("[data-drop]");
const list = document.querySelector(".upload-list");
const most = Number(form.dataset.most);
const token = document.querySelector("meta[name=csrf-token]").content;
picker.multiple = true;
const waiting = [];
let busy = false;

function lineFor(file) {
  const line = document.getElementById("file-line").content.cloneNode(true).querySelector("li");
  line.querySelector(".file-name").textContent = file.name;
  line.querySelector("progress").setAttribute("aria-label", "Sending " + file.name);
  list.append(line);
  say(line, "Waiting its turn.");
  return line;
}

function say(line, words) {
  line.querySelector(".file-state").textContent = words;
}

function refuse(line, words) {
  line.classList.add("bad");
  say(line, words);
}

// Tables may need to be told which column is which, or which of several transcripts is meant.
function offerColumns(file, line, code) {
  const table = /\.(csv|tsv|tab|jsonl)$/i.test(file.name);
  if (!["columns", "several_transcripts"].includes(code) && !(table && code !== "too_large")) return;
  const help = document.getElementById("table-help").content.cloneNode(true).querySelector("form");
  help.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = [...new FormData(help)].filter(([, value]) => value.trim());
    help.remove();
    line.classList.remove("bad");
    waiting.push({ file, line, columns: Object.fromEntries(given) });
    work();
  });
  line.append(help);
}

function accept(line, session, again) {
  line.classList.add("done");
  const asks = session.status === "needs_roles";
  say(line, again ? "You uploaded this file before; here it is." : asks ? "Read. Please say who is who." : "Read.");
  const link = document.createElement("a");
  link.href = "/sessions/" + encodeURIComponent(session.id);
  link.textContent = asks ? "Say who is who" : "Open the session";
  line.querySelector(".file-next").append(link);
  return link.href;
}

function send(file, line, columns) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const bar = line.querySelector("progress");
    request.open("POST", "/api/v1/sessions");
    request.setRequestHeader("X-CSRF-Token", token);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      bar.value = (100 * event.loaded) / event.total;
      say(line, event.loaded < event.total ? "Sending." : "Reading the file.");
    };
    request.onerror = () => done(refuse(line, "The connection was lost. Nothing is kept of this file; try it again."));
    request.onload = () => {
      const answer = request.response;
      if (request.status < 300 && answer?.id) return done(accept(line, answer, request.status === 200));
      refuse(line, answer?.error?.message ?? `The service could not take it (${request.status}). Try again.`);
      offerColumns(file, line, answer?.error?.code);
      done();
    };
    const body = new FormData();
    body.append("file", file, file.name);
    if (columns) body.append("columns", JSON.stringify(columns));
    request.send(body);
  });
}

async function work() {
  if (busy) return;
  busy = true;
  const opened = [];
  let several = waiting.length > 1;
  while (waiting.length) {
    const { file, line, columns } = waiting.shift();
    say(line, "Sending.");
    opened.push(await send(file, line, columns));
    several ||= waiting.length > 0;
  }
  busy = false;
  if (!several && opened.length === 1 && opened[0] && list.children.length === 1) location.href = opened[0];
}

function take(files) {
  for (const file of files) {
    const line = lineFor(file);
    if (most && file.size > most) refuse(line, "This file is larger than this service takes.");
    else if (!file.size) refuse(line, "This file is empty.");
    else waiting.push({ file, line });
  }
  picker.value = "";
  work();
}

picker.addEventListener("change", () => take([...picker.files]));
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take([...event.dataTransfer.files]);
});
