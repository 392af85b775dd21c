/*
convolution_stepper.js: the convolution stepper: controls, hovering, keys, and what stands where.
*/
export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let hover = null, m = solve(frame.state), solvedFor = null;
  const count = () => (m.problem || quiz.hidden() ? 0 : m.out[0] * m.out[1]);
  const cellOf = (position) => [Math.floor(position / m.out[1]), position % m.out[1]];
  const current = () => Math.min(state().position, m.out[0] * m.out[1] - 1);
  const shown = () => (hover?.on === "out" ? hover.cell[0] * m.out[1] + hover.cell[1] : current());
  const setHover = (next) => { hover = next; frame.redraw(); };

  // ---- controls
  buildControls(frame, () => m);
  const view = frame.control("view", { label: say("view") });
  view.classList.add("nw-view");
  frame.head.append(view);

  // ---- grids
  const moveTo = (cell) => frame.update({ position: cell[0] * m.out[1] + cell[1] });
  const togglePin = () => frame.update({ pinned: state().pinned === current() ? null : current() });
  function outputKey(event) {
    if (!count()) return false;
    if (event.key === "p" || event.key === "P") { togglePin(); return true; }
    const next = arrow(event, cellOf(current()), ...m.out);
    if (next) { frame.pause(); hover = null; moveTo(next); }
    return Boolean(next);
  }
  // editing: `values` is the matrix, `name` the setting that holds it
  const editable = (name, letter, values) => {
    const change = ([r, c]) => (value, place) => frame.update({ [name]: values().map((row, i) => row.map((old, j) => (i === r && j === c ? value : old))) }, place);
    const open = (cell, typed) => { const at = turn(name, cell); parts[name].edit(cell, Number(values()[at[0]][at[1]].toFixed(4)), `${letter}${index2(at)}`, change(at), typed); };
    const key = (event) => {
      const grid = parts[name], here = grid.cursor ?? [0, 0], next = arrow(event, here, values().length, values()[0].length);
      if (next) { grid.cursor = next; setHover({ on: name, cell: name === "x" ? next : turn(name, next), key: true }); return true; }
      if (event.key === "Enter" || event.key === "F2") open(here);
      else if (beginsNumber(event.key)) open(here, event.key);
      else return false;
      return true;
    };
    return { key, open };
  };
  const turn = (name, [u, v]) => (name === "weight" && m.flipped ? [m.kernel[0] - 1 - u, m.kernel[1] - 1 - v] : [u, v]);
  const real = ([r, c]) => [r - m.padding[0], c - m.padding[1]];
  const isReal = ([r, c]) => r >= 0 && c >= 0 && r < m.size[0] && c < m.size[1];
  const input = editable("x", "x", () => m.x), kernel = editable("weight", "w", () => m.w);
  const parts = {
    x: createGrid(frame, {
      fill: "in", key: input.key,
      hover: (cell) => setHover(cell && isReal(real(cell)) ? { on: "x", cell: real(cell) } : null),
      pick: (cell) => { const at = real(cell); if (!isReal(at)) return; parts.x.cursor = at; setHover({ on: "x", cell: at }); input.open(at); },
    }),
    weight: createGrid(frame, {
      fill: "kernel", key: kernel.key,
      hover: (cell) => setHover(cell ? { on: "weight", cell: turn("weight", cell) } : null),
      pick: (cell) => { parts.weight.cursor = cell; setHover({ on: "weight", cell: turn("weight", cell) }); kernel.open(cell); },
    }),
    out: createGrid(frame, {
      fill: "out", key: outputKey,
      hover: (cell) => setHover(cell && { on: "out", cell }),
      pick: (cell) => { frame.pause(); hover = null; moveTo(cell); },
    }),
  };
  const matrix = createMatrix(frame, {
    hover: (found) => setHover(found && { on: "out", cell: cellOf(found.output), tied: found.entry?.at }),
    pick: (found) => { frame.pause(); frame.update({ position: found.output }); }, key: outputKey,
  });
  const stage = buildStage(frame, { ...parts, matrix });

  // ---- player, guess, words
  const quiz = frame.predictor({
    question: () => say("question"),
    fields: () => (state().linked ? [say("each_axis")] : [say("rows"), say("columns")]),
    answer: () => (state().linked ? m.out.slice(0, 1) : m.out),
    reason: (guess) => explainSize(frame, m, guess),
    about: () => JSON.stringify(["height", "width", "kernel_size", "stride", "padding", "dilation"].map((name) => state()[name])),
  });
  const pin = frame.button(say("pin"), togglePin, { title: say("pin_help") });
  frame.bar.append(frame.player({ count, key: "position", label: say("output_position") }), pin);
  const words = buildWords(frame, quiz.node);
  frame.foot.append(frame.actions({ svg: () => stage.picture() }));

  function draw() {
    if (solvedFor !== state()) { m = solve(solvedFor = state()); }
    if (hover?.on === "out" && (hover.cell[0] >= m.out[0] || hover.cell[1] >= m.out[1])) hover = null;
    const secret = quiz.hidden(), open = !m.problem && !secret;
    put(pin, "aria-pressed", open && state().pinned === current());
    pin.disabled = !open;
    const at = m.problem ? null : cellOf(secret ? 0 : shown());
    const scene = { m, secret, open, at, cells: at ? windowOf(m, at) : [], position: shown(), hover, label: labels(m, state().view === "symbols") };
    scene.fed = open && hover?.on === "x" ? fedBy(m, hover.cell) : null;
    scene.tied = hover?.on === "weight" ? hover.cell : hover?.tied ?? null;
    scene.pinned = open && state().pinned !== null && state().pinned < m.out[0] * m.out[1] ? cellOf(state().pinned) : null;
    stage.draw(scene);
    words.draw(scene);
  }
  // controls read the solution too, and they are brought in step before the picture is drawn
  frame.syncs.unshift(() => { if (solvedFor !== state()) m = solve(solvedFor = state()); });
  return { draw, check: checkState };
}

