/*
transposed_views.js: the wiring of the direct and of the transposed convolution: the same lines, with
input and output exchanged.
*/
const WIRE_CELL = 26, LEAST_CELL = 18, WIRE_DROP = 74;

// backwards: the short side is the input
export function createWires(frame, { backwards, hover, pick }) {
  const path = (name) => h("path", { class: name });
  const paths = { top: path("nw-f-in"), bottom: path("nw-f-out"), hot: path("nw-f-hot"), wires: path("nw-wire"), lit: path("nw-wire-lit"), edges: path("nw-map-edge"), frames: path("nw-frame") };
  const texts = h("g"), svg = h("svg", { class: "nw-svg nw-axis", "aria-hidden": "true" }, Object.values(paths), texts);
  const caption = h("p", { class: "nw-caption" }), node = h("div", { class: "nw-block nw-wires nw-half" }, caption, h("div", { role: "img" }, svg));
  const C = WIRE_CELL, TOP = 20, LOW = TOP + C + WIRE_DROP;
  let m = null, drawn = "";
  const wide = () => Math.max(m.m, m.n) * C, least = () => Math.max(m.m, m.n) * LEAST_CELL + 4, start = (count) => 2 + (wide() - count * C) / 2;
  const rows = () => (backwards ? [m.m, m.n] : [m.n, m.m]);
  const cell = (row, index) => `M${start(rows()[row]) + index * C} ${row ? LOW : TOP}h${C}v${C}h${-C}z`;
  const at = (event) => {
    const bounds = svg.getBoundingClientRect(), scale = bounds.width / svg.viewBox.baseVal.width;
    const x = (event.clientX - bounds.left) / scale, y = (event.clientY - bounds.top) / scale, row = y < TOP + C + WIRE_DROP / 2 ? 0 : 1;
    const index = Math.floor((x - start(rows()[row])) / C);
    if (index < 0 || index >= rows()[row]) return null;
    return Boolean(row) === backwards ? { output: index } : { input: index };
  };
  svg.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch" && m && !m.problem) hover(at(event)); });
  svg.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hover(null); });
  svg.addEventListener("click", (event) => { const found = m && !m.problem && at(event); if (found) pick(found); });

  // from the short side's cell i to the long side's cell j
  const wire = (i, j) => {
    const [short, long] = [start(m.m) + i * C + C / 2, start(m.n) + j * C + C / 2];
    return backwards ? `M${short} ${TOP + C}L${long} ${LOW}` : `M${long} ${TOP + C}L${short} ${LOW}`;
  };
  function build() {
    const height = LOW + C + 20, width = wide() + 4, cells = (row) => Array.from({ length: rows()[row] }, (_, index) => cell(row, index)).join("");
    put(svg, "viewBox", `0 0 ${width} ${height}`);
    put(svg, "width", width); put(svg, "height", height);
    // shrinks as far as its numbers can be read; a long one takes a line of its own, then scrolls
    svg.style.minWidth = `${least()}px`; node.style.flexBasis = `${Math.max(300, least())}px`; node.style.maxWidth = `${Math.max(340, width)}px`;
    put(paths.top, "d", cells(0)); put(paths.bottom, "d", cells(1)); put(paths.edges, "d", cells(0) + cells(1));
    put(paths.wires, "d", m.terms.map((pairs, j) => pairs.map(([i]) => wire(i, j)).join("")).join(""));
    const label = (x, y, text, style = "") => h("text", { x, y, class: style }, text);
    texts.replaceChildren(
      label(width / 2, 9, frame.say("input"), "nw-faint"), label(width / 2, height - 9, frame.say("output"), "nw-faint"),
      ...[0, 1].flatMap((row) => Array.from({ length: rows()[row] }, (_, index) => label(start(rows()[row]) + index * C + C / 2, (row ? LOW : TOP) + C / 2, String(index)))));
  }
  function draw(scene) {
    m = scene.m;
    const geometry = JSON.stringify([m.terms, m.m]);
    if (geometry !== drawn) { drawn = geometry; build(); }
    const { inputs, outputs } = scene.lit, [short, long] = backwards ? [0, 1] : [1, 0];
    const hot = inputs.map((i) => cell(short, i)).join("") + outputs.map((j) => cell(long, j)).join("");
    put(paths.hot, "d", hot); put(paths.frames, "d", hot);
    put(paths.lit, "d", outputs.map((j) => m.terms[j].filter(([i]) => inputs.includes(i)).map(([i]) => wire(i, j)).join("")).join(""));
    const what = frame.say(backwards ? "transposed" : "direct", { m: m.m, n: m.n });
    write(caption, what);
    put(node.lastChild, "aria-label", frame.say("aria_wires", { what, now: scene.text }));
    if (least() > scene.room) put(node.lastChild, "tabindex", 0); else node.lastChild.removeAttribute("tabindex");
  }
  return { node, svg, caption, draw };
}

EXTRA_CSS.push(`
.nw-half{flex:1 1 300px;max-width:340px}.nw-half>div{overflow-x:auto}.nw .nw-half svg{display:block;margin:auto;max-width:100%;height:auto}
.nw-views{display:flex;flex-wrap:wrap;gap:14px 28px;justify-content:center;align-items:flex-start;margin-top:14px}
.nw .nw-views .nw-caption{max-width:340px}.nw .nw-views .nw-caption,.nw .nw-half .nw-caption{white-space:normal}.nw-row-numbers{margin-top:12px}
.nw .nw-half .nw-caption{text-align:center}
`);
