/*
receptive_field.js: the receptive-field explorer: controls, what is traced, keys, and the words.
*/
export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let net = solveField(frame.state), solvedFor = frame.state, hover = null;
  const solve = () => { if (solvedFor !== state()) net = solveField(solvedFor = state()); };
  frame.syncs.push(solve);
  const setHover = (next) => { hover = next; frame.redraw(); };
  const traced = () => hover ?? unitOf(net, state());
  const goTo = ({ level, at }) => { hover = null; frame.update({ level, unit: at }); };
  const layerAt = () => Math.max(1, openLevel(net, state())) - 1;
  const own = (layers, at, place) => frame.update({ preset: "own", layers, input_size: net.n, level: at + 1, unit: null }, place);

  buildReceptiveControls(frame, () => net);

  // ---- pictures
  // a step of the keyboard from the traced unit: on its map, or to another level
  const stepped = (event, from) => { const next = arrow(event, from.at, net.levels[from.level].size, net.levels[from.level].size); if (next) goTo({ level: from.level, at: next }); return Boolean(next); };
  const onLine = ({ level, along }) => { const there = across(net, unitOf(net, state()), level); return { level, at: [there.at[0], along] }; };
  const cone = createCone(frame, {
    hover: (found) => setHover(found && onLine(found)), pick: (found) => goTo(onLine(found)),
    key: (event) => {
      const from = unitOf(net, state()), step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return stepped(event, from);
      if (net.levels[from.level + step]) goTo(across(net, from, from.level + step));
      return true;
    },
  });
  // beside the input stands the map of the layer that is open, or of the last one
  const mapLevel = () => traced().level || net.levels.length - 1;
  const input = createField(frame, {
    fill: "in", hover: (at) => setHover(at && { level: 0, at }), pick: (at) => goTo({ level: 0, at }),
    key: (event) => stepped(event, across(net, unitOf(net, state()), 0)),
  });
  const map = createField(frame, {
    fill: "pad", hover: (at) => setHover(at && { level: mapLevel(), at }), pick: (at) => goTo({ level: mapLevel(), at }),
    key: (event) => stepped(event, across(net, unitOf(net, state()), mapLevel())),
  });
  const captions = { input: h("p", { class: "nw-caption" }), map: h("p", { class: "nw-caption" }) };
  const blocks = { input: h("div", {}, captions.input, input.node), map: h("div", {}, captions.map, map.node) };
  const levels = createLevels(frame, (level) => { hover = null; const valid = Math.min(level, net.levels.length - 1); frame.update({ level, unit: state().unit && across(net, unitOf(net, state()), valid).at }); });
  frame.stage.append(h("div", { class: "nw-maps" }, blocks.input, blocks.map), h("div", { class: "nw-trace" }, levels.node, cone.node));
  let room = 640;
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (width && Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // ---- words
  const asked = () => Math.min(layerAt() + 1, net.levels.length - 1), field = () => net.levels[asked()].field;
  const quiz = frame.predictor({
    question: () => say("question", { i: asked() }), fields: () => [say("rows_guess")], answer: () => [field()],
    reason: ([guess]) => {
      const slip = guess !== field() && Object.entries(slipsOfField(net, asked())).find(([, value]) => value === guess);
      return `${slip ? `${say(slip[0])} ` : ""}${say("reason", { sum: sumOfField(net, asked()), f: field() })}`;
    },
    about: () => JSON.stringify([net.windows.slice(0, asked()), asked()]),
  });
  const askable = () => asked() > 0;
  const words = buildReceptiveWords(frame, quiz.node);
  const editor = createEditor(frame, { layers: () => net.layers, at: layerAt, set: own, told: (at, layer, secret) => ({
    passes: net.levels[at] ? `${times([net.levels[at].size, net.levels[at].size])} → ${net.levels[at + 1] ? times([net.levels[at + 1].size, net.levels[at + 1].size]) : "?"}` : "",
    lines: net.levels[at + 1] ? receptiveFormulas(frame, net, at, secret) : [], chosen: say("term_field"),
  }) });
  frame.readout.append(editor.node);
  frame.foot.append(frame.actions({ svg: exported }));

  function draw() {
    solve();
    if (hover && (!net.levels[hover.level] || hover.at.some((index) => index >= net.levels[hover.level].size))) hover = null;
    if (!askable()) quiz.node.hidden = true;
    const secret = quiz.hidden() && askable(), at = traced(), [rows, columns] = at.at.map((index) => traceAxis(net, at.level, index));
    const scene = { net, traced: at, rows, columns, secret, cone: state().cone };
    scene.heat = !secret && state().measured && isMeasured(net, state().effective, at) ? state().effective : null;
    const sentence = words.draw(scene);
    drawPictures(scene, sentence);
    levels.draw(net, openLevel(net, state()), secret);
    editor.draw(secret);
  }

  const narrow = () => frame.root.clientWidth < 632;
  function drawPictures({ traced: at, rows, columns, secret, cone: which, heat }, sentence) {
    const high = net.layers.length <= 8 ? 32 : 26, back = !secret && which !== "forward" && at.level > 0, ahead = !secret && which !== "backward";
    put(frame.root, "style", `--nw-high:${high}px`);
    cone.draw({ net, traced: at, axis: columns, cone: which, secret, high, names: narrow(), aria: `${sentence} ${say("aria_cone")}` });
    const side = Math.max(110, Math.min(270, Math.floor((room - 20) / 2))), level = mapLevel(), { size } = net.levels[level], name = level ? say("layer_at", { i: level }) : say("input");
    write(captions.input, say("map_of", { what: say("input"), n: net.n }));
    input.draw({
      n: net.n, margin: net.margin, side, heat, cell: at.level ? null : at.at, seen: back ? [rows.back[0], columns.back[0]] : null,
      whole: back ? [rows.spans[0], columns.spans[0]] : null, aria: `${sentence} ${say("aria_input", { n: net.n })}`,
    });
    blocks.map.hidden = !level;
    if (!level) return;
    write(captions.map, say("map_of", { what: name, n: size }));
    map.draw({
      n: size, margin: 0, side, cell: at.level ? at.at : null, reached: ahead && !at.level ? [rows.ahead[level], columns.ahead[level]] : null,
      aria: `${sentence} ${say("aria_map", { what: name, n: size })}`,
    });
  }

  // the maps above the layers, each layer named, as one picture
  function exported() {
    const all = h("svg", { class: "nw-svg" }), wide = 325, side = (svg) => svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    const place = (svg, x, y) => { const copy = svg.cloneNode(true), [width, height] = side(svg); for (const [name, value] of Object.entries({ x, y, width, height })) copy.setAttribute(name, value); all.append(copy); return [width, height]; };
    let x = 8, low = 0;
    for (const [name, picture] of Object.entries({ input, map })) {
      if (blocks[name].hidden) continue;
      all.append(h("text", { x, y: 14, class: "nw-start" }, captions[name].textContent));
      const [width, height] = place(picture.svg, x, 26);
      x += Math.max(width, 200) + 24; low = Math.max(low, height);
    }
    const [width, height] = place(cone.svg, wide, low + 40), high = (height - CONE_HEAD - 2) / (net.layers.length + 1), secret = quiz.hidden() && askable();
    const columns = (i, { size, field }) => [[8, i ? `${i}. ${shortName(frame, net.layers[i - 1])}` : say("input")], [172, `${size} × ${size}`], [248, i ? `${say("col_field")} ${secret ? "?" : field}` : ""]];
    net.levels.forEach((level, i) => all.append(...columns(i, level).map(([at, text]) => h("text", { x: at, y: low + 40 + CONE_HEAD + (i + 0.5) * high, class: "nw-start" }, text))));
    const total = [Math.max(x, wide + width + 8), low + height + 50];
    put(all, "viewBox", `0 0 ${total.join(" ")}`); put(all, "width", total[0]); put(all, "height", total[1]);
    return all;
  }
  return { draw, check: checkReceptive };
}

