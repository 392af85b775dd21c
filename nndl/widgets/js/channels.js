/*
channels.js: the channels explorer: wiring between maps, the table of kernels, costs.
*/
const MAP = { width: 52, height: 26, pitch: 34, gap: 128, top: 22 };

export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let m = solveChannels(frame.state), solvedFor = frame.state, hover = null;
  frame.syncs.push(() => { if (solvedFor !== state()) m = solveChannels(solvedFor = state()); });
  const chosen = () => {
    const column = Math.max(0, m.sides.indexOf(state().side === "middle" && !state().separable ? "output" : state().side));
    return { column, channel: Math.min(state().channel, m.counts[column] - 1) };
  };
  const setHover = (next) => { if (String(hover?.column) + hover?.channel !== String(next?.column) + next?.channel) { hover = next; frame.redraw(); } };
  const choose = ({ column, channel }) => { hover = null; frame.update({ side: m.sides[column], channel }); frame.redraw(); };
  function key(event) {
    const { column, channel } = chosen(), step = { ArrowDown: 1, ArrowUp: -1 }[event.key], turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) choose({ column, channel: (channel + step + m.counts[column]) % m.counts[column] });
    else if (turn) choose({ column: Math.min(m.counts.length - 1, Math.max(0, column + turn)), channel });
    else return false;
    return true;
  }

  buildChannelControls(frame);
  const wiring = createWiring(frame, { hover: setHover, pick: choose, key });
  const tables = [0, 1].map((at) => {
    const caption = h("p", { class: "nw-caption" });
    const target = ([row]) => ({ column: at + 1, channel: row });
    const grid = createGrid(frame, { fill: "kernel", key, hover: (cell) => setHover(cell && target(cell)), pick: (cell) => choose(target(cell)) });
    return { grid, caption, node: h("div", { class: "nw-block" }, caption, grid.node) };
  });
  const note = h("p", { class: "nw-caption nw-wrap" }, say("rows_are"));
  frame.stage.append(h("div", { class: "nw-row nw-channels" }, wiring.node, h("div", { class: "nw-block" }, h("div", { class: "nw-tables" }, tables.map(({ node }) => node)), note)));

  const formula = (stage, bias) => { const [to, share, k] = stage.shape; return `${to} · ${share} · ${k} · ${k}${bias && state().bias ? ` + ${to}` : ""}`; };
  const summed = (parts, total) => `${parts.join(" + ")} = ${group(total)}`;
  const weights = () => summed(m.stages.map((stage) => formula(stage, false)), m.sums.weights);
  const quiz = frame.predictor({
    question: () => say("question"), fields: () => [say("weights")], answer: () => [m.sums.weights],
    reason: ([guess]) => `${guess === m.standard && guess !== m.sums.weights ? `${say("slip_groups")} ` : ""}${say("reason", { sum: weights() })}`,
    about: () => JSON.stringify(["in_channels", "out_channels", "kernel_size", "groups", "separable"].map((name) => state()[name])),
  });
  const now = createNow(), over = h("p", { class: "nw-over" }, say("hint"));
  const facts = createFacts(["shape", "parameters", "macs", "activations", "ratio"]);
  frame.readout.append(quiz.node, now, over, facts.node);
  const exported = () => sideBySide([["", wiring.svg], ...tables.filter(({ node }) => !node.hidden).map(({ grid, caption }) => [caption.textContent, grid.svg])]);
  frame.foot.append(frame.actions({ svg: exported }));

  const nameOf = (column, channel) => `${{ input: "x", middle: "m", output: "y" }[m.sides[column]]}${channel}`;
  function sentence({ column, channel }) {
    const words = [], list = (side, channels) => channels.map((n) => nameOf(side, n)).join(say("listed"));
    if (column > 0) {
      const inputs = m.reads[column - 1][channel], k = m.stages[column - 1].shape[2];
      words.push(say(inputs.length > 1 ? "reads" : "reads_one", { name: nameOf(column, channel), list: list(column - 1, inputs), n: inputs.length, k }));
    }
    if (column > 1) words.push(say("through", { k: state().kernel_size }));
    if (column < m.reads.length) {
      const outputs = m.reads[column].flatMap((inputs, output) => (inputs.includes(channel) ? [output] : []));
      words.push(say("feeds", { name: nameOf(column, channel), list: list(column + 1, outputs) }));
    }
    return words.join(" ");
  }

  function drawTable(at, shown, text) {
    const stage = m.stages[at], { grid, caption, node } = tables[at];
    node.hidden = !stage;
    if (!stage) return;
    const rows = m.counts[at + 1], columns = m.counts[at], none = [], hot = [];
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
      if (!m.reads[at][r].includes(c)) none.push([r, c]);
      else if ((shown.column === at + 1 && shown.channel === r) || (shown.column === at && shown.channel === c)) hot.push([r, c]);
    }
    write(caption, say("kernels", { shape: quiz.hidden() ? "?" : `[${stage.shape.join(", ")}]` }));
    grid.draw({ rows, columns, offset: [0, 0], inner: [rows, columns], label: () => "", size: 24, marks: { never: none, hot, ring: hot }, aria: say("aria_kernels", { n: rows, m: columns, now: text }) });
  }

  function draw() {
    if (hover && (hover.column >= m.counts.length || hover.channel >= m.counts[hover.column])) hover = null;
    const shown = hover ?? chosen(), text = sentence(shown), secret = quiz.hidden();
    wiring.draw({ m, lit: traced(m, shown.column, shown.channel), shown, nameOf, aria: say("aria", { now: text }) });
    for (const at of [0, 1]) drawTable(at, shown, text);
    write(now, text);
    const known = (value) => (secret ? "?" : value), { size } = state();
    facts.set("shape", say("shape"), known(m.stages.map((stage) => `[${stage.shape.join(", ")}]`).join(say("then"))));
    facts.set("parameters", say("parameters"), known(summed(m.stages.map((stage) => formula(stage, true)), m.sums.parameters)));
    facts.set("macs", say("macs"), known(summed(m.stages.map((stage) => `${size} · ${size} · ${formula(stage, false)}`), m.sums.macs)));
    facts.set("activations", say("activations"), say("bytes", { sum: summed(m.counts.slice(1).map((n) => `${n} · ${size} · ${size}`), m.sums.activations), bytes: `${fmt((m.sums.activations * 4) / 1024, 1)} KiB` }));
    const parts = state().separable && !secret ? say("separable_ratio", { out: state().out_channels, area: state().kernel_size ** 2 }) : "";
    facts.set("ratio", say("ratio"), known(`${m.sums.weights} / ${m.standard} = ${fmt(m.sums.weights / m.standard, 3)}${parts}`));
  }
  return { draw, check: checkChannels };
}

