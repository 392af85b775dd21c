/*
pooling_model.js: what the pooling explorer computes, apart from how it is drawn.
*/
export function pool2d(x, kind, size, stride) {
  const shape = [x.length, x[0].length].map((n) => output_size(n, size, stride));
  return table(...shape, (i, j) => {
    let sum = 0, most = -Infinity;
    for (let u = 0; u < size; u++) for (let v = 0; v < size; v++) {
      const value = x[i * stride + u][j * stride + v];
      sum += value;
      if (value > most) most = value;
    }
    return kind === "max" ? most : sum / (size * size);
  });
}

const pictureOf = (state) => (typeof state.picture === "string" ? SPEC.constants.digits[state.picture] : state.picture);

// the picture on its empty ground, moved; its convolution with ReLU; the features
export function featuresAt(state, [down, right]) {
  const picture = pictureOf(state), { margin } = SPEC.constants, kernel = kernel_values(state.filter, 3, 3);
  const ground = table(picture.length + 2 * margin, picture[0].length + 2 * margin, (r, c) => picture[r - margin - down]?.[c - margin - right] ?? 0);
  const conv = correlate2d(ground, kernel, [state.stride, state.stride], [1, 1], [1, 1]).map((row) => row.map((value) => Math.max(value, 0)));
  return { ground, conv, out: state.pool === "none" ? conv : pool2d(conv, state.pool, state.pool_size, state.pool_stride) };
}

// twin of whole_cells in pooling_shift.py
export function whole_cells(shift, step) {
  return Math.floor((2 * Math.abs(shift) + step) / (2 * step)) * (shift < 0 ? -1 : 1) + 0;
}
export const totalStride = (state) => state.stride * (state.pool === "none" ? 1 : state.pool_stride);

// the sums of the cosine of two maps where they lie on each other, the second moved by whole cells
export function agreement(before, after, [down, right] = [0, 0]) {
  const { same } = SPEC.constants;
  let ab = 0, aa = 0, bb = 0, equal = true;
  before.forEach((row, r) => row.forEach((a, c) => {
    const b = after[r + down]?.[c + right];
    if (b === undefined) return;
    ab += a * b; aa += a * a; bb += b * b;
    if (Math.abs(a - b) > same) equal = false;
  }));
  return { ab, aa, bb, cosine: equal ? 1 : aa * bb > 0 ? ab / Math.sqrt(aa * bb) : 0, equal };
}

// cells that changed, and how many respond at all
export function changes(before, after) {
  const cells = [];
  let alive = 0;
  before.forEach((row, r) => row.forEach((a, c) => {
    if (a || after[r][c]) alive++;
    if (Math.abs(a - after[r][c]) > SPEC.constants.same) cells.push([r, c]);
  }));
  return { cells, alive };
}

// Everything that follows from the settings.
export function solveShift(state) {
  const { margin } = SPEC.constants, step = totalStride(state), shift = [state.row_shift, state.column_shift];
  const before = featuresAt(state, [0, 0]), compared = (to, after) => {
    const cells = to.map((pixels) => whole_cells(pixels, step));
    return { cells, same: agreement(before.out, after.out), along: agreement(before.out, after.out, cells) };
  };
  const sweep = [];
  let after = null;
  for (let right = -margin; right <= margin; right++) {
    const there = featuresAt(state, [shift[0], right]);
    if (right === shift[1]) after = there;
    sweep.push({ right, ...compared([shift[0], right], there) });
  }
  const here = sweep[shift[1] + margin];
  return { before, after, step, shift, sweep, ...here, changed: changes(before.out, after.out), changedConv: changes(before.conv, after.conv), exact: shift.every((pixels) => pixels % step === 0) };
}

// the slips that lead to another number, each under the key of its words
export function slipsOfShift({ stride, pool, pool_size, pool_stride }) {
  return pool === "none" ? {} : { slip_sum: stride + pool_stride, slip_window: stride * pool_size, slip_pool: pool_stride, slip_conv: stride };
}

// what a feature reads, [[first, last] rows, [first, last] columns]: of the convolution, and of the picture
export function readBy(state, at, ground) {
  const { stride, pool, pool_size, pool_stride } = state;
  const conv = at.map((index) => (pool === "none" ? [index, index] : [index * pool_stride, index * pool_stride + pool_size - 1]));
  const sizes = [ground.length, ground[0].length];
  return { conv, picture: conv.map(([first, last], axis) => [Math.max(0, first * stride - 1), Math.min(sizes[axis] - 1, last * stride + 1)]) };
}

// rules between settings, the same as PoolingShift.check
export function checkShift(state) {
  const { picture, feature } = state, { digits, sizes: [least, most] } = SPEC.constants;
  if (typeof picture === "string") {
    if (!Object.hasOwn(digits, picture)) throw new Error(`picture must be a matrix or '0' to '9', got '${picture}'`);
  } else {
    const [rows, columns] = [picture?.length, picture?.[0]?.length];
    if (![rows, columns].every((n) => Number.isInteger(n) && n >= least && n <= most)) throw new Error(`picture must have ${least} to ${most} rows and columns`);
    check_matrix("picture", picture, rows, columns);
    if (picture.flat().some((value) => value < 0)) throw new Error("picture must hold numbers from 0 on, got a negative one");
  }
  if (feature !== null && !(Array.isArray(feature) && feature.length === 2 && feature.every((n) => Number.isInteger(n) && n >= 0 && n < 64))) throw new Error(`feature must be two integers from 0 to 63, got ${written(feature)}`);
  return state;
}
