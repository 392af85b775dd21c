/*
network_cost.js: the network-cost explorer: a bar for each layer, the open layer's formula, totals.
*/
EXTRA_CSS.push(`
.nw .nw-net{list-style:none;margin:0;padding:0;display:grid;gap:2px}
.nw .nw-net li{margin:0;padding:0}
.nw .nw-net button{display:grid;grid-template-columns:1.8em minmax(8em,1.4fr) 8.4em minmax(60px,1.2fr) minmax(7.5em,auto);gap:2px 10px;align-items:center;width:100%;text-align:start;border-color:transparent;border-radius:6px;padding:2px 8px;min-height:30px}
.nw .nw-net button[aria-pressed=true]{border-color:var(--nw-accent);box-shadow:none;background:var(--nw-raised)}
.nw-net .nw-net-no,.nw-net .nw-net-shape{color:var(--nw-faint);font-variant-numeric:tabular-nums}
.nw-net .nw-net-shape{white-space:nowrap}.nw-net .nw-net-value{text-align:end;font-variant-numeric:tabular-nums}
.nw-net .nw-net-bar{height:14px;background:var(--nw-pad);border-radius:3px;overflow:hidden;display:block}
.nw-net .nw-net-bar span{display:block;height:100%;background:var(--nw-accent);border-radius:3px}
.nw-net .nw-most .nw-net-value{font-weight:700}
.nw-net .nw-fault{color:var(--nw-bad)}
.nw .nw-sums{display:grid;grid-template-columns:auto 1fr;gap:2px 16px;margin-top:8px}
.nw .nw-sums dt{color:var(--nw-faint)}.nw .nw-sums dd{font-variant-numeric:tabular-nums}
.nw .nw-open p{margin-top:4px}
@container nw (max-width:560px){.nw .nw-net button{grid-template-columns:1.8em 1fr auto;padding-block:4px}.nw-net .nw-net-shape{grid-column:2;grid-row:2;font-size:12px}.nw-net .nw-net-bar{grid-column:3;grid-row:2;min-width:110px}.nw-net .nw-net-value{grid-column:3;grid-row:1}.nw .nw-sums{grid-template-columns:1fr}}
`);

const QUANTITIES = ["parameters", "macs", "activations", "memory"];
const bytes = (n) => {
  const step = n < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(n) / 10));
  return `${fmt(n / 1024 ** step, step ? 1 : 0)} ${["B", "KiB", "MiB", "GiB"][step]}`;
};
const times = (shape) => shape.join(" × ");

// everything that the settings lead to
export function solveNetwork(state) {
  const preset = SPEC.constants.networks[state.network];
  const layers = state.layers ?? check_layers(preset.layers), shape = state.input_shape ?? preset.input_shape;
  const { rows, problem } = costUpTo(layers, shape);
  const memory = network_memory(rows, shape, state.mode, state.number_type === "float16" ? 2 : 4, Number(state.batch_size));
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const all = Object.fromEntries(QUANTITIES.map((name) => [name, name === "memory" ? memory.layers.map(sum) : rows.map((row) => row[name])]));
  const totals = Object.fromEntries(QUANTITIES.map((name) => [name, name === "memory" ? memory.total : sum(all[name])]));
  const values = all[state.quantity], largest = Math.max(0, ...values), most = largest ? values.indexOf(largest) : -1;
  return { layers, shape, rows, problem, memory, values, totals, largest, most, summed: sum(values) };
}

