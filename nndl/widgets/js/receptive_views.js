/*
receptive_views.js: how the receptive-field explorer draws: the layers along one axis, every unit
where its field lies on the input, and square maps of the input and of a layer.
*/
const CONE_HEAD = 26;                               // above the layers, as high as the list's first line

// the outline of an area, open where it goes on beyond the picture: left, right, top, bottom
const open = (x0, x1, y0, y1, cuts) => [[x0, y0, x0, y1], [x1, y0, x1, y1], [x0, y0, x1, y0], [x0, y1, x1, y1]]
  .map(([a, b, c, d], side) => (cuts[side] ? "" : `M${a.toFixed(1)} ${b.toFixed(1)}L${c.toFixed(1)} ${d.toFixed(1)}`)).join("");

// ---- the layers along one axis -------------------------------------------------------------------
export function createCone(frame, { hover, pick, key }) {
  const id = newId(), path = (name, attributes = {}) => h("path", { class: name, ...attributes });
  const paths = {
    input: path("nw-f-in"), units: path("nw-f-pad"), soft: path("nw-f-soft"), ahead: path("nw-f-kernel"),
    aheadHatch: path("", { style: `fill:url(#${id})` }), hot: path("nw-f-hot"), reached: path("nw-f-kernel"), reachedHatch: path("", { style: `fill:url(#${id})` }),
    lines: path("nw-lines"), whole: path("nw-pin"), ring: path("nw-frame"),
  };
  const texts = h("g"), svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, h("defs", {}, hatch(id, 45)), Object.values(paths), texts);
  const node = h("div", { class: "nw-cone nw-picture", tabindex: 0, role: "application" }, svg);
  let room = 360, shape = null, drawn = "";
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (width && Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(node);

  const x = (position) => shape.left + (position + shape.margin + 0.5) * shape.scale;
  const y = (level) => CONE_HEAD + level * shape.high;
  const inside = (value) => Math.min(shape.right, Math.max(shape.left, value));
  // from the left edge of the first unit of a level to the right edge of the last
  const reach = (level, first, last) => {
    const { jump, start } = shape.net.levels[level];
    return [inside(x(start + (first - 0.5) * jump)), inside(x(start + (last + 0.5) * jump))];
  };
  listen(svg, node, { hover, pick, key, find: (px, py) => {
    if (!shape) return null;
    const level = Math.floor((py - CONE_HEAD) / shape.high), place = shape.net.levels[level];
    if (!place) return null;
    const position = (px - shape.left) / shape.scale - shape.margin - 0.5;
    return { level, along: clampTo(Math.round((position - place.start) / place.jump), place.size) };
  } });

  const PAD = 4;                                    // above and below the units of a level
  const block = (level, [from, to]) => rectangle(from, y(level) + PAD, Math.max(1, to - from), shape.high - 2 * PAD);
  const blocks = (lists) => lists.map((list, level) => runs(list).map(([first, last]) => block(level, reach(level, first, last))).join("")).join("");
  // the outline of a cone through the levels, as wide at each as its units
  function outline(pairs, from) {
    const sides = pairs.flatMap((pair, i) => { const [a, b] = reach(from + i, ...pair), top = y(from + i) + PAD, low = top + shape.high - 2 * PAD; return [[a, b, top], [a, b, low]]; });
    return `M${sides.map(([a, , at]) => `${a.toFixed(1)} ${at}`).join("L")}L${sides.reverse().map(([, b, at]) => `${b.toFixed(1)} ${at}`).join("L")}z`;
  }

  // what depends on the stack only: units of each level and the lines between them
  function drawUnits(net) {
    let lines = "", units = "";
    net.levels.forEach(({ size, jump, start }, level) => {
      const box = block(level, reach(level, 0, size - 1)), wide = jump * shape.scale;
      if (level) units += box;
      else put(paths.input, "d", box);
      lines += box;
      if (wide >= 4) for (let unit = 1; unit < size; unit++) lines += `M${x(start + (unit - 0.5) * jump).toFixed(1)} ${y(level) + PAD}v${shape.high - 2 * PAD}`;
    });
    put(paths.units, "d", units); put(paths.lines, "d", lines);
  }

  function label(list) {
    while (texts.childElementCount > list.length) texts.lastChild.remove();
    list.forEach(([px, py, text, style], number) => {
      const entry = texts.children[number] ?? texts.appendChild(h("text"));
      put(entry, "x", px); put(entry, "y", py); put(entry, "class", style);
      write(entry, text);
    });
  }

  // traced: {level, at}; axis: traceAxis of it along columns; high: pixels a level; names: whether levels are named
  function draw({ net, traced, axis, cone, secret, high, names, aria }) {
    const left = names ? 26 : 2, width = Math.max(room, 120), scale = (width - left - 2) / (net.n + 2 * net.margin), height = CONE_HEAD + net.layers.length * high + high + 2;
    shape = { net, left, right: width - 2, margin: net.margin, scale, high };
    put(svg, "viewBox", `0 0 ${width} ${height}`); put(svg, "width", width); put(svg, "height", height);
    put(node, "aria-label", aria);
    const now = JSON.stringify([net.levels, shape.left, width, high, net.margin]);
    if (now !== drawn) { drawn = now; drawUnits(net); }
    const { level } = traced, back = !secret && cone !== "forward" && level > 0, ahead = !secret && cone !== "backward" && level < net.levels.length - 1;
    put(paths.soft, "d", back ? outline(axis.spans, 0) : "");
    put(paths.hot, "d", back ? blocks(axis.back) : block(level, reach(level, traced.at[1], traced.at[1])));
    const met = axis.ahead.slice(level).filter((list) => list.length).map((list) => [list[0], list.at(-1)]);
    for (const name of ["ahead", "aheadHatch"]) put(paths[name], "d", ahead && met.length > 1 ? outline(met, level) : "");
    const reached = ahead ? blocks(axis.ahead.map((list, i) => (i > level ? list : []))) : "", self = block(level, reach(level, traced.at[1], traced.at[1]));
    for (const name of ["reached", "reachedHatch"]) put(paths[name], "d", reached);
    put(paths.ring, "d", self);
    const field = axis.spans[0], outside = field[0] < 0 || field[1] > net.n - 1;
    put(paths.whole, "d", back && outside ? open(...reach(0, ...field), y(0) + PAD, y(0) + high - PAD, [field[0] < -net.margin, field[1] > net.n - 1 + net.margin, false, false]) : "");
    const marks = names ? net.levels.map((_, i) => [12, y(i) + high / 2, i ? String(i) : frame.say("input").slice(0, 2), "nw-faint"]) : [];
    const edge = back ? [Math.max(0, field[0]), Math.min(net.n - 1, field[1])] : level ? null : [traced.at[1], traced.at[1]];
    // the first and the last column seen, and the ends of the input where there is room
    const ends = edge ? [...new Set(edge)].map((column) => [x(column), CONE_HEAD - 8, String(column), "nw-bold"]) : [];
    const others = [0, net.n - 1].filter((column) => ends.every(([px]) => Math.abs(px - x(column)) > 24)).map((column) => [x(column), CONE_HEAD - 8, String(column), "nw-faint"]);
    const close = ends.length === 2 && ends[1][0] - ends[0][0] < 22;
    label([...marks, ...(close ? [[(ends[0][0] + ends[1][0]) / 2, CONE_HEAD - 8, edge.join("–"), "nw-bold"]] : ends), ...others]);
  }
  return { node, svg, draw };
}

