/*
convolution_views.js: how the convolution stepper draws: three grids side by side, the same operation
as one matrix, and the words and formulas below.
*/
const MATRIX_ROWS = 24, MATRIX_CELL = 22;

export const index2 = ([r, c]) => `[${r}, ${c}]`;
// a factor in a product: negative numbers stand in brackets
const factor = (value) => (value < 0 ? `(${fmt(value)})` : fmt(value));

// the terms of one output, as numbers or as symbols
export function terms(cells, symbols) {
  if (!symbols) return cells.map((cell) => `${factor(cell.x)}·${factor(cell.w)}`).join(" + ");
  return cells.map((cell) => `${cell.inside ? `x[${cell.r},${cell.c}]` : "0"}·w[${cell.at}]`).join(" + ");
}

// "⌊(6 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 3" along one axis
export function sizeFormula(m, axis, shown) {
  const { size, padding, dilation, kernel, stride, out } = m;
  return `⌊(${size[axis]} + 2·${padding[axis]} − ${dilation[axis]}·(${kernel[axis]} − 1) − 1) / ${stride[axis]}⌋ + 1 = ${shown ? out[axis] : "?"}`;
}

// ---- the operation as a matrix: a row for each output, a column for each input cell ------------------
// Long matrices are shown a page of rows at a time.
export function createMatrix(frame, { hover, pick, key }) {
  const path = (name) => h("path", { class: name });
  const paths = { strip: path("nw-f-in"), out: path("nw-f-out"), row: path("nw-f-soft"), cells: path("nw-f-kernel"), hot: path("nw-f-hot"), lines: path("nw-lines"), tied: path("nw-ring"), frame: path("nw-frame") };
  const texts = h("g"), svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, Object.values(paths), texts);
  const inner = h("div", { class: "nw-grid-inner" }, svg), node = h("div", { class: "nw-grid", tabindex: 0, role: "application" }, inner);
  let spec = null, drawn = "";
  const C = MATRIX_CELL, GAP = 8;
  const rowAt = (event) => {
    const bounds = svg.getBoundingClientRect(), scale = bounds.width / spec.width;
    return { row: Math.floor(((event.clientY - bounds.top) / scale - C - GAP) / C), column: Math.floor((event.clientX - bounds.left) / scale / C) };
  };
  const entryAt = (event) => {
    const { row, column } = rowAt(event), output = spec.first + row;
    if (row < 0 || row >= spec.rows) return null;
    return { output, entry: spec.windows[row].find((cell) => cell.inside && cell.r * spec.m.size[1] + cell.c === column) };
  };
  let over = "";
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || !spec) return;
    const found = entryAt(event), name = found ? `${found.output}/${found.entry?.at}` : "";
    if (name !== over) { over = name; hover(found); }
  });
  svg.addEventListener("pointerleave", () => { over = ""; hover(null); });
  svg.addEventListener("click", (event) => { const found = spec && entryAt(event); if (found) pick(found); });
  node.addEventListener("keydown", (event) => { if (event.target === node && key(event)) event.preventDefault(); });

  const square = (row, column) => `M${column * C} ${C + GAP + row * C}h${C}v${C}h${-C}z`;
  function drawTexts(m, first, windows, columns, label) {
    const list = [], at = (x, y, text, style = "nw-small") => list.push([x, y, text, style]);
    for (let c = 0; c < columns; c++) at(c * C + C / 2, C / 2, label.x(Math.floor(c / m.size[1]), c % m.size[1]));
    windows.forEach((cells, row) => {
      const y = C + GAP + row * C + C / 2;
      for (const cell of cells) if (cell.inside) at((cell.r * m.size[1] + cell.c) * C + C / 2, y, label.w(...cell.at));
      const output = first + row;
      at(columns * C + GAP + (C * 1.6) / 2, y, label.y(Math.floor(output / m.out[1]), output % m.out[1]), "nw-small nw-bold");
    });
    while (texts.childElementCount > list.length) texts.lastChild.remove();
    list.forEach(([x, y, text, style], number) => {
      const entry = texts.children[number] ?? texts.appendChild(h("text"));
      put(entry, "x", x); put(entry, "y", y); put(entry, "class", style);
      write(entry, text);
    });
  }

  function draw({ m, position, tied, label, aria }) {
    const total = m.out[0] * m.out[1], columns = m.size[0] * m.size[1];
    const first = Math.floor(position / MATRIX_ROWS) * MATRIX_ROWS, rows = Math.min(MATRIX_ROWS, total - first);
    const windows = Array.from({ length: rows }, (_, row) => windowOf(m, [Math.floor((first + row) / m.out[1]), (first + row) % m.out[1]]));
    const width = columns * C + GAP + C * 1.6, height = C + GAP + rows * C;
    spec = { m, first, rows, windows, width: width + 4 };
    put(node, "aria-label", aria);
    put(svg, "viewBox", `-2 -2 ${width + 4} ${height + 4}`);
    put(svg, "width", width + 4); put(svg, "height", height + 4);
    const column = (cell) => cell.r * m.size[1] + cell.c, mark = (test) => windows.map((cells, row) => cells.filter((cell) => cell.inside && test(cell)).map((cell) => square(row, column(cell))).join("")).join("");
    const here = position - first, y = C + GAP + here * C;
    put(paths.strip, "d", `M0 0h${columns * C}v${C}H0z`);
    put(paths.out, "d", `M${columns * C + GAP} ${C + GAP}h${C * 1.6}v${rows * C}h${-C * 1.6}z`);
    put(paths.row, "d", `M0 ${y}h${columns * C}v${C}H0z`);
    put(paths.cells, "d", mark(() => true));
    put(paths.hot, "d", windows[here].filter((cell) => cell.inside).map((cell) => square(here, column(cell)) + `M${column(cell) * C} 0h${C}v${C}h${-C}z`).join(""));
    put(paths.tied, "d", tied ? mark((cell) => String(cell.at) === String(tied)) : "");
    put(paths.frame, "d", `M0 ${y}h${columns * C}v${C}H0z M${columns * C + GAP} ${y}h${C * 1.6}v${C}h${-C * 1.6}z`);
    let lines = "";
    for (let c = 0; c <= columns; c++) lines += `M${c * C} 0v${C}` + (c % m.size[1] ? "" : `m0 ${GAP}v${rows * C}`);
    for (let r = 0; r <= rows; r++) lines += `M0 ${C + GAP + r * C}h${columns * C}m${GAP} 0h${C * 1.6}`;
    put(paths.lines, "d", lines + `M0 0h${columns * C}M0 ${C}h${columns * C}`);
    const now = label.key + JSON.stringify([first, m.x, m.w, m.size, m.kernel, m.stride, m.padding, m.dilation, m.flipped]);
    if (now !== drawn) { drawn = now; drawTexts(m, first, windows, columns, label); }
    const read = windows[here].filter((cell) => cell.inside);
    if (read.length) follow(column(read[0]), column(read.at(-1)), position);
    return { first, rows, total, columns };
  }
  // a matrix wider than the page scrolls along with the window
  let followed = -1;
  function follow(left, right, position) {
    if (position === followed) return;
    followed = position;
    const [from, to] = [left * C - C, (right + 2) * C];
    if (from < node.scrollLeft || to > node.scrollLeft + node.clientWidth) node.scrollLeft = Math.max(0, from);
  }
  return { node, svg, draw };
}