export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let net = solveNetwork(frame.state), solvedFor = frame.state;
  const solve = () => { if (solvedFor !== state()) net = solveNetwork(solvedFor = state()); };
  frame.syncs.push(solve);
  const own = (layers, selected) => frame.update({ network: "own", layers, input_shape: net.shape, selected });
  const value = (n) => (state().quantity === "memory" ? bytes(n) : group(n));
  const selected = () => Math.min(state().selected, net.layers.length - 1);
  const kindOf = (layer) => say(`kind_${layer.kind}`);

  buildNetworkControls(frame, () => net);
  const quantity = frame.control("quantity");
  quantity.classList.add("nw-view");
  frame.head.append(quantity);

  const list = h("ol", { class: "nw-net", "aria-label": say("layers"), onkeydown: (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], lines = [...list.querySelectorAll("button")], at = lines.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    lines[at + step]?.focus();
    lines[at + step]?.click();
  } });
  const editor = createEditor(frame, { get: () => net, set: own });
  frame.stage.append(list);
  const open = h("div", { class: "nw-open" }), sums = h("dl", { class: "nw-sums" }), most = h("p", { class: "nw-now", "aria-live": "polite" });
  const quiz = frame.predictor({
    question: () => say("question", { what: say(`what_${state().quantity}`) }),
    fields: () => [say("number")],
    answer: () => [net.most + 1],
    reason: ([guess]) => {
      const told = (i, key) => say(key, { i: i + 1, what: kindOf(net.layers[i]), value: value(net.values[i]), all: value(net.summed) });
      const wrong = guess !== net.most + 1 && net.values[guess - 1] !== undefined ? `${told(guess - 1, "guessed")} ` : "";
      return net.most < 0 ? say("none_most") : wrong + told(net.most, "reason");
    },
    about: () => JSON.stringify([net.layers, net.shape, state().quantity, state().mode, state().number_type, state().batch_size]),
  });
  frame.readout.append(quiz.node, most, editor.node, open, sums);
  frame.foot.append(frame.actions({ svg: () => picture(frame, net, value) }));

  const lines = [];
  const line = (index) => {
    const part = (name) => h("span", { class: `nw-net-${name}` });
    const parts = { no: part("no"), what: part("what"), shape: part("shape"), bar: part("bar"), value: part("value") }, fill = h("span", {});
    parts.bar.append(fill);
    const button = h("button", { type: "button", onclick: () => frame.update({ selected: index }) }, Object.values(parts));
    return { ...parts, fill, button, item: h("li", {}, button) };
  };

  function draw() {
    solve();
    const secret = quiz.hidden(), count = net.layers.length;
    while (lines.length < count) lines.push(line(lines.length));
    const order = net.layers.map((_, i) => i);
    if (state().order === "size" && !secret) order.sort((a, b) => (net.values[b] ?? -1) - (net.values[a] ?? -1) || a - b);
    if (list.dataset.order !== String(order)) {
      const active = list.contains(document.activeElement) ? document.activeElement : null;
      list.replaceChildren(...order.map((i) => lines[i].item));
      list.dataset.order = String(order);
      active?.focus();
    }
    order.forEach((i) => drawLine(i, lines[i], secret));
    editor.draw();
    drawOpen(selected(), secret);
    const facts = QUANTITIES.flatMap((name) => [h("dt", {}, say(`total_${name}`)), h("dd", {}, secret ? "?" : name === "memory" ? bytes(net.totals[name]) : group(net.totals[name]))]);
    sums.replaceChildren(...facts);
    const where = net.problem ? `${say("layer", { i: net.problem.index + 1 })}: ${say("no_output", { why: net.problem.message })}` : "";
    const share = () => fmt((100 * net.largest) / net.summed, 1);
    write(most, where || (secret ? "" : net.most < 0 ? say("none_most") : say("most", { i: net.most + 1, what: kindOf(net.layers[net.most]), share: share() })));
    most.classList.toggle("nw-fault", Boolean(where));
  }

  function drawLine(i, parts, secret) {
    const row = net.rows[i], what = describeLayer(frame, net.layers[i]), fault = net.problem?.index === i;
    const text = fault ? say("no_output", { why: "" }).replace(/[:：]\s*$/, "") : !row ? say("after_fault") : secret ? "?" : value(net.values[i]);
    const shape = row ? times(row.shape) : "–";
    write(parts.no, String(i + 1)); write(parts.what, what); write(parts.shape, shape); write(parts.value, text);
    const width = row && !secret && net.largest ? Math.max(net.values[i] ? 0.5 : 0, (100 * net.values[i]) / net.largest) : 0;
    put(parts.fill, "style", `width:${width.toFixed(2)}%`);
    put(parts.button, "aria-pressed", i === selected());
    put(parts.button, "aria-label", say("row", { i: i + 1, what, shape, value: text }));
    parts.item.classList.toggle("nw-most", !secret && i === net.most);
    parts.value.classList.toggle("nw-fault", fault);
  }

  function drawOpen(i, secret) {
    const row = net.rows[i];
    if (!row || secret) { open.replaceChildren(...(net.problem?.index === i ? [h("p", { class: "nw-fault" }, say("no_output", { why: net.problem.message }))] : [])); return; }
    const before = i ? net.rows[i - 1].shape : net.shape, [a, b, c, d] = net.memory.layers[i].map(bytes);
    open.replaceChildren(...formulas(frame, net.layers[i], row, before).map((text) => h("p", {}, text)), h("p", {}, say("formula_memory", { a, b, c, d })));
  }
  return { draw, check: checkNetwork };
}

