/*
descent_views.js: how the descent explorer draws the plane of w and b: contour lines, path, minima and
arrows, and what all its pictures share.
*/
// numbers as they are read: three digits that count, and powers of ten for what is far off
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹", raised = (n) => `${n < 0 ? "⁻" : ""}${[...String(Math.abs(n))].map((digit) => RAISED[digit]).join("")}`;
export function short(value, digits = 3) {
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)));
  if (power > -4 && power < 5) return String(Number(value.toPrecision(digits))).replace("-", "−");
  return `${fmt(value / 10 ** power, 1)} · 10${raised(power)}`;
}
export const powerOfTen = (power) => (power > -4 && power < 4 ? String(Number((10 ** power).toPrecision(1))) : `10${raised(power)}`);

// marks around a point, each of its own form, so that none is told by color alone
export const MARKS = {
  dot: (x, y, r = 2.3) => `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  ring: (x, y) => MARKS.dot(x, y, 4.5),
  square: (x, y, r = 4.5) => rectangle(x - r, y - r, 2 * r, 2 * r),
  diamond: (x, y, r = 6) => `M${x.toFixed(1)} ${(y - r).toFixed(1)}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`,
  star: (x, y, r = 8) => `M${Array.from({ length: 10 }, (_, i) => { const far = i % 2 ? 0.42 * r : r, turn = (i * Math.PI) / 5; return `${(x + far * Math.sin(turn)).toFixed(1)} ${(y - far * Math.cos(turn)).toFixed(1)}`; }).join("L")}z`,
  line: (x, y) => `M${x - 8} ${y}h16`,
  arrow: (x, y) => `M${x - 8} ${y}h15${MARKS.head(x, y)}`,
  head: (x, y) => `M${x + 2} ${y - 4}l5 4l-5 4`,
  contour: (x, y) => `M${x - 7} ${y}a7 4 0 1 0 14 0a7 4 0 1 0 -14 0z`,
  residual: (x, y) => `${MARKS.dot(x, y - 4, 3.5)}M${x} ${y - 0.5}v7`,
};
// what each thing looks like: [class, style]
export const LOOK = {
  contour: ["nw-map-edge", ""], path: ["nw-ring", "stroke-width:1.6"], dots: ["nw-dot", ""], start: ["nw-ring", "stroke-width:2"],
  here: ["nw-frame", ""], closed: ["nw-shade-ink", ""], dev: ["nw-pin", "stroke-dasharray:none;stroke-width:2.2"],
  next: ["nw-wire-lit", ""], full: ["nw-pin", "stroke-dasharray:4 2"], fullHead: ["nw-pin", "stroke-dasharray:none"], train: ["nw-shade-ink", ""], used: ["nw-changed", ""],
  trainCurve: ["nw-ring", "stroke-width:2.2"], devCurve: ["nw-pin", "stroke-width:2.2"], floor: ["nw-contour", "stroke-width:1.6"],
};
export const looks = (name, attributes = {}) => h("path", { class: LOOK[name][0], style: LOOK[name][1] || null, ...attributes });

// texts of a picture: [[x, y, text, class], ...], kept and changed in place
export function labels(node, list) {
  while (node.childElementCount > list.length) node.lastChild.remove();
  list.forEach(([x, y, text, style], i) => {
    const entry = node.children[i] ?? node.appendChild(h("text"));
    put(entry, "x", x.toFixed(1)); put(entry, "y", y.toFixed(1)); put(entry, "class", style);
    write(entry, text);
  });
}

// ---- the plane ---------------------------------------------------------------------------------------
const PLANE_PAD = { left: 30, right: 8, top: 8, bottom: 28 }, ARROW = 46, LEVELS = [-3, -2, -1, 0, 1, 2, 3, 4, 5];

export function createPlane(frame, { pick, key }) {
  const path = (name, attributes = {}) => h("path", { class: name, ...attributes }), texts = h("g"), heights = h("g"), beyond = h("text", { class: "nw-bold nw-end" });
  const grid = path("nw-lines", { style: "opacity:.5" }), edge = path("nw-map-edge");
  const parts = Object.fromEntries(["contour", "path", "dots", "full", "fullHead", "next", "dev", "closed", "start", "here"].map((name) => [name, looks(name, { "data-part": name })]));
  // a picture in the picture: what goes beyond its rim is cut off
  const inner = h("svg", {}, grid, parts.contour, heights, parts.path, parts.dots, parts.full, parts.fullHead, parts.next, parts.dev, parts.closed, parts.start, parts.here);
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, inner, edge, texts, beyond), node = h("div", { class: "nw-picture", tabindex: 0, role: "application" }, svg);
  let shape = null, drawn = "";
  // in pixels of the inner picture
  const x = (w) => (w - shape.plane[0][0]) * shape.scale, y = (b) => (shape.plane[1][1] - b) * shape.scale;
  listen(svg, node, { hover: () => {}, pick, key, find: (px, py) => {
    if (!shape) return null;
    const place = [shape.plane[0][0] + (px - PLANE_PAD.left) / shape.scale, shape.plane[1][1] - (py - PLANE_PAD.top) / shape.scale];
    return inPlane(place, shape.plane) ? place : null;
  } });

  // what follows from the samples only: contour lines, minima, axes
  function drawGround(m) {
    const { plane, scale, size } = shape, turn = (-m.angle * 180) / Math.PI, [cx, cy] = [x(m.closed[0]), y(m.closed[1])];
    const ellipse = ([a, b]) => { const [dx, dy] = [a * scale * Math.cos(m.angle), -a * scale * Math.sin(m.angle)], arc = `A${(a * scale).toFixed(2)} ${(b * scale).toFixed(2)} ${turn.toFixed(3)} 1 0`; return `M${(cx + dx).toFixed(2)} ${(cy + dy).toFixed(2)}${arc} ${(cx - dx).toFixed(2)} ${(cy - dy).toFixed(2)}${arc} ${(cx + dx).toFixed(2)} ${(cy + dy).toFixed(2)}z`; };
    put(parts.contour, "d", LEVELS.map((level) => ellipse(halfAxes(m.values, 10 ** (level / 2)))).join(""));
    // beside a line stands its loss, in the steep direction, where there is room
    const named = [];
    let before = 0;
    for (const level of LEVELS) {
      const excess = 10 ** (level / 2), far = halfAxes(m.values, excess)[0] * scale, px = cx + far * Math.cos(m.angle) + 3, py = cy - far * Math.sin(m.angle);
      if (far - before < 26 || px > size - 24 || py < 8) continue;
      before = far;
      named.push([px, py, short(m.closedLosses[0] + excess), "nw-small nw-faint nw-start"]);
    }
    labels(heights, named);
    const ticks = plane.map(([low, high]) => Array.from({ length: high - low + 1 }, (_, i) => low + i)), names = [["w", size / 2, size + 22], ["b", -20, size / 2]];
    put(grid, "d", ticks[0].map((w) => `M${x(w).toFixed(1)} 0V${size}`).join("") + ticks[1].map((b) => `M0 ${y(b).toFixed(1)}H${size}`).join(""));
    put(edge, "d", rectangle(PLANE_PAD.left, PLANE_PAD.top, size, size));
    labels(texts, [
      ...ticks[0].map((w) => [x(w), size + 10, fmt(w), "nw-small nw-faint"]), ...ticks[1].map((b) => [-6, y(b), fmt(b), "nw-small nw-faint nw-end"]), ...names.map(([text, px, py]) => [px, py, text, "nw-bold"]),
    ].map(([px, py, ...rest]) => [px + PLANE_PAD.left, py + PLANE_PAD.top, ...rest]));
    put(parts.closed, "d", MARKS.star(cx, cy)); put(parts.dev, "d", MARKS.diamond(x(m.devMinimum[0]), y(m.devMinimum[1])));
  }
  // the path up to a place, as far as it lies in the plane; what goes through it from far to far would
  // cover the rest
  function drawPath(places) {
    const inside = (place) => inPlane(place, shape.plane), point = ([w, b]) => `${x(w).toFixed(2)} ${y(b).toFixed(2)}`;
    const pieces = places.slice(1).map((to, i) => (inside(places[i]) || inside(to)) && within(places[i], to, shape.plane)).filter(Boolean);
    put(parts.path, "d", pieces.map(([from, to]) => `M${point(from)}L${point(to)}`).join(""));
    put(parts.dots, "d", places.filter(inside).map(([w, b]) => MARKS.dot(x(w), y(b))).join(""));
  }
  // from a place against a gradient, [shaft, head]; the longer of the arrows has always the same length
  function arrow(place, gradient, longest) {
    const size = gradient ? Math.hypot(...gradient) : 0;
    if (!(size > 1e-9 && Number.isFinite(size)) || !inPlane(place, shape.plane)) return ["", ""];
    const [dx, dy] = [(-gradient[0] / longest) * ARROW, (gradient[1] / longest) * ARROW], [x0, y0] = [x(place[0]), y(place[1])], far = Math.hypot(dx, dy), head = Math.min(7, far / 2), turn = Math.atan2(dy, dx);
    const wing = (side) => `M${(x0 + dx).toFixed(1)} ${(y0 + dy).toFixed(1)}l${(-head * Math.cos(turn + side)).toFixed(1)} ${(-head * Math.sin(turn + side)).toFixed(1)}`;
    return [`M${x0.toFixed(1)} ${y0.toFixed(1)}L${(x0 + dx).toFixed(1)} ${(y0 + dy).toFixed(1)}`, wing(0.5) + wing(-0.5)];
  }
  // side: pixels across; now: what is known at the step (see stepOf); hidden: whether the solution is
  function draw({ m, now, side, hidden, aria }) {
    const [[low, high]] = m.plane, size = Math.round(side - PLANE_PAD.left - PLANE_PAD.right);
    shape = { plane: m.plane, size, scale: size / (high - low) };
    const width = size + PLANE_PAD.left + PLANE_PAD.right, height = size + PLANE_PAD.top + PLANE_PAD.bottom, key = JSON.stringify([m.plane, size]);
    put(svg, "viewBox", `0 0 ${width} ${height}`); put(svg, "width", width); put(svg, "height", height);
    for (const [name, value] of Object.entries({ x: PLANE_PAD.left, y: PLANE_PAD.top, width: size, height: size })) put(inner, name, value);
    put(node, "aria-label", aria);
    if (drawn !== key) { drawn = key; drawGround(m); }
    const longest = Math.max(Math.hypot(...now.next), m.noisy ? Math.hypot(...now.full) : 0), begun = !m.solved;
    drawPath(begun ? m.path.slice(0, now.t + 1) : []);
    const shown = (gradient, yes) => arrow(now.place, yes ? gradient : null, longest), [shaft, head] = shown(now.full, begun && m.noisy);
    put(parts.next, "d", shown(now.next, begun).join("")); put(parts.full, "d", shaft); put(parts.fullHead, "d", head);
    const mark = (name, place, shown) => put(parts[name], "d", shown && inPlane(place, m.plane) ? (name === "start" ? MARKS.square : MARKS.dot)(x(place[0]), y(place[1]), name === "start" ? 5 : 6) : "");
    mark("start", m.path[0], begun); mark("here", now.place, !hidden && begun);
    put(parts.closed, "visibility", hidden && m.solved ? "hidden" : "visible");
    const gone = !hidden && !inPlane(now.place, m.plane);
    put(beyond, "x", width - PLANE_PAD.right - 6); put(beyond, "y", PLANE_PAD.top + 12);
    write(beyond, gone ? frame.say("outside_plane") : "");
  }
  return { node, svg, draw };
}

EXTRA_CSS.push(`
[data-kind=descent_path]>.nw-controls :is(.nw-dp-wide,.nw-caption){grid-column:1/-1}
[data-kind=descent_path]>.nw-controls .nw-slider{grid-template-columns:var(--nw-label) minmax(60px,1fr) 2.8em}
[data-kind=descent_path]>.nw-controls .nw-caption{margin:0}
.nw-dp{display:grid;gap:12px 18px;justify-content:center;grid-template-columns:minmax(0,max-content)}
.nw-dp.nw-dp-beside{grid-template-columns:max-content minmax(0,1fr)}
.nw-dp-right{display:grid;gap:10px;align-content:start;min-width:0}
.nw .nw-dp .nw-legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin-top:4px;font-size:13px;color:var(--nw-faint)}
.nw .nw-dp .nw-legend span{display:inline-flex;gap:6px;align-items:center}
.nw-dp .nw-legend svg{flex:none}
.nw-dp .nw-dp-fixed svg{cursor:default}
[data-kind=descent_path] .nw-guess{flex-wrap:wrap}
[data-kind=descent_path] .nw-now{min-height:3em}
.nw-dp .nw-secret{min-height:180px}
@container nw (max-width:460px){
.nw .nw-controls .nw-dp-wide :is(legend,label,label span){width:100%}
.nw .nw-controls .nw-dp-wide label{margin:-1px 0 0}
.nw .nw-controls .nw-dp-wide label:first-of-type span{border-radius:7px 7px 0 0}.nw .nw-controls .nw-dp-wide label:last-of-type span{border-radius:0 0 7px 7px}
}
`);
