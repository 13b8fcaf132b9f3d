// What the page that holds the frame wishes: /chat?lang=en&name=...&color=%230b3558&accent=...&scheme=light

const WISHES = ["lang", "name", "color", "accent", "scheme"];
const chat = document.querySelector("smartcity-chat");
for (const [name, value] of new URLSearchParams(location.search)) {
  if (WISHES.includes(name)) chat.setAttribute(name, value.slice(0, 100));
}
if (chat.lang) document.documentElement.lang = chat.lang.startsWith("en") ? "en" : "de";
