/*
network_cost.js: the network-cost explorer: a bar for each layer, what is largest, sums, the open layer.
*/
const QUANTITIES = ["parameters", "macs", "activations", "memory"];

// everything that the settings lead to
export function solveNetwork(state) {
  const preset = SPEC.constants.networks[state.preset];
  const layers = state.layers ?? check_layers(preset.layers), shape = state.input_shape ?? preset.input_shape;
  const { rows, problem } = costUpTo(layers, shape);
  const memory = network_memory(rows, shape, state.mode, state.number_type === "float16" ? 2 : 4, Number(state.batch_size));
  const parts = state.quantity === "memory" ? memory.layers : rows.map((row) => [row[state.quantity]]);
  const sum = (list) => list.reduce((a, b) => a + b, 0), values = parts.map(sum), largest = Math.max(0, ...values);
  // the layers that have the most: several may have equally many
  const top = largest ? values.flatMap((n, i) => (n === largest ? [i] : [])) : [];
  const before = (i) => (i ? rows[i - 1]?.shape : shape);
  return { layers, shape, rows, problem, memory, parts, values, totals: { ...network_totals(rows), memory: memory.total }, largest, top, summed: sum(values), before };
}

// a bar that is not zero is long enough to be seen
function visible(shares) {
  const whole = shares.reduce((a, b) => a + b, 0), most = Math.max(...shares);
  return whole > 0 && whole < 1 ? shares.map((share) => (share === most ? share + 1 - whole : share)) : shares;
}

export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let net = solveNetwork(frame.state), solvedFor = frame.state;
  const solve = () => { if (solvedFor !== state()) net = solveNetwork(solvedFor = state()); };
  frame.syncs.push(solve);
  const own = (layers, selected, place) => frame.update({ preset: "own", layers, input_shape: net.shape, selected }, place);
  const shown = (n, name = state().quantity) => (name === "memory" ? bytes(n) : group(n));
  // published tables leave normalizations out: where there are some, both sums are given
  const summed = (name) => {
    const { [name]: n, macs_without_norms: rest } = net.totals;
    return name === "macs" && rest !== n ? say("with_norms", { n: group(n), rest: group(rest) }) : shown(n, name);
  };
  const selected = () => Math.min(state().selected, net.layers.length - 1);
  const nameOf = (i) => describeLayer(frame, net.layers[i], net.before(i)), listed = (list) => list.map((i) => i + 1).join(say("listed"));

  buildNetworkControls(frame, () => net);
  const quantity = frame.control("quantity");
  quantity.classList.add("nw-view");
  frame.head.append(quantity);

  const list = h("ol", { class: "nw-net", "aria-label": say("layers"), onkeydown: (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = [...list.querySelectorAll("button")], to = all[all.indexOf(event.target) + step];
    if (!step) return;
    event.preventDefault();
    to?.focus();
    to?.click();
  } });
  const legend = h("p", { class: "nw-legend" }, [0, 1, 2, 3].map((part) => h("span", {}, h("i", { class: `nw-part-${part}`, "aria-hidden": "true" }), say(`part_${part}`))));
  frame.stage.append(list, legend);

  const quiz = frame.predictor({
    question: () => say("question", { what: say(`what_${state().quantity}`) }),
    fields: () => [say("number")],
    answer: ([guess]) => [net.top.includes(guess - 1) ? guess : net.top[0] + 1],
    reason: ([guess]) => {
      const told = (key, i) => say(key, { i: i + 1, list: listed(net.top), what: nameOf(i), value: shown(net.values[i]), all: shown(net.summed) });
      const wrong = !net.top.includes(guess - 1) && net.values[guess - 1] !== undefined ? `${told("guessed", guess - 1)} ` : "";
      return wrong + told(net.top.length > 1 ? "reason_tied" : "reason", net.top[0]);
    },
    about: () => JSON.stringify([net.layers, net.shape, state().quantity, state().mode, state().number_type, state().batch_size]),
  });
  const askable = () => !net.problem && net.top.length > 0;
  const most = h("p", { class: "nw-now nw-most-said", "aria-live": "polite" }), note = h("p", { class: "nw-memory-note" });
  const sums = Object.fromEntries(QUANTITIES.map((name) => [name, h("dd")]));
  const tiles = h("dl", { class: "nw-sums" }, QUANTITIES.map((name) => h("div", {}, h("dt", {}, say(`total_${name}`)), sums[name])));
  const editor = createEditor(frame, { layers: () => net.layers, at: selected, set: own, told: (at, layer, secret) => {
    const row = net.rows[at], before = net.before(at);
    return {
      passes: before ? `${times(before)} → ${row ? times(row.shape) : "?"}` : "",
      lines: row && !secret ? formulas(frame, layer, row, before, net.memory.layers[at]) : [],
      chosen: say(`term_${state().quantity}`),
    };
  } });
  frame.readout.append(quiz.node, most, tiles, note, editor.node);
  frame.foot.append(frame.actions({ svg: exported }));

  const lines = [];
  const orderOf = (secret) => {
    const order = net.layers.map((_, i) => i);
    if (state().order === "size" && !secret) order.sort((a, b) => (net.values[b] ?? -1) - (net.values[a] ?? -1) || a - b);
    return order;
  };

  function arrange(order) {
    if (list.dataset.order === String(order)) return;
    const active = list.contains(document.activeElement) ? document.activeElement : null;
    list.replaceChildren(...order.map((i) => lines[i].item));
    list.dataset.order = String(order);
    active?.focus();
  }

  function lineOf(i, secret) {
    const row = net.rows[i], what = nameOf(i), fault = net.problem?.index === i, shape = row ? times(row.shape) : "–", open = row && !secret;
    const value = fault ? say("no_output") : !row ? say("after_fault") : secret ? "?" : shown(net.values[i]);
    const shares = open && net.largest ? visible(net.parts[i].map((n) => (100 * n) / net.largest)) : [];
    const why = fault ? say(net.problem.key, net.problem.values) : "", label = `${say("row", { i: i + 1, what, shape, value })} ${why}`.trim();
    return { number: i + 1, what, shape, value, label, shares, why, selected: i === selected(), most: !secret && net.top.includes(i) && !net.problem };
  }

  function sentence(secret) {
    if (net.problem) return say("stops", { i: net.problem.index + 1, why: say(net.problem.key, net.problem.values) });
    if (!net.top.length) return say("none_most");
    const [first] = net.top, share = fmt((100 * net.largest) / net.summed, 1);
    return secret ? "" : say(net.top.length > 1 ? "most_tied" : "most", { i: first + 1, list: listed(net.top), what: nameOf(first), share });
  }

  const usedParts = () => (state().quantity === "memory" ? [0, 1, 2, 3].filter((part) => net.memory.layers.some((layer) => layer[part])) : []);

  function draw() {
    solve();
    const secret = quiz.hidden() && askable();
    if (!askable()) quiz.node.hidden = true;
    while (lines.length < net.layers.length) { const i = lines.length; lines.push(createLine(() => frame.update({ selected: i }))); }
    const order = orderOf(secret), used = usedParts();
    arrange(order);
    for (const i of order) lines[i].draw(lineOf(i, secret));
    legend.hidden = !used.length || secret;
    [...legend.children].forEach((entry, part) => { entry.hidden = !used.includes(part); });
    write(most, sentence(secret));
    most.classList.toggle("nw-fault", Boolean(net.problem));
    for (const name of QUANTITIES) {
      write(sums[name], net.problem ? "–" : secret ? "?" : summed(name));
      sums[name].parentNode.classList.toggle("nw-chosen", name === state().quantity);
    }
    note.hidden = state().quantity !== "memory" || Boolean(net.problem);
    write(note, say(state().mode === "inference" ? "memory_predicts" : "memory_trains"));
    editor.draw(secret);
  }

  function exported() {
    const secret = quiz.hidden() && askable(), option = (name) => frame.pick(frame.schema[name].options[state()[name]]);
    const legend = secret ? [] : usedParts().map((part) => [part, say(`part_${part}`)]);
    const title = [frame.pick(SPEC.title), option("preset"), option("quantity"), ...(state().quantity === "memory" ? [option("mode"), option("number_type"), `${frame.pick(frame.schema.batch_size.label)} ${state().batch_size}`] : [])].join(" · ");
    const totals = net.problem ? sentence(secret) : secret ? "" : say("total", { n: summed(state().quantity) });
    return picture(frame, { title, lines: orderOf(secret).map((i) => lineOf(i, secret)), legend, totals });
  }
  return { draw, check: checkNetwork };
}