function labels(m, symbols) {
  if (symbols) return { key: "symbols", x: (r, c) => `x_${r},${c}`, w: (u, v) => `w_${u},${v}`, y: (i, j) => `y_${i},${j}` };
  return { key: "numbers", x: (r, c) => fmt(m.x[r][c]), w: (u, v) => fmt(m.w[u][v]), y: (i, j) => fmt(m.y[i][j]) };
}

// rows and columns: one slider while linked, two otherwise
function buildControls(frame, model) {
  const say = (key, values) => frame.say(key, values), linked = () => frame.state.linked, loose = () => !linked();
  const pair = (name, when = () => true) => {
    const title = frame.pick(frame.schema[name].label);
    return [frame.control(name, { when: () => linked() && when() }),
      ...[0, 1].map((axis) => frame.control(name, { axis, label: say(axis ? "columns_of" : "rows_of", { what: title }), when: () => loose() && when() }))];
  };
  const number = () => typeof frame.state.padding !== "string";
  const { min, max } = frame.schema.height;
  const mode = frame.choices({
    label: say("padding_mode"), list: false,
    options: { number: ["number", "数值"], ...frame.schema.padding.words },
    get: () => (number() ? "number" : frame.state.padding),
    set: (name) => frame.update({ padding: name === "number" ? (model().padding.map((p) => Math.min(p, frame.schema.padding.max))) : name }),
  });
  const kernels = Object.fromEntries([...KERNELS, "own"].map((name) => [name, frame.spec.strings[`kernel_${name}`]]));
  const preset = frame.choices({
    label: say("kernel_values"), options: kernels,
    get: () => (Array.isArray(frame.state.weight) ? "own" : frame.state.weight),
    set: (name) => frame.update({ weight: name === "own" ? model().w : name }),
  });
  const link = h("input", { type: "checkbox", name: "linked", onchange: () => frame.update(link.checked ? alike(frame.state) : { linked: false }) });
  frame.onSync(() => { link.checked = linked(); });
  frame.controls.append(
    frame.slider({ name: "size", label: say("input_size"), min, max, get: () => frame.state.height, set: (n) => frame.update({ height: n, width: n }), when: linked }),
    frame.control("height", { when: loose }), frame.control("width", { when: loose }),
    ...pair("kernel_size"), ...pair("stride"), ...pair("dilation"),
    mode, preset, ...pair("padding", number), frame.control("operation"),
    h("label", { class: "nw-switch" }, link, h("span", {}, frame.pick(frame.schema.linked.label))));
}
function alike(state) {
  const first = (name) => [].concat(state[name])[0];
  return { linked: true, width: state.height, ...Object.fromEntries(["kernel_size", "stride", "padding", "dilation"].map((name) => [name, first(name)])) };
}

