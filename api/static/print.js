// Paper shows everything: open what is folded before printing and fold it again after.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("#report details:not([open])")];
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
});
