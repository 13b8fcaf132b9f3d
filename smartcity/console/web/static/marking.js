// Names are marked with the mouse by drawing over words, with the keyboard by Shift and Space; without either by ticking.
for (const words of document.querySelectorAll(".words")) {
  const boxes = [...words.querySelectorAll("input")];
  const labels = boxes.map((box) => box.closest("label"));
  let first = -1;
  let value = true;
  let drawn = false;

  const choose = (from, to) => {
    const [low, high] = from < to ? [from, to] : [to, from];
    for (let place = low; place <= high; place += 1) boxes[place].checked = value;
  };
  const placeOf = (target) => labels.findIndex((label) => label.contains(target));

  words.addEventListener("pointerdown", (event) => {
    const place = placeOf(event.target);
    if (place < 0 || event.button !== 0 || event.pointerType === "touch") return;
    first = place;
    value = !boxes[place].checked;
    drawn = false;
  });
  words.addEventListener("pointerover", (event) => {
    const place = placeOf(event.target);
    if (first < 0 || place < 0 || place === first) return;
    drawn = true;
    choose(first, place);
  });
  document.addEventListener("pointerup", () => {
    first = -1;
  });
  // The press that ends a drawn mark would tick the word under it once more.
  words.addEventListener("click", (event) => {
    if (drawn) event.preventDefault();
    drawn = false;
  }, true);
  // Dragging marks words; it does not select text.
  words.addEventListener("selectstart", (event) => event.preventDefault());

  let last = -1;
  words.addEventListener("change", (event) => {
    const place = boxes.indexOf(event.target);
    if (shift && last >= 0) {
      value = event.target.checked;
      choose(last, place);
    }
    last = place;
  });
}

let shift = false;
for (const name of ["keydown", "keyup", "pointerdown"]) {
  document.addEventListener(name, (event) => {
    shift = event.shiftKey;
  }, true);
}
