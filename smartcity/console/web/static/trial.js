// Shows how far a trial is, and the page anew when it has ended.
const trial = document.getElementById("trial");
const share = document.getElementById("share");
const step = document.getElementById("step");

async function look() {
  try {
    const answer = await fetch(trial.dataset.state, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    if (told.state !== "running" && told.state !== "waiting") {
      location.reload();
      return;
    }
    share.value = told.share;
    if (told.step && step.textContent !== told.step) step.textContent = told.step;
  } catch {
    // The page says how to load it anew.
  }
  setTimeout(look, 1500);
}
setTimeout(look, 1500);