// the same rules as NetworkCost.check in Python
function checkNetwork(state) {
  const next = { ...state }, { limit } = SPEC.constants;
  if (next.network !== "own") next.layers = null;
  else if (!next.layers?.length) throw new Error("layers must be a list of layers when network is 'own', got none");
  if (next.layers !== null) {
    if (next.layers.length > limit) throw new Error(`layers must be at most ${limit}, got ${next.layers.length}`);
    next.layers = check_layers(next.layers);
  }
  const shape = next.input_shape, whole = (n) => Number.isInteger(n) && n >= 1 && n <= 4096;
  if (shape !== null) {
    if (!Array.isArray(shape) || ![1, 3].includes(shape.length) || !shape.every(whole)) throw new Error(`input_shape must be 1 or 3 integers from 1 to 4096, got ${JSON.stringify(shape)}`);
  } else if (next.network === "own") next.input_shape = [...SPEC.constants.networks.lenet.input_shape];
  return next;
}

function buildNetworkControls(frame, net) {
  const say = (key) => frame.say(key), maps = () => net().shape.length === 3;
  const network = frame.choices({
    label: say("network"), options: frame.schema.network.options, list: true, get: () => frame.state.network,
    set: (name) => frame.update(name === "own" ? { network: name, layers: net().layers, input_shape: net().shape } : { network: name, layers: null, input_shape: null, selected: 0 }),
  });
  const shape = (channels, size) => frame.update({ input_shape: [channels, size, size] });
  const mode = frame.choices({ label: frame.pick(frame.schema.mode.label), options: frame.schema.mode.options, list: true, get: () => frame.state.mode, set: (name) => frame.update({ mode: name }) });
  frame.controls.append(network, mode,
    frame.slider({ name: "input-channels", label: say("input_channels"), min: 1, max: 16, get: () => net().shape[0], set: (n) => shape(n, net().shape[1]), when: maps }),
    frame.slider({ name: "input-size", label: say("input_size"), min: 4, max: 256, get: () => net().shape[1] ?? 4, set: (n) => shape(net().shape[0], n), when: maps }),
    frame.control("batch_size"), frame.control("number_type"), frame.control("order"));
}

function describeLayer(frame, layer) {
  const words = [frame.say(`kind_${layer.kind}`)], usual = { conv: { stride: 1 }, max_pool: { stride: layer.kernel_size }, avg_pool: { stride: layer.kernel_size } }[layer.kind] ?? {};
  if (layer.kernel_size) words[0] += ` ${layer.kernel_size} × ${layer.kernel_size}`;
  const add = (name, plain) => { if (layer[name] !== undefined && layer[name] !== plain) words.push(`${frame.say(`field_${name}`).toLowerCase()} ${layer[name]}`); };
  add("stride", usual.stride); add("padding", 0); add("dilation", 1); add("groups", 1);
  return words.join(", ");
}

function formulas(frame, layer, row, before) {
  const say = (key, values) => frame.say(key, values), n = group(row.parameters), m = group(row.macs);
  if (layer.kind === "conv") {
    const common = { p: layer.channels, d: before[0], g: layer.groups, u: layer.kernel_size };
    const bias = layer.bias ? ` + ${layer.channels}` : "";
    return [say("formula_conv_p", { ...common, bias, n }), say("formula_conv_m", { ...common, h: row.shape[1], w: row.shape[2], n: m })];
  }
  if (layer.kind === "linear") return [say("formula_linear", { i: before[0], o: layer.features, bias: layer.bias ? ` + ${layer.features}` : "", n, m })];
  if (layer.kind === "norm") return [say("formula_norm", { d: before[0], n, m })];
  return [say("formula_free")];
}

// the bars as one picture, for export
function picture(frame, net, value) {
  const wide = 640, high = 22, top = 30, height = top + net.layers.length * high + 10;
  const svg = h("svg", { class: "nw-svg", viewBox: `0 0 ${wide} ${height}`, width: wide, height });
  const title = `${frame.pick(SPEC.title)}: ${frame.pick(frame.schema.network.options[frame.state.network])}, ${frame.pick(frame.schema.quantity.options[frame.state.quantity])}`;
  svg.append(h("text", { x: 8, y: 14, class: "nw-start nw-bold" }, title));
  net.rows.forEach((row, i) => {
    const y = top + i * high, length = net.largest ? (220 * net.values[i]) / net.largest : 0;
    svg.append(h("text", { x: 8, y: y + 9, class: "nw-start" }, `${i + 1}  ${describeLayer(frame, net.layers[i])}`),
      h("rect", { x: 300, y: y + 2, width: Math.max(length, 0.5), height: 14, class: "nw-dot" }),
      h("text", { x: 306 + length, y: y + 9, class: "nw-start" }, value(net.values[i])));
  });
  return svg;
}