// ---- a square map ------------------------------------------------------------------------------------
export function createField(frame, { fill, hover, pick, key }) {
  const id = newId(), path = (name, attributes = {}) => h("path", { class: name, ...attributes });
  const paths = {
    ground: path("nw-f-pad"), outside: path("", { style: `fill:url(#${id})` }), base: path(`nw-f-${fill}`), hot: path("nw-f-hot"), reached: path("nw-f-kernel"), reachedHatch: path("", { style: `fill:url(#${id})` }),
  };
  const shades = Array.from({ length: 8 }, (_, i) => path("nw-shade", { style: `fill-opacity:${((i + 1) / 8).toFixed(3)}` }));
  const above = { lines: path("nw-lines"), edge: path("nw-lines"), contour: path("nw-contour"), whole: path("nw-pin"), ring: path("nw-frame") };
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, h("defs", {}, hatch(id, -45)), Object.values(paths), shades, Object.values(above));
  const node = h("div", { class: "nw-map nw-picture", tabindex: 0, role: "application" }, svg);
  let shape = null, heated = null, ruled = "";
  const at = (index) => 2 + (index + shape.margin) * shape.scale;
  const area = ([r0, r1], [c0, c1]) => rectangle(at(c0), at(r0), (c1 - c0 + 1) * shape.scale, (r1 - r0 + 1) * shape.scale);
  const cut = ([first, last]) => [Math.max(first, -shape.margin), Math.min(last, shape.n - 1 + shape.margin)];
  const edges = (pair) => { const [first, last] = cut(pair); return [at(first), at(last + 1)]; };
  const areas = ([rows, columns]) => runs(rows).map((row) => runs(columns).map((column) => area(row, column)).join("")).join("");
  listen(svg, node, { hover, pick, key, find: (px, py) => {
    const index = (value) => clampTo(Math.floor((value - 2) / shape.scale - shape.margin), shape.n);
    return shape && [index(py), index(px)];
  } });

  // the measured field in eight shades, and the outline of what counts as seen
  function drawHeat(heat) {
    const now = heat && JSON.stringify([heat.of, shape.n, shape.margin, shape.scale]);
    if (now === heated) return;
    heated = now;
    const sets = shades.map(() => "");
    let contour = "";
    if (heat) {
      const { values, block } = heat, largest = Math.max(...values.flat()), seen = (r, c) => (values[r]?.[c] ?? 0) > SPEC.constants.from * largest;
      const edge = (index) => at(Math.min(index * block, shape.n));
      values.forEach((row, r) => row.forEach((value, c) => {
        const shade = Math.ceil((8 * value) / largest) - 1, [x0, x1, y0, y1] = [edge(c), edge(c + 1), edge(r), edge(r + 1)];
        if (shade >= 0) sets[shade] += rectangle(x0, y0, x1 - x0, y1 - y0);
        if (!seen(r, c)) return;
        if (!seen(r - 1, c)) contour += `M${x0} ${y0}H${x1}`;
        if (!seen(r + 1, c)) contour += `M${x0} ${y1}H${x1}`;
        if (!seen(r, c - 1)) contour += `M${x0} ${y0}V${y1}`;
        if (!seen(r, c + 1)) contour += `M${x1} ${y0}V${y1}`;
      }));
    }
    shades.forEach((shade, i) => put(shade, "d", sets[i]));
    put(above.contour, "d", contour);
  }

  // what depends on the sizes only
  function drawGround() {
    const { n, margin, scale } = shape, all = area([0, n - 1], [0, n - 1]), around = [-margin, n - 1 + margin], padded = margin ? area(around, around) : "";
    put(paths.ground, "d", padded); put(paths.outside, "d", padded); put(paths.base, "d", all); put(above.edge, "d", all);
    let lines = "";
    if (scale >= 4) for (let i = 1; i < n; i++) lines += `M${at(i).toFixed(1)} ${at(0).toFixed(1)}V${at(n).toFixed(1)}M${at(0).toFixed(1)} ${at(i).toFixed(1)}H${at(n).toFixed(1)}`;
    put(above.lines, "d", lines);
  }

  // seen, reached: [rows, columns] of positions; whole: [[first, last] rows, columns] of the theoretical field
  function draw({ n, margin, side, seen, reached, whole, cell, heat, aria }) {
    shape = { n, margin, scale: (side - 4) / (n + 2 * margin) };
    put(svg, "viewBox", `0 0 ${side} ${side}`); put(svg, "width", side); put(svg, "height", side);
    put(node, "aria-label", aria);
    const now = `${n}/${margin}/${side}`;
    if (now !== ruled) { ruled = now; drawGround(); }
    put(paths.hot, "d", seen && !heat ? areas(seen) : cell ? area(...cell.map((index) => [index, index])) : "");
    for (const name of ["reached", "reachedHatch"]) put(paths[name], "d", reached ? areas(reached) : "");
    drawHeat(heat);
    const beyond = whole?.some(([first, last]) => first < 0 || last > n - 1);
    const low = (pair) => pair[0] < -margin, far = (pair) => pair[1] > n - 1 + margin;
    put(above.whole, "d", beyond ? open(...edges(whole[1]), ...edges(whole[0]), [low(whole[1]), far(whole[1]), low(whole[0]), far(whole[0])]) : "");
    const inner = whole && whole.map(([first, last]) => [Math.max(0, first), Math.min(n - 1, last)]);
    put(above.ring, "d", cell ? area(...cell.map((index) => [index, index])) : inner && inner.every(([first, last]) => first <= last) ? area(...inner) : "");
  }
  return { node, svg, draw };
}

EXTRA_CSS.push(`
.nw-maps{display:flex;flex-wrap:wrap;gap:10px 18px;justify-content:center;margin-bottom:12px}
`);
