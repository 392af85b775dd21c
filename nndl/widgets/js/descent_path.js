/*
descent_path.js: the descent explorer: controls, the three pictures, keys, guess, export.
*/
export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  const made = ["method", "learning_rate", "momentum", "batch_size", "draw", "standardize", "start"];
  let m = null, before = {}, room = 640;
  frame.syncs.push(() => { if (!m || made.some((name) => before[name] !== state()[name])) m = solveDescent(before = state()); });
  buildDescentControls(frame, () => m);

  // ---- the start, and the step
  const placeStart = (place) => {
    if (m.solved) return frame.announce(say("no_start"));
    return frame.update({ start: place.map((value, axis) => Number(Math.min(m.plane[axis][1], Math.max(m.plane[axis][0], value)).toFixed(2)) + 0) });
  };
  const startKey = (event) => {
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key], far = event.shiftKey ? 0.5 : 0.1;
    if (way) placeStart(state().start.map((value, axis) => value + far * way[axis]));
    return Boolean(way);
  };
  const goTo = (step) => { if (!m.solved && !quiz.hidden()) { frame.pause(); frame.update({ step }); } };
  const stepKey = (event) => {
    const { steps } = SPEC.constants, to = { ArrowRight: state().step + 1, ArrowLeft: state().step - 1, Home: 0, End: steps }[event.key];
    if (to !== undefined) goTo(Math.min(steps, Math.max(0, to)));
    return to !== undefined;
  };

  // ---- pictures
  const parts = { plane: createPlane(frame, { pick: placeStart, key: startKey }), data: createDataView(), curves: createCurves(frame, { pick: goTo, key: stepKey }) };
  const stage = buildDescentStage(frame, parts);
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (width && Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // ---- guess and words
  const kinds = outlooksOf(frame);
  const quiz = frame.predictor({
    question: () => questionOf(frame, m), fields: () => [say("answer")], need: say("need_choice"), options: [say("choose_one"), ...kinds.map((kind) => say(`outlook_${kind}`))],
    answer: () => [kinds.indexOf(m.outlook.kind)], reason: ([guess]) => reasonOf(frame, m, kinds[guess]),
    about: () => JSON.stringify(["method", "learning_rate", "momentum", "batch_size", "standardize"].map((name) => state()[name])),
  });
  const words = buildDescentWords(frame, quiz.node);
  frame.bar.append(frame.player({ count: () => (m.solved || quiz.hidden() ? 0 : m.path.length), key: "step", first: 0 }));
  const actions = frame.actions({ svg: () => stage.exported() });
  actions.append(frame.button(say("png"), () => saveAsPng(frame, stage.exported())));
  frame.foot.append(actions);

  function draw() {
    const secret = quiz.hidden(), scene = { m, secret, room, now: stepOf(m, state(), secret ? 0 : state().step), standardize: state().standardize };
    scene.sentence = words.draw(scene);
    stage.draw(scene);
  }
  return { draw, check: checkDescent };
}

function buildDescentControls(frame, model) {
  const state = () => frame.state, label = (name) => frame.pick(frame.schema[name].label), { rates, sizes, momenta } = SPEC.constants;
  const steps = () => state().method !== "closed", batches = () => state().method === "batches";
  const nearest = () => rates.reduce((best, rate, i) => (Math.abs(Math.log(rate / state().learning_rate)) < Math.abs(Math.log(rates[best] / state().learning_rate)) ? i : best), 0);
  const rate = frame.slider({ name: "learning_rate", label: label("learning_rate"), min: 0, max: rates.length - 1, get: nearest, set: (i) => frame.update({ learning_rate: rates[i] }), when: steps, text: () => short(state().learning_rate) });
  const few = (name, list, when) => frame.choices({
    label: label(name), options: Object.fromEntries(list.map((value) => [value, Array(2).fill(String(value))])), list: false, when,
    get: () => String(state()[name]), set: (value) => frame.update({ [name]: Number(value) }),
  });
  const method = frame.control("method"), idle = h("p", { class: "nw-caption" });
  method.classList.add("nw-dp-wide");
  frame.controls.append(method, rate, few("momentum", momenta, steps), few("batch_size", sizes, batches), frame.control("draw", { when: batches }), frame.control("standardize"), idle);
  frame.onSync(() => {
    const why = !steps() ? "idle_closed" : !batches() ? "idle_all" : model().noisy ? "" : "idle_whole";
    idle.hidden = !why;
    write(idle, why && frame.say(why, { n: SPEC.constants.train[0].length }));
  });
}

