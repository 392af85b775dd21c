/*
core.js: what all explorers share. Plain script, no framework: base.py joins it after arithmetic.js
and style.js and before the explorer's own files, in one scope.

An explorer's own file defines

    export function mount(frame) {
      frame.controls.append(frame.control("number"));        // drawn from the Python schema
      frame.stage.append(...);                                // the picture
      frame.readout.append(...);                              // words and numbers below it
      frame.foot.append(frame.actions({ svg: () => picture }));
      return {
        draw() { ... },                                       // patch the picture to frame.state
        check(state) { return state; },                       // optional: rules between settings
      };
    }

The frame
    frame.state                 all settings; read it, never change it in place
    frame.update({name: value}, at) check, apply, redraw in the next frame, tell the host; false if
                                refused, which is told at `at` until the next valid entry: one of
                                frame.at (head, stage, foot), or a field's own place
    frame.refuse(text, at)      the same for what a check of the explorer's own refused
    frame.say(key, values)      words from Python's `strings` in the page's language, {name} filled in
    frame.pick([en, zh])        the same for a pair of texts (labels of the schema)
    frame.redraw()              ask for draw() in the next frame when no setting changed (hovering)
    frame.announce(text)        say something to screen readers, and show it as a note for a while
    frame.control(key, options) slider, list, row of choices or switch for one setting; in step with it
                                options: axis 0|1 (one number of a pair; without it both move),
                                label (text), when() (shown only if true)
    frame.slider(options)       a slider of its own: label, min, max, step, get(), set(value), when(), text(value)
    frame.player({count, key})  step back, play, step forward, scrub, speed, for the setting `key`
    frame.predictor({...})      guess first: see there
    frame.actions({svg})        predict, reset, copy link (on the site), copy as Python, save as SVG
    frame.onSync(function)      called before every draw()
    frame.field(options)        a text field, see frame_fields.js
Helpers: h(tag, attributes, ...children), fmt(number), icon(name).
*/
const NS = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "rect", "text", "tspan", "line", "path", "circle", "defs", "pattern", "style", "title", "image"]);

export function h(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat());
  return node;
}

// set only what changed: a write that changes nothing still costs the browser work
export function put(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// a number as it is read: at most `digits` decimals, a true minus sign
export function fmt(value, digits = 2) {
  return String(Number(value.toFixed(digits)) + 0).replace("-", "−");       // + 0 turns -0 into 0
}
// thousands apart, as the text has them; Chinese groups large numbers with commas too
export function group(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

const ICONS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  back: "M11 2.5v11L3.5 8zM2 3h1.6v10H2z",
  forward: "M5 2.5v11L12.5 8zM12.4 3H14v10h-1.6z",
};
export function icon(name) {
  return h("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "nw-icon" }, h("path", { d: ICONS[name] }));
}

// ---- the rules of the schema, the same as check_value in base.py ------------------------------
function rule(entry) {
  if (entry.type === "integer") {
    const words = Object.keys(entry.words).map((word) => `, or '${word}'`).join("");
    return `an integer from ${entry.min} to ${entry.max}${entry.pair ? ", or a pair of them (rows, columns)" : ""}${words}`;
  }
  if (entry.type === "number") return `a number from ${entry.min} to ${entry.max}`;
  if (entry.type === "choice") return `one of ${Object.keys(entry.options).map((name) => `'${name}'`).join(", ")}`;
  return "true or false";
}

export function check_value(name, value, entry) {
  const inside = (item) => Number.isInteger(item) && item >= entry.min && item <= entry.max;
  if (entry.type === "data") return value;
  if (entry.type === "integer") {
    if (typeof value === "string" && Object.hasOwn(entry.words, value)) return value;
    if (Array.isArray(value) && entry.pair && value.length === 2 && value.every(inside)) return value[0] === value[1] ? value[0] : value;
    if (inside(value)) return value;
  } else if (entry.type === "number") {
    if (Number.isFinite(value) && value >= entry.min && value <= entry.max) return value;
  } else if (entry.type === "choice") {
    if (typeof value === "string" && Object.hasOwn(entry.options, value)) return value;
  } else if (typeof value === "boolean") return value;
  throw new Error(`${name} must be ${rule(entry)}, got ${JSON.stringify(value)}`);
}

export function check_matrix(name, value, rows, columns, limit = 999) {
  if (!Array.isArray(value) || value.length !== rows || !value.every((row) => Array.isArray(row) && row.length === columns))
    throw new Error(`${name} must have ${rows} rows and ${columns} columns`);
  for (const entry of value.flat()) {
    if (!Number.isFinite(entry) || Math.abs(entry) > limit) throw new Error(`${name} must hold numbers from -${limit} to ${limit}, got ${JSON.stringify(entry)}`);
  }
  return value;
}

function checked(schema, changes, current) {
  const state = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(schema, name)) throw new Error(`there is no setting '${name}'`);
    state[name] = check_value(name, value, schema[name]);
  }
  return state;
}