function buildReceptiveControls(frame, net) {
  const own = () => ({ preset: "own", layers: net().layers, input_size: net().n }), fresh = { layers: null, input_size: null, level: "last", unit: null };
  const cone = frame.control("cone");
  cone.classList.add("nw-view");
  frame.head.append(cone);
  const preset = frame.choices({
    label: frame.pick(frame.schema.preset.label), options: frame.schema.preset.options, list: true, get: () => frame.state.preset,
    set: (name) => frame.update(name === "own" ? own() : { ...fresh, preset: name }),
  });
  frame.controls.append(preset,
    frame.slider({ name: "input-size", label: frame.say("input_size"), min: 1, max: SPEC.constants.largest, get: () => net().n, set: (n) => frame.update({ input_size: n, unit: null }) }),
    frame.control("measured", { when: () => Boolean(frame.state.effective) }));
}

// [term, formula with its numbers] of one layer
function receptiveFormulas(frame, net, at, secret) {
  const { kernel_size: k, stride: s, padding: p, dilation: d = 1 } = net.layers[at], before = net.levels[at], after = net.levels[at + 1], is = (value) => (secret ? "?" : fmt(value));
  const span = `${d === 1 ? "" : `${d}·`}(${k} − 1)`, from = secret ? "?" : fmt(before.start);
  return [
    [frame.say("term_size"), sizeOfLayer(net.layers[at], before.size, after.size)],
    [frame.say("term_field"), `${secret && at ? "?" : before.field} + ${span}·${before.jump} = ${is(after.field)}`],
    [frame.say("term_jump"), `${before.jump}·${s} = ${after.jump}`],
    [frame.say("term_start"), `${at ? from : 0} + (${span}/2 − ${p})·${before.jump} = ${is(after.start)}`],
  ];
}