// ---- the stage: the plane, beside it (on a phone below it) the data and the losses ------------------------------
function buildDescentStage(frame, parts) {
  const say = (key, values) => frame.say(key, values), captions = {}, legends = {}, blocks = {};
  for (const name of Object.keys(parts)) {
    captions[name] = h("p", { class: "nw-caption" });
    legends[name] = h("p", { class: "nw-legend" });
    blocks[name] = h("div", { class: `nw-dp-${name}` }, captions[name], parts[name].node, legends[name]);
  }
  const entry = (name, form, look, key) => [name, h("span", {}, h("svg", { class: "nw-svg", width: 18, height: 16, viewBox: "0 0 18 16", "aria-hidden": "true" }, looks(look, { d: MARKS[form](9, 8) }), look === "full" ? looks("fullHead", { d: MARKS.head(9, 8) }) : ""), say(key))];
  const entries = {
    plane: [entry("contour", "contour", "contour", "legend_contour"), entry("start", "square", "start", "legend_start"), entry("dots", "dot", "dots", "legend_path"), entry("here", "ring", "here", "legend_here"),
      entry("closed", "star", "closed", "legend_closed"), entry("dev", "diamond", "dev", "legend_dev"), entry("all", "arrow", "next", "legend_full"), entry("next", "arrow", "next", "legend_batch"), entry("full", "line", "full", "legend_full"), ["arrow", h("span", {}, say("legend_arrow"))], ["arrows", h("span", {}, say("legend_arrows"))]],
    data: [entry("train", "dot", "train", "legend_train"), entry("dev", "ring", "dev", "legend_devset"), entry("used", "residual", "used", "legend_used"), entry("solved", "residual", "used", "legend_residual")],
    curves: [entry("train", "line", "trainCurve", "legend_train"), entry("dev", "line", "devCurve", "legend_devset"), entry("floor", "line", "floor", "legend_floor")],
  };
  for (const name of Object.keys(entries)) legends[name].append(...entries[name].map(([, node]) => node));
  const secret = h("div", { class: "nw-secret" }, "?"), board = h("div", { class: "nw-dp" }, blocks.plane, h("div", { class: "nw-dp-right" }, blocks.data, blocks.curves));
  blocks.curves.insertBefore(secret, legends.curves);
  frame.stage.append(board);

  function drawLegends({ m, secret: hidden }) {
    const shown = {
      plane: { contour: true, start: !m.solved, dots: !m.solved && !hidden, here: !hidden && !m.solved, closed: !(hidden && m.solved), dev: true, all: !m.solved && !m.noisy, next: m.noisy, full: m.noisy, arrow: !m.solved && !m.noisy, arrows: m.noisy },
      data: { train: true, dev: true, used: !m.solved, solved: m.solved && !hidden }, curves: { train: !m.solved && !hidden, dev: !hidden, floor: !hidden },
    };
    for (const name of Object.keys(entries)) for (const [key, node] of entries[name]) node.hidden = !shown[name][key];
  }
  function drawCurves({ m, now, secret: hidden }, width) {
    parts.curves.node.hidden = hidden; secret.hidden = !hidden;
    if (hidden) return;
    const [first, last] = [m.losses[0], now.losses], values = { k: now.t, a: short(first[0]), z: short(last[0]), c: short(first[1]), d: short(last[1]), f: short(m.closedLosses[0]) };
    parts.curves.draw({ m, now, width, aria: say(m.solved ? "aria_curves_closed" : "aria_curves", values) });
  }
  function draw(scene) {
    const { m, now, secret: hidden, room, sentence, standardize } = scene, beside = room >= 600, side = Math.floor(beside ? Math.min(400, room * 0.56) : Math.min(room, 420)), width = Math.floor(beside ? room - side - 18 : side);
    board.classList.toggle("nw-dp-beside", beside);
    put(blocks.plane, "style", `max-width:${side}px`);
    write(captions.plane, say(m.solved ? "plane_closed" : "plane")); write(captions.curves, say(m.solved ? "curves_closed" : "curves"));
    write(captions.data, standardize ? say("data_standard", { m: fmt(m.mean), s: fmt(m.spread) }) : say("data"));
    parts.plane.draw({ m, now, side, hidden, aria: say(m.solved ? "aria_plane_closed" : "aria_plane", { now: sentence }) });
    const line = hidden && m.solved ? null : now.place, values = { n: m.train.x.length, m: m.dev.x.length, w: line ? short(line[0]) : "?", b: line ? short(line[1]) : "?" };
    parts.data.draw({ m, line, used: now.batch, width, aria: say("aria_data", values) });
    drawCurves(scene, width);
    drawLegends(scene);
  }
  // the plane beside the other two, and below what the marks mean; a file cannot be tapped
  function exported() {
    const all = sideBySide([[say("plane_closed"), parts.plane.svg], [captions.data.textContent, parts.data.svg]]), right = Number(all.querySelectorAll(":scope > svg")[1].getAttribute("x"));
    const sides = (svg) => svg.getAttribute("viewBox").split(" ").slice(2).map(Number), text = (x, y, words) => all.append(h("text", { x, y, class: "nw-start" }, words));
    const copy = (svg, x, y) => { const own = svg.cloneNode(true), [width, height] = sides(svg); for (const [name, value] of Object.entries({ x, y, width, height })) own.setAttribute(name, value); all.append(own); return height; };
    let low = 26 + sides(parts.data.svg)[1];
    if (!parts.curves.node.hidden) { text(right, low + 13, captions.curves.textContent); low += 26 + copy(parts.curves.svg, right, low + 26); }
    const top = 16 + Math.max(low, 26 + sides(parts.plane.svg)[1]), list = (names) => names.flatMap((name) => entries[name]).filter(([, node]) => !node.hidden);
    const columns = [[8, list(["plane"])], [right, list(["data", "curves"])]];
    for (const [x, column] of columns) column.forEach(([, node], line) => {
      const mark = node.querySelector("svg");
      if (mark) copy(mark, x, top + 18 * line - 8);
      text(x + (mark ? 24 : 0), top + 18 * line, node.textContent);
    });
    const width = right + sides(parts.data.svg)[0] + 8, height = top + 18 * Math.max(...columns.map(([, column]) => column.length));
    put(all, "viewBox", `0 0 ${width} ${height}`); put(all, "width", width); put(all, "height", height);
    return all;
  }
  return { draw, exported };
}

// the same picture as pixels, two for each unit
async function saveAsPng(frame, picture) {
  const file = "descent-path.png", image = h("img"), [width, height] = ["width", "height"].map((name) => 2 * Number(picture.getAttribute(name)));
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(frame, picture))}`;
  await image.decode();
  const canvas = h("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  const anchor = h("a", { href: canvas.toDataURL("image/png"), download: file });
  frame.root.append(anchor);
  anchor.click();
  anchor.remove();
  frame.announce(frame.say("saved", { file }));
}
