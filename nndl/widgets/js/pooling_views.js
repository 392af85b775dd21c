/*
pooling_views.js: how the pooling explorer draws: maps of shaded squares with what changed outlined,
and the shift consistency for every shift.
*/
const SHADES = 8;

// hover, pick and key only where a map can be asked: then it can be focused
export function createShaded(frame, { ink = false, hover, pick, key } = {}) {
  const path = (name, attributes = {}) => h("path", { class: name, ...attributes }), ground = path("nw-f-pad"), lines = path("nw-lines");
  const shades = Array.from({ length: SHADES }, (_, i) => path(ink ? "nw-shade-ink" : "nw-shade", { style: `fill-opacity:${(((i + 1) / SHADES) * (ink ? 1 : 0.5)).toFixed(3)}` }));
  const changed = path("nw-changed"), window = path("nw-frame"), chosen = path("nw-cursor"), texts = h("g");
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, ground, shades, lines, texts, changed, window, chosen);
  const node = h("div", key ? { class: "nw-picture", tabindex: 0, role: "application" } : { class: "nw-picture", role: "img" }, svg);
  let shape = null, drawn = "";
  if (key) listen(svg, node, { hover, pick, key, find: (x, y) => shape && [clampCell(y / shape.cell, shape.rows), clampCell(x / shape.cell, shape.columns)] });
  const at = (index) => 1 + index * shape.cell;
  const area = ([r0, r1], [c0, c1], inset = 0) => rectangle(at(c0) + inset, at(r0) + inset, (c1 - c0 + 1) * shape.cell - 2 * inset, (r1 - r0 + 1) * shape.cell - 2 * inset);

  function drawValues(values, largest, numbers) {
    const sets = shades.map(() => ""), list = [];
    values.forEach((row, r) => row.forEach((value, c) => {
      const shade = largest ? Math.ceil((SHADES * value) / largest - 1e-9) - 1 : -1;
      if (shade >= 0) sets[Math.min(shade, SHADES - 1)] += area([r, r], [c, c]);
      if (numbers && value) list.push([at(c + 0.5), at(r + 0.5), fmt(value, value < 10 ? 1 : 0)]);
    }));
    shades.forEach((shade, i) => put(shade, "d", sets[i]));
    while (texts.childElementCount > list.length) texts.lastChild.remove();
    list.forEach(([x, y, text], i) => {
      const entry = texts.children[i] ?? texts.appendChild(h("text", { class: "nw-small" }));
      put(entry, "x", x.toFixed(1)); put(entry, "y", y.toFixed(1));
      write(entry, text);
    });
  }
  // side: pixels of the longer side; cells: those that changed; frame: [rows, columns] that are read; cell: the feature asked for
  function draw({ values, largest, side, cells = [], frame: read, cell, numbers = false, aria }) {
    const rows = values.length, columns = values[0].length, pixels = (side - 2) / Math.max(rows, columns);
    shape = { rows, columns, cell: pixels };
    const [width, height] = [columns * pixels + 2, rows * pixels + 2];
    put(svg, "viewBox", `0 0 ${width.toFixed(2)} ${height.toFixed(2)}`); put(svg, "width", width.toFixed(2)); put(svg, "height", height.toFixed(2));
    put(node, "aria-label", aria);
    const all = area([0, rows - 1], [0, columns - 1]), now = JSON.stringify([values, largest, side]);
    if (now !== drawn) {
      drawn = now;
      put(ground, "d", all);
      let grid = all;
      if (pixels >= 5) {
        for (let r = 1; r < rows; r++) grid += `M${at(0)} ${at(r).toFixed(1)}H${at(columns).toFixed(1)}`;
        for (let c = 1; c < columns; c++) grid += `M${at(c).toFixed(1)} ${at(0)}V${at(rows).toFixed(1)}`;
      }
      put(lines, "d", grid);
      drawValues(values, largest, numbers && pixels >= 18);
    }
    put(changed, "d", cells.map(([r, c]) => area([r, r], [c, c], Math.min(2, pixels / 6))).join(""));
    put(window, "d", read ? area(...read) : cell ? area(...cell.map((index) => [index, index])) : "");
  }
  return { node, svg, draw };
}
const clampCell = (value, size) => Math.min(size - 1, Math.max(0, Math.floor(value)));

// ---- shift consistency for every shift to the side ----------------------------------------------------
export function createConsistency(frame, { pick, key }) {
  const path = (name) => h("path", { class: name }), high = 132, top = 12, floor = 104, left = 30;
  const bars = path("nw-shade"), lines = path("nw-lines"), along = path("nw-dot-along"), window = path("nw-frame"), texts = h("g");
  bars.setAttribute("style", "fill-opacity:.5");
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, lines, bars, along, window, texts), node = h("div", { class: "nw-picture", tabindex: 0, role: "application" }, svg);
  let shape = null;
  listen(svg, node, { hover: () => {}, pick, key, find: (x) => shape && shape.sweep[clampCell((x - left) / shape.wide, shape.sweep.length)].right });
  const y = (value) => floor - (floor - top) * Math.max(0, value);
  function draw({ sweep, now, width, aria }) {
    const wide = (width - left - 4) / sweep.length, x = (i) => left + i * wide;
    shape = { sweep, wide };
    put(svg, "viewBox", `0 0 ${width} ${high}`); put(svg, "width", width); put(svg, "height", high);
    put(node, "aria-label", aria);
    put(bars, "d", sweep.map(({ same }, i) => rectangle(x(i) + wide * 0.16, y(same.cosine), wide * 0.68, floor - y(same.cosine))).join(""));
    put(along, "d", sweep.map(({ along: { cosine } }, i) => { const [cx, cy] = [x(i) + wide / 2, y(cosine)]; return `M${(cx - 6).toFixed(1)} ${cy.toFixed(1)}l6 -6l6 6l-6 6z`; }).join(""));
    put(lines, "d", [0, 0.5, 1].map((value) => `M${left} ${y(value)}H${width - 4}`).join(""));
    const here = sweep.findIndex(({ right }) => right === now);
    put(window, "d", rectangle(x(here) + 2, 2, wide - 4, high - 4));
    const list = [...sweep.map(({ right }, i) => [x(i) + wide / 2, floor + 14, fmt(right), right === now ? "nw-bold" : "nw-faint"]), ...[0, 0.5, 1].map((value) => [left - 6, y(value), fmt(value), "nw-end nw-faint"])];
    list.forEach(([px, py, text, style], i) => {
      const entry = texts.children[i] ?? texts.appendChild(h("text"));
      put(entry, "x", px.toFixed(1)); put(entry, "y", py.toFixed(1)); put(entry, "class", style);
      write(entry, text);
    });
  }
  return { node, svg, draw };
}

EXTRA_CSS.push(`
[data-kind=pooling_shift]>.nw-controls{--nw-label:94px}
.nw-shift{display:grid;gap:6px 14px;justify-content:center;align-items:end}
.nw .nw-shift-name{grid-column:1/-1;font-weight:600;margin-top:4px}
.nw .nw-shift-beside .nw-shift-name{grid-column:auto}
.nw-shift-beside .nw-step-ground{order:1}.nw-shift-beside .nw-step-conv{order:2}.nw-shift-beside .nw-step-out{order:3}
.nw-shift .nw-caption{margin-bottom:2px;line-height:1.3}
.nw .nw-chart{margin-top:14px}
.nw .nw-legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin-top:2px;font-size:13px;color:var(--nw-faint)}
.nw-legend span{display:inline-flex;gap:6px;align-items:center}
.nw-legend svg{flex:none}
`);
