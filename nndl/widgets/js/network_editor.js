/*
network_editor.js: the layer that is open: its formulas, its kind and fields; moving, adding and
deleting it.
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
.nw .nw-field input[type=number]{font:inherit;color:inherit;background:var(--nw-ground);border:1px solid var(--nw-edge);border-radius:6px;width:5.2em;min-height:28px;padding:1px 6px;margin:0}
.nw-editor .nw-actions{margin-top:8px}
`);

// get(): the solved network; set(layers, selected): the reader's change
export function createEditor(frame, { get, set }) {
  const say = (key, values) => frame.say(key, values), { fields, limit } = SPEC.constants;
  const title = h("b", {}), passes = h("span", {}), open = h("div", {}), boxes = h("div", { class: "nw-fields" });
  const here = () => Math.min(frame.state.selected, get().layers.length - 1);
  const kind = h("select", { onchange: () => replace(fresh(kind.value)) }, Object.keys(fields).map((name) => h("option", { value: name }, say(`kind_${name}`))));
  const fresh = (name) => ({ kind: name, ...Object.fromEntries(Object.entries(fields[name]).map(([field, [value]]) => [field, value])) });
  const replace = (layer) => set(get().layers.map((old, i) => (i === here() ? layer : old)), here());
  function swap(step) {
    const layers = [...get().layers], to = here() + step;
    [layers[here()], layers[to]] = [layers[to], layers[here()]];
    set(layers, to);
  }
  const buttons = {
    earlier: frame.button(say("earlier"), () => swap(-1)),
    later: frame.button(say("later"), () => swap(1)),
    add: frame.button(say("add"), () => { const layers = [...get().layers]; layers.splice(here() + 1, 0, { ...layers[here()] }); set(layers, here() + 1); }),
    remove: frame.button(say("remove"), () => set(get().layers.filter((_, i) => i !== here()), Math.max(0, here() - 1))),
  };
  const node = h("div", { class: "nw-editor" }, h("p", { class: "nw-editor-head" }, title, passes), open,
    h("div", { class: "nw-fields" }, h("label", { class: "nw-field" }, h("span", {}, say("kind")), kind), boxes),
    h("div", { class: "nw-actions" }, Object.values(buttons)));
  let shown = "", told = "";

  function field(name, [, least, greatest]) {
    const current = () => get().layers[here()];
    const input = name === "bias"
      ? h("input", { type: "checkbox", name: `layer-${name}`, onchange: () => replace({ ...current(), bias: input.checked }) })
      : h("input", { type: "number", name: `layer-${name}`, min: least, max: greatest, step: 1, onchange: () => {
        if (!replace({ ...current(), [name]: Number(input.value) })) input.value = current()[name];
      } });
    return { node: h("label", { class: "nw-field" }, h("span", {}, say(name === "kernel_size" && shown !== "conv" ? "field_window" : `field_${name}`)), input), input };
  }

  // the formulas, built again only when they change
  function tell(at, layer, secret) {
    const net = get(), row = net.rows[at], before = net.before(at);
    write(passes, before ? `${times(before)} → ${row ? times(row.shape) : "?"}` : "");
    const lines = row && !secret ? formulas(frame, layer, row, before, net.memory.layers[at]) : [];
    const chosen = say(`term_${frame.state.quantity}`), now = JSON.stringify([lines, chosen]);
    if (now === told) return;
    told = now;
    const entry = ([term, text]) => ["dt", "dd"].map((tag, i) => h(tag, { class: term === chosen ? "nw-chosen" : null }, i ? text : term));
    open.replaceChildren(...(lines.length ? [h("dl", { class: "nw-open" }, lines.flatMap(entry))] : []));
  }

  let inputs = {};
  function draw(secret) {
    const at = here(), layer = get().layers[at], count = get().layers.length;
    write(title, say("edit", { i: at + 1, what: say(`kind_${layer.kind}`) }));
    tell(at, layer, secret);
    kind.value = layer.kind;
    if (shown !== layer.kind) {
      shown = layer.kind;
      inputs = Object.fromEntries(Object.entries(fields[layer.kind]).map(([name, entry]) => [name, field(name, entry)]));
      boxes.replaceChildren(...Object.values(inputs).map((part) => part.node));
    }
    for (const [name, { input }] of Object.entries(inputs)) {
      if (name === "bias") input.checked = layer.bias;
      else if (input.value !== String(layer[name])) input.value = layer[name];
    }
    buttons.earlier.disabled = at === 0;
    buttons.later.disabled = at === count - 1;
    buttons.add.disabled = count >= limit;
    buttons.remove.disabled = count === 1;
    put(buttons.add, "title", count >= limit ? say("too_many", { n: limit }) : "");
    put(buttons.remove, "title", count === 1 ? say("last_layer") : "");
  }
  return { node, draw };
}
