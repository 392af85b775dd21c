/*
arithmetic.js: the twin of nndl.arithmetic: the same names, the same order of arguments, the same
refusals. Pure functions. tests/widgets/test_parity.py holds the two together.
*/
function whole(name, value, low) {
  const words = { 0: "a non-negative integer", 1: "a positive integer" }[low];
  if (!Number.isInteger(value) || value < low) throw new Error(`${name} must be ${words}, got ${value}`);
}

export function effective_kernel_size(kernel_size, dilation = 1) {
  whole("kernel_size", kernel_size, 1);
  whole("dilation", dilation, 1);
  return dilation * (kernel_size - 1) + 1;
}

export function output_size(input_size, kernel_size, stride = 1, padding = 0, dilation = 1) {
  whole("input_size", input_size, 1);
  whole("stride", stride, 1);
  whole("padding", padding, 0);
  const reach = effective_kernel_size(kernel_size, dilation), padded = input_size + 2 * padding;
  if (reach > padded) throw new Error(`kernel_size must reach no further than the padded input (${padded}), got ${kernel_size} with dilation ${dilation}, which reaches over ${reach}`);
  return Math.floor((padded - reach) / stride) + 1;
}

export function padding_for(mode, kernel_size, dilation = 1) {
  const reach = effective_kernel_size(kernel_size, dilation);
  if (mode === "valid") return 0;
  if (mode === "full") return reach - 1;
  if (mode !== "same") throw new Error(`mode must be 'valid', 'same' or 'full', got '${mode}'`);
  if (reach % 2 === 0) throw new Error(`kernel_size must have an odd reach for mode 'same', got ${kernel_size} with dilation ${dilation}, which reaches over ${reach}`);
  return (reach - 1) / 2;
}

export function never_visited(input_size, kernel_size, stride = 1, padding = 0, dilation = 1) {
  const visited = new Set(), positions = output_size(input_size, kernel_size, stride, padding, dilation);
  for (let i = 0; i < positions; i++) for (let u = 0; u < kernel_size; u++) visited.add(i * stride - padding + u * dilation);
  return Array.from({ length: input_size }, (_, index) => index).filter((index) => !visited.has(index));
}

const as_pair = (size) => (Array.isArray(size) ? size : [size, size]);

export function conv_parameters(in_channels, out_channels, kernel_size, groups = 1, bias = true) {
  const [rows, columns] = as_pair(kernel_size);
  return out_channels * (in_channels / groups) * rows * columns + (bias ? out_channels : 0);
}

export function conv_macs(in_channels, out_channels, kernel_size, output_size, groups = 1) {
  const [rows, columns] = as_pair(output_size);
  return conv_parameters(in_channels, out_channels, kernel_size, groups, false) * rows * columns;
}
