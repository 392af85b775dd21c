/*
picture_model.js: what the picture explorer computes, apart from how it is drawn. Pictures and results
are typed arrays, row by row, so that a whole photograph is filtered within a frame.
*/
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function decoded(text, count) {
  const bytes = new Uint8Array(3 * Math.ceil(text.length / 4));
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let bits = 0;
    for (let k = 0; k < 4; k++) bits = bits * 64 + Math.max(0, BASE64.indexOf(text[i + k]));
    bytes[at++] = bits >> 16; bytes[at++] = (bits >> 8) & 255; bytes[at++] = bits & 255;
  }
  return Float64Array.from(bytes.subarray(0, count));
}

// twin of made_picture in picture_kernel.py, as one list
export function made_picture(name) {
  const { rows, columns, two, radius, stripes } = SPEC.constants;
  const turns = stripes.flatMap((width, i) => Array(width).fill(i % 2));
  for (let i = stripes.length; turns.length < columns; i++) turns.push(i % 2);
  const bright = (r, c) => (name === "disc" ? (2 * r - rows + 1) ** 2 + (2 * c - columns + 1) ** 2 < 4 * radius ** 2 : turns[c]);
  return Float64Array.from({ length: rows * columns }, (_, at) => two[Number(bright(Math.floor(at / columns), at % columns))]);
}

const decodedOnce = {};
export function pictureOf({ picture, pixels }) {
  const { rows, columns, photographs } = SPEC.constants;
  if (picture === "own") return { rows: pixels.length, columns: pixels[0].length, values: Float64Array.from(pixels.flat()) };
  const values = () => (Object.hasOwn(photographs, picture) ? decoded(photographs[picture], rows * columns) : made_picture(picture));
  return { rows, columns, values: (decodedOnce[picture] ??= values()) };
}

// twin of preset_weights in picture_kernel.py
export function preset_weights(name, size) {
  const half = (size - 1) / 2;
  if (name === "blur") return kernel_values("ones", size, size);
  if (name === "gaussian") return table(size, size, (u, v) => binomial(size, u) * binomial(size, v));
  if (name === "emboss") return table(size, size, (i, j) => {
    const [u, v] = [i - half, j - half];
    return Math.max(Math.abs(u), Math.abs(v)) < 2 ? u + v + Number(u === 0 && v === 0) : 0;
  });
  return kernel_values(name, size, size);
}
export const weightsOf = ({ weight, kernel_size }) => (typeof weight === "string" ? preset_weights(weight, kernel_size) : weight);

// where a pixel outside is read: the place of a pixel, or -1 for a zero
function source(r, c, rows, columns, padding) {
  if (r >= 0 && c >= 0 && r < rows && c < columns) return r * columns + c;
  return padding === "edge" ? Math.min(rows - 1, Math.max(0, r)) * columns + Math.min(columns - 1, Math.max(0, c)) : -1;
}

// y[i, j] = sum of x[i + u, j + v] w[u, v], over the divisor
export function filtered({ rows, columns, values }, kernel, padding, divisor = 1) {
  const size = kernel.length, rim = padding === "none" ? 0 : (size - 1) / 2;
  const high = rows + 2 * rim, wide = columns + 2 * rim, m = high - size + 1, n = wide - size + 1;
  let x = values;
  if (rim) {
    x = new Float64Array(high * wide);
    for (let r = 0; r < high; r++) for (let c = 0; c < wide; c++) {
      const at = source(r - rim, c - rim, rows, columns, padding);
      x[r * wide + c] = at < 0 ? 0 : values[at];
    }
  }
  const y = new Float64Array(m * n);
  const taps = kernel.flatMap((row, u) => row.map((weight, v) => ({ weight, from: u * wide + v }))).filter(({ weight }) => weight);
  // a row of results at a time, which stays in the processor's cache
  for (let i = 0; i < m; i++) for (const { weight, from } of taps) {
    const start = from + i * wide, to = i * n;
    for (let j = 0; j < n; j++) y[to + j] += weight * x[start + j];
  }
  if (divisor !== 1) for (let at = 0; at < y.length; at++) y[at] /= divisor;
  return { rows: m, columns: n, values: y };
}

