/*
frame_parts.js: the larger parts of the frame of core.js: player, predictor, actions, undo, export,
keys.
*/

// ---- player: step back, play, step forward, scrub, speed -------------------------------------------
// count(): how many positions there are now; key: the setting that holds the position; first: what the
// first of them is called, 1 or 0
Frame.prototype.player = function player({ count, key, label, first = 1 }) {
  this.passing = key;
  const STEP_MS = 800, calm = matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  const now = () => Math.min(this.state[key], Math.max(0, count() - 1));
  const go = (step) => { if (count() > 0) this.update({ [key]: (now() + step + count()) % count() }); };
  const glyph = h("span", {}, icon("play"));
  const button = (name, onclick) => h("button", { type: "button", class: "nw-round", "aria-label": this.say(name), title: this.say(name), onclick }, icon(name));
  const back = button("back", () => { pause(); go(-1); }), forward = button("forward", () => { pause(); go(1); });
  const toggle = h("button", { type: "button", class: "nw-round nw-main", onclick: () => (timer ? pause() : play()) }, glyph);
  const scrub = h("input", { type: "range", min: 0, step: 1, "aria-label": label ?? this.say("scrub"), oninput: () => { pause(); this.update({ [key]: Number(scrub.value) }); } });
  const place = h("output", { class: "nw-place" });
  const speed = h("select", { "aria-label": this.say("speed"), title: this.say("speed") },
    [[0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]].map(([value, text]) => h("option", { value, selected: value === 1 }, text)));
  // with reduced motion asked for, a step a second is the fastest
  const tick = () => { go(1); timer = setTimeout(tick, calm.matches ? Math.max(1000, STEP_MS / speed.value) : STEP_MS / speed.value); };
  const show = () => {
    glyph.replaceChildren(icon(timer ? "pause" : "play"));
    const name = this.say(timer ? "pause" : "play");
    put(toggle, "aria-label", name); put(toggle, "title", name);
    this.root.classList.toggle("nw-playing", Boolean(timer));
  };
  const play = () => { if (count() > 0) { timer = setTimeout(tick, 0); show(); this.redraw(); } };
  const pause = () => { clearTimeout(timer); timer = 0; show(); this.redraw(); };
  this.pause = () => { if (timer) pause(); };
  this.playing = () => Boolean(timer);
  const node = h("div", { class: "nw-player" }, back, toggle, forward, scrub, place, speed);
  show();
  this.onSync(() => {
    const n = count();
    for (const control of [back, toggle, forward, scrub]) control.disabled = n < 1;
    put(scrub, "max", Math.max(0, n - 1));
    if (Number(scrub.value) !== now()) scrub.value = now();
    write(place, n < 1 ? "–" : `${now() + first} / ${n - 1 + first}`);
    put(scrub, "aria-valuetext", n < 1 ? "–" : this.say("of", { i: now() + first, n: n - 1 + first }));
  });
  return node;
};

// ---- predictor: the answer is hidden until a guess ----------------------------------------------------
// question(): text; fields(): names of the numbers asked for; answer(guess): the numbers
// (the guess itself where several are right);
// reason(guess): why, in words; about(): changes when the question does; needs a switch `predict` in the schema;
// read(text): the number that a field holds, or NaN; a whole one by default, and `need` says so;
// options: [none, first, second, ...], the answers to choose from instead of typing: a guess is 0, 1, ...
// Returns {node, hidden()}: while hidden() is true the explorer must not show the answer.
Frame.prototype.predictor = function predictor({ question, fields, answer, reason, about, read = readWhole, need = this.say("need_number"), options }) {
  let shownFor = null, asked = null;
  const ask = h("p", { class: "nw-question" }), row = h("span", { class: "nw-guess" }), verdict = h("p", { class: "nw-verdict", role: "status" });
  const inputs = () => [...row.querySelectorAll("input, select")];
  const typed = () => h("input", { type: "text", inputmode: read === readWhole ? "numeric" : "text", size: 4, autocomplete: "off" });
  const chosen = () => h("select", {}, options.map((text, at) => h("option", { value: at ? at - 1 : "" }, text)));
  const submit = (event) => {
    event.preventDefault();
    const guess = inputs().map((input) => read(input.value));
    if (guess.some(Number.isNaN)) { write(verdict, need); inputs()[guess.findIndex(Number.isNaN)].focus(); return; }
    const right = same(guess, answer(guess));
    put(verdict, "data-right", right);
    write(verdict, `${right ? "✓ " + this.say("right") : "✗ " + this.say("wrong")} ${reason(guess)}`);
    shownFor = about();
    this.redraw();
  };
  const node = h("form", { class: "nw-predict", novalidate: true, onsubmit: submit }, ask, row, h("button", { type: "submit", class: "nw-main" }, this.say("check")), verdict);
  this.onSync(() => {
    node.hidden = !this.state.predict;
    if (node.hidden) { shownFor = asked = null; return; }
    write(ask, question());
    if (asked !== about()) {                       // another question: the old guess and verdict go
      asked = about();
      write(verdict, ""); put(verdict, "data-right", "");
      const names = fields(), have = inputs();
      if (have.length === names.length) have.forEach((input) => { input.value = ""; });
      else row.replaceChildren(...names.map((name) => h("label", {}, options ? chosen() : typed(), ` ${name}`)));
    }
  });
  return { node, hidden: () => this.state.predict && shownFor !== about() };
};

