/*
picture_kernel.js: the picture explorer: controls, the pictures, the kernel that is edited, keys, words.
*/
export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  const made = ["picture", "pixels", "weight", "kernel_size", "normalize", "operation", "padding", "show"];
  let m = null, before = {}, hover = null, room = 640, overWeight = null;
  const solved = () => {
    if (m && made.every((name) => before[name] === state()[name])) return;
    m = solvePicture(before = state());
    m.seen = { ...m.result, bytes: painted(m.result, m.show, m.limit) };
    m.gray = { ...m.picture, bytes: painted(m.picture, "gray", 255) };
  };
  frame.syncs.push(solved);
  buildPictureControls(frame);

  // ---- the place: hovering is for the moment, a tap or a key stays
  const place = () => { const at = hover ?? state().place; return at && nearest(at, m, state().padding); };
  const setHover = (next) => { hover = next; frame.redraw(); };
  const choose = (at) => { hover = null; frame.update({ place: at }); };
  const key = (event) => {
    if (event.key === "Escape" && state().place) { choose(null); return true; }
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key], sides = [m.picture.rows, m.picture.columns];
    if (!step) return false;
    const from = place() ?? sides.map((size) => size >> 1), to = from.map((at, axis) => at + step[axis] * (event.shiftKey ? 8 : 1));
    choose(nearest(to, m, state().padding));
    return true;
  };
  const asked = { hover: setHover, pick: choose, key };

  // ---- the kernel
  const turn = ([u, v]) => (m.flipped ? [state().kernel_size - 1 - u, state().kernel_size - 1 - v] : [u, v]);
  const open = (cell, typed) => {
    const [r, c] = turn(cell);
    const commit = (value, at) => frame.update({ weight: m.weights.map((row, u) => row.map((old, v) => (u === r && v === c ? value : old))) }, at);
    kernel.edit(cell, Number(m.weights[r][c].toFixed(4)), `w[${r}, ${c}]`, commit, typed);
  };
  const kernelKey = (event) => {
    const here = (kernel.cursor ?? [0, 0]).map((at) => Math.min(at, state().kernel_size - 1)), next = arrow(event, here, state().kernel_size, state().kernel_size);
    if (next) { kernel.cursor = overWeight = next; frame.redraw(); } else if (event.key === "Enter" || event.key === "F2") open(here);
    else if (beginsNumber(event.key)) open(here, event.key);
    else return false;
    return true;
  };
  const kernel = createGrid(frame, {
    fill: "kernel", key: kernelKey, hover: (cell) => { overWeight = cell; frame.redraw(); },
    pick: (cell) => { kernel.cursor = overWeight = cell; frame.redraw(); open(cell); },
  });

  // ---- the stage
  const parts = { input: createPictureView(asked), output: createPictureView(asked), scale: createScale(), window: createPixels(), answer: createPixels(56), kernel };
  const stage = buildPictureStage(frame, parts);
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (width && Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // ---- guess and words
  const quiz = frame.predictor({
    question: () => say("question"), fields: () => [say("on_flat"), say("on_edge")], read: signedNumber, need: say("need_whole"),
    answer: (guess) => answersAt(m).answers.map((exact, at) => (isNear(guess[at], exact) ? guess[at] : Math.round(exact))),
    reason: (guess) => explainGuess(frame, m, guess),
    about: () => JSON.stringify([m.kernel, m.divisor]),
  });
  const words = buildPictureWords(frame, quiz.node);
  const actions = frame.actions({ svg: () => stage.exported() });
  actions.append(frame.button(say("png"), () => savePng(frame, parts.output.canvas)));
  frame.foot.append(actions);

  function draw() {
    const at = place(), secret = quiz.hidden(), spot = at && windowOf(m, state().padding, at);
    const scene = { m, at, spot, secret, room, overWeight, padding: state().padding, picture: state().picture };
    scene.sentence = words.draw(scene);
    stage.draw(scene);
  }
  return { draw, check: checkPicture };
}
const signedNumber = (text) => (Number.isInteger(readNumber(text)) ? readNumber(text) : NaN);

