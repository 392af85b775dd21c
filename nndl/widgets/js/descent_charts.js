/*
descent_charts.js: the other two pictures of the descent explorer: the data with the line, and the
losses over the steps.
*/
const CHART_PAD = { left: 40, right: 8, top: 8, bottom: 28 };

// ---- the data: training points, development points, the line, residuals of what the next step takes --------
export function createDataView() {
  const RANGE = [[0, 4.5], [0, 7]], HIGH = 190;
  const grid = h("path", { class: "nw-lines", style: "opacity:.5" }), edge = h("path", { class: "nw-map-edge" }), texts = h("g");
  const parts = Object.fromEntries(["trainCurve", "used", "train", "dev"].map((name) => [name, looks(name, { "data-part": name })]));
  parts.dev.setAttribute("style", "stroke-dasharray:none;stroke-width:1.6");
  const inner = h("svg", {}, grid, parts.trainCurve, parts.used, parts.train, parts.dev), svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, inner, edge, texts);
  const node = h("div", { class: "nw-picture nw-dp-fixed", role: "img" }, svg);
  let drawn = "";

  // line: [w, b] or null; used: samples whose residuals are drawn
  function draw({ m, line, used, width, aria }) {
    const wide = width - CHART_PAD.left - CHART_PAD.right, high = HIGH - CHART_PAD.top - CHART_PAD.bottom, { train: [xs, ys], dev: [devX, devY] } = SPEC.constants;
    const x = (value) => (value / RANGE[0][1]) * wide, y = (value) => high - (value / RANGE[1][1]) * high;
    put(node, "aria-label", aria);
    if (drawn !== String(width)) {
      drawn = String(width);
      put(svg, "viewBox", `0 0 ${width} ${HIGH}`); put(svg, "width", width); put(svg, "height", HIGH);
      for (const [name, value] of Object.entries({ x: CHART_PAD.left, y: CHART_PAD.top, width: wide, height: high })) put(inner, name, value);
      put(edge, "d", rectangle(CHART_PAD.left, CHART_PAD.top, wide, high));
      put(grid, "d", [1, 2, 3, 4].map((value) => `M${x(value).toFixed(1)} 0V${high}`).join("") + [2, 4, 6].map((value) => `M0 ${y(value).toFixed(1)}H${wide}`).join(""));
      labels(texts, [
        ...[0, 1, 2, 3, 4].map((value) => [CHART_PAD.left + x(value), CHART_PAD.top + high + 10, String(value), "nw-small nw-faint"]), ...[0, 2, 4, 6].map((value) => [CHART_PAD.left - 6, CHART_PAD.top + y(value), String(value), "nw-small nw-faint nw-end"]),
        [CHART_PAD.left + wide / 2, HIGH - 6, "x", "nw-bold"], [CHART_PAD.left - 26, CHART_PAD.top + high / 2, "y", "nw-bold"],
      ]);
      put(parts.train, "d", xs.map((value, i) => MARKS.dot(x(value), y(ys[i]), 3)).join("")); put(parts.dev, "d", devX.map((value, i) => MARKS.dot(x(value), y(devY[i]), 3.5)).join(""));
    }
    const at = (value) => line[0] * m.seen(value) + line[1], near = (value) => y(Math.max(-1e3, Math.min(1e3, value)));
    put(parts.used, "d", line ? used.map((i) => `${MARKS.dot(x(xs[i]), y(ys[i]), 5.5)}M${x(xs[i]).toFixed(1)} ${y(ys[i]).toFixed(1)}V${near(at(xs[i])).toFixed(1)}`).join("") : "");
    const cut = line && within([RANGE[0][0], at(RANGE[0][0])], [RANGE[0][1], at(RANGE[0][1])], RANGE);
    put(parts.trainCurve, "d", cut ? `M${cut.map(([px, py]) => `${x(px).toFixed(2)} ${y(py).toFixed(2)}`).join("L")}` : "");
  }
  return { node, svg, draw };
}

