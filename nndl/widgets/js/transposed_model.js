/*
transposed_model.js: what a transposed convolution computes along one axis; twins of the functions in
transposed.py.
*/
export function transposed_terms(input_size, kernel_size, stride = 1, padding = 0, dilation = 1, output_padding = 0) {
  const size = transposed_output_size(input_size, kernel_size, stride, padding, dilation, output_padding);
  const terms = Array.from({ length: size }, () => []);
  for (let place = 0; place < input_size; place++) for (let tap = 0; tap < kernel_size; tap++) terms[place * stride + tap * dilation - padding]?.push([place, tap]);
  return terms;
}

export function stamp_rhythm(kernel_size, stride, dilation = 1) {
  const rhythm = Array(stride).fill(0);
  for (let tap = 0; tap < kernel_size; tap++) rhythm[(tap * dilation) % stride]++;
  return rhythm;
}

// the same rules as TransposedConv.check in Python
export function checkTransposed(state) {
  if (state.output_padding >= state.stride) throw new Error(`output_padding must be smaller than stride, got ${state.output_padding} with stride ${state.stride}`);
  for (const [name, size] of [["x", "input_size"], ["weight", "kernel_size"]]) if (state[name] !== null) check_matrix(name, [state[name]], 1, state[size]);
  return state;
}

// Everything that follows from the settings; with `problem` there is no output.
export function solveTransposed(state) {
  const { input_size: m, kernel_size: k, stride: s, padding: p, dilation: d, output_padding: e } = state;
  const x = state.x ?? SPEC.constants.x.slice(0, m), w = state.weight ?? SPEC.constants.weight.slice(0, k), reach = effective_kernel_size(k, d);
  const full = (m - 1) * s + reach + e, result = { m, k, s, p, d, e, x, w, reach, full, n: full - 2 * p, rhythm: stamp_rhythm(k, s, d), problem: null };
  if (result.n < 1) return { ...result, problem: { p, cut: 2 * p, full }, terms: [], y: [] };
  const terms = transposed_terms(m, k, s, p, d, e);
  return { ...result, terms, y: terms.map((pairs) => pairs.reduce((sum, [i, t]) => sum + x[i] * w[t], 0)) };
}

// the other sizes that the direct convolution turns into the same one
export function candidates(m) {
  return Array.from({ length: m.s }, (_, e) => m.n - m.e + e).filter((n) => n > 0);
}

// the cells of the input with zeros put between and around: an index into x, or null for a zero.
// What the padding cuts off the output it cuts off these zeros (and, past them, off the input).
export function zeroInserted(m) {
  return Array.from({ length: m.n + m.reach - 1 }, (_, cell) => {
    const place = cell + m.p - (m.reach - 1);
    return place >= 0 && place % m.s === 0 && place / m.s < m.m ? place / m.s : null;
  });
}
// which of these cells output j reads: [cell, tap of the kernel as stored]
export function zeroWindow(m, j) {
  return Array.from({ length: m.k }, (_, u) => [j + u * m.d, m.k - 1 - u]);
}