// ---- undo: Ctrl+Z, and Ctrl+Shift+Z or Ctrl+Y to take it back ------------------------------------------------
const FEW_MS = 1000, MOST_UNDONE = 200;
// the drag of a slider is one change; a step of the player is none
Frame.prototype.remember = function remember(next) {
  const names = Object.keys(next).filter((name) => !same(next[name], this.state[name])).join(), now = performance.now();
  if (names === this.passing) return;
  if (names !== this.changed?.names || now - this.changed.at > FEW_MS) this.past = [...this.past.slice(-MOST_UNDONE), this.state];
  this.future = [];
  this.changed = { names, at: now };
};
Frame.prototype.undo = function undo(redo = false) {
  const [from, to] = redo ? [this.future, this.past] : [this.past, this.future];
  if (!from.length) return;
  this.pause?.();
  this.accept();
  to.push(this.state);
  this.state = from.pop();
  this.changed = null;
  this.redraw();
  this.onChange?.(this.state);
  this.announce(this.say(redo ? "redone" : "undone"));
};
// in a text field the keys are the field's own
Frame.prototype.undoKey = function undoKey(event) {
  const key = event.key?.toLowerCase(), redo = key === "y" || event.shiftKey;
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !(key === "z" || key === "y") || event.target.matches("input[type=text]")) return false;
  event.preventDefault();
  this.undo(redo);
  return true;
};

// ---- actions: predict, undo, reset, copy link, copy as Python, save as SVG --------------------------------------
Frame.prototype.actions = function actions({ svg } = {}) {
  const node = h("div", { class: "nw-actions" });
  if (this.schema.predict) {
    const button = this.button("", () => this.update({ predict: !this.state.predict }), { class: "nw-predict-toggle" });
    this.onSync(() => write(button, this.say(this.state.predict ? "predict_off" : "predict")));
    node.append(button);
  }
  const back = this.button(this.say("undo"), () => this.undo(), { title: "Ctrl+Z" }), again = this.button(this.say("redo"), () => this.undo(true), { title: "Ctrl+Shift+Z" });
  this.onSync(() => { back.disabled = !this.past.length; again.hidden = !this.future.length; });
  node.append(back, again, this.button(this.say("reset"), () => { this.pause?.(); this.update(this.initial); this.announce(this.say("was_reset")); }));
  if (this.id) node.append(this.button(this.say("link"), () => { const link = linkTo(this); history.replaceState(null, "", link); copyText(this, link); }));
  node.append(this.button(this.say("python"), () => copyText(this, pythonOf(this))));
  if (svg) node.append(this.button(this.say("svg"), () => saveSvg(this, svg())));
  return node;
};

function changedSettings(frame) {
  return Object.entries(frame.state).filter(([name, value]) => !same(value, frame.schema[name].value));
}
export function pythonOf(frame) {
  return `${frame.spec.name}(${changedSettings(frame).map(([name, value]) => `${name}=${frame.schema[name].page ? "..." : python(value)}`).join(", ")})`;
}

async function copyText(frame, text) {
  try {
    await navigator.clipboard.writeText(text);
    frame.announce(frame.say("copied"));
  } catch {                                        // no clipboard here: the reader copies it
    const field = h("input", { type: "text", readonly: true, "aria-label": frame.say("copy_by_hand") });
    field.value = text;
    clearTimeout(frame.noteTimer);
    frame.note.replaceChildren(`${frame.say("copy_by_hand")} `, field);
    field.select();
  }
}

// ---- export ---------------------------------------------------------------------------------------------------------
// the file must stand alone: the style sheet goes with it, its variables replaced by their values
export function standalone(frame, picture) {
  const values = getComputedStyle(frame.root);
  const css = SVG_CSS.replace(/var\((--[\w-]+)\)/g, (_, name) => values.getPropertyValue(name).trim());
  const copy = picture.cloneNode(true);
  const [x, y, width, height] = copy.getAttribute("viewBox").split(" ").map(Number);
  copy.setAttribute("xmlns", NS);
  copy.setAttribute("class", "nw-svg");
  const ground = h("rect", { x, y, width, height, style: `fill:${values.getPropertyValue("--nw-ground").trim()};stroke:none` });
  copy.prepend(h("title", {}, pythonOf(frame)), h("style", {}, css), ground);
  return new XMLSerializer().serializeToString(copy);
}
function saveSvg(frame, picture) {
  const file = `${frame.spec.kind.replaceAll("_", "-")}.svg`;
  const address = URL.createObjectURL(new Blob([standalone(frame, picture)], { type: "image/svg+xml" }));
  const anchor = h("a", { href: address, download: file });
  frame.root.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  frame.announce(frame.say("saved", { file }));
}

// ---- keys ----
// move a cell by an arrow key, Home or End; null when the key means nothing here
export function arrow(event, [r, c], rows, columns) {
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  if (step) return [(r + step[0] + rows) % rows, (c + step[1] + columns) % columns];
  if (event.key === "Home") return [0, 0];
  if (event.key === "End") return [rows - 1, columns - 1];
  return null;
}
