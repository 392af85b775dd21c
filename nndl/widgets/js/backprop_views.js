/*
backprop_views.js: how the backpropagation graph is drawn, and the fields for its inputs.
*/
EXTRA_CSS.push(`
[data-kind=backprop_graph]>.nw-controls .nw-wide{grid-column:1/-1}
.nw .nw-formula{display:grid;grid-template-columns:var(--nw-label) minmax(0,1fr);gap:2px 8px;align-items:center}
.nw-formula label{display:contents}
.nw-formula input[type=text],.nw-amount input[type=text]{width:100%;font-variant-numeric:tabular-nums}
.nw-formula :is(.nw-help,.nw-problem){grid-column:2}.nw-amount .nw-problem{grid-column:1/-1}
.nw-formula .nw-help{color:var(--nw-faint);font-size:12.5px}
.nw .nw-amount{display:grid;grid-template-columns:var(--nw-label) minmax(60px,1fr) 4.6em;gap:8px;align-items:center;min-height:32px}
.nw-amount b{font-weight:600;font-style:italic}
.nw .nw-flow{overflow-x:auto;text-align:center;border-radius:8px}
.nw-flow svg{display:inline-block;vertical-align:top}
.nw-flow .nw-node{cursor:pointer}
.nw-svg .nw-shape{fill:var(--nw-in);stroke:var(--nw-edge);stroke-width:1.3}
.nw-svg .nw-leaf .nw-shape{fill:var(--nw-out)}
.nw-svg .nw-number .nw-shape{fill:var(--nw-pad)}
.nw-svg .nw-at .nw-shape{fill:var(--nw-hot);stroke:var(--nw-strong);stroke-width:2.5}
.nw-svg .nw-chosen .nw-shape{stroke:var(--nw-accent);stroke-width:2.5;stroke-dasharray:4 2}
.nw-svg path.nw-wire{stroke:var(--nw-edge);stroke-width:1.4}
.nw-svg path.nw-wire.nw-live{stroke:var(--nw-strong);stroke-width:3}
.nw-svg text.nw-back{fill:var(--nw-accent);font-weight:700}
.nw-svg text.nw-name{font-style:italic;font-weight:600}
.nw .nw-now{font-weight:600;min-height:3em}.nw .nw-now.nw-wrong{color:var(--nw-bad)}
.nw .nw-over{color:var(--nw-faint);min-height:1.5em}
.nw .nw-slopes{border-collapse:collapse;margin:8px 0 0;font-variant-numeric:tabular-nums;width:auto;max-width:100%}
.nw .nw-slopes :is(th,td){padding:2px 14px 2px 0;text-align:end;font-weight:400;border:0;background:none;color:inherit}
.nw .nw-slopes th{color:var(--nw-faint)}.nw .nw-slopes :is(th,td):first-child{text-align:start}
.nw .nw-slopes td.nw-back{font-weight:600}
.nw .nw-how{color:var(--nw-faint);font-size:12.5px;margin-top:4px}
@container nw (max-width:460px){.nw .nw-now{min-height:4.5em}.nw .nw-slopes :is(th,td){padding-inline-end:10px}}
`);

const NODE_SIGNS = { add: "+", subtract: "−", multiply: "×", divide: "÷", negative: "−", sigmoid: "σ", square: "( )²" };
const RADIUS = 20;
// pixels: from column to column, from row to row; before and behind; on the page's level, or down it
const ALONG = { column: 58, row: 60, before: [34, 40], behind: [34, 40] }, DOWN = { column: 46, row: 84, least: 62, before: [66, 36], behind: [76, 30] };

// three digits that count, at most
export function sig(value) {
  const digits = Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return (/e/.test(digits) ? value.toExponential(1) : digits).replace(/-/g, "−").replace(/^−0$/, "0");
}
// the same for an edge, where there is little room
export const brief = (value) => (Math.abs(value) < 0.1 ? sig(Number(value.toPrecision(2))) : sig(value));
export const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);