function buildPictureControls(frame) {
  const say = (key) => frame.say(key), state = () => frame.state, of = (name) => frame.schema[name];
  const { own, ...others } = of("picture").options;
  const picture = frame.choices({
    label: frame.pick(of("picture").label), options: state().pixels ? { own, ...others } : others, list: true,
    get: () => state().picture, set: (name) => frame.update({ picture: name }),
  });
  const presets = Object.fromEntries([...SPEC.constants.presets, "own"].map((name) => [name, frame.spec.strings[`kernel_${name}`]]));
  const preset = frame.choices({
    label: say("weights"), options: presets, get: () => (Array.isArray(state().weight) ? "own" : state().weight),
    set: (name) => frame.update({ weight: name === "own" ? weightsOf(state()) : name }),
  });
  const size = frame.choices({
    label: frame.pick(of("kernel_size").label), options: Object.fromEntries([3, 5].map((n) => [n, Array(2).fill(`${n} × ${n}`)])),
    get: () => String(state().kernel_size), set: (n) => frame.update({ kernel_size: Number(n) }),
  });
  frame.controls.append(picture, preset, size, frame.control("operation"), frame.control("padding"), frame.control("show"), frame.control("normalize"));
}

// ---- the stage: picture and result, below them the window and the kernel -----------------------------------------
function buildPictureStage(frame, parts) {
  const say = (key, values) => frame.say(key, values), captions = {};
  const block = (name, ...more) => h("div", { class: `nw-block nw-pk-${name}` }, captions[name] = h("p", { class: "nw-caption" }), parts[name].node, ...more);
  const sign = (text) => h("span", { class: "nw-sign", "aria-hidden": "true" }, text), hidden = h("div", { class: "nw-secret" }, "?");
  const blocks = { input: block("input"), output: block("output", hidden, parts.scale.node), window: block("window"), kernel: block("kernel"), answer: block("answer") };
  const answer = h("div", { class: "nw-pair" }, sign("="), blocks.answer), times = sign("∗"), credit = h("p", { class: "nw-caption nw-pk-credit" });
  frame.stage.append(h("div", { class: "nw-pk-pictures" }, blocks.input, blocks.output), credit, h("div", { class: "nw-row nw-pk-place" }, blocks.window, times, blocks.kernel, answer));

  // page pixels a pixel: whole device pixels, so that no pixel is wider than the next
  function scaleFor({ rows, columns }, room) {
    const device = globalThis.devicePixelRatio || 1, whole = (size) => Math.max(1, Math.floor(size * device)) / device;
    const beside = (room - 17) / 2 / columns, stacked = Math.min(room, 420) / columns;
    return whole(Math.min(room >= 460 ? beside : stacked, 340 / rows));
  }
  const shape = ({ rows, columns }) => ({ h: rows, w: columns });
  function drawPictures({ m, at, secret, room, sentence }) {
    const { rows, columns } = m.picture, scale = scaleFor(m.picture, room), size = 2 * m.half + 1;
    const aria = (key, map) => say(key, { ...shape(map), now: sentence });
    parts.input.draw({ image: m.gray, rows, columns, scale, window: at && [at[0] - m.half, at[1] - m.half, size], aria: aria("aria_input", m.picture) });
    parts.output.node.hidden = parts.scale.node.hidden = secret; hidden.hidden = !secret;
    write(captions.input, say("input", shape(m.picture))); write(captions.output, say("output", shape(m.result)));
    if (secret) { put(hidden, "style", `width:${columns * scale}px;height:${rows * scale}px`); return; }
    parts.output.draw({ image: m.seen, rows, columns, scale, window: at && [...at, 1], aria: aria("aria_output", m.result) });
    parts.scale.draw({ show: m.show, limit: m.limit, width: Math.max(120, columns * scale) });
  }
  function drawPlace({ m, spot, secret, room, overWeight }) {
    const n = 2 * m.half + 1, over = overWeight?.every((index) => index < n) ? overWeight : null;
    // as large as fits: window, kernel and answer in a row, or the answer below the two
    const size = Math.max(26, Math.min(34, Math.floor((room - 50) / (2 * n))));
    for (const node of [blocks.window, times, answer]) node.style.visibility = spot ? "" : "hidden";
    if (spot) {
      const cells = spot.cells.map(({ x, outside }) => ({ text: fmt(x), color: [x, x, x], outside }));
      const list = spot.cells.map(({ x }) => fmt(x)).join(", "), outside = spot.cells.some((cell) => cell.outside);
      parts.window.draw({ cells, columns: n, size, ringed: over && over[0] * n + over[1], aria: say("aria_window", { list }) });
      write(captions.window, outside ? say("outside") : say("window"));
      const text = secret ? "?" : fmt(spot.y, 1), color = secret ? [255, 255, 255] : colorOf(spot.y, m.show, m.limit);
      parts.answer.draw({ cells: [{ text, color }], columns: 1, size, ringed: null, aria: text });
    }
    kernel.draw({
      rows: n, columns: n, offset: [0, 0], inner: [n, n], size, label: (u, v) => fmt(m.kernel[u][v]), marks: { ring: over ? [over] : [] },
      aria: say("aria_kernel", { n }),
      spoken: (u, v) => { const at = m.flipped ? [n - 1 - u, n - 1 - v] : [u, v]; return `w[${at.join(", ")}] = ${fmt(m.weights[at[0]][at[1]], 4)}`; },
    });
    write(captions.kernel, say(m.flipped ? "kernel_turned" : "kernel")); write(captions.answer, say("answer"));
  }
  const { kernel } = parts;
  function draw(scene) {
    drawPictures(scene);
    drawPlace(scene);
    credit.hidden = !["china", "flower"].includes(scene.picture);
    if (!credit.hidden) write(credit, say(`credit_${scene.picture}`));
  }
  // one picture of what is on the stage, for export
  function exported() {
    const all = h("svg", { class: "nw-svg" }), sides = (svg) => svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    const text = (x, y, words) => all.append(h("text", { x, y, class: "nw-start" }, words));
    const copy = (svg, x, y) => { const own = svg.cloneNode(true), [width, height] = sides(svg); for (const [name, value] of Object.entries({ x, y, width, height })) own.setAttribute(name, value); all.append(own); return [width, height]; };
    let x = 8, y = 34, wide = 0;
    for (const name of ["input", "output"]) {
      if (parts[name].node.hidden) continue;
      text(x, 14, captions[name].textContent);
      all.append(...parts[name].exported(x, y));
      const [width, height] = sides(parts[name].svg);
      if (name === "output") copy(parts.scale.svg, x, y + height + 6);
      x += Math.max(width, 150) + 20; wide = Math.max(wide, y + height + 44);
    }
    const right = x;
    x = 8; y = wide + 14;
    let low = 0;
    for (const name of ["window", "kernel", "answer"]) {
      if (name !== "kernel" && blocks.window.style.visibility) continue;
      text(x, y, name === "kernel" ? say("weights") : captions[name].textContent);   // a file cannot be clicked
      const [width, height] = copy(parts[name].svg, x, y + 14);
      x += Math.max(width, 120) + 24; low = Math.max(low, height);
    }
    y += low + 30;
    if (!credit.hidden) { text(8, y, credit.textContent); y += 16; }
    put(all, "viewBox", `0 0 ${Math.max(right, x)} ${y}`); put(all, "width", Math.max(right, x)); put(all, "height", y);
    return all;
  }
  return { draw, exported };
}