// The absolute value below which a share of all lies, as numpy.percentile has it. Counted in bins
// first, so that only the largest are sorted: to sort a picture takes longer than to filter it.
export function quantile(values, share, largest) {
  const BINS = 1024, counts = new Int32Array(BINS + 1), scale = BINS / largest;
  const at = share * (values.length - 1), low = Math.floor(at), wanted = values.length - low;
  for (let i = 0; i < values.length; i++) counts[Math.floor(Math.abs(values[i]) * scale)]++;
  let bin = BINS + 1, found = 0;
  while (found < wanted && bin > 0) found += counts[--bin];
  const top = new Float64Array(found);
  for (let i = 0, to = 0; i < values.length; i++) {
    const value = Math.abs(values[i]);
    if (Math.floor(value * scale) >= bin) top[to++] = value;
  }
  top.sort();
  const first = found - wanted;
  return top[first] + (at - low) * ((top[first + 1] ?? top[first]) - top[first]);
}

const sums = (rows) => { let up = 0, down = 0; for (const row of rows) for (const value of row) if (value > 0) up += value; else down -= value; return [up, down]; };

// what follows from the weights alone
export function solveKernel(state) {
  const weights = weightsOf(state), flipped = state.operation === "convolution", kernel = flipped ? turned(weights) : weights;
  let total = 0;
  for (const row of weights) for (const value of row) total += value;
  const [up, down] = sums(weights), zero = Math.abs(total) <= SPEC.constants.zero;
  const divisor = state.normalize && !zero ? total : 1, bounds = [(255 * up) / divisor, (-255 * down) / divisor];
  const equal = (sign) => weights.every((row, u) => row.every((value, v) => turned(weights)[u][v] === sign * value));
  return { weights, kernel, flipped, total, zero, divisor, absolute: up + down, low: Math.min(...bounds) + 0, high: Math.max(...bounds) + 0, turn: equal(1) ? "same" : equal(-1) ? "negative" : "other" };
}

// a sum that is 0 or 255 but for rounding is neither below nor above
export const isUnder = (value) => value < -SPEC.constants.zero, isOver = (value) => value > 255 + SPEC.constants.zero;

// Everything that follows from the settings.
export function solvePicture(state) {
  const k = solveKernel(state), picture = pictureOf(state), result = filtered(picture, k.kernel, state.padding, k.divisor);
  const show = state.show === "auto" ? (k.zero ? "signed" : "gray") : state.show;
  let least = Infinity, most = -Infinity, under = 0, over = 0;
  for (const value of result.values) {
    if (value < least) least = value;
    if (value > most) most = value;
    if (isUnder(value)) under++; else if (isOver(value)) over++;
  }
  const largest = Math.max(-least, most) || 1;
  const limit = show === "gray" ? 255 : quantile(result.values, SPEC.constants.within, largest) || largest;
  return { ...k, picture, result, show, limit, least, most, under, over, half: (state.kernel_size - 1) / 2 };
}

// ---- colors: three bytes for a value ----------------------------------------------------------------------
export function colorOf(value, show, limit) {
  if (show === "gray") return [value, value, value];
  const part = Math.min(1, Math.abs(value) / limit);
  if (show === "absolute") return [255 * part, 255 * part, 255 * part];
  return SPEC.constants.ends[Number(value > 0)].map((end) => 255 + (end - 255) * part);
}
// red, green, blue and 255 for each value; the array rounds and cuts off
export function painted({ rows, columns, values }, show, limit) {
  const bytes = new Uint8ClampedArray(4 * rows * columns), [negative, positive] = SPEC.constants.ends;
  for (let at = 0, to = 0; at < values.length; at++) {
    const value = values[at];
    if (show === "signed") {
      const part = Math.min(1, Math.abs(value) / limit), end = value > 0 ? positive : negative;
      bytes[to++] = 255 + (end[0] - 255) * part; bytes[to++] = 255 + (end[1] - 255) * part; bytes[to++] = 255 + (end[2] - 255) * part;
    } else {
      const gray = show === "gray" ? value : 255 * Math.min(1, Math.abs(value) / limit);
      bytes[to++] = gray; bytes[to++] = gray; bytes[to++] = gray;
    }
    bytes[to++] = 255;
  }
  return bytes;
}

