/*
pooling_shift.js: the pooling explorer: controls, the features before and after, keys, and the words.
*/
export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  let model = solveShift(frame.state), solvedFor = frame.state, hover = null, room = 640;
  frame.syncs.push(() => { if (solvedFor !== state()) model = solveShift(solvedFor = state()); });
  const setHover = (next) => { hover = next; frame.redraw(); };
  const sizeOf = (map) => [map.length, map[0].length];
  const chosen = () => { const at = hover ?? state().feature, [rows, columns] = sizeOf(model.before.out); return at && at[0] < rows && at[1] < columns ? at : null; };
  buildShiftControls(frame);

  // ---- pictures: before above after, the steps side by side
  const choose = (at) => { hover = null; frame.update({ feature: at }); };
  const featureKey = (event) => {
    if (event.key === "Escape" && state().feature) { choose(null); return true; }
    const next = arrow(event, chosen() ?? [0, 0], ...sizeOf(model.before.out));
    if (next) choose(chosen() ? next : [0, 0]);
    return Boolean(next);
  };
  const { margin } = SPEC.constants, limited = (value) => Math.min(margin, Math.max(-margin, value));
  const moveKey = (sideways) => (event) => {
    const [down, right] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ...(sideways ? {} : { ArrowUp: [-1, 0], ArrowDown: [1, 0] }) }[event.key] ?? [];
    if (down === undefined) return false;
    frame.update({ row_shift: limited(state().row_shift + down), column_shift: limited(state().column_shift + right) });
    return true;
  };
  const asked = { hover: setHover, pick: choose, key: featureKey };
  const maps = {
    before: { ground: createShaded(frame, { ink: true }), conv: createShaded(frame), out: createShaded(frame, asked) },
    after: { ground: createShaded(frame, { ink: true, hover: () => {}, pick: () => {}, key: moveKey(false) }), conv: createShaded(frame), out: createShaded(frame, asked) },
  };
  const names = { before: h("p", { class: "nw-shift-name" }), after: h("p", { class: "nw-shift-name" }) }, captions = {}, blocks = {};
  const grid = h("div", { class: "nw-shift" });
  for (const when of ["before", "after"]) {
    grid.append(names[when]);
    for (const step of ["ground", "conv", "out"]) {
      captions[when + step] = h("p", { class: "nw-caption" });
      grid.append(blocks[when + step] = h("div", { class: `nw-step-${step}` }, captions[when + step], maps[when][step].node));
    }
  }
  const chart = createConsistency(frame, { pick: (right) => frame.update({ column_shift: right }), key: moveKey(true) });
  const chartName = h("p", { class: "nw-caption" });
  const mark = (name, d) => h("svg", { class: "nw-svg", width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" }, h("path", { class: name, d, style: name === "nw-shade" ? "fill-opacity:.5" : null }));
  const legend = h("p", { class: "nw-legend" }, h("span", {}, mark("nw-shade", "M2 1h10v13h-10z"), say("legend_same")), h("span", {}, mark("nw-dot-along", "M1 7l6 -6l6 6l-6 6z"), say("legend_along")));
  const charted = h("div", { class: "nw-chart" }, chartName, chart.node, legend);
  frame.stage.append(grid, charted);
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (width && Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // ---- words
  const product = () => (state().pool === "none" ? String(model.step) : `${state().stride} · ${state().pool_stride}`);
  const quiz = frame.predictor({
    question: () => say("question"), fields: () => [say("pixels")], answer: () => [model.step],
    reason: ([guess]) => {
      const slip = guess !== model.step && Object.entries(slipsOfShift(state())).find(([, value]) => value === guess);
      return `${slip ? `${say(slip[0])} ` : ""}${say("reason", { product: product(), j: model.step })}`;
    },
    about: () => JSON.stringify([state().stride, state().pool, state().pool_size, state().pool_stride]),
  });
  const words = buildShiftWords(frame, quiz.node, product);
  frame.foot.append(frame.actions({ svg: exported }));

  function draw() {
    const secret = quiz.hidden(), feature = chosen(), read = feature && readBy(state(), feature, model.before.ground), where = direction(frame, model.shift);
    const sentence = words.draw({ model, secret, feature, read, where });
    write(names.before, say("before")); write(names.after, say("after", { where: where || say("not_moved") }));
    // on a phone before and after stand side by side, and the steps below each other
    const pooled = state().pool !== "none", beside = room < 460, columns = pooled && !beside ? 3 : 2, side = Math.floor(Math.min(pooled ? 220 : 270, (room - 14 * (columns - 1)) / columns));
    grid.classList.toggle("nw-shift-beside", beside);
    put(grid, "style", `grid-template-columns:repeat(${columns},${side}px)`);
    for (const when of ["before", "after"]) for (const step of ["ground", "conv", "out"]) {
      const late = when === "after", block = blocks[when + step];
      block.hidden = step === "conv" && !pooled;
      block.style.visibility = secret && late && step !== "ground" ? "hidden" : "";
      if (!block.hidden) drawMap(when, step, { late, side, feature, read, sentence });
    }
    charted.hidden = secret;
    if (!secret) drawChart();
  }
  const titleOf = (step, values) => say(step === "ground" ? "map_picture" : step === "conv" || state().pool === "none" ? "map_conv" : `map_${state().pool}`, { h: values.length, w: values[0].length });
  function drawMap(when, step, { late, side, feature, read, sentence }) {
    const values = model[when][step], all = ["before", "after"].flatMap((name) => model[name][step].flat()), change = step === "out" ? model.changed : model.changedConv;
    const title = titleOf(step, values), counted = late && step !== "ground", count = say("changed_of", { n: change.cells.length, m: change.alive });
    write(captions[when + step], late ? (counted ? count : "") : title);
    const spoken = step === "out" ? `${sentence} ${say("aria_features", { h: values.length, w: values[0].length })}` : step === "ground" && late ? `${sentence} ${say("aria_shift")}` : counted ? say("aria_map", { what: title, n: change.cells.length, m: change.alive }) : title;
    maps[when][step].draw({
      values, largest: Math.max(...all), side, numbers: step === "out", cells: counted ? change.cells : [], cell: step === "out" ? feature : null,
      frame: read && step !== "out" ? read[step === "ground" ? "picture" : "conv"] : null, aria: spoken,
    });
  }
  function drawChart() {
    const list = (name) => model.sweep.map((entry) => fmt(entry[name].cosine)).join(", ");
    write(chartName, say("chart", { n: fmt(state().row_shift) }));
    chart.draw({ sweep: model.sweep, now: state().column_shift, width: Math.min(room, 460), aria: say("aria_chart", { same: list("same"), along: list("along") }) });
  }

  function exported() {
    const all = h("svg", { class: "nw-svg" }), sides = (svg) => svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    const place = (svg, x, y) => { const copy = svg.cloneNode(true), [width, height] = sides(svg); for (const [name, value] of Object.entries({ x, y, width, height })) copy.setAttribute(name, value); all.append(copy); return [width, height]; };
    const text = (x, y, words, style = "nw-start") => all.append(h("text", { x, y, class: style }, words));
    let y = 14, wide = 0;
    for (const when of ["before", "after"]) {
      text(8, y, names[when].textContent, "nw-start nw-bold");
      let x = 8, low = 0;
      for (const step of ["ground", "conv", "out"]) {
        if (blocks[when + step].hidden || blocks[when + step].style.visibility) continue;
        text(x, y + 20, captions[when + step].textContent);
        const [width, height] = place(maps[when][step].svg, x, y + 32);
        x += Math.max(width, 180) + 16; low = Math.max(low, height); wide = Math.max(wide, x);
      }
      y += low + 54;
    }
    if (!charted.hidden) {
      text(8, y, chartName.textContent); const [width, height] = place(chart.svg, 8, y + 12); wide = Math.max(wide, width + 16); y += height + 26;
      [...legend.children].forEach((entry, i) => { const copy = entry.firstChild.cloneNode(true); copy.setAttribute("x", 8 + 230 * i); copy.setAttribute("y", y - 7); all.append(copy); text(28 + 230 * i, y, entry.textContent); });
      wide = Math.max(wide, 480); y += 16;
    }
    put(all, "viewBox", `0 0 ${wide} ${y}`); put(all, "width", wide); put(all, "height", y);
    return all;
  }
  return { draw, check: checkShift };
}

// "1 down, 2 left"; nothing when the picture has not moved
function direction(frame, [down, right]) {
  const part = (pixels, positive, negative) => pixels && frame.say(pixels > 0 ? positive : negative, { n: Math.abs(pixels) });
  return [part(down, "by_down", "by_up"), part(right, "by_right", "by_left")].filter(Boolean).join(frame.say("comma"));
}

function buildShiftControls(frame) {
  const own = () => typeof frame.state.picture !== "string", pooled = () => frame.state.pool !== "none";
  const options = Object.fromEntries(Object.keys(SPEC.constants.digits).map((name) => [name, Array(2).fill(frame.say("digit", { n: name }))]));
  const mine = own() ? frame.state.picture : null;
  const picture = frame.choices({
    label: frame.say("picture"), options: mine ? { own: Array(2).fill(frame.say("own")), ...options } : options, list: true,
    get: () => (own() ? "own" : frame.state.picture), set: (name) => frame.update({ picture: name === "own" ? mine : name }),
  });
  frame.controls.append(picture, frame.control("filter"), frame.control("column_shift"), frame.control("row_shift"), frame.control("stride"), frame.control("pool"),
    frame.control("pool_size", { when: pooled }), frame.control("pool_stride", { when: pooled }));
}

function buildShiftWords(frame, quiz, product) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state;
  const now = h("p", { class: "nw-now", "aria-live": "polite" }), asked = h("p", { class: "nw-over", "aria-live": "polite" }), facts = {}, list = h("dl", { class: "nw-facts" });
  for (const name of ["sizes", "total", "consistency", "unpooled", "along"]) {
    facts[name] = { term: h("dt", {}, say(name)), text: h("dd") };
    list.append(facts[name].term, facts[name].text);
  }
  const set = (name, text) => { facts[name].term.hidden = facts[name].text.hidden = !text; write(facts[name].text, text); };
  frame.readout.append(quiz, now, asked, list);

  function result({ model, where }) {
    if (!where) return say("still");
    const { changed, same, along, step, exact } = model, along_ = exact ? "along_exact" : along.equal ? "along_by_luck" : "along_not";
    return `${say("result", { where, n: changed.cells.length, m: changed.alive, c: fmt(same.cosine) })} ${say(along_, { j: step, a: fmt(along.cosine) })}`;
  }
  function about({ model, feature: [r, c], read }) {
    const [a, b] = [model.before.out[r][c], model.after.out[r][c]], none = state().pool === "none";
    const [[r0, r1], [c0, c1]] = none ? read.picture : read.conv;
    return `${say(Math.abs(a - b) > SPEC.constants.same ? "feature_changed" : "feature_same", { r, c, a: fmt(a), b: fmt(b) })} ${say(none ? "reads_conv" : `reads_${state().pool}`, { r0, r1, c0, c1 })}`;
  }
  // returns the sentence, which the pictures carry too
  function draw(scene) {
    const { model, secret, feature } = scene, sentence = secret ? "" : result(scene), sizes = ["ground", "conv", "out"].map((step) => model.before[step]).filter((map, i, all) => map !== all[i - 1]);
    write(now, sentence);
    write(asked, secret ? "" : feature ? about(scene) : say("hint"));
    set("sizes", sizes.map((map) => `${map.length} × ${map[0].length}`).join(" → "));
    set("total", secret ? "" : say("total_words", { product: product(), j: model.step }).replace(/^(\d+) = \1\b/, "$1"));
    const { ab, aa, bb, cosine } = model.same, short = (value) => fmt(value, value < 100 ? 1 : 0);
    set("consistency", secret ? "" : say("consistency_words", { ab: short(ab), aa: short(aa), bb: short(bb), c: fmt(cosine, 3) }));
    set("unpooled", secret || state().pool === "none" ? "" : fmt(agreement(model.before.conv, model.after.conv).cosine, 3));
    set("along", secret ? "" : say("along_words", { rows: fmt(model.cells[0]), columns: fmt(model.cells[1]), a: fmt(model.along.cosine, 3) }));
    return sentence;
  }
  return { draw };
}
