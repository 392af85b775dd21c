/*
correlation.js: kernels and the sliding sum, for the explorers that compute a convolution.
*/
export const KERNELS = ["ones", "identity", "blur", "sharpen", "sobel_x", "sobel_y", "laplace"];

function binomial(size, index) {
  let value = 1;
  for (let k = 0; k < index; k++) value = Math.floor((value * (size - 1 - k)) / (k + 1));
  return value;
}
const slope = (size, index) => (size % 2 ? index - Math.floor(size / 2) : 2 * index - size + 1);

// twin of kernel_values in convolution_stepper.py
export function kernel_values(preset, rows, columns) {
  const middle = [(rows - 1) >> 1, (columns - 1) >> 1], arms = rows + columns - 2;
  const weight = (u, v) => {
    const cross = Number(u === middle[0] || v === middle[1]), central = u === middle[0] && v === middle[1];
    switch (preset) {
      case "ones": return 1;
      case "blur": return 1 / (rows * columns);
      case "identity": return Number(central);
      case "laplace": return central ? -arms : cross;
      case "sharpen": return central ? 1 + arms : -cross;
      case "sobel_x": return binomial(rows, u) * slope(columns, v);
      default: return slope(rows, u) * binomial(columns, v);
    }
  };
  return table(rows, columns, (u, v) => weight(u, v) + 0);
}
export function table(rows, columns, value) {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));
}

// x (H, W) with w (U, V) -> (M, N); stride, padding and dilation are [rows, columns]
export function correlate2d(x, w, stride, padding, dilation) {
  const [M, N] = [0, 1].map((axis) => output_size(axis ? x[0].length : x.length, axis ? w[0].length : w.length, stride[axis], padding[axis], dilation[axis]));
  return table(M, N, (i, j) => {
    let sum = 0;
    for (let u = 0; u < w.length; u++) {
      const row = x[i * stride[0] + u * dilation[0] - padding[0]];
      if (!row) continue;
      for (let v = 0; v < w[0].length; v++) sum += (row[j * stride[1] + v * dilation[1] - padding[1]] ?? 0) * w[u][v];
    }
    return sum;
  });
}

export const turned = (w) => w.map((row) => [...row].reverse()).reverse();
