/*
grid.js: a table of numbers as one SVG, with fills, marks, hovering, a keyboard cursor and editing in
place. Background and marks are one path each, so that a step of the window changes a few attributes
and not hundreds of nodes.
*/
export const UNIT = 32, EDGE = 2;

export const squares = (cells, inset = 0) => {
  const side = UNIT - 2 * inset;
  return cells.map(([r, c]) => `M${c * UNIT + inset} ${r * UNIT + inset}h${side}v${side}h${-side}z`).join("");
};
const box = ([r, c, rows, columns]) => `M${c * UNIT} ${r * UNIT}h${columns * UNIT}v${rows * UNIT}h${-columns * UNIT}z`;
function ruling(rows, columns) {
  let path = "";
  for (let r = 0; r <= rows; r++) path += `M0 ${r * UNIT}H${columns * UNIT}`;
  for (let c = 0; c <= columns; c++) path += `M${c * UNIT} 0V${rows * UNIT}`;
  return path;
}

// "x_1,2" is x with the index 1,2 set low
export function setLabel(node, text) {
  const [base, low] = text.split("_");
  if (low === undefined) node.textContent = base;
  else node.replaceChildren(base, h("tspan", { dy: 4, class: "nw-small" }, low));
  const length = base.length + (low?.length ?? 0);
  put(node, "class", length > 6 ? "nw-small" : length > 4 ? "nw-tight" : "");
}