// ---- one place: the window around a pixel, as near to it as there is one --------------------------------------
export function nearest([r, c], { picture, half }, padding) {
  const rim = padding === "none" ? half : 0, inside = (at, size) => Math.min(size - 1 - rim, Math.max(rim, at));
  return [inside(r, picture.rows), inside(c, picture.columns)];
}
export function windowOf(m, padding, [r, c]) {
  const { rows, columns, values } = m.picture, size = 2 * m.half + 1, rim = padding === "none" ? m.half : 0, index = [r - rim, c - rim];
  const cells = [];
  for (let u = 0; u < size; u++) for (let v = 0; v < size; v++) {
    const [row, column] = [r - m.half + u, c - m.half + v], at = source(row, column, rows, columns, padding);
    cells.push({ u, v, x: at < 0 ? 0 : values[at], w: m.kernel[u][v], outside: row < 0 || column < 0 || row >= rows || column >= columns });
  }
  return { index, cells, y: m.result.values[index[0] * m.result.columns + index[1]] };
}

// ---- the guess: on a flat area of 100, and on the last 100 before a step to 160 ---------------------------------
export function answersAt({ kernel, total, absolute, divisor }) {
  const half = (kernel.length - 1) / 2, part = (keep) => { let sum = 0; for (const row of kernel) row.forEach((value, v) => { if (keep(v)) sum += value; }); return sum; };
  const right = part((v) => v > half), left = part((v) => v < half), flat = (100 * total) / divisor, middle = (100 * kernel[half][half]) / divisor;
  const slips = {
    slip_undivided: [100 * total, 100 * total + 60 * right], slip_signs: [(100 * absolute) / divisor, null], slip_middle: [middle, middle],
    slip_side: [null, (100 * total + 60 * left) / divisor], slip_flat: [null, flat], slip_step: [null, (60 * right) / divisor],
  };
  return { answers: [flat, (100 * total + 60 * right) / divisor], right, slips };
}
export const isNear = (guess, exact) => Math.abs(guess - exact) <= 0.5 + 1e-9;
// the first slip that leads to a wrong number that was given
export function slipFor(guess, { answers, slips }) {
  const wrong = [0, 1].filter((at) => !isNear(guess[at], answers[at]));
  return Object.keys(slips).find((name) => wrong.some((at) => slips[name][at] !== null && isNear(guess[at], slips[name][at])));
}

// rules between settings, the same as PictureKernel.check; the weights follow the size, around the middle
export function checkPicture(state, before = {}) {
  const next = { ...state }, { presets, sizes: [least, most], largest } = SPEC.constants, { picture, pixels, place, kernel_size: size } = next;
  if (![3, 5].includes(size)) throw new Error(`kernel_size must be 3 or 5, got ${size}`);
  if (typeof next.weight === "string") {
    if (!presets.includes(next.weight)) throw new Error(`weight must be a matrix or one of ${presets.map((name) => `'${name}'`).join(", ")}, got '${next.weight}'`);
  } else {
    if (next.weight === before.weight && Array.isArray(next.weight) && next.weight.length !== size) {
      const old = next.weight, shift = (old.length - size) / 2;
      next.weight = table(size, size, (u, v) => old[u + shift]?.[v + shift] ?? 0);
    }
    check_matrix("weight", next.weight, size, size, largest);
  }
  if (pixels === null) {
    if (picture === "own") throw new Error("picture 'own' needs pixels");
  } else if (pixels !== before.pixels) {
    const [rows, columns] = [pixels?.length, pixels?.[0]?.length];
    if (![rows, columns].every((n) => Number.isInteger(n) && n >= least && n <= most)) throw new Error(`pixels must have ${least} to ${most} rows and columns`);
    check_matrix("pixels", pixels, rows, columns, 255);
    if (pixels.some((row) => row.some((value) => !Number.isInteger(value) || value < 0))) throw new Error("pixels must hold integers from 0 to 255");
  }
  if (place !== null && !(Array.isArray(place) && place.length === 2 && place.every((n) => Number.isInteger(n) && n >= 0 && n < most))) throw new Error(`place must be two integers from 0 to ${most - 1}, got ${JSON.stringify(place)}`);
  return next;
}