// the Python literal of a JSON value
export function python(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, item]) => `'${key}': ${python(item)}`).join(", ")}}`;
  return String(value);
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

// ---- the frame ---------------------------------------------------------------------------------
export class Frame {
  constructor(el, spec, config, onChange) {
    Object.assign(this, { el, spec, onChange, id: config.id || "", schema: spec.schema });
    this.language = (document.documentElement.lang || "en").toLowerCase().startsWith("zh") ? 1 : 0;
    const defaults = Object.fromEntries(Object.entries(spec.schema).map(([name, entry]) => [name, entry.value]));
    this.initial = checked(spec.schema, config.state, defaults);
    this.state = this.initial;
    this.syncs = [];
    this.past = []; this.future = [];
    const part = (name) => h("div", { class: `nw-${name}` }), note = (name) => ({ note: h("p", { class: name, role: "status", "aria-live": "polite" }) });
    this.at = { head: note("nw-told"), stage: note("nw-told"), foot: note("nw-note") };
    for (const name of ["head", "controls", "stage", "bar", "readout", "foot"]) this[name] = part(name);
    this.head.append(h("strong", { class: "nw-title" }, this.pick(spec.title)));
    this.note = this.at.foot.note;
    this.root = h("div", { class: "nw", role: "group", lang: ["en", "zh"][this.language], "aria-label": this.pick(spec.title), "data-kind": spec.kind, "data-program": spec.tag,
      // the notebook must not take keys meant for the explorer as its own shortcuts
      "data-lm-suppress-shortcuts": "true", onkeydown: (event) => { if (this.undoKey(event) || (!event.ctrlKey && !event.metaKey)) event.stopPropagation(); } },
      this.head, this.at.head.note, this.controls, this.stage, this.at.stage.note, this.bar, this.readout, this.foot, this.note);
  }

  say(key, values = {}) {
    return this.pick(this.spec.strings[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }
  pick(pair) { return pair[this.language]; }
  onSync(sync) { this.syncs.push(sync); }

  redraw() {
    this.pending ||= requestAnimationFrame(() => { this.pending = 0; this.drawNow(); });
  }
  drawNow() {
    for (const sync of this.syncs) sync();
    this.view.draw();
  }
  stop() {
    cancelAnimationFrame(this.pending);
    this.pause?.();
    if (this.follow) removeEventListener("hashchange", this.follow);
  }

  apply(changes) {
    let next = checked(this.schema, changes, this.state);
    if (this.view.check) next = this.view.check(next, this.state);
    const changed = Object.keys(next).some((name) => !same(next[name], this.state[name]));
    if (changed) { this.remember(next); this.state = next; this.redraw(); }
    return changed;
  }
  update(changes, at) {
    try {
      const changed = this.apply(changes);
      this.accept();
      if (changed) this.onChange?.(this.state);
      return true;
    } catch (error) {
      return this.refuse(this.say("refused", { message: error.message }), at);
    }
  }
  // from the host (Python): applied without telling the host again
  set(changes) {
    try { this.apply(changes); } catch (error) { this.refuse(this.say("refused", { message: error.message })); }
  }

  // ---- notes: what was refused stands beside what refused it until the next valid entry -------------
  refuse(text, at = this.at.foot) {
    if (this.refused !== at) this.accept();
    clearTimeout(this.noteTimer);
    this.refused = at;
    write(at.note, text);
    at.note.classList.add("nw-refused");
    at.note.scrollIntoView({ block: "nearest" });
    return false;
  }
  accept() {
    const { note, reset } = this.refused ?? {};
    this.refused = null;
    if (note) { write(note, ""); note.classList.remove("nw-refused"); }
    reset?.();
  }
  announce(text) {
    if (this.refused?.note === this.note) this.accept();
    write(this.note, text);
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => write(this.note, ""), 6000);
  }

  // ---- controls ----
  // text(value): what is written beside it, where the value itself would say nothing
  slider({ name, label, min, max, step = 1, get, set, when = () => true, text = null }) {
    const output = h("output", {}), input = h("input", { type: "range", name, min, max, step, oninput: () => set(Number(input.value)) });
    const node = h("label", { class: "nw-slider" }, h("span", {}, label), input, output);
    this.onSync(() => {
      node.hidden = !when();
      const value = get();
      if (Number(input.value) !== value) input.value = value;
      write(output, text ? text(value) : fmt(value));
      if (text) put(input, "aria-valuetext", text(value));
    });
    return node;
  }

  control(key, { axis, label, when = () => true } = {}) {
    const entry = this.schema[key], words = label ?? this.pick(entry.label);
    if (entry.type === "integer" || entry.type === "number") {
      const both = () => [].concat(this.state[key]), at = () => both()[axis ?? 0] ?? both()[0];
      const set = (value) => {
        if (axis === undefined) return this.update({ [key]: value });
        const next = [both()[0], both()[1] ?? both()[0]];
        next[axis] = value;
        return this.update({ [key]: next });
      };
      return this.slider({ name: axis === undefined ? key : `${key}-${axis}`, label: words, min: entry.min, max: entry.max, step: entry.step ?? 1, get: () => (typeof at() === "string" ? entry.value : at()), set, when });
    }
    if (entry.type === "switch") {
      const input = h("input", { type: "checkbox", onchange: () => this.update({ [key]: input.checked }) });
      const node = h("label", { class: "nw-switch" }, input, h("span", {}, words));
      this.onSync(() => { node.hidden = !when(); input.checked = this.state[key]; });
      return node;
    }
    return this.choices({ label: words, options: entry.options, get: () => this.state[key], set: (value) => this.update({ [key]: value }), when });
  }

  // a row of choices, or a list when there are more than four
  choices({ label, options, get, set, when = () => true, list = Object.keys(options).length > 4 }) {
    const names = Object.keys(options);
    if (list) {
      const select = h("select", { onchange: () => set(select.value) }, names.map((name) => h("option", { value: name }, this.pick(options[name]))));
      const node = h("label", { class: "nw-list" }, h("span", {}, label), select);
      this.onSync(() => { node.hidden = !when(); select.value = get(); });
      return node;
    }
    const group = `nw-${(globalThis.__nndl_count = (globalThis.__nndl_count || 0) + 1)}`, inputs = {};
    const node = h("fieldset", { class: "nw-choices" }, h("legend", {}, label), names.map((name) => {
      inputs[name] = h("input", { type: "radio", name: group, value: name, onchange: () => set(name) });
      return h("label", {}, inputs[name], h("span", {}, this.pick(options[name])));
    }));
    this.onSync(() => { node.hidden = !when(); for (const name of names) inputs[name].checked = name === get(); });
    return node;
  }

  button(text, onclick, attributes = {}) {
    return h("button", { type: "button", onclick, ...attributes }, text);
  }
}

export function openExplorer(el, spec, mount, config, onChange) {
  addStyle(spec.tag);
  const frame = new Frame(el, spec, config, onChange);
  if (onDarkGround(el)) frame.root.classList.add("nw-dark");
  frame.view = mount(frame);
  if (frame.view.check) frame.state = frame.initial = frame.view.check(frame.initial, frame.initial);
  el.replaceChildren(frame.root);
  frame.drawNow();
  if (frame.id) followLinks(frame);
  return { set: (state) => frame.set(state), stop: () => frame.stop(), get state() { return frame.state; } };
}