function buildChannelControls(frame) {
  const state = () => frame.state, { min, max } = frame.schema.in_channels;
  const kinds = Object.fromEntries(["standard", "grouped", "depthwise", "pointwise", "separable"].map((name) => [name, frame.spec.strings[`kind_${name}`]]));
  const maps = (name) => frame.slider({ name, label: frame.pick(frame.schema[name].label), min, max, get: () => state()[name], set: (n) => frame.update(otherChannels(state(), { [name]: n })) });
  // only groups that divide both numbers of maps can be chosen
  const numbers = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n, [String(n), String(n)]]));
  const groups = frame.choices({ label: frame.pick(frame.schema.groups.label), options: numbers, list: false, get: () => String(state().groups), set: (n) => frame.update({ groups: Number(n) }), when: () => !state().separable });
  frame.onSync(() => {
    const open = divisors(state().in_channels, state().out_channels);
    [...groups.querySelectorAll("label")].forEach((label, index) => { label.hidden = !open.includes(index + 1); });
  });
  frame.controls.append(
    frame.choices({ label: frame.say("kind"), options: kinds, list: true, get: () => kindOfChannels(state()), set: (name) => frame.update(channelsOfKind(name, state())) }),
    groups, maps("in_channels"), maps("out_channels"), frame.control("kernel_size"), frame.control("size"), frame.control("bias"));
}

