/*
convolution_model.js: what the convolution stepper computes, apart from how it is drawn.
*/
export const pairOf = (value) => (Array.isArray(value) ? value : [value, value]);

// twin of input_values in convolution_stepper.py
export function input_values(rows, columns) {
  return table(rows, columns, (i, j) => ((i * i + i * j + j) % 3) + (2 * j >= columns ? 6 : 0));
}

// Everything that follows from the settings. Where no output exists, `problem` says why: {key, values}.
export function solve(state) {
  const size = [state.height, state.width], kernel = pairOf(state.kernel_size), stride = pairOf(state.stride), dilation = pairOf(state.dilation);
  const x = state.x ?? input_values(...size), w = Array.isArray(state.weight) ? state.weight : kernel_values(state.weight, ...kernel);
  const flipped = state.operation === "convolution", applied = flipped ? turned(w) : w;
  const reach = kernel.map((k, axis) => effective_kernel_size(k, dilation[axis]));
  const named = typeof state.padding === "string", odd = reach.findIndex((r) => r % 2 === 0);
  const result = { size, kernel, stride, dilation, x, w, applied, flipped, reach, padding: [0, 0], out: [0, 0], problem: null };
  if (state.padding === "same" && odd >= 0) {
    result.problem = { key: "no_same", values: { axis: odd, reach: reach[odd] } };
    return result;
  }
  const padding = (result.padding = named ? kernel.map((k, axis) => padding_for(state.padding, k, dilation[axis])) : pairOf(state.padding));
  const padded = (result.padded = size.map((n, axis) => n + 2 * padding[axis])), over = padded.findIndex((n, axis) => reach[axis] > n);
  if (over >= 0) {
    result.problem = { key: "no_room", values: { axis: over, reach: reach[over], padded: padded[over] } };
    return result;
  }
  const settings = (axis) => [size[axis], kernel[axis], stride[axis], padding[axis], dilation[axis]];
  result.out = [0, 1].map((axis) => output_size(...settings(axis)));
  result.never = [0, 1].map((axis) => never_visited(...settings(axis)));
  result.y = correlate2d(x, applied, stride, padding, dilation);
  result.parameters = conv_parameters(1, 1, kernel, 1, false);
  result.macs = conv_macs(1, 1, kernel, result.out);
  return result;
}

// the window of output [i, j]: the cell of the padded input under each weight, and its terms
export function windowOf(m, [i, j]) {
  const cells = [];
  for (let u = 0; u < m.kernel[0]; u++) for (let v = 0; v < m.kernel[1]; v++) {
    const row = i * m.stride[0] + u * m.dilation[0], column = j * m.stride[1] + v * m.dilation[1];
    const r = row - m.padding[0], c = column - m.padding[1], inside = r >= 0 && r < m.size[0] && c >= 0 && c < m.size[1];
    const at = m.flipped ? [m.kernel[0] - 1 - u, m.kernel[1] - 1 - v] : [u, v];
    cells.push({ row, column, r, c, inside, u, v, at, x: inside ? m.x[r][c] : 0, w: m.applied[u][v] });
  }
  return cells;
}

// the outputs that read input cell [r, c], each with the weight it uses
export function fedBy(m, [r, c]) {
  const hits = (axis, index) => {
    const list = [];
    for (let o = 0; o < m.out[axis]; o++) for (let t = 0; t < m.kernel[axis]; t++)
      if (o * m.stride[axis] + t * m.dilation[axis] - m.padding[axis] === index) list.push(o);
    return list;
  };
  const columns = hits(1, c);
  return hits(0, r).flatMap((i) => columns.map((j) => [i, j]));
}

// an input of another size: the pattern of that size with the cells that were edited; what is not the
// pattern goes on with zeros
function resizedInput(old, rows, columns) {
  const was = input_values(old.length, old[0].length), is = input_values(rows, columns), cells = old.flat();
  const isPattern = 2 * was.flat().filter((value, cell) => value === cells[cell]).length >= cells.length;
  return table(rows, columns, (r, c) => {
    const value = old[r]?.[c] ?? null;
    return isPattern && (value === null || value === was[r][c]) ? is[r][c] : value ?? 0;
  });
}

// a matrix of another size: what both have stays, the rest is filled
export function resized(old, rows, columns, fill) {
  return table(rows, columns, (r, c) => old[r]?.[c] ?? fill(r, c));
}

// rules between settings, the same as ConvStepper.check; a matrix follows its size
export function checkState(state, before) {
  const next = { ...state }, [rows, columns] = pairOf(next.kernel_size), shapeOf = (matrix) => [matrix.length, matrix[0]?.length];
  if (next.x !== null) {
    if (next.x === before.x && String(shapeOf(next.x)) !== `${next.height},${next.width}`) next.x = resizedInput(next.x, next.height, next.width);
    check_matrix("x", next.x, next.height, next.width);
  }
  if (typeof next.weight === "string") {
    if (!KERNELS.includes(next.weight)) throw new Error(`weight must be a matrix or one of ${KERNELS.map((name) => `'${name}'`).join(", ")}, got '${next.weight}'`);
  } else {
    if (next.weight === before.weight && Array.isArray(next.weight)) next.weight = resized(next.weight, rows, columns, () => 0);
    check_matrix("weight", next.weight, rows, columns);
  }
  if (next.pinned !== null && !(Number.isInteger(next.pinned) && next.pinned >= 0 && next.pinned <= 575)) throw new Error(`pinned must be None or an integer from 0 to 575, got ${JSON.stringify(next.pinned)}`);
  const alike = next.height === next.width && !["kernel_size", "stride", "padding", "dilation"].some((name) => Array.isArray(next[name]));
  next.linked = next.linked && alike;
  return next;
}
