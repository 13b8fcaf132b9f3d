// Looks at the chat from within the page; looks.py asks: (() => {...})().name(...)
(() => {
  const root = document.querySelector("smartcity-chat")?.shadowRoot;
  const CONTROLS = "button, input, textarea, a[href], [tabindex='0']";

  const all = (wanted) => [...root.querySelectorAll(wanted)].filter((one) => one.checkVisibility());
  const above = (one) => one.parentElement ?? one.getRootNode().host ?? null;
  const chain = (one) => (one ? [...chain(above(one)), one] : []);
  const named = (one) =>
    [one.localName, one.id || one.getAttribute("aria-label") || one.textContent.trim().slice(0, 40) || one.className].join(" ");
  const forEye = (one) => !one.closest(".spoken, style");

  // Backgrounds from the page inwards, each with its opacity.
  const paint = (one) =>
    chain(one).map((part) => {
      const { backgroundColor, opacity } = getComputedStyle(part);
      return [backgroundColor, Number(opacity)];
    });

  const deepest = (x, y) => {
    let found = document.elementFromPoint(x, y);
    for (;;) {
      const inner = found?.shadowRoot?.elementFromPoint(x, y);
      if (!inner || inner === found) return found;
      found = inner;
    }
  };

  // What of it lies within the window and everything that clips it.
  const clipped = (one, box = one.getBoundingClientRect()) => {
    let { left, top, right, bottom } = box;
    const cut = (frame) => {
      [left, top] = [Math.max(left, frame.left), Math.max(top, frame.top)];
      [right, bottom] = [Math.min(right, frame.right), Math.min(bottom, frame.bottom)];
    };
    chain(above(one)).filter((part) => getComputedStyle(part).overflowY !== "visible").forEach((part) => cut(part.getBoundingClientRect()));
    cut({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
    return { left, top, right, bottom };
  };

  // Whether the middle of it (of its first line) can be pressed.
  const isReached = (one) => {
    const line = one.getClientRects()[0];
    if (!line) return false;
    const box = clipped(one, line);
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const found = deepest(x, y);
    const label = found?.closest("label");
    return one === found || one.contains(found) || Boolean(label?.contains(one));
  };

  const crosses = (one, other) =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
  const holds = (outer, inner) =>
    inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;

  // [element, text, box of a line], for each line that the eye may read.
  const lines = () => {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const one = node.parentElement;
      if (!node.data.trim() || !one.checkVisibility() || !forEye(one)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      found.push(...[...range.getClientRects()].map((box) => [one, node, box]));
    }
    return found;
  };

  return {
    paint,

    // [name, colour, backgrounds] of each text that can be used.
    texts: () =>
      all("*")
        .filter((one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
        .filter((one) => forEye(one) && !one.closest("[aria-disabled=true]"))
        .map((one) => [named(one), getComputedStyle(one).color, paint(one)]),

    // [name, width, height]; a label belongs to its control.
    targets: () =>
      all("button, input, textarea").map((one) => {
        const boxes = [one, one.closest("label")].filter(Boolean).map((part) => part.getBoundingClientRect());
        return [named(one), Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
      }),

    // Controls that are called other than what stands on them: whoever speaks to the computer says what they read.
    mislabelled: () =>
      lines().map(([one, node]) => [one.closest("[aria-label]"), node.data.trim().toLowerCase()])
        .filter(([one, text]) => one?.matches("button, a") && !one.ariaLabel.toLowerCase().includes(text))
        .map(([one, text]) => `${named(one)}: ${text}`),

    // What scrolls sideways, or lies beside its frame.
    sticking: () => {
      const frames = [document.documentElement, ...all(".panel, .log, .menu, .ending, .composer")];
      const page = { left: 0, right: document.documentElement.clientWidth };
      const out = all("*").filter(forEye).filter((one) => {
        const box = one.getBoundingClientRect();
        const frame = one.closest(".panel")?.getBoundingClientRect() ?? page;
        return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1);
      });
      return [...frames.filter((one) => one.scrollWidth > one.clientWidth + 1), ...out].map(named);
    },

    // Controls that no pointer reaches, even after scrolling; beside a modal panel nothing counts.
    unreached: () => {
      const panel = all(".panel:modal")[0] ?? root;
      return [...all(CONTROLS)].filter((one) => panel.contains(one)).filter((one) => {
        one.scrollIntoView({ block: "nearest", behavior: "instant" });
        return !isReached(one);
      }).map(named);
    },

    // Texts that their box cuts off, or that lie on one another.
    spoilt: () => {
      const found = [];
      const read = [];
      for (const [one, node, line] of lines()) {
        const box = one.closest("button, .bubble, .proactive, .bar, .warning, .failure");
        if (box && !holds(box.getBoundingClientRect(), line)) found.push(`cut off: ${node.data}`);
        // The upper and lower quarter of a line are empty.
        const [top, bottom] = [line.top + line.height / 4, line.bottom - line.height / 4];
        const shown = clipped(one, { left: line.left, right: line.right, top, bottom });
        const panel = one.closest(".panel");
        // What failed stands still above what scrolls away under it.
        if (one.matches(".trouble")) continue;
        if (shown.left < shown.right && shown.top < shown.bottom) read.push({ node, panel, ...shown });
      }
      read.forEach((one, place) => {
        const others = read.slice(place + 1).filter((other) => other.node !== one.node && other.panel === one.panel);
        found.push(...others.filter((other) => crosses(one, other)).map((other) => `on one another: ${one.node.data} / ${other.node.data}`));
      });
      const hiding = all("*").filter((one) => forEye(one) && getComputedStyle(one).overflowY === "hidden");
      found.push(...hiding.filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => `hides: ${named(one)}`));
      return [...new Set(found)];
    },

    moving: () => [document, root].flatMap((one) => one.getAnimations()).map((one) => named(one.effect.target)),

    // The stop of the keyboard: what it is, where, and how it is marked.
    stop: () => {
      let one = document.activeElement;
      while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
      if (one === document.body || !root.contains(one)) return { name: one.localName, inChat: false, inPanel: false };
      const style = getComputedStyle(one);
      const ring = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
      const far = ring + parseFloat(style.outlineOffset);
      const box = one.getBoundingClientRect();
      const outer = { left: box.left - far, top: box.top - far, right: box.right + far, bottom: box.bottom + far };
      const shown = clipped(one, outer);
      const sides = ["left", "top", "right", "bottom"].filter((side) => Math.abs(shown[side] - outer[side]) <= 1);
      const colours = [style.outlineColor, ...(style.boxShadow.match(/^rgb[^)]*\)/) ?? [])];
      return { colours, ground: paint(above(one)), name: named(one), inChat: true, inPanel: Boolean(one.closest(".panel")), ring, sides: sides.length, reached: isReached(one) };
    },
  };
})()
