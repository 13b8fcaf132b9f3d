// Jumping between failures by key: j and n forward, k and p back. The links do the same without this script.
// Who speaks to the computer or types by accident can switch the keys off; that is remembered in this browser.

const STEPS = { j: 1, n: 1, k: -1, p: -1 };
const STORE = "console-keys";
const note = document.querySelector("#keys");
const box = note?.querySelector("input");
const failing = [...document.querySelectorAll(".turn.failing")];

function remembered() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

function place() {
  const here = document.activeElement?.closest(".turn");
  if (!here) return -1;
  const index = failing.indexOf(here);
  if (index >= 0) return index;
  // From a turn without a failure: the last failing one before it.
  return failing.filter((one) => one.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING).length - 1;
}

function jump(step) {
  const here = place();
  const wanted = failing[here + (step < 0 && here < 0 ? 0 : step)];
  if (wanted) {
    wanted.focus();
    wanted.scrollIntoView({ block: "start" });
  } else if (step > 0) document.querySelector("#next-conversation")?.click();
}

if (box) {
  note.hidden = false;
  box.checked = remembered();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(STORE, box.checked ? "on" : "off");
    } catch {
      // Then it is for this page only.
    }
  });
  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (!box.checked || writes || event.ctrlKey || event.metaKey || event.altKey || !(event.key in STEPS)) return;
    event.preventDefault();
    jump(STEPS[event.key]);
  });
}

// The turn that the address names gets the focus too, so that the keys go on from there.
if (location.hash.startsWith("#turn-")) {
  document.getElementById(location.hash.slice(1))?.focus({ preventScroll: true });
}
