// The HTTP side: server-sent events, or JSON where a proxy stops them. Shapes: docs/integration.md.

const LONGEST = 40_000; // milliseconds for a request with all its replies

export class ChatError extends Error {
  constructor(code, message = "") {
    super(message);
    this.code = code;
  }
}

export class Connection {
  constructor(host) {
    this.host = host;
  }

  async configuration() {
    return reached((await this.#ask("GET", "/chat/config")).json());
  }

  async begin(language) {
    return reached((await this.#ask("POST", "/chat/sessions", { body: { language } })).json());
  }

  // The replies to {text} or {payload} as they come. The same key never says it twice.
  async *say(session, said, language, key) {
    const headers = { Accept: "text/event-stream, application/json;q=0.5", "Idempotency-Key": key };
    const answer = await this.#ask("POST", "/chat/messages", { body: { ...said, language }, session, headers });
    if (!(answer.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
      yield* (await reached(answer.json())).messages;
      return;
    }
    for await (const { event, data } of events(answer.body)) {
      if (event === "message") yield data;
      else if (event === "error") throw refusal(data);
      else if (event === "done") return;
    }
    throw new ChatError("offline");
  }

  async rate(session, { comment, ...rating }) {
    await this.#ask("POST", "/chat/feedback", { body: { ...rating, comment: comment || undefined }, session });
  }

  async delete(session) {
    await this.#ask("DELETE", "/chat/sessions", { session });
  }

  async #ask(method, path, { body, session, headers = {} } = {}) {
    if (body) headers["Content-Type"] = "application/json";
    if (session) headers.Authorization = `Bearer ${session}`;
    const asked = { method, headers, body: body && JSON.stringify(body), credentials: "omit", cache: "no-store" };
    const response = await reached(fetch(this.host + path, { ...asked, signal: AbortSignal.timeout(LONGEST) }));
    if (!response.ok) throw refusal(await reached(response.json()));
    return response;
  }
}

// What fails on the way means: not reachable.
async function reached(promise) {
  try {
    return await promise;
  } catch {
    throw new ChatError("offline");
  }
}

const refusal = ({ error }) => new ChatError(error?.code ?? "internal", error?.message);

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let rest = ""; ; ) {
      const { value, done } = await reached(reader.read());
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const [event, data] = ["event", "data"].map((name) => new RegExp(`^${name}: ?(.*)$`, "m").exec(part)?.[1]);
        if (data) yield { event, data: await reached(new Response(data).json()) };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
