// The HTTP side of the chat: one session in memory, nothing stored in the browser.

export class ChatError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class Connection {
  #session = null;

  get begun() {
    return this.#session !== null;
  }

  // Begins a session and gives its first messages.
  async begin(language) {
    const answer = await post("/chat/sessions", { language });
    this.#session = answer.session;
    return answer.messages;
  }

  // Says {text} or {payload} and gives the answer's messages.
  async say(said, language) {
    const answer = await post("/chat/messages", { ...said, language }, this.#session);
    return answer.messages;
  }

  forget() {
    this.#session = null;
  }
}

async function post(path, body, session) {
  const headers = { "Content-Type": "application/json" };
  if (session) headers.Authorization = `Bearer ${session}`;
  let response;
  let answer;
  try {
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
    answer = await response.json();
  } catch {
    throw new ChatError("offline", "");
  }
  if (!response.ok) throw new ChatError(answer.error?.code ?? "internal", answer.error?.message ?? "");
  return answer;
}
