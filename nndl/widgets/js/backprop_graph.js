/*
backprop_graph.js: the backpropagation graph: controls, the steps forwards and backwards, what they say.
*/
const MEASURE = 0.001, WHOLE_WAY = 99;

export const formulaOf = (state) => (state.preset === "own" ? state.formula : SPEC.constants.presets[state.preset].formula);

// everything that the settings lead to
export function solveGraph(state) {
  const nodes = read_formula(formulaOf(state)), inputs = nodes.filter(({ kind }) => kind === "input").map(({ name }) => name);
  const preset = state.preset === "own" ? {} : SPEC.constants.presets[state.preset].values;
  const values = Object.fromEntries(inputs.map((name, i) => [name, state.values?.[name] ?? preset[name] ?? i + 1]));
  const end = ["y", "z", "out"].find((name) => !inputs.includes(name));
  // inputs have their names, the output has that of the end, and what lies between is v1, v2, ...
  let between = 0;
  const names = nodes.map(({ kind, name, value, sources }, i) => (kind === "input" ? name : kind === "number" ? sig(value) : i === nodes.length - 1 ? end : `v${++between}`));
  const steps = nodes.flatMap(({ sources }, i) => (sources ? [i] : []));
  return { nodes, inputs, values, names: [...names, end], end, steps, ...rename(solve_formula(nodes, values)) };
}
const rename = ({ values, ...rest }) => ({ found: values, ...rest });

// the slope of the output, measured from both sides; null where there is no value
export function measured(nodes, values, name) {
  const [above, below] = [1, -1].map((side) => solve_formula(nodes, { ...values, [name]: values[name] + side * MEASURE }).values.at(-1));
  return above === null || below === null ? null : (above - below) / (2 * MEASURE);
}

