/*
receptive_model.js: what the receptive-field explorer computes, apart from how it is drawn. A level is
the input (0) or a layer; the map of a level is a square of units.
*/
const windowOfStack = ({ kernel_size, stride, padding, dilation = 1 }) => [kernel_size, stride, padding, dilation];
const clampTo = (value, size) => Math.min(size - 1, Math.max(0, value));

// Everything that follows from the stack. `levels`: {size, field, jump, start} up to the first layer that cannot be.
export function solveField(state) {
  const preset = SPEC.constants.stacks[state.preset] ?? { input_size: 32 };
  const layers = state.layers ?? check_layers(preset.layers), n = state.input_size ?? preset.input_size;
  const { rows, problem } = costUpTo(layers.map((layer) => ({ ...layer, channels: 1, groups: 1, bias: false })), [1, n, n]);
  const windows = layers.map(windowOfStack), fields = receptive_field(windows.slice(0, rows.length));
  const levels = [{ size: n, field: 1, jump: 1, start: 0 }, ...rows.map(({ shape }, i) => ({ size: shape[1], field: fields[i][0], jump: fields[i][1], start: fields[i][2] }))];
  // how far fields reach beyond the input, shown up to half its size
  const over = Math.max(...levels.map(({ size, field, jump, start }) => Math.max((field - 1) / 2 - start, start + (size - 1) * jump + (field - 1) / 2 - (n - 1))));
  return { layers, n, windows, levels, problem, margin: Math.ceil(Math.min(Math.max(0, over), n / 2)) };
}

// the level that the reader chose, and the unit that is traced: on the last level that there is, at most
export function openLevel(net, state) {
  return state.level === "last" ? net.layers.length : Math.min(state.level, net.layers.length);
}
export function unitOf(net, state) {
  const level = Math.min(openLevel(net, state), net.levels.length - 1), { size } = net.levels[level];
  return { level, at: (state.unit ?? [(size - 1) >> 1, (size - 1) >> 1]).map((index) => clampTo(index, size)) };
}

// the unit of another level that lies nearest
export function across(net, { level, at }, to) {
  const from = net.levels[level], next = net.levels[to];
  return { level: to, at: at.map((index) => clampTo(Math.round((from.start + index * from.jump - next.start) / next.jump), next.size)) };
}

// first and last position at each level, from the input on, that the windows of a unit span; padding included
export function spans(net, level, index) {
  const list = [[index, index]];
  for (let at = level - 1; at >= 0; at--) {
    const [kernel_size, stride, padding, dilation] = net.windows[at], [first, last] = list[0];
    list.unshift([first * stride - padding, last * stride - padding + dilation * (kernel_size - 1)]);
  }
  return list;
}

// What a unit sees and what sees it, along one axis: for each level the positions, [] where it has none.
// Rows and columns share what was found before: units in the middle, or on one row, ask for the same.
export function traceAxis(net, level, index) {
  net.traces ??= {};
  return (net.traces[`${level}/${index}`] ??= traced(net, level, index));
}
function traced(net, level, index) {
  const valid = net.windows.slice(0, net.levels.length - 1);
  const back = backward_cone(valid.slice(0, level), net.n, index), ahead = forward_cone(valid.slice(level), net.levels[level].size, index);
  return { back, ahead: [...back.slice(0, level).map(() => []), ...ahead], spans: spans(net, level, index) };
}

// [[first, last], ...] of neighbors in an ascending list
export function runs(list) {
  const found = [];
  for (const value of list) {
    if (found.length && found.at(-1)[1] === value - 1) found.at(-1)[1] = value;
    else found.push([value, value]);
  }
  return found;
}

// twin of measured_cells in receptive_field.py
export function measured_cells(values) {
  const largest = Math.max(...values.map((row) => Math.max(...row)));
  return values.flat().filter((value) => value > SPEC.constants.from * largest).length;
}

// whether the measured field is of the unit that is traced
export function isMeasured(net, effective, { level, at }) {
  return Boolean(effective) && JSON.stringify(effective.of) === JSON.stringify({ layers: net.windows.slice(0, level), input_size: net.n, unit: at });
}

// "1 + 4·1 + 1·1 + 4·2", the sum that gives a field
export function sumOfField(net, level) {
  return net.windows.slice(0, level).reduce((text, [k, , , d], i) => `${text} + ${d === 1 ? "" : `${d}·`}${k - 1}·${net.levels[i].jump}`, "1");
}

// the slips that lead to another number, each under the key of its words
export function slipsOfField(net, level) {
  const layers = net.windows.slice(0, level).map(([k, s, , d], i) => ({ k, d, before: net.levels[i].jump, after: net.levels[i].jump * s }));
  const sum = (term) => layers.reduce((total, layer) => total + term(layer), 0);
  return {
    slip_jump: 1 + sum(({ k, d }) => d * (k - 1)), slip_late: 1 + sum(({ k, d, after }) => d * (k - 1) * after),
    slip_dilation: 1 + sum(({ k, before }) => (k - 1) * before), slip_one: sum(({ k, d, before }) => d * (k - 1) * before),
    slip_sum: sum(({ k }) => k), slip_product: layers.reduce((total, { k }) => total * k, 1),
  };
}

// rules between settings, the same as ReceptiveField.check
export function checkReceptive(state) {
  const next = { ...state }, { limit, largest } = SPEC.constants, whole = (n, least, most) => Number.isInteger(n) && n >= least && n <= most;
  if (next.preset !== "own") next.layers = null;
  else if (next.layers === null || (Array.isArray(next.layers) && !next.layers.length)) throw new Error("layers must be a list of layers when preset is 'own', got none");
  else {
    next.layers = check_layers(next.layers);
    if (next.layers.length > limit) throw new Error(`layers must be at most ${limit}, got ${next.layers.length}`);
  }
  if (next.input_size !== null && !whole(next.input_size, 1, largest)) throw new Error(`input_size must be an integer from 1 to ${largest}, got ${written(next.input_size)}`);
  if (next.unit !== null && !(Array.isArray(next.unit) && next.unit.length === 2 && next.unit.every((n) => whole(n, 0, largest - 1)))) throw new Error(`unit must be two integers of at least 0, got ${written(next.unit)}`);
  return next;
}
