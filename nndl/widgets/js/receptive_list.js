/*
receptive_list.js: the list of the layers with size, field, jump and start, beside their picture.
*/
EXTRA_CSS.push(`
[data-kind=receptive_field]{--nw-high:28px}
.nw .nw-trace{display:grid;grid-template-columns:minmax(0,322px) minmax(0,1fr);gap:0 10px}
.nw .nw-levels{list-style:none;margin:0;padding:0}
.nw .nw-levels li{margin:0;padding:0;height:var(--nw-high)}
.nw .nw-levels .nw-level-head,.nw .nw-levels button{display:grid;grid-template-columns:1.4em minmax(0,1fr) 2.2em 3.1em 2.7em 2.9em;gap:0 4px;font-size:13px;align-items:center;padding:0 6px;width:100%;text-align:end}
.nw .nw-levels .nw-level-head{height:26px;font-size:12px;color:var(--nw-faint);border-bottom:1px solid var(--nw-line)}
.nw .nw-level-head span{white-space:nowrap;overflow:visible}
.nw .nw-levels button{height:var(--nw-high);min-height:0;border-color:transparent;border-radius:6px;font-variant-numeric:tabular-nums}
.nw .nw-levels button[aria-pressed=true]{border-color:var(--nw-accent);box-shadow:none;background:var(--nw-ground)}
.nw-levels .nw-level-what{text-align:start;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.nw-levels .nw-level-no{text-align:start;color:var(--nw-faint)}
.nw-levels .nw-level-field{font-weight:700}
.nw .nw-levels .nw-fault .nw-level-size{grid-column:3/-1;color:var(--nw-bad);font-weight:600;text-align:end}
.nw .nw-levels .nw-fault :is(.nw-level-field,.nw-level-jump,.nw-level-start){display:none}
@container nw (max-width:600px){.nw .nw-trace{grid-template-columns:minmax(0,1fr);gap:8px}.nw .nw-trace .nw-cone{order:-1}}
`);

const LEVEL_PARTS = ["no", "what", "size", "field", "jump", "start"];

// "conv 3×3 s2 p1", as short as a narrow column needs
export function shortName(frame, layer) {
  const { kernel_size: k, stride: s, padding: p, dilation: d = 1 } = layer, pooled = layer.kind !== "conv";
  const flags = [s !== (pooled ? k : 1) && `s${s}`, p && `p${p}`, d !== 1 && `d${d}`].filter(Boolean);
  return [`${frame.say(`short_${layer.kind}`)} ${k}×${k}`, ...flags].join(" ");
}

// choose(level): the reader opens a level
export function createLevels(frame, choose) {
  const say = (key, values) => frame.say(key, values);
  const titles = { no: "", what: say("col_layer"), size: say("col_size"), field: say("col_field"), jump: say("col_jump"), start: say("col_start") };
  const helps = { size: say("help_size"), field: say("help_field"), jump: say("help_jump"), start: say("help_start") };
  const head = h("div", { class: "nw-level-head", "aria-hidden": "true" }, LEVEL_PARTS.map((name) => h("span", { class: name === "what" ? "nw-level-what" : null, title: helps[name] }, titles[name])));
  const list = h("ol", { class: "nw-levels", "aria-label": say("list"), onkeydown: (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = [...list.querySelectorAll("button")], to = all[all.indexOf(event.target) + step];
    if (!step) return;
    event.preventDefault();
    to?.focus();
    to?.click();
  } });
  const lines = [], node = h("div", { class: "nw-levels" }, head, list);
  function line(level) {
    const parts = Object.fromEntries(LEVEL_PARTS.map((name) => [name, h("span", { class: `nw-level-${name}` })]));
    const button = h("button", { type: "button", onclick: () => choose(level) }, Object.values(parts)), item = h("li", {}, button);
    return { parts, button, item };
  }
  // secret: fields are not told
  function draw(net, open, secret) {
    const count = net.layers.length + 1;
    while (lines.length > count) lines.pop().item.remove();
    while (lines.length < count) { lines.push(line(lines.length)); list.append(lines.at(-1).item); }
    lines.forEach(({ parts, button, item }, level) => {
      const place = net.levels[level], layer = net.layers[level - 1], fault = net.problem?.index === level - 1;
      const what = layer ? describeLayer(frame, layer) : "", values = place && { size: place.size, field: secret && level ? "?" : place.field, jump: place.jump, start: secret && level ? "?" : fmt(place.start) };
      write(parts.no, level ? String(level) : "");
      write(parts.what, layer ? shortName(frame, layer) : say("input"));
      put(parts.what, "title", what);
      for (const name of ["size", "field", "jump", "start"]) write(parts[name], values ? String(values[name]) : name === "size" ? say(fault ? "no_output" : "after_fault") : "");
      item.classList.toggle("nw-fault", !place);
      put(button, "aria-pressed", level === open);
      put(button, "aria-label", !layer ? say("row_input", { n: net.n }) : place ? say("row", { i: level, what, n: place.size, ...values }) : say("row_fault", { i: level, what, why: say(fault ? net.problem.key : "after_fault", net.problem.values) }));
    });
  }
  return { node, draw };
}