function buildReceptiveWords(frame, quiz) {
  const say = (key, values) => frame.say(key, values);
  const fault = h("span", { class: "nw-wrong" }), told = h("span"), now = h("p", { class: "nw-now", "aria-live": "polite" }, fault, " ", told), hint = h("p", { class: "nw-over" }), facts = {}, list = h("dl", { class: "nw-facts" });
  for (const name of ["weights", "measured_term"]) {
    facts[name] = { term: h("dt", {}, say(name)), text: h("dd") };
    list.append(facts[name].term, facts[name].text);
  }
  const set = (name, text) => { facts[name].term.hidden = facts[name].text.hidden = !text; write(facts[name].text, text); };
  write(hint, say("hint"));
  frame.readout.append(quiz, now, hint, list);

  function seen({ net, traced: { level, at: [r, c] }, rows, columns }) {
    const list = [rows, columns].map((axis) => axis.back[0]), { field } = net.levels[level], n = net.n, unit = { r, c, i: level };
    if (list.some((positions) => !positions.length)) return say("sees_nothing", unit);
    const [[r0, r1], [c0, c1]] = list.map((positions) => [positions[0], positions.at(-1)]), [high, wide] = [r1 - r0 + 1, c1 - c0 + 1];
    const outside = [rows, columns].some((axis) => axis.spans[0][0] < 0 || axis.spans[0][1] > n - 1), read = list[0].length * list[1].length;
    return [
      high === n && wide === n ? say("sees_all", { ...unit, n }) : say("sees", { ...unit, h: high, w: wide, r0, r1, c0, c1 }),
      outside ? say(field > n ? "larger" : "beyond", { f: field }) : "",
      read < high * wide ? say("gaps", { a: group(read), b: group(high * wide) }) : "",
    ].filter(Boolean).join(" ");
  }
  function reached({ net, traced: { level, at: [r, c] }, rows, columns }) {
    const last = net.levels.length - 1, [high, wide] = [rows, columns].map((axis) => axis.ahead[last].length);
    const what = level ? say("unit_at", { r, c, i: level }) : say("input_at", { r, c });
    return say(high && wide ? "reaches" : "reaches_none", { what, h: high, w: wide, n: net.levels[last].size, i: last });
  }
  // what a stack of convolutions saves against one that sees as much
  function weights({ net, traced: { level } }) {
    const layers = net.layers.slice(0, level), kernels = layers.map((layer) => layer.kernel_size), { field } = net.levels[level];
    if (level < 2 || layers.some((layer) => layer.kind !== "conv" || layer.stride > 1)) return "";
    const terms = kernels.map((k) => k * k);
    return say("weights_words", { sum: kernels.length > 6 ? `${terms.slice(0, 5).join(" + ")} + …` : terms.join(" + "), n: group(terms.reduce((a, b) => a + b, 0)), f: field, m: group(field * field) });
  }
  function measured({ net, traced, rows, columns, heat }) {
    const { effective, measured: shown } = frame.state;
    if (!effective || !shown) return "";
    if (!isMeasured(net, effective, traced)) return say("measured_elsewhere");
    const n = measured_cells(heat.values) * heat.block ** 2, whole = rows.back[0].length * columns.back[0].length;
    return `${say("measured_words", { n: group(n), side: fmt(Math.sqrt(n), 1), share: fmt((100 * n) / whole, 0) })} ${say("shade")}`;
  }
  // returns the sentence, which the pictures carry too
  function draw(scene) {
    const { net, traced: { level }, secret, cone } = scene, stops = net.problem && frame.say("stops", { i: net.problem.index + 1, why: say(net.problem.key, net.problem.values) });
    const parts = secret ? [] : [level && cone !== "forward" ? seen(scene) : "", level < net.levels.length - 1 && cone !== "backward" ? reached(scene) : ""];
    write(fault, stops ?? ""); write(told, parts.filter(Boolean).join(" "));
    set("weights", secret ? "" : weights(scene));
    set("measured_term", secret ? "" : measured(scene));
    return [stops, told.textContent].filter(Boolean).join(" ");
  }
  return { draw };
}

EXTRA_CSS.push(`
[data-kind=receptive_field]>.nw-controls .nw-slider{grid-template-columns:var(--nw-label) minmax(60px,1fr) 2.2em}
`);