// ---- the stage: input, kernel, output; or kernel and matrix -----------------------------------------------------
function buildStage(frame, parts) {
  const say = (key, values) => frame.say(key, values);
  const caption = () => h("p", { class: "nw-caption" }), captions = { x: caption(), weight: caption(), out: caption(), matrix: caption() };
  const block = (name, ...more) => h("div", { class: `nw-block nw-block-${name}` }, captions[name], parts[name].node, ...more);
  const sign = (text) => h("span", { class: "nw-sign", "aria-hidden": "true" }, text);
  const hidden = h("div", { class: "nw-secret" }, "?"), none = h("div", { class: "nw-none" });
  const blocks = { x: block("x"), weight: block("weight"), out: block("out", hidden, none), matrix: block("matrix") };
  const second = h("div", { class: "nw-pair" }, blocks.weight, sign("="), blocks.out);
  frame.stage.append(h("div", { class: "nw-row" }, blocks.x, sign("∗"), second, blocks.matrix));
  let room = 640;
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // pixels a cell: as large as fits side by side, or stacked, at least a fingertip's 26
  const OVERHEAD = 104;                             // the signs, the gaps and the edges
  function fit(m, open) {
    const input = m.size[1] + 2 * m.padding[1], output = open ? m.out[1] : 3;
    const captioned = (cells, name, size) => Math.max(cells * size, [...captions[name].textContent].reduce((sum, letter) => sum + (letter > "~" ? 13 : 7), 0));
    const beside = (size) => captioned(input, "x", size) + captioned(m.kernel[1], "weight", size) + captioned(output, "out", size) + OVERHEAD;
    let size = 38;
    while (size >= 27 && beside(size) > room) size--;
    frame.stage.classList.toggle("nw-stacked", size < 27);
    return size >= 27 ? size : Math.max(26, Math.min(36, Math.floor((room - 6) / input), Math.floor((room - 46) / (m.kernel[1] + output))));
  }

  function drawInput({ m, at, cells, fed, hover, label, pinned, secret }, size) {
    const [pr, pc] = m.padding, never = [];
    if (m.never && !secret) for (let r = 0; r < m.size[0]; r++) for (let c = 0; c < m.size[1]; c++) if (m.never[0].includes(r) || m.never[1].includes(c)) never.push([r + pr, c + pc]);
    const window = at && [at[0] * m.stride[0], at[1] * m.stride[1], ...m.reach];
    const touched = hover?.on === "weight" ? cells.filter((cell) => String(cell.at) === String(hover.cell)) : [];
    const ring = hover?.on === "x" ? [[hover.cell[0] + pr, hover.cell[1] + pc]] : touched.map((cell) => [cell.row, cell.column]);
    const numbers = label.key === "numbers" && size >= 30;
    parts.x.draw({
      rows: m.size[0] + 2 * pr, columns: m.size[1] + 2 * pc, offset: [pr, pc], inner: m.size, label: label.x, size,
      corners: numbers ? cells.map((cell) => [cell.row, cell.column, `×${fmt(cell.w)}`]) : null,
      spoken: (r, c) => `x${index2([r, c])} = ${fmt(m.x[r][c], 4)}`,
      marks: { hot: cells.map((cell) => [cell.row, cell.column]), never, frame: window, pin: pinned && [pinned[0] * m.stride[0], pinned[1] * m.stride[1], ...m.reach], ring },
      aria: say("aria_input", { n: m.size[0], m: m.size[1] }),
    });
  }
  function drawKernel({ m, cells, hover, label, fed }, size) {
    const show = (u, v) => (m.flipped ? label.w(m.kernel[0] - 1 - u, m.kernel[1] - 1 - v) : label.w(u, v));
    const ringed = hover?.on === "weight" || hover?.tied ? cells.filter((cell) => String(cell.at) === String(hover.tied ?? hover.cell)) : hover?.on === "x" ? cells.filter((cell) => cell.inside && cell.r === hover.cell[0] && cell.c === hover.cell[1]) : [];
    parts.weight.draw({
      rows: m.kernel[0], columns: m.kernel[1], offset: [0, 0], inner: m.kernel, label: show, size,
      spoken: (u, v) => { const at = m.flipped ? [m.kernel[0] - 1 - u, m.kernel[1] - 1 - v] : [u, v]; return `w${index2(at)} = ${fmt(m.w[at[0]][at[1]], 4)}`; },
      marks: { ring: ringed.map((cell) => [cell.u, cell.v]) }, aria: say("aria_kernel", { n: m.kernel[0], m: m.kernel[1] }),
    });
  }
  function drawOutput({ m, at, fed, label, pinned }, size) {
    parts.out.draw({
      rows: m.out[0], columns: m.out[1], offset: [0, 0], inner: m.out, label: label.y, size,
      marks: { hot: [at], frame: [...at, 1, 1], ring: fed ?? [], pin: pinned && [...pinned, 1, 1] },
      aria: say("aria_output", { n: m.out[0], m: m.out[1] }),
    });
  }

  function draw(scene) {
    const { m, open } = scene, matrixView = frame.state.view === "matrix";
    const show = (node, yes) => { node.hidden = !yes; };
    show(blocks.x, !matrixView); show(blocks.matrix, matrixView && open);
    frame.stage.classList.toggle("nw-as-matrix", matrixView);
    show(parts.out.node, open); show(hidden, scene.secret); show(none, m.problem && !scene.secret);
    show(blocks.out, !matrixView || !open);
    const padding = m.padding.some(Boolean) ? say("padded", { n: m.size[0] + 2 * m.padding[0], m: m.size[1] + 2 * m.padding[1] }) : "";
    write(captions.x, `${say("input")} ${m.size.join(" × ")}${padding}`);
    write(captions.weight, `${say(m.flipped ? "kernel_turned" : "kernel")} ${m.kernel.join(" × ")}`);
    write(captions.out, open ? `${say("output")} ${m.out.join(" × ")}` : say("output"));
    write(none, say("none"));
    const size = fit(m, open);
    if (!matrixView) drawInput(scene, size);
    drawKernel(scene, matrixView ? 34 : size);
    if (open && !matrixView) drawOutput(scene, size);
    if (open && matrixView) {
      const label = { key: `${scene.label.key}`, x: plain(scene.label.x), w: plain(scene.label.w), y: plain(scene.label.y) };
      const part = parts.matrix.draw({ m, position: scene.position, tied: scene.tied, label, aria: say("aria_matrix") });
      write(captions.matrix, say(part.rows < part.total ? "matrix_part" : "matrix", { rows: part.total, columns: part.columns, first: part.first, last: part.first + part.rows - 1 }));
    }
  }
  // one picture of what is on the stage, for export
  function picture() {
    const matrixView = frame.state.view === "matrix", signs = matrixView ? {} : { weight: "∗", out: "=" };
    return sideBySide(["x", "weight", "out", "matrix"].filter((name) => !blocks[name].hidden).flatMap((name) => {
      const sign = signs[name] ? [signs[name]] : [];
      if (!parts[name].node.hidden) return [...sign, [captions[name].textContent, parts[name].svg]];
      return [...sign, hidden.hidden ? none.textContent : "?"];
    }));
  }
  return { draw, picture };
}
// in the small cells of the matrix: x12 for x[1, 2], x11,2 for x[11, 2]
const plain = (label) => (a, b) => label(a, b).replace("_", "").replace(a < 10 && b < 10 ? "," : "", "");