/*
createGrid(frame, {fill, hover(cell | null), pick(cell, byTouch), key(event)}) returns
  {node, svg, draw(spec), edit(cell, value, label, commit), cursor}
spec: rows, columns    size of the table, padding included
      offset, inner    where the real cells start, and how many rows and columns of them there are
      label(r, c)      text of a real cell
      marks            lists of cells [r, c] (padding included) or rectangles [r, c, rows, columns]
      corners          [[r, c, text], ...]: small numbers in the corners of cells
      size             pixels a cell;  aria: the name for screen readers
      spoken(r, c)     what screen readers hear of the cell under the keyboard's cursor, if cells can be edited
*/
export function createGrid(frame, { fill, hover, pick, key }) {
  const id = `nw-grid-${(globalThis.__nndl_grids = (globalThis.__nndl_grids || 0) + 1)}`;
  const path = (name, attributes = {}) => h("path", { class: name, ...attributes });
  const paths = {
    base: path(`nw-f-${fill}`), soft: path("nw-f-soft"), hot: path("nw-f-hot"),
    pad: path("", { style: `fill:url(#${id}-zero)` }), never: path("", { style: `fill:url(#${id}-hatch)` }),
    lines: path("nw-lines"), frame: path("nw-frame"), pin: path("nw-pin"), ring: path("nw-ring"), cursor: path("nw-cursor"),
  };
  const ground = path("nw-f-pad"), texts = h("g"), corners = h("g"), dots = path("nw-dot");
  const zero = h("text", { x: UNIT / 2, y: UNIT / 2, class: "nw-faint" }, "0");
  const defs = h("defs", {},
    h("pattern", { id: `${id}-zero`, width: UNIT, height: UNIT, patternUnits: "userSpaceOnUse" }, zero),
    h("pattern", { id: `${id}-hatch`, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, h("line", { x1: 0, y1: 0, x2: 0, y2: 8, class: "nw-hatch" })));
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, defs, ground, paths.base, paths.soft, paths.hot, paths.never, paths.pad, paths.lines, texts, corners, paths.frame, paths.pin, paths.ring, dots, paths.cursor);
  const inner = h("div", { class: "nw-grid-inner" }, svg);
  const voice = h("span", { class: "nw-voice", "aria-live": "polite" });
  const node = h("div", { class: "nw-grid", tabindex: 0, role: "application" }, inner, voice);
  const grid = { node, svg, cursor: null };
  let spec = null, entries = [], focused = false;

  const cellAt = (event) => {
    const frameBox = svg.getBoundingClientRect(), scale = frameBox.width / (spec.columns * UNIT + 2 * EDGE);
    const at = (place, start, count) => Math.min(count - 1, Math.max(0, Math.floor(((place - start) / scale - EDGE) / UNIT)));
    return [at(event.clientY, frameBox.top, spec.rows), at(event.clientX, frameBox.left, spec.columns)];
  };
  let over = "";
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || !spec) return;
    const cell = cellAt(event);
    if (over !== String(cell)) { over = String(cell); hover?.(cell); }
  });
  svg.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") { over = ""; hover?.(null); } });
  svg.addEventListener("click", (event) => { if (spec) pick?.(cellAt(event), event.pointerType === "touch"); });
  node.addEventListener("focus", () => {
    focused = node.matches(":focus-visible");
    if (focused && spec?.spoken) grid.cursor ??= [0, 0];
    frame.redraw();
  });
  node.addEventListener("blur", () => { focused = false; frame.redraw(); });
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key?.(event)) event.preventDefault();
  });

  function drawTexts() {
    const [rows, columns] = spec.inner;
    const lift = spec.corners ? 3 : 0;              // room for the numbers in the corners
    put(texts, "transform", `translate(${spec.offset[1] * UNIT} ${spec.offset[0] * UNIT - lift})`);
    put(zero, "y", UNIT / 2 - lift);
    for (let r = 0; r < Math.max(rows, entries.length); r++) {
      entries[r] ??= [];
      for (let c = 0; c < Math.max(columns, entries[r].length); c++) {
        let entry = entries[r][c];
        if (r >= rows || c >= columns) { if (entry?.shown) { entry.node.remove(); entry.shown = false; } continue; }
        entry ??= entries[r][c] = { node: h("text", { x: c * UNIT + UNIT / 2, y: r * UNIT + UNIT / 2 }) };
        if (!entry.shown) { texts.append(entry.node); entry.shown = true; }
        const text = spec.label(r, c);
        if (entry.text !== text) setLabel(entry.node, entry.text = text);
      }
    }
  }
  function drawCorners() {
    const list = spec.corners ?? [];
    while (corners.childElementCount < list.length) corners.append(h("text", { class: "nw-small nw-end" }));
    [...corners.children].forEach((text, index) => {
      const item = list[index];
      put(text, "visibility", item ? "visible" : "hidden");
      if (!item) return;
      put(text, "x", item[1] * UNIT + UNIT - 2.5); put(text, "y", item[0] * UNIT + UNIT - 6);
      write(text, item[2]);
    });
  }

  grid.draw = (next) => {
    spec = next;
    const { rows, columns, offset, inner: real, marks, size } = spec;
    const width = columns * UNIT + 2 * EDGE, height = rows * UNIT + 2 * EDGE;
    put(svg, "viewBox", `${-EDGE} ${-EDGE} ${width} ${height}`);
    put(svg, "width", (width * size) / UNIT); put(svg, "height", (height * size) / UNIT);
    put(node, "aria-label", spec.aria);
    const list = (cells, inset) => squares(cells ?? [], inset), whole = [0, 0, rows, columns], core = [...offset, ...real];
    const padded = real[0] !== rows || real[1] !== columns;
    put(ground, "d", padded ? box(whole) : "");
    put(paths.base, "d", box(core));
    // the zeros: the frame between the outer and the inner rectangle
    put(paths.pad, "d", padded ? box(whole) + box(core) : "");
    put(paths.pad, "fill-rule", "evenodd");
    put(paths.lines, "d", ruling(rows, columns));
    for (const name of ["soft", "hot", "never"]) put(paths[name], "d", list(marks[name]));
    for (const name of ["frame", "pin"]) put(paths[name], "d", marks[name] ? box(marks[name]) : "");
    put(paths.ring, "d", list(marks.ring, 2));
    put(dots, "d", (marks.ring ?? []).map(([r, c]) => `M${c * UNIT + 5} ${r * UNIT + 8}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z`).join(""));
    const cursor = focused && grid.cursor && grid.cursor.map((at, axis) => Math.min(at, real[axis] - 1));
    put(paths.cursor, "d", cursor ? squares([cursor.map((at, axis) => at + offset[axis])], 3) : "");
    write(voice, cursor && spec.spoken ? spec.spoken(...cursor) : "");
    drawTexts();
    drawCorners();
  };

  // a text field over the cell: Enter, Tab or leaving takes the value, Escape drops it
  grid.edit = ([r, c], value, label, commit, typed) => {
    const field = h("input", { type: "text", class: "nw-edit", "aria-label": label, autocomplete: "off", spellcheck: "false" });
    const side = spec.size, at = (index, pad) => (index + pad) * side + (EDGE * side) / UNIT;
    Object.assign(field.style, { left: `${at(c, spec.offset[1])}px`, top: `${at(r, spec.offset[0])}px`, width: `${Math.max(side, 44)}px`, height: `${side}px` });
    field.value = typed ?? String(value);
    let done = false;
    const close = (keep, back, step = 0) => {
      if (done) return;
      const number = readNumber(field.value), { stage } = frame.at;
      done = true;                                  // removing the field blurs it, which must not come back here
      const taken = !keep || (Number.isNaN(number) ? frame.refuse(frame.say("need_value"), stage) : commit(number, stage));
      if (!taken && back) { done = false; field.setAttribute("aria-invalid", "true"); return; }
      if (!keep) frame.accept();
      field.remove();
      if (back) node.focus({ preventScroll: true });
      if (step) key({ key: step > 0 ? "ArrowRight" : "ArrowLeft" });
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") close(true, true);
      else if (event.key === "Escape") close(false, true);
      else if (event.key === "Tab") { event.preventDefault(); close(true, true, event.shiftKey ? -1 : 1); }
    });
    field.addEventListener("blur", () => close(true, false));
    inner.append(field);
    field.focus({ preventScroll: true });
    if (typed === undefined) field.select();
  };
  return grid;
}

EXTRA_CSS.push(`
.nw-grid{position:relative;max-width:100%;overflow-x:auto;overscroll-behavior-x:contain;border-radius:4px;touch-action:pan-x pan-y pinch-zoom}
.nw-grid-inner{position:relative;width:max-content;touch-action:manipulation}
.nw-grid svg{display:block;cursor:pointer;user-select:none;-webkit-user-select:none}
.nw .nw-voice{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.nw input[type=text].nw-edit{position:absolute;z-index:2;min-height:0;padding:0 2px;text-align:center;border:2px solid var(--nw-accent);border-radius:4px}
.nw input.nw-edit[aria-invalid=true]{border-color:var(--nw-bad);border-style:dashed}
`);