// ---- words -----------------------------------------------------------------------------------------------------------
const inBrackets = (value) => (value < 0 ? `(${fmt(value)})` : fmt(value));
const over = ({ divisor }) => (divisor === 1 ? "" : ` / ${inBrackets(divisor)}`);

function explainGuess(frame, m, guess) {
  const found = answersAt(m), slip = slipFor(guess, found), [flat, edge] = found.answers;
  const why = frame.say("why", { s: inBrackets(m.total), r: inBrackets(found.right), divide: over(m), flat: fmt(flat), edge: fmt(edge) });
  return slip ? `${frame.say(slip)} ${why}` : why;
}

function buildPictureWords(frame, quiz) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  const now = createNow(), terms = h("p", { class: "nw-pk-terms" });
  const { node: list, set } = createFacts(["about", "sum", "absolute", "shown", "rim", "operation"]);
  frame.readout.append(quiz, now, terms, list);

  function seenAs(y, { show }) {
    if (show === "absolute") return say("as_absolute", { a: fmt(Math.abs(y)) });
    if (show === "signed") return say(Math.abs(y) < SPEC.constants.zero ? "as_zero" : y > 0 ? "as_positive" : "as_negative");
    return isUnder(y) ? say("as_black") : isOver(y) ? say("as_white") : say("as_gray", { g: fmt(y, 0) });
  }
  const product = (m, { cells }) => {
    const sum = cells.map(({ x, w }) => `${fmt(x)} · ${inBrackets(w)}`).join(" + ");
    return m.divisor === 1 ? sum : `(${sum})${over(m)}`;
  };
  function sumWords(m) {
    if (m.zero) return say(state().normalize ? "sum_zero_undivided" : "sum_zero");
    if (fmt(m.total, 6) === "1") return say("sum_one");
    return say(m.divisor === 1 ? "sum_other" : "sum_divided", { s: fmt(m.total), y: fmt(100 * m.total) });
  }
  function facts({ m, secret }) {
    const preset = typeof state().weight === "string" && (!m.flipped || m.turn === "same"), whole = (value) => fmt(value, 0);
    set("about", say("about"), !secret && preset ? say(`note_${state().weight}`) : "");
    set("sum", say("sum"), secret ? "" : sumWords(m));
    set("absolute", say("absolute"), secret ? "" : say("absolute_words", { a: fmt(m.absolute), low: whole(m.low), high: whole(m.high), least: whole(m.least), most: whole(m.most) }));
    set("shown", say("shown"), secret ? "" : say(`shown_${m.show}`, { l: whole(m.limit), under: m.under, over: m.over, n: group(m.result.values.length) }));
    const { picture: { rows, columns }, result } = m;
    set("rim", say("rim"), say(`rim_${state().padding}`, { h: rows, w: columns, m: result.rows, n: result.columns }));
    set("operation", say("operation"), m.flipped ? say(`turned_${m.turn}`) : "");
  }
  // returns the sentence of the place, which the pictures carry too
  function draw(scene) {
    const { m, spot, secret } = scene;
    const sentence = secret || !spot ? "" : say("here", { i: spot.index[0], j: spot.index[1], y: fmt(spot.y), shown: seenAs(spot.y, m) });
    write(now, secret ? "" : sentence || say("hint"));
    write(terms, sentence && `y[${spot.index.join(", ")}] = ${product(m, spot)} = ${fmt(spot.y)}`);
    facts(scene);
    return sentence;
  }
  return { draw };
}

// the result as it is seen, each value four pixels wide
function savePng(frame, canvas) {
  const large = h("canvas", { width: 4 * canvas.width, height: 4 * canvas.height }), pen = large.getContext("2d"), file = "picture-kernel.png";
  pen.imageSmoothingEnabled = false;
  pen.drawImage(canvas, 0, 0, large.width, large.height);
  const anchor = h("a", { href: large.toDataURL("image/png"), download: file });
  frame.root.append(anchor);
  anchor.click();
  anchor.remove();
  frame.announce(frame.say("saved", { file }));
}