// ---- the losses, on a logarithmic scale ------------------------------------------------------------------------
// the powers of ten between which all losses lie, and which of them are named
export function decadesOf(losses) {
  let [low, high] = [Infinity, -Infinity];
  for (const pair of losses) for (const value of pair) { low = Math.min(low, value); high = Math.max(high, value); }
  const from = Math.floor(Math.log10(low)), to = Math.max(from + 1, Math.ceil(Math.log10(high))), step = Math.ceil((to - from) / 5);
  return { from, to, ticks: Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step) };
}

export function createCurves(frame, { pick, key }) {
  const HIGH = 180, { steps } = SPEC.constants;
  const grid = h("path", { class: "nw-lines", style: "opacity:.5" }), edge = h("path", { class: "nw-map-edge" }), later = h("path", { class: "nw-map-edge" }), texts = h("g");
  const parts = Object.fromEntries(["floor", "trainCurve", "devCurve", "here"].map((name) => [name, looks(name, { "data-part": name })])), rule = h("path", { class: "nw-wire-lit", style: "stroke-width:1.2" });
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, grid, edge, parts.floor, later, rule, parts.trainCurve, parts.devCurve, parts.here, texts), node = h("div", { class: "nw-picture", tabindex: 0, role: "application" }, svg);
  let shape = null, drawn = null;
  listen(svg, node, { hover: () => {}, pick: ({ step }) => pick(step), key, find: (px) => shape && { step: Math.min(steps, Math.max(0, Math.round((px - CHART_PAD.left) / shape.each))) } });

  function draw({ m, now, width, aria }) {
    const wide = width - CHART_PAD.left - CHART_PAD.right, high = HIGH - CHART_PAD.top - CHART_PAD.bottom, { from, to, ticks } = decadesOf([...m.losses, m.closedLosses]), each = wide / steps;
    shape = { each };
    const x = (step) => CHART_PAD.left + step * each, y = (loss) => CHART_PAD.top + high * (1 - (Math.log10(loss) - from) / (to - from)), right = CHART_PAD.left + wide;
    const curve = (which, last) => m.losses.slice(0, last + 1).map((pair, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(pair[which]).toFixed(2)}`).join("");
    put(node, "aria-label", aria);
    if (drawn?.m !== m || drawn.width !== width) {
      drawn = { m, width };
      put(svg, "viewBox", `0 0 ${width} ${HIGH}`); put(svg, "width", width); put(svg, "height", HIGH);
      put(edge, "d", rectangle(CHART_PAD.left, CHART_PAD.top, wide, high));
      put(grid, "d", ticks.map((power) => `M${CHART_PAD.left} ${y(10 ** power).toFixed(1)}H${right}`).join(""));
      put(parts.floor, "d", `M${CHART_PAD.left} ${y(m.closedLosses[0]).toFixed(2)}H${right}`);
      put(later, "d", curve(0, steps) + curve(1, steps));
      labels(texts, [
        ...(m.solved ? [] : [0, 15, 30, 45, 60]).map((step) => [x(step), CHART_PAD.top + high + 10, String(step), "nw-small nw-faint"]), ...ticks.map((power) => [CHART_PAD.left - 5, y(10 ** power), powerOfTen(power), "nw-small nw-faint nw-end"]),
      ]);
    }
    put(parts.trainCurve, "d", m.solved ? "" : curve(0, now.t)); put(parts.devCurve, "d", m.solved ? `M${CHART_PAD.left} ${y(m.closedLosses[1]).toFixed(2)}H${right}` : curve(1, now.t));
    put(rule, "d", m.solved ? "" : `M${x(now.t).toFixed(1)} ${CHART_PAD.top}v${high}`);
    put(parts.here, "d", m.solved ? "" : now.losses.map((loss) => MARKS.dot(x(now.t), y(loss), 4)).join(""));
  }
  return { node, svg, draw };
}
