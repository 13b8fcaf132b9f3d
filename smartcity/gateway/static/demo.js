// The demonstration page's own button opens the chat, as a page of the city may do it.

const chat = document.querySelector("smartcity-chat");
const ask = document.getElementById("ask");
customElements.whenDefined("smartcity-chat").then(() => {
  ask.hidden = false;
  ask.addEventListener("click", () => chat.open());
});
