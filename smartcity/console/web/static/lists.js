// A tick for all ticks. Without this script each is ticked by itself.

const all = document.querySelector("#all");
const picks = [...document.querySelectorAll(".pick input")];

if (all) {
  const box = all.querySelector("input");
  all.hidden = false;
  box.addEventListener("change", () => {
    for (const pick of picks) pick.checked = box.checked;
  });
  document.addEventListener("change", (event) => {
    if (event.target !== box && picks.includes(event.target)) {
      const ticked = picks.filter((pick) => pick.checked).length;
      box.checked = ticked === picks.length;
      box.indeterminate = ticked > 0 && ticked < picks.length;
    }
  });
}