// ---- words and formulas --------------------------------------------------------------------------------------------
function buildWords(frame, quiz) {
  const say = (key, values) => frame.say(key, values);
  const now = createNow(), kept = h("p", { class: "nw-kept" }), over = h("p", { class: "nw-over", "aria-live": "polite" });
  const { node: list, set } = createFacts(["rows", "columns", "both", "parameters", "macs", "matrix", "never", "operation"]);
  frame.readout.append(quiz, now, over, kept, list);

  function lines({ m, at, cells, hover, fed, pinned, open, secret }) {
    const symbols = frame.state.view === "symbols", sum = (cell, list) => `y${index2(cell)} = ${terms(list, symbols)} = ${fmt(m.y[cell[0]][cell[1]], 4)}`;
    put(now, "aria-live", frame.playing?.() ? "off" : "polite");
    now.classList.toggle("nw-wrong", Boolean(m.problem) && !secret);
    write(now, secret ? "" : m.problem ? say(m.problem.key, problemValues(frame, m)) : sum(at, cells));
    write(kept, pinned ? `${say("pinned")} ${sum(pinned, windowOf(m, pinned))}` : "");
    let text = open ? say("hint") : "";
    if (fed) text = say(fed.length ? "feeds" : "feeds_none", { cell: `x${index2(hover.cell)}`, n: fed.length });
    else if (open && hover?.on === "weight") text = say("shared", { cell: `w${index2(hover.cell)}`, n: m.out[0] * m.out[1] });
    write(over, text);
    now.hidden = secret; over.hidden = !open;
  }
  function never(m) {
    const [rows, columns] = m.never, list = (numbers) => numbers.join(", ");
    if (!rows.length && !columns.length) return say("never_none");
    const some = [rows.length && say("never_rows", { list: list(rows) }), columns.length && say("never_columns", { list: list(columns) })].filter(Boolean);
    return say("never_some", { what: some.join(say("and")) });
  }
  function draw(scene) {
    const { m, open } = scene, same = m.size[0] === m.size[1] && String(m.out) === String([m.out[0], m.out[0]]) && sizeFormula(m, 0, true) === sizeFormula(m, 1, true);
    lines(scene);
    const formula = !m.problem || scene.secret;
    set("both", say("size_both"), formula && same ? sizeFormula(m, 0, open) : "");
    set("rows", say("size_rows"), formula && !same ? sizeFormula(m, 0, open) : "");
    set("columns", say("size_columns"), formula && !same ? sizeFormula(m, 1, open) : "");
    set("parameters", say("parameters"), `${m.kernel.join(" · ")} = ${m.kernel[0] * m.kernel[1]}`);
    set("macs", say("macs"), open ? `${[...m.out, ...m.kernel].join(" · ")} = ${group(m.macs)}` : "");
    const entries = m.out[0] * m.out[1] * m.size[0] * m.size[1];
    set("matrix", say("matrix_fact"), open && frame.state.view === "matrix" ? say("matrix_words", { entries: group(entries), used: group(connections(m)), weights: m.kernel[0] * m.kernel[1] }) : "");
    set("never", say("never"), open ? never(m) : "");
    set("operation", say("operation"), say(m.flipped ? "is_convolution" : "is_correlation"));
  }
  return { draw };
}

EXTRA_CSS.push(`
.nw-stacked .nw-pair{flex-wrap:wrap}
.nw-stacked .nw-row{flex-direction:column;gap:4px}.nw-stacked .nw-row>.nw-sign{line-height:.8;padding:6px 0 0}
.nw-as-matrix .nw-row>.nw-sign{display:none}.nw-as-matrix .nw-row{flex-direction:column;align-items:flex-start}.nw-as-matrix .nw-pair>.nw-sign{display:none}
.nw .nw-kept{border-inline-start:3px dashed var(--nw-pin);padding-inline-start:8px;margin:2px 0}.nw-kept:empty{display:none}
.nw .nw-block:not(.nw-block-matrix) .nw-caption{white-space:nowrap}
`);