export function mount(frame) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state, { constants } = SPEC;
  let g = solveGraph(frame.state), solvedFor = frame.state, chosen = -1;
  frame.syncs.push(() => { if (solvedFor !== state()) { g = solveGraph(solvedFor = state()); if (chosen > g.nodes.length) chosen = -1; } });

  // ---- steps: 0 the inputs, then each operator forwards, then 1 at the end, then each backwards
  const count = () => (g.problem ? g.steps.indexOf(g.problem.node) + 1 : quiz.hidden() ? g.steps.length + 1 : 2 * g.steps.length + 2);
  const position = () => Math.min(state().position, count() - 1);
  const forwards = () => Math.min(position(), g.steps.length);                       // operators computed
  const backwards = () => position() - g.steps.length - 1;                            // operators gone back through, -1 before the turn

  // ---- controls
  const choosePreset = (name) => frame.update(name === "own" ? { preset: name, formula: formulaOf(state()), values: g.values } : { preset: name, formula: null, values: null, position: WHOLE_WAY });
  const preset = frame.choices({ label: frame.pick(frame.schema.preset.label), options: frame.schema.preset.options, list: true, get: () => state().preset, set: choosePreset });
  const field = frame.field({
    name: "formula", autocapitalize: "off", spellcheck: "false", maxlength: constants.longest, get: () => formulaOf(state()),
    take: (text, at) => {
      let kept = null;
      try { kept = read_formula(text).filter(({ name }) => Object.hasOwn(g.values, name)).map(({ name }) => [name, g.values[name]]); } catch { kept = []; }
      const accepted = frame.update({ preset: "own", formula: text, values: kept.length ? Object.fromEntries(kept) : null, position: WHOLE_WAY }, at);
      if (accepted) chosen = -1;
      return accepted;
    },
  });
  const formula = h("div", { class: "nw-formula nw-wide" }, h("label", {}, h("span", {}, say("formula")), field.input), field.problem, h("span", { class: "nw-help" }, say("formula_help")));
  const amounts = createAmounts(frame, {
    most: constants.most_inputs, limit: constants.limit, get: () => g.inputs.map((name) => [name, g.values[name]]),
    set: (i, value, at) => frame.update({ values: { ...g.values, [g.inputs[i]]: value } }, at),
  });
  frame.controls.append(preset, formula, ...amounts);

  // ---- picture
  const look = (node) => { if (chosen !== node) { chosen = node; frame.redraw(); } };
  const flow = createFlow(frame, {
    hover: look, pick: look,
    key: ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key], turn = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step) { frame.pause(); frame.update({ position: Math.min(count() - 1, Math.max(0, position() + step)) }); }
      else if (turn) look((chosen + turn + g.nodes.length + (chosen < 0 && turn < 0 ? 1 : 0)) % g.nodes.length);
      else if (key === "Escape") look(-1);
      else return false;
      return true;
    },
  });
  frame.stage.append(flow.node);
  let room = 640;
  new ResizeObserver(([entry]) => { const width = Math.floor(entry.contentRect.width); if (Math.abs(width - room) > 1) { room = width; frame.redraw(); } }).observe(frame.stage);

  // ---- player, guess, words
  const gradientOf = (name) => g.gradients[g.nodes.findIndex((node) => node.name === name)];
  const near = (guess, right) => Math.abs(guess - right) <= Math.max(0.006, 0.03 * Math.abs(right));
  const quiz = frame.predictor({
    question: () => say("question", { y: g.end }),
    fields: () => g.inputs,
    read: readNumber,
    need: say("need_numbers"),
    answer: (guess) => g.inputs.map((name, i) => (near(guess[i], gradientOf(name)) ? guess[i] : gradientOf(name))),
    reason: () => say("reason", { list: g.inputs.map((name) => `${name}: ${sig(gradientOf(name))}`).join(say("comma")) }),
    about: () => JSON.stringify([g.nodes, g.values]),
  });
  frame.bar.append(frame.player({ count, key: "position", label: say("step") }));
  const now = h("p", { class: "nw-now", "aria-live": "polite" }), over = h("p", { class: "nw-over", "aria-live": "polite" });
  const slopes = createSlopes(frame), how = h("p", { class: "nw-how" });
  frame.readout.append(quiz.node, now, over, slopes.node, how);
  frame.foot.append(frame.actions({ svg: () => flow.svg }));

  // "v1 + b = −2 + 1.5 = −0.5"
  function equation(i, short = false) {
    const { kind, sources } = g.nodes[i], put_in = (words) => expression(kind, sources.map((source, k) => (k || kind === "negative" ? bracketed(words[source]) : words[source])));
    const [named, counted] = [put_in(g.names), put_in(g.found.map((n) => (n === null ? "?" : sig(n))))];
    return short ? counted : `${g.names[i]} = ${named} = ${counted} = ${sig(g.found[i])}`;
  }
  const passedOn = (i) => g.nodes[i].sources.flatMap((source, k) => (g.nodes[source].kind === "number" ? [] :
    [say("gives", { source: g.names[source], grad: sig(g.gradients[i]), slope: bracketed(sig(g.slopes[i][k])), share: sig(g.back[i][k]) })]));
  const readers = (i) => g.nodes.flatMap(({ sources = [] }, j) => sources.flatMap((source, k) => (source === i ? [[j, k]] : [])));
  const total = (i) => (readers(i).length > 1 ? `${[...readers(i)].reverse().map(([j, k]) => bracketed(sig(g.back[j][k]))).join(" + ")} = ` : "") + sig(g.gradients[i]);

  function sentence() {
    const p = position(), back = backwards();
    if (g.problem && p === count() - 1) return say("problem", { name: g.names[g.problem.node], sum: equation(g.problem.node, true), why: say(`why_${g.problem.why}`) });
    if (p === 0) return say("starts");
    if (p <= g.steps.length) return say("told_forwards", { sum: equation(g.steps[p - 1]) });
    if (back === 0) return say("turns", { y: g.end });
    const i = g.steps[g.steps.length - back];
    const sums = [...new Set(g.nodes[i].sources)].filter((source) => readers(source).length > 1 && g.nodes[source].kind !== "number" && complete(source))
      .map((source) => say("summed", { source: g.names[source], sum: total(source) }));
    return say("told_backwards", { name: g.names[i], list: [...passedOn(i), ...sums].join(say("listed")) });
  }
  // what is known of a node's gradient at this step
  const goneThrough = (i) => backwards() > 0 && g.steps.indexOf(i) >= g.steps.length - backwards();
  const complete = (i) => (i === g.nodes.length - 1 ? backwards() >= 0 : backwards() > 0 && readers(i).every(([j]) => goneThrough(j)));
  const computed = (i) => g.found[i] !== null && (!g.nodes[i].sources || g.steps.indexOf(i) < forwards());

  function about(i) {
    if (i < 0) return say("hint");
    if (i === g.nodes.length) i -= 1;
    const { kind, sources } = g.nodes[i], words = [];
    if (computed(i)) words.push(sources ? `${equation(i)}.` : say("node_input", { name: g.names[i], value: sig(g.found[i]) }));
    if (sources) words.push(say(`rule_${kind}`));
    if (kind !== "number" && complete(i)) words.push(say("node_gradient", { sum: total(i), y: g.end, grad: sig(g.gradients[i]), name: g.names[i] }));
    return words.join(" ");
  }

  function draw() {
    const back = backwards(), p = position(), turning = back > 0 ? g.steps[g.steps.length - back] : -1, working = p > 0 && p <= g.steps.length ? g.steps[p - 1] : -1;
    const all = back === g.steps.length, last = g.nodes.length;
    flow.draw({
      nodes: g.nodes, names: g.names, room, chosen,
      values: g.nodes.map((_, i) => (computed(i) ? brief(g.found[i]) : null)),
      back: g.nodes.map((_, i) => g.back[i].map((share) => (share !== null && goneThrough(i) ? brief(share) : null))),
      ends: back >= 0 ? "1" : null,
      sums: g.nodes.map((node, i) => (node.kind !== "number" && readers(i).length > 1 && complete(i) ? brief(g.gradients[i]) : null)),
      at: turning >= 0 ? turning : working >= 0 ? working : back === 0 ? last : -1,
      live: ({ from, to }) => (turning >= 0 ? to === turning : working >= 0 ? to === working : back === 0 && to === last && from >= 0),
      aria: `${say("aria_graph", { formula: formulaOf(state()) })} ${sentence()}`,
    });
    put(now, "aria-live", frame.playing?.() ? "off" : "polite");
    now.classList.toggle("nw-wrong", Boolean(g.problem) && p === count() - 1);
    write(now, sentence());
    write(over, about(chosen));
    slopes.draw(g.inputs.map((name) => {
      const i = g.nodes.findIndex((node) => node.name === name), slope = all ? measured(g.nodes, g.values, name) : null;
      return [name, sig(g.values[name]), complete(i) && !g.problem ? sig(g.gradients[i]) : quiz.hidden() ? "?" : "–", slope === null ? (quiz.hidden() ? "?" : "–") : sig(slope)];
    }));
    how.hidden = !all;
    write(how, say("measured_how", { y: g.end }));
    if (g.problem) quiz.node.hidden = true;
  }
  return { draw, check: checkGraph };
}

// "a + b", "tanh(a)": an operator with its operands in their places
function expression(kind, operands) {
  const sign = { add: " + ", subtract: " − ", multiply: " · ", divide: " / " }[kind];
  if (sign) return operands.join(sign);
  if (kind === "negative") return `−${operands[0]}`;
  return kind === "square" ? `${bracketed(operands[0])}²` : `${kind}(${operands[0]})`;
}

// the same rules as BackpropGraph.check in Python
function checkGraph(state) {
  const next = { ...state }, { limit } = SPEC.constants;
  if (next.preset !== "own") next.formula = null;
  else if (next.formula === null) throw new Error("formula must be given when preset is 'own', got none");
  const known = read_formula(formulaOf(next)).filter(({ kind }) => kind === "input").map(({ name }) => name);
  if (next.values === null) return next;
  if (typeof next.values !== "object" || Array.isArray(next.values)) throw new Error("values must be a number for each name");
  for (const [name, value] of Object.entries(next.values)) {
    if (!known.includes(name)) throw new Error(`values must have names of ${known.join(", ")}, got '${name}'`);
    if (!Number.isFinite(value) || Math.abs(value) > limit) throw new Error(`values must be numbers from -${limit} to ${limit}`);
  }
  return next;
}
