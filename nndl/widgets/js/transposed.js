/*
transposed.js: the transposed-convolution explorer: the direct convolution beside it, numbers, three
views of the same sums, and how often stamps overlap.
*/
const MAP_LIMIT = 13;

export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let m = solveTransposed(frame.state), solvedFor = frame.state, hover = null, room = 640;
  frame.syncs.push(() => { if (solvedFor !== state()) m = solveTransposed(solvedFor = state()); });
  const open = () => !m.problem && !quiz.hidden();
  const current = () => Math.min(state().position, m.n - 1);
  const setHover = (next) => { if (JSON.stringify(hover) !== JSON.stringify(next)) { hover = next; frame.redraw(); } };
  const choose = (found) => {
    if (found.output === undefined) return setHover(found);
    frame.pause();
    hover = null;
    frame.update({ position: found.output });
    return frame.redraw();
  };
  const outputKey = (event) => {
    const next = open() && arrow(event, [0, current()], 1, m.n);
    if (next) choose({ output: next[1] });
    return Boolean(next);
  };
  const asOutput = (j) => (j >= 0 && j < m.n ? { output: j } : null);

  buildTransposedControls(frame);
  const view = frame.control("view", { label: say("view") });
  view.classList.add("nw-view");
  frame.head.append(view);

  // ---- pictures
  const wires = [false, true].map((backwards) => createWires(frame, { backwards, hover: setHover, pick: choose }));
  const part = (options) => {
    const caption = h("p", { class: "nw-caption" }), grid = createGrid(frame, options);
    return { grid, caption, node: h("div", { class: "nw-block" }, caption, grid.node) };
  };
  const editable = (name, values) => {
    const edit = (index, typed) => numbers[name].grid.edit([0, index], values()[index], `${name}[${index}]`, (value, place) => frame.update({ [name]: values().map((old, at) => (at === index ? value : old)) }, place), typed);
    const focus = (index) => { numbers[name].grid.cursor = [0, index]; setHover(name === "x" ? { input: index } : { tap: index }); };
    return {
      fill: name === "x" ? "in" : "kernel",
      hover: (cell) => setHover(cell && (name === "x" ? { input: cell[1] } : { tap: cell[1] })),
      pick: ([, index]) => { focus(index); edit(index); },
      key: (event) => {
        const at = Math.min(numbers[name].grid.cursor?.[1] ?? 0, values().length - 1), next = arrow(event, [0, at], 1, values().length);
        if (next) focus(next[1]);
        else if (event.key === "Enter" || event.key === "F2") edit(at);
        else if (beginsNumber(event.key)) edit(at, event.key);
        else return false;
        return true;
      },
    };
  };
  const numbers = {
    x: part(editable("x", () => m.x)), weight: part(editable("weight", () => m.w)),
    y: part({ fill: "out", key: outputKey, hover: (cell) => setHover(cell && asOutput(cell[1])), pick: (cell) => choose({ output: cell[1] }) }),
  };
  // the views: a column (or a row, in the transposed matrix) of theirs belongs to an output
  const follow = (of) => ({ key: outputKey, hover: (cell) => setHover(cell && asOutput(of(cell))), pick: (cell) => { const found = asOutput(of(cell)); if (found) choose(found); } });
  const views = {
    stamp: part({ fill: "pad", ...follow(([, c]) => c - m.p) }), zeros: part({ fill: "in", ...follow(([, c]) => Math.min(c, m.n - 1)) }),
    direct: part({ fill: "pad", ...follow(([, c]) => c) }), matrix: part({ fill: "pad", ...follow(([r]) => r) }),
  };
  const map = part({ fill: "out", key: outputKey, hover: (cell) => setHover(cell && asOutput(cell[1])), pick: (cell) => choose({ output: cell[1] }) });
  const sign = (text) => h("span", { class: "nw-sign", "aria-hidden": "true" }, text), hidden = h("div", { class: "nw-secret" }, "?"), wiring = h("div", { class: "nw-row" }, wires.map(({ node }) => node));
  const shown = h("div", { class: "nw-views" }, Object.values(views).map(({ node }) => node), map.node), equals = sign("=");
  frame.stage.append(wiring, h("div", { class: "nw-row nw-row-numbers" }, numbers.x.node, sign("∗ᵀ"), numbers.weight.node, equals, numbers.y.node, hidden), shown);
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // ---- words
  const size = () => `(${m.m} − 1)·${m.s} − 2·${m.p} + ${m.d}·(${m.k} − 1) + 1 + ${m.e}`;
  const quiz = frame.predictor({
    question: () => say("question"), fields: () => [say("cells")], answer: () => [Math.max(0, m.n)],
    reason: ([guess]) => {
      const slip = guess === m.n ? "" : guess === m.m * m.s ? say("slip_times") : guess === Math.floor((m.m + 2 * m.p - m.reach) / m.s) + 1 ? say("slip_direct") : "";
      return `${slip} ${m.problem ? say("no_output", m.problem) : say("reason", { start: (m.m - 1) * m.s, reach: m.reach, cut: 2 * m.p, e: m.e, n: m.n })}`.trim();
    },
    about: () => JSON.stringify([m.m, m.k, m.s, m.p, m.d, m.e]),
  });
  frame.bar.append(frame.player({ count: () => (open() ? m.n : 0), key: "position", label: say("position") }));
  const now = createNow(), over = h("p", { class: "nw-over", "aria-live": "polite" }), facts = createFacts(["size_transposed", "size_direct", "candidates", "overlap"]);
  frame.readout.append(quiz.node, now, over, facts.node);
  frame.foot.append(frame.actions({ svg: exported }));
  // what is on the stage, row by row; without an output there are only its operands, and why
  function exported() {
    const of = ({ caption, grid }) => [caption.textContent, grid.svg], operands = [of(numbers.x), "∗ᵀ", of(numbers.weight)];
    if (!open()) return sideBySide([...operands, m.problem ? now.textContent : "= ?"]);
    const seen = [...Object.values(views), map].filter(({ node }) => !node.hidden);
    return below([sideBySide(wires.map(({ caption, svg }) => [caption.textContent, svg])), sideBySide([...operands, "=", of(numbers.y)]), sideBySide(seen.map(of))]);
  }

  const factor = (value) => (value < 0 ? `(${fmt(value)})` : fmt(value));
  const sentence = (j) => (m.terms[j].length ? `y[${j}] = ${m.terms[j].map(([i, t]) => `${factor(m.x[i])}·${factor(m.w[t])}`).join(" + ")} = ${fmt(m.y[j], 4)}` : say("untouched", { j }));
  // the cells that the wires of the shown one tie together
  function litCells(j) {
    if (hover?.input !== undefined) return { inputs: [hover.input], outputs: m.terms.flatMap((pairs, output) => (pairs.some(([i]) => i === hover.input) ? [output] : [])) };
    return { inputs: m.terms[j].map(([i]) => i), outputs: [j] };
  }

  function drawFacts(secret) {
    const ask = (text, answer) => `${text} = ${secret ? "?" : answer}`;
    facts.set("size_transposed", say("size_transposed"), ask(size(), fmt(m.n)));
    facts.set("size_direct", say("size_direct"), open() ? `⌊(${m.n} + 2·${m.p} − ${m.d}·(${m.k} − 1) − 1) / ${m.s}⌋ + 1 = ${output_size(m.n, m.k, m.s, m.p, m.d)}` : "");
    const list = candidates(m).join(say("listed"));
    facts.set("candidates", say("candidates"), open() ? say(m.s === 1 ? "chosen_one" : "chosen", { m: m.m, n: m.n, e: m.e, list }) : "");
    const even = new Set(m.rhythm).size === 1, why = !even && m.d === 1 ? ` ${say("remainder", { k: m.k, s: m.s, r: m.k % m.s })}` : "";
    facts.set("overlap", say("overlap"), open() ? say(even ? "even" : "uneven", { list: even ? m.rhythm[0] : m.rhythm.join(say("listed")) }) + why : "");
  }

  function line(name, values, marks, aria) {
    numbers[name].grid.draw({ rows: 1, columns: values.length, offset: [0, 0], inner: [1, values.length], label: (_, c) => fmt(values[c]), size: fit(values.length), marks, aria, spoken: name === "y" ? null : (_, c) => `${name === "x" ? "x" : "w"}[${c}] = ${fmt(values[c], 4)}` });
    write(numbers[name].caption, say(name));
  }
  const fit = (columns, most = 30) => Math.max(22, Math.min(most, Math.floor((room - 8) / columns)));
  const row = (list) => list.map((c) => [0, c]);
  const table = (name, rows, columns, label, marks, text, most) => {
    views[name].grid.draw({ rows, columns, offset: [0, 0], inner: [rows, columns], label, size: fit(columns, most), marks, aria: text });
    write(views[name].caption, text);
  };

  function drawStamps(j) {
    const tap = (i, c) => { const t = (c - i * m.s) / m.d; return Number.isInteger(t) && t >= 0 && t < m.k ? t : null; }, sums = Array.from({ length: m.full }, (_, c) => m.x.reduce((sum, x, i) => sum + (tap(i, c) === null ? 0 : x * m.w[tap(i, c)]), 0));
    const every = [], never = [], soft = [];
    for (let i = 0; i <= m.m; i++) for (let c = 0; c < m.full; c++) {
      if (i === m.m || tap(i, c) !== null) every.push([i, c]);
      if (c < m.p || c >= m.full - m.p) never.push([i, c]);
    }
    soft.push(...every.filter(([i]) => i < m.m));
    const hot = every.filter(([i, c]) => (hover?.input !== undefined ? i === hover.input : c === j + m.p)), tied = hover?.tap === undefined ? null : every.filter(([i, c]) => i < m.m && tap(i, c) === hover.tap);
    table("stamp", m.m + 1, m.full, (i, c) => (i === m.m ? fmt(sums[c]) : tap(i, c) === null ? "" : fmt(m.x[i] * m.w[tap(i, c)])), { soft, hot, never, pin: [m.m, m.p, 1, m.n], frame: hover?.input === undefined ? [0, j + m.p, m.m + 1, 1] : null, ring: tied }, say("view_stamp"));
  }
  function drawZeros(j) {
    const cells = zeroInserted(m), window = zeroWindow(m, j), under = new Map(window);
    const never = row(cells.flatMap((i, c) => (i === null ? [c] : [])));
    table("zeros", 2, cells.length, (r, c) => (r ? (under.has(c) ? fmt(m.w[under.get(c)]) : "") : cells[c] === null ? "0" : fmt(m.x[cells[c]])), {
      never, hot: window.flatMap(([c]) => [[0, c], [1, c]]), frame: [0, j, 2, m.reach],
      ring: hover?.input === undefined ? null : row(cells.flatMap((i, c) => (i === hover.input ? [c] : []))),
    }, say("view_zeros"));
  }
  function drawMatrices(j) {
    const weights = [];
    m.terms.forEach((pairs, output) => pairs.forEach(([i, t]) => weights.push([output, i, t])));
    const at = new Map(weights.map(([output, i, t]) => [`${output},${i}`, fmt(m.w[t])]));
    const hot = weights.filter(([output, i]) => (hover?.input === undefined ? output === j : i === hover.input)), tied = hover?.tap === undefined ? hot : weights.filter(([, , t]) => t === hover.tap);
    const [plain, turned] = [([output, i]) => [i, output], ([output, i]) => [output, i]], marks = (to) => ({ soft: weights.map(to), hot: hot.map(to), ring: tied.map(to) });
    table("direct", m.m, m.n, (i, output) => at.get(`${output},${i}`) ?? "", marks(plain), say("view_direct", m), 26);
    table("matrix", m.n, m.m, (output, i) => at.get(`${output},${i}`) ?? "", marks(turned), say("view_matrix", m), 26);
  }
  function drawMap() {
    const n = Math.min(m.n, MAP_LIMIT), counts = m.terms.slice(0, n).map((pairs) => pairs.length), all = counts.flatMap((a) => counts.map((b) => a * b));
    const most = Math.max(...all), least = Math.min(...all), where = (test) => all.flatMap((count, index) => (most > least && test(count) ? [[Math.floor(index / n), index % n]] : []));
    map.grid.draw({ rows: n, columns: n, offset: [0, 0], inner: [n, n], label: (r, c) => String(counts[r] * counts[c]), size: 22, marks: { hot: where((count) => count === most), soft: where((count) => count > least && count < most) }, aria: say("aria_map", { list: counts.join(" ") }) });
    write(map.caption, say(m.n > n ? "map_part" : "map", { n }));
  }

  function draw() {
    const ready = open(), secret = quiz.hidden();
    if (hover && (!ready || hover.output >= m.n || hover.input >= m.m || hover.tap >= m.k)) hover = null;
    for (const node of [wiring, shown, equals, numbers.y.node]) node.hidden = !ready;
    hidden.hidden = !secret || Boolean(m.problem && !secret);
    const j = ready ? hover?.output ?? current() : 0, text = ready ? sentence(j) : "";
    const lit = ready ? litCells(j) : { inputs: [], outputs: [] };
    line("x", m.x, { hot: row(lit.inputs), ring: row(lit.inputs) }, say("aria_x", { n: m.m }));
    const taps = row(hover?.tap !== undefined ? [hover.tap] : ready && hover?.input === undefined ? m.terms[j].map(([, t]) => t) : []);
    line("weight", m.w, { hot: taps, ring: taps }, say("aria_weight", { n: m.k }));
    put(now, "aria-live", frame.playing?.() ? "off" : "polite");
    now.classList.toggle("nw-wrong", Boolean(m.problem) && !secret);
    write(now, ready ? text : secret ? "" : say("no_output", m.problem));
    write(over, !ready ? "" : hover?.input === undefined ? say("hint") : say("stamps", { i: hover.input, value: fmt(m.x[hover.input]), n: lit.outputs.length }));
    drawFacts(secret);
    if (!ready) return;
    for (const wire of wires) wire.draw({ m, lit, text, room });
    line("y", m.y, { hot: row(lit.outputs), ring: row(lit.outputs) }, say("aria_y", { n: m.n, now: text }));
    const name = state().view;
    for (const [key, { node }] of Object.entries(views)) node.hidden = key !== name && !(name === "matrix" && key === "direct");
    ({ stamp: drawStamps, zeros: drawZeros, matrix: drawMatrices })[name](j);
    drawMap();
  }
  return { draw, check: checkTransposed };
}

function buildTransposedControls(frame) {
  const { schema } = frame, label = (name) => frame.pick(schema[name].label);
  const own = (name, more) => frame.slider({ name, label: label(name), min: schema[name].min, max: schema[name].max, get: () => frame.state[name], set: (n) => frame.update({ [name]: n, ...more(n) }) });
  // values of the reader's own stay, and go on with those of the first settings
  const kept = (name, n) => frame.state[name] && Array.from({ length: n }, (_, at) => frame.state[name][at] ?? SPEC.constants[name][at]);
  const extra = frame.control("output_padding");
  // the output padding stays below the stride
  frame.onSync(() => { const input = extra.querySelector("input"); put(input, "max", frame.state.stride - 1); input.disabled = frame.state.stride === 1; });
  frame.controls.append(own("input_size", (n) => ({ x: kept("x", n) })), own("kernel_size", (n) => ({ weight: kept("weight", n) })),
    own("stride", (n) => ({ output_padding: Math.min(frame.state.output_padding, n - 1) })), frame.control("padding"), frame.control("dilation"), extra);
}
