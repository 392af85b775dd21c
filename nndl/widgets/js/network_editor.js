/*
network_editor.js: the layer that is open, in every explorer with a stack of layers: its name, its
formulas, its kind and fields; moving, adding and deleting it.
*/
EXTRA_CSS.push(`
.nw .nw-editor{border:1px solid var(--nw-line);border-radius:8px;background:var(--nw-raised);padding:8px 12px;margin-top:10px}
.nw .nw-editor-head{display:flex;flex-wrap:wrap;gap:2px 12px;font-weight:600;margin-bottom:6px}
.nw-editor-head span{font-weight:400;color:var(--nw-faint)}
.nw .nw-open{display:grid;grid-template-columns:auto minmax(0,1fr);gap:1px 14px;margin:0 0 10px}
.nw .nw-open dt{color:var(--nw-faint)}.nw .nw-open dd{font-variant-numeric:tabular-nums}
.nw .nw-open .nw-chosen{color:var(--nw-ink);font-weight:600}
.nw-fields{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center}
.nw .nw-field{display:inline-flex;gap:6px;align-items:center;min-height:30px}
.nw .nw-field input[type=text]{width:5.2em}
.nw-editor .nw-actions{margin-top:8px}
`);

const times = (shape) => shape.join(" × ");
const windowOfLayer = (k) => `${k} × ${k}`;
// "convolution 3 × 3, stride 2, padding 1"; before: the shape of what it takes, if known
export function describeLayer(frame, layer, before) {
  const depthwise = layer.kind === "conv" && before && layer.groups > 1 && layer.groups === before[0];
  const words = [frame.say(depthwise ? "depthwise" : `kind_${layer.kind}`)];
  if (layer.kernel_size) words[0] += ` ${windowOfLayer(layer.kernel_size)}`;
  const usual = { stride: layer.kind === "conv" ? 1 : layer.kernel_size, padding: 0, dilation: 1, groups: depthwise ? layer.groups : 1 };
  for (const [name, plain] of Object.entries(usual))
    if (layer[name] !== undefined && layer[name] !== plain) words.push(`${frame.say(`field_${name}`).toLowerCase()} ${layer[name]}`);
  return words.join(frame.say("comma"));
}

// "⌊(32 + 2·0 − 5) / 1⌋ + 1 = 28"
export function sizeOfLayer({ kernel_size: k, stride: s, padding: p, dilation: d = 1 }, before, after) {
  return `⌊(${before} + 2·${p} − ${d === 1 ? "" : `${d}·(`}${k}${d === 1 ? "" : " − 1) − 1"}) / ${s}⌋ + 1 = ${after}`;
}

// layers(): the stack; at(): which layer is open; set(layers, at): the reader's change;
// told(at, layer, secret): {passes, lines: [[term, formula]], chosen}; set is true if the change was used
export function createEditor(frame, { layers: get, at: here, set, told }) {
  const say = (key, values) => frame.say(key, values), { fields, limit } = SPEC.constants;
  const title = h("b", {}), passes = h("span", {}), open = h("div", {}), boxes = h("div", { class: "nw-fields" });
  const kind = h("select", { onchange: () => replace(fresh(kind.value)) }, Object.keys(fields).map((name) => h("option", { value: name }, say(`kind_${name}`))));
  const fresh = (name) => ({ kind: name, ...Object.fromEntries(Object.entries(fields[name]).map(([field, [value]]) => [field, value])) });
  const replace = (layer, place) => set(get().map((old, i) => (i === here() ? layer : old)), here(), place);
  function swap(step) {
    const layers = [...get()], to = here() + step;
    [layers[here()], layers[to]] = [layers[to], layers[here()]];
    set(layers, to);
  }
  const buttons = {
    earlier: frame.button(say("earlier"), () => swap(-1)),
    later: frame.button(say("later"), () => swap(1)),
    add: frame.button(say("add"), () => { const layers = [...get()]; layers.splice(here() + 1, 0, { ...layers[here()] }); set(layers, here() + 1); }),
    remove: frame.button(say("remove"), () => set(get().filter((_, i) => i !== here()), Math.max(0, here() - 1))),
  };
  const node = h("div", { class: "nw-editor" }, h("p", { class: "nw-editor-head" }, title, passes), open,
    h("div", { class: "nw-fields" }, h("label", { class: "nw-field" }, h("span", {}, say("kind")), kind), boxes),
    h("div", { class: "nw-actions" }, Object.values(buttons)));
  let shown = "";

  function field(name) {
    const current = () => get()[here()], words = h("span", {}, say(name === "kernel_size" && shown !== "conv" ? "field_window" : `field_${name}`));
    if (name === "bias") {
      const input = h("input", { type: "checkbox", name: `layer-${name}`, onchange: () => replace({ ...current(), bias: input.checked }) });
      return { nodes: [h("label", { class: "nw-field" }, words, input)], sync: () => { input.checked = current().bias; } };
    }
    const { input, problem, sync, submit } = frame.field({
      name: `layer-${name}`, inputmode: "numeric", passing: true, get: () => String(current()[name]),
      take: (text, place) => { const n = readWhole(text); return Number.isNaN(n) ? frame.refuse(say("need_number"), place) : replace({ ...current(), [name]: n }, place); },
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key], n = readWhole(input.value);
      if (!step || Number.isNaN(n + step)) return;
      event.preventDefault();
      input.value = String(n + step);
      submit();
    });
    return { nodes: [h("label", { class: "nw-field" }, words, input), problem], sync };
  }

  // the formulas, built again only when they change
  let shownLines = "";
  function tell(at, layer, secret) {
    const { passes: way, lines, chosen } = told(at, layer, secret), now = JSON.stringify([lines, chosen]);
    write(passes, way);
    if (now === shownLines) return;
    shownLines = now;
    const entry = ([term, text]) => ["dt", "dd"].map((tag, i) => h(tag, { class: term === chosen ? "nw-chosen" : null }, i ? text : term));
    open.replaceChildren(...(lines.length ? [h("dl", { class: "nw-open" }, lines.flatMap(entry))] : []));
  }

  let inputs = [];
  function draw(secret) {
    const at = here(), layer = get()[at], count = get().length;
    write(title, say("edit", { i: at + 1, what: say(`kind_${layer.kind}`) }));
    tell(at, layer, secret);
    kind.value = layer.kind;
    if (shown !== layer.kind) {
      shown = layer.kind;
      inputs = Object.keys(fields[layer.kind]).map(field);
      boxes.replaceChildren(...inputs.flatMap((part) => part.nodes));
    }
    for (const { sync } of inputs) sync();
    buttons.earlier.disabled = at === 0;
    buttons.later.disabled = at === count - 1;
    buttons.add.disabled = count >= limit;
    buttons.remove.disabled = count === 1;
    put(buttons.add, "title", count >= limit ? say("too_many", { n: limit }) : "");
    put(buttons.remove, "title", count === 1 ? say("last_layer") : "");
  }
  return { node, draw };
}