// the same rules as NetworkCost.check in Python
function checkNetwork(state) {
  const next = { ...state }, { limit } = SPEC.constants;
  if (next.preset !== "own") next.layers = null;
  else if (next.layers === null || (Array.isArray(next.layers) && !next.layers.length)) throw new Error("layers must be a list of layers when preset is 'own', got none");
  else {
    next.layers = check_layers(next.layers);
    if (next.layers.length > limit) throw new Error(`layers must be at most ${limit}, got ${next.layers.length}`);
  }
  const shape = next.input_shape, whole = (n) => Number.isInteger(n) && n >= 1 && n <= 4096;
  if (shape !== null) {
    if (!Array.isArray(shape) || ![1, 3].includes(shape.length) || !shape.every(whole)) throw new Error(`input_shape must be 1 or 3 integers from 1 to 4096, got ${written(shape)}`);
  } else if (next.preset === "own") next.input_shape = [...SPEC.constants.networks.lenet.input_shape];
  return next;
}

function buildNetworkControls(frame, net) {
  const say = (key) => frame.say(key), shape = () => net().shape, maps = () => shape().length === 3, square = () => maps() && shape()[1] === shape()[2];
  const preset = frame.choices({
    label: frame.pick(frame.schema.preset.label), options: frame.schema.preset.options, list: true, get: () => frame.state.preset,
    set: (name) => frame.update(name === "own" ? { preset: name, layers: net().layers, input_shape: shape() } : { preset: name, layers: null, input_shape: null, selected: 0 }),
  });
  // one slider moves the numbers of the input's shape at `axes`; an input from Python may be larger than its end
  const size = (name, axes, min, max, when) => {
    let node = null;
    frame.onSync(() => node && when() && put(node.querySelector("input"), "max", Math.max(max, shape()[axes[0]])));
    node = frame.slider({ name: name.replace("_", "-"), label: say(name), min, max, when, get: () => shape()[axes[0]] ?? min,
      set: (n) => frame.update({ input_shape: shape().map((old, axis) => (axes.includes(axis) ? n : old)) }) });
    return node;
  };
  const mode = frame.choices({ label: frame.pick(frame.schema.mode.label), options: frame.schema.mode.options, list: true, get: () => frame.state.mode, set: (name) => frame.update({ mode: name }) });
  frame.controls.append(preset, mode,
    size("input_channels", [0], 1, 16, maps), size("input_size", [1, 2], 4, 256, square),
    size("input_rows", [1], 1, 256, () => maps() && !square()), size("input_columns", [2], 1, 256, () => maps() && !square()),
    size("input_features", [0], 1, 1024, () => !maps()),
    frame.control("batch_size"), frame.control("number_type"), frame.control("order"));
}