// ---- the wiring: a column of maps for each side, a line wherever a map is read --------------------------------
function createWiring(frame, { hover, pick, key }) {
  const path = (name) => h("path", { class: name });
  const paths = { wires: path("nw-wire"), lit: path("nw-wire-lit"), bands: path("nw-band"), maps: path("nw-f-in"), outs: path("nw-f-out"), hot: path("nw-f-hot"), edges: path("nw-map-edge"), frames: path("nw-frame"), shown: path("nw-ring") };
  const texts = h("g"), svg = h("svg", { class: "nw-svg nw-wiring", "aria-hidden": "true" }, Object.values(paths), texts);
  const node = h("div", { class: "nw-block nw-wires", tabindex: 0, role: "application" }, svg);
  const { width, height, pitch, gap, top } = MAP;
  let m = null, drawn = "";
  const tallest = () => Math.max(...m.counts) * pitch;
  const left = (column) => 4 + column * (width + gap), rise = (column, n) => top + (tallest() - m.counts[column] * pitch) / 2 + n * pitch + (pitch - height) / 2;
  const square = (column, n, grow = 0) => `M${left(column) - grow} ${rise(column, n) - grow}h${width + 2 * grow}v${height + 2 * grow}h${-width - 2 * grow}z`;
  const wire = (at, input, output) => `M${left(at) + width} ${rise(at, input) + height / 2}L${left(at + 1)} ${rise(at + 1, output) + height / 2}`;
  const mapAt = (event) => {
    const bounds = svg.getBoundingClientRect(), scale = bounds.width / svg.viewBox.baseVal.width;
    const x = (event.clientX - bounds.left) / scale, y = (event.clientY - bounds.top) / scale;
    for (let column = 0; column < m.counts.length; column++) for (let n = 0; n < m.counts[column]; n++)
      if (Math.abs(x - left(column) - width / 2) < width / 2 + 6 && Math.abs(y - rise(column, n) - height / 2) <= pitch / 2) return { column, channel: n };
    return null;
  };
  svg.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch" && m) hover(mapAt(event)); });
  svg.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hover(null); });
  svg.addEventListener("click", (event) => { const found = m && mapAt(event); if (found) pick(found); });
  node.addEventListener("keydown", (event) => { if (event.target === node && !event.ctrlKey && !event.metaKey && !event.altKey && key(event)) event.preventDefault(); });

  const everywhere = (draw) => m.counts.map((count, column) => Array.from({ length: count }, (_, n) => draw(column, n)).join(""));
  function build(nameOf) {
    const high = top + tallest() + 4, wide = left(m.counts.length - 1) + width + 4;
    put(svg, "viewBox", `0 0 ${wide} ${high}`);
    put(svg, "width", wide); put(svg, "height", high);
    const columns = everywhere((column, n) => square(column, n));
    put(paths.maps, "d", columns.slice(0, -1).join("")); put(paths.outs, "d", columns.at(-1)); put(paths.edges, "d", columns.join(""));
    put(paths.wires, "d", m.reads.map((outputs, at) => outputs.map((inputs, output) => inputs.map((input) => wire(at, input, output)).join("")).join("")).join(""));
    // what belongs to one group stands in one frame
    const band = (column, first, last) => `M${left(column) - 3} ${rise(column, first) - 3}h${width + 6}v${rise(column, last) - rise(column, first) + height + 6}h${-width - 6}z`;
    put(paths.bands, "d", m.stages.map((stage, at) => (stage.groups < 2 ? "" : [at, at + 1].map((column) => {
      const share = m.counts[column] / stage.groups;
      return share < 2 ? "" : Array.from({ length: stage.groups }, (_, g) => band(column, g * share, (g + 1) * share - 1)).join("");
    }).join(""))).join(""));
    const label = (x, y, text, name = "") => h("text", { x, y, class: name }, text);
    texts.replaceChildren(
      ...m.sides.map((side, column) => label(left(column) + width / 2, 9, frame.say(`column_${side}`), "nw-faint")),
      ...m.counts.flatMap((count, column) => Array.from({ length: count }, (_, n) => label(left(column) + width / 2, rise(column, n) + height / 2, nameOf(column, n)))));
  }
  function draw(scene) {
    m = scene.m;
    const geometry = JSON.stringify([m.counts, m.stages.map((stage) => stage.groups)]);
    if (geometry !== drawn) { drawn = geometry; build(scene.nameOf); }
    const { lit, shown } = scene;
    put(node, "aria-label", scene.aria);
    const all = everywhere((column, n) => (lit[column].has(n) ? square(column, n) : "")).join("");
    put(paths.hot, "d", all); put(paths.frames, "d", all);
    put(paths.shown, "d", square(shown.column, shown.channel, 4));
    // before the shown column only wires that lead to it, after it only those that lead away
    put(paths.lit, "d", m.reads.map((outputs, at) => outputs.map((inputs, output) => (lit[at + 1].has(output) ? inputs.filter((input) => lit[at].has(input)).map((input) => wire(at, input, output)).join("") : "")).join("")).join(""));
  }
  return { node, svg, draw };
}

EXTRA_CSS.push(`
.nw-channels{gap:18px 36px}.nw-tables{display:flex;flex-wrap:wrap;gap:10px 20px;align-items:flex-start}
.nw .nw-wrap{white-space:normal;max-width:300px;margin:6px 0 0}
`);