/*
createFlow(frame, {hover(node | null), pick(node)}) returns {node, svg, draw(scene)}
scene: nodes, names    the graph, and a name for each node (the end of the output has the last)
       room            pixels across
       values, back    texts, or null where there is nothing to show yet: back[node][operand]
       ends            the gradient at the end of the output, or null
       sums            texts above nodes that several edges leave, or null
       at, live        the node whose turn it is (or -1) and a test for edges that carry just now
       chosen          the node asked about, or -1
*/
export function createFlow(frame, { hover, pick, key }) {
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" });
  const node = h("div", { class: "nw-flow", tabindex: 0, role: "application" }, svg);
  let built = "", parts = null;
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key(event)) event.preventDefault();
  });

  function build({ nodes, names, room }) {
    const plan = layOut(nodes), every = plan.edges.flatMap(({ path }) => path);
    const span = (axis) => [Math.min(...every.map((p) => p[axis])), Math.max(...every.map((p) => p[axis]))];
    const [, far] = span(0), [low, high] = span(1);
    const level = far * ALONG.column + ALONG.before[0] + ALONG.behind[0] <= room;   // from left to right where that fits, else downwards
    const look = level ? ALONG : { ...DOWN, row: Math.min(DOWN.row, Math.max(DOWN.least, (room - DOWN.before[0] - DOWN.behind[0]) / (high - low || 1))) };
    const turned = ([along, across]) => (level ? [along * look.column, (across - low) * look.row] : [(across - low) * look.row, along * look.column]);
    const place = (spot) => turned(spot).map((n, axis) => n + look.before[axis]);
    const [width, height] = turned([far, high]).map((n, axis) => n + look.before[axis] + look.behind[axis]);
    parts = { wires: [], shapes: [], level };
    const wires = h("g"), shapes = h("g");
    for (const { from, to, operand, path } of plan.edges) {
      const corners = path.map(place), line = h("path", { class: "nw-wire", d: corners.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("") });
      const x = (corners[1][0] + corners[2][0]) / 2, y = (corners[1][1] + corners[2][1]) / 2;
      const forth = h("text", level ? { x, y: y - 10 } : { x: x + 6, y: y - 9, class: "nw-start" });
      const back = h("text", level ? { x, y: y + 11, class: "nw-back" } : { x: x + 6, y: y + 8, class: "nw-back nw-start" });
      wires.append(line, forth, back);
      parts.wires.push({ from, to, operand, line, forth, back });
    }
    plan.places.forEach((spot, i) => {
      const [x, y] = place(spot), { kind = "end", sources, value } = nodes[i] ?? {}, leaf = !sources;
      const sign = kind === "number" ? sig(value) : leaf ? names[i] : NODE_SIGNS[kind] ?? kind;
      const half = leaf ? Math.max(16, 4.5 * sign.length + 6) : RADIUS;
      const shape = h("rect", { x: x - half, y: y - (leaf ? 14 : half), width: 2 * half, height: leaf ? 28 : 2 * half, rx: leaf ? 6 : half, class: "nw-shape" });
      const name = leaf ? "" : h("text", { x: level ? x + 8 : x - half - 5, y: level ? y + half + 8 : y, class: `nw-small nw-name nw-faint ${level ? "nw-start" : "nw-end"}` }, names[i]);
      const sum = h("text", { x: level || leaf ? x : x - half - 5, y: level || leaf ? y - (leaf ? 14 : half) - 8 : y + 12, class: `nw-back nw-small${level || leaf ? "" : " nw-end"}` });
      const group = h("g", { class: "nw-node", "data-node": i }, shape, h("text", { x, y, class: leaf ? "nw-name" : sign.length > 2 ? "nw-tight" : "" }, sign), name, sum);
      group.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") hover(i); });
      group.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hover(-1); });
      group.addEventListener("click", () => pick(i));
      shapes.append(group);
      parts.shapes.push({ group, sum, leaf, kind });
    });
    svg.replaceChildren(wires, shapes);
    put(svg, "viewBox", `0 0 ${width} ${height}`);
    put(svg, "width", width); put(svg, "height", height);
  }

  function draw(scene) {
    const key = JSON.stringify([scene.nodes, scene.names, scene.room]);
    if (built !== key) { build(scene); built = key; }
    const [to, from] = parts.level ? ["→ ", "← "] : ["↓ ", "↑ "];
    for (const wire of parts.wires) {
      const value = scene.values[wire.from], back = wire.to === scene.nodes.length ? scene.ends : scene.back[wire.to][wire.operand];
      write(wire.forth, value === null ? "" : to + value);
      write(wire.back, back === null ? "" : from + back);
      put(wire.line, "class", `nw-wire${scene.live(wire) ? " nw-live" : ""}`);
    }
    parts.shapes.forEach(({ group, sum, leaf, kind }, i) => {
      put(group, "class", `nw-node${kind === "number" ? " nw-number" : leaf ? " nw-leaf" : ""}${scene.at === i ? " nw-at" : ""}${scene.chosen === i ? " nw-chosen" : ""}`);
      write(sum, scene.sums[i] === null || scene.sums[i] === undefined ? "" : `Σ ${scene.sums[i]}`);
    });
    put(node, "aria-label", scene.aria);
  }
  return { node, svg, draw };
}

// name, slider and typed number for each input; get() gives [[name, value], ...], at most `most` of them
export function createAmounts(frame, { most, limit, get, set }) {
  const rows = Array.from({ length: most }, (_, i) => {
    const name = h("b"), slider = h("input", { type: "range", step: 0.1 });
    slider.addEventListener("input", () => set(i, Number(slider.value)));
    const { input: typed, problem } = frame.field({
      inputmode: "text", get: () => (get()[i] ? String(Number(get()[i][1].toFixed(4))) : ""),
      take: (text, at) => {
        const value = readNumber(text), good = Number.isFinite(value) && Math.abs(value) <= limit;
        return good ? set(i, value, at) : frame.refuse(frame.say("refused", { message: frame.say("not_a_number", { n: limit }) }), at);
      },
    });
    return { node: h("div", { class: "nw-amount" }, name, slider, typed, problem), name, slider, typed };
  });
  frame.onSync(() => {
    const all = get();
    rows.forEach((row, i) => {
      row.node.hidden = i >= all.length;
      if (row.node.hidden) return;
      const [name, value] = all[i], far = Math.max(5, Math.ceil(Math.abs(value)));
      write(row.name, name);
      put(row.slider, "aria-label", frame.say("value_of", { name }));
      put(row.typed, "aria-label", frame.say("typed_value_of", { name }));
      put(row.slider, "min", -far); put(row.slider, "max", far);
      if (Number(row.slider.value) !== value) row.slider.value = value;
    });
  });
  return rows.map((row) => row.node);
}

// the gradients of the inputs in a table, beside slopes that are measured
export function createSlopes(frame) {
  const say = (key) => frame.say(key), body = h("tbody");
  const head = h("tr", {}, ["input", "value", "gradient", "measured"].map((key) => h("th", { scope: "col" }, say(key))));
  const node = h("table", { class: "nw-slopes" }, h("thead", {}, head), body);
  function draw(lines) {
    while (body.children.length < lines.length) body.append(h("tr", {}, h("td"), h("td"), h("td", { class: "nw-back" }), h("td")));
    [...body.children].forEach((row, i) => {
      row.hidden = i >= lines.length;
      if (!row.hidden) lines[i].forEach((text, column) => write(row.children[column], text));
    });
  }
  return { node, draw };
}
