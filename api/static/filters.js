// Showing and hiding kinds of marks at once; the address keeps the choice.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.filters");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=kind]")];
  const report = document.getElementById("report");
  for (const box of boxes) report.classList.toggle("hide-" + box.value, !box.checked);
  const url = new URL(location.href);
  url.searchParams.delete("kind");
  url.searchParams.delete("filtered");
  if (boxes.some((box) => !box.checked)) {
    url.searchParams.set("filtered", "1");
    for (const box of boxes) if (box.checked) url.searchParams.append("kind", box.value);
  }
  if (location.protocol !== "file:") history.replaceState(null, "", url);
  for (const link of document.querySelectorAll("a[data-strictness]")) {
    const to = new URL(url);
    to.searchParams.set("strictness", link.dataset.strictness);
    to.hash = "";
    link.href = to.search;
  }
  const shown = boxes.filter((box) => box.checked).map((box) => box.value);
  document.getElementById("said").textContent = shown.length ? "Showing " + shown.join(", ") : "Showing no marks";
});
