/*
network_views.js: how the network-cost explorer shows a layer: its name, its formulas, its bar, and
the picture for export.
*/
EXTRA_CSS.push(`
[data-kind=network_cost]>.nw-controls{--nw-label:7.4em}
[data-kind=network_cost]>.nw-controls .nw-slider{grid-template-columns:var(--nw-label) minmax(60px,1fr) 2.6em}
.nw .nw-net{list-style:none;margin:0;padding:0;display:grid;gap:1px}
.nw .nw-net li{margin:0;padding:0}
.nw .nw-net button{display:grid;grid-template-columns:1.6em minmax(8em,1.5fr) 8.6em minmax(60px,1.3fr) 9em;gap:2px 10px;align-items:center;width:100%;text-align:start;border-color:transparent;border-radius:6px;padding:1px 8px;min-height:28px}
.nw .nw-net button[aria-pressed=true]{border-color:var(--nw-accent);box-shadow:none;background:var(--nw-ground)}
.nw-net .nw-net-no,.nw-net .nw-net-shape{color:var(--nw-faint);font-variant-numeric:tabular-nums}
.nw-net .nw-net-shape{white-space:nowrap}.nw-net .nw-net-value{text-align:end;white-space:nowrap;font-variant-numeric:tabular-nums}
.nw-net .nw-net-bar{height:14px;background:var(--nw-pad);border-radius:3px;overflow:hidden;display:flex}
.nw-net .nw-most .nw-net-value,.nw-net .nw-most .nw-net-what{font-weight:700}
.nw-net .nw-fault{color:var(--nw-bad);font-weight:600}.nw-net .nw-net-why{grid-column:2/-1;color:var(--nw-bad)}
.nw-net-bar span,.nw-legend i{flex:none;height:14px;background:var(--nw-part,var(--nw-accent))}
.nw-part-1{--nw-part:repeating-linear-gradient(135deg,var(--nw-pin) 0 4px,var(--nw-ground) 4px 5.5px)}
.nw-part-2{--nw-part:repeating-linear-gradient(90deg,var(--nw-strong) 0 3px,var(--nw-ground) 3px 4.5px)}
.nw-part-3{--nw-part:repeating-linear-gradient(0deg,var(--nw-good) 0 3px,var(--nw-ground) 3px 4px)}
.nw .nw-legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin-top:8px;color:var(--nw-faint)}
.nw-legend span{display:inline-flex;gap:6px;align-items:center}.nw-legend i{width:22px;border-radius:2px}
.nw .nw-sums{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:8px;margin:10px 0 0}
.nw .nw-sums div{border:1px solid var(--nw-line);border-radius:8px;padding:4px 10px}
.nw .nw-sums div.nw-chosen{border-color:var(--nw-accent);box-shadow:inset 0 0 0 1px var(--nw-accent)}
.nw .nw-sums dt{color:var(--nw-faint);font-size:12.5px}.nw .nw-sums dd{font-weight:600;font-variant-numeric:tabular-nums}
.nw .nw-most-said{font-weight:600}.nw .nw-most-said.nw-fault{color:var(--nw-bad)}
.nw .nw-memory-note{color:var(--nw-faint);margin-top:6px}
@container nw (max-width:620px){.nw .nw-sums{grid-template-columns:repeat(2,minmax(0,1fr))}.nw .nw-net button{grid-template-columns:1.6em minmax(0,1fr) 9em;padding-block:4px}.nw-net .nw-net-shape{grid-column:2;grid-row:2;font-size:12.5px}.nw-net .nw-net-bar{grid-column:3;grid-row:2}.nw-net .nw-net-value{grid-column:3;grid-row:1}}
@container nw (max-width:460px){[data-kind=network_cost]>.nw-head .nw-title{flex-basis:100%}}
`);

export const bytes = (n) => {
  const step = n < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(n) / 10));
  return `${fmt(n / 1024 ** step, step ? 1 : 0)} ${["B", "KiB", "MiB", "GiB"][step]}`;
};