// how many entries of the matrix carry a weight
export function connections(m) {
  const along = (axis) => {
    let count = 0;
    for (let o = 0; o < m.out[axis]; o++) for (let t = 0; t < m.kernel[axis]; t++) {
      const place = o * m.stride[axis] + t * m.dilation[axis] - m.padding[axis];
      count += Number(place >= 0 && place < m.size[axis]);
    }
    return count;
  };
  return along(0) * along(1);
}

// ---- why a guess of the size is right or wrong --------------------------------------------------------------
// the slips that lead to another number, each with the words that name it
function slips(m, axis) {
  const [n, k, s, p, d] = [m.size, m.kernel, m.stride, m.padding, m.dilation].map((values) => values[axis]);
  const span = n + 2 * p - d * (k - 1) - 1;
  return {
    slip_one: Math.floor(span / s), slip_side: Math.floor((span - p) / s) + 1, slip_padding: Math.floor((span - 2 * p) / s) + 1,
    slip_dilation: Math.floor((n + 2 * p - k) / s) + 1, slip_stride: span + 1, slip_ceiling: Math.ceil(span / s) + 1, slip_input: n,
  };
}
export function explainSize(frame, m, guess) {
  if (m.problem) return frame.say(m.problem.key, problemValues(frame, m));
  return [0, 1].slice(0, guess.length).map((axis) => {
    const padded = m.padded[axis], places = padded - m.reach[axis] + 1;
    const slip = guess[axis] !== m.out[axis] && Object.entries(slips(m, axis)).find(([, value]) => value === guess[axis]);
    const words = frame.say("why", { axis: guess.length > 1 ? frame.say(axis ? "columns" : "rows") : frame.say("each_axis"), n: m.size[axis], p: m.padding[axis], padded, reach: m.reach[axis], places, s: m.stride[axis], last: places - 1, out: m.out[axis] });
    return slip ? `${frame.say(slip[0])} ${words}` : words;
  }).join(" ");
}
export function problemValues(frame, m) {
  const { axis, ...values } = m.problem.values;
  return { ...values, axis: frame.say(axis ? "columns" : "rows") };
}