// [term, formula with its numbers] for each thing that a layer costs
export function formulas(frame, layer, row, before, memory) {
  const say = (key, values) => frame.say(key, values), lines = [], shape = row.shape;
  const add = (term, text) => lines.push([say(`term_${term}`), text]);
  const bias = layer.bias ? ` + ${layer.channels ?? layer.features}` : "", equals = (text, n) => `${text} = ${group(n)}`;
  if (layer.kernel_size) {
    const size = (axis) => sizeOfLayer(layer, before[axis], shape[axis]);
    if (before[1] === before[2]) add("size", size(1));
    else { add("rows", size(1)); add("columns", size(2)); }
  }
  if (layer.kind === "conv") {
    const weights = [layer.channels, layer.groups > 1 ? `(${before[0]} / ${layer.groups})` : before[0], layer.kernel_size, layer.kernel_size].join(" · ");
    add("parameters", equals(weights + bias, row.parameters));
    add("macs", equals(`${say("positions", { h: shape[1], w: shape[2] })} · ${weights}`, row.macs));
  } else if (layer.kind === "linear") {
    add("parameters", equals(`${before[0]} · ${layer.features}${bias}`, row.parameters));
    add("macs", equals(`${before[0]} · ${layer.features}`, row.macs));
  } else if (layer.kind === "norm") {
    add("parameters", say("scale_shift", { d: before[0], n: group(row.parameters) }));
    add("macs", shape.length > 1 ? equals(shape.join(" · "), row.macs) : group(row.macs));
  } else { add("parameters", "0"); add("macs", "0"); }
  add("activations", shape.length > 1 ? equals(shape.join(" · "), row.activations) : group(row.activations));
  add("memory", memory.map((n, part) => (n ? `${say(`part_${part}`)} ${bytes(n)}` : "")).filter(Boolean).join(" + "));
  return lines;
}

// a line of the list: number, name, shape, bar, value
export function createLine(onclick) {
  const part = (name, ...inside) => h("span", { class: `nw-net-${name}` }, ...inside);
  const fills = [0, 1, 2, 3].map((number) => h("span", { class: `nw-part-${number}` }));
  const parts = { no: part("no"), what: part("what"), shape: part("shape"), bar: part("bar", fills), value: part("value"), why: part("why") };
  const button = h("button", { type: "button", onclick }, Object.values(parts)), item = h("li", {}, button);
  // shares: the segments of the bar, in percent of the longest bar
  function draw({ number, what, shape, value, label, shares, selected, most, why }) {
    write(parts.no, String(number)); write(parts.what, what); write(parts.shape, shape); write(parts.value, value);
    fills.forEach((fill, i) => put(fill, "style", `width:${(shares[i] ?? 0).toFixed(2)}%`));
    put(button, "aria-pressed", selected);
    put(button, "aria-label", label);
    item.classList.toggle("nw-most", most);
    write(parts.why, why);
    parts.why.hidden = !why;
    parts.value.classList.toggle("nw-fault", Boolean(why));
  }
  return { item, button, draw };
}

// ---- the bars as one picture, for export ------------------------------------------------------------
const STRIPES = { 1: "M-1 1L1 -1M0 6L6 0M5 7L7 5", 2: "M0 0V6", 3: "M0 0H6" };
function stripes(color, ground) {
  return h("defs", {}, Object.entries(STRIPES).map(([part, d]) => h("pattern", { id: `nw-p${part}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
    h("rect", { width: 6, height: 6, style: `fill:${color[part]}` }), h("path", { d, style: `stroke:${ground};stroke-width:1.5` }))));
}

// lines: {number, what, shape, value, shares}; legend: names of the bar's parts that are in use
export function picture(frame, { title, lines, legend, totals }) {
  const wide = 800, high = 22, top = legend.length ? 54 : 32, height = top + lines.length * high + 34, BAR = { x: 500, wide: 190 };
  const look = getComputedStyle(frame.root), value = (name) => look.getPropertyValue(`--nw-${name}`).trim();
  const color = ["accent", "pin", "strong", "good"].map(value), fill = (part) => `fill:${part ? `url(#nw-p${part})` : color[0]}`;
  const svg = h("svg", { class: "nw-svg", viewBox: `0 0 ${wide} ${height}`, width: wide, height }, stripes(color, value("ground")));
  const text = (x, y, words, style = "nw-start") => svg.append(h("text", { x, y, class: style }, words));
  text(8, 14, title, "nw-start nw-bold");
  legend.forEach(([part, name], i) => { svg.append(h("rect", { x: 8 + 160 * i, y: 29, width: 22, height: 12, style: fill(part) })); text(36 + 160 * i, 35, name); });
  lines.forEach((line, i) => {
    const y = top + i * high;
    text(24, y + 9, String(line.number), "nw-end"); text(34, y + 9, line.what); text(370, y + 9, line.shape); text(wide - 8, y + 9, line.value, "nw-end");
    let x = BAR.x;
    line.shares.forEach((share, part) => {
      const length = (BAR.wide * share) / 100;
      if (length) svg.append(h("rect", { x, y: y + 2, width: length, height: 14, style: fill(part) }));
      x += length;
    });
  });
  text(8, height - 14, totals);
  return svg;
}
