/*
arithmetic.js: the twin of nndl.arithmetic: the same names, the same order of arguments, the same
refusals word for word. Pure functions. tests/widgets/test_parity.py holds the two together.
*/

// a value as Python would write it
function written(value) {
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  return { true: "True", false: "False", null: "None", undefined: "None" }[value] ?? String(value);
}
function integer(name, value, least = 1) {
  const rule = least === 1 ? "a positive integer" : `an integer of at least ${least}`;
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`${name} must be ${rule}, got ${written(value)}`);
  return value;
}
function both(name, value, least = 1) {
  if (!Array.isArray(value)) return [integer(name, value, least), value];
  if (value.length !== 2) throw new Error(`${name} must be one integer or a pair of integers, got ${written(value)}`);
  return value.map((item) => integer(name, item, least));
}

// ---- sizes ----
export function effective_kernel_size(kernel_size, dilation = 1) {
  return integer("dilation", dilation) * (integer("kernel_size", kernel_size) - 1) + 1;
}

export function output_size(input_size, kernel_size, stride = 1, padding = 0, dilation = 1) {
  const padded = integer("input_size", input_size) + 2 * integer("padding", padding, 0);
  const extent = effective_kernel_size(kernel_size, dilation);
  integer("stride", stride);
  if (extent > padded)
    throw new Error(`kernel_size must fit the padded input: kernel_size ${kernel_size} with dilation ${dilation} spans ${extent}, got input_size ${input_size} + 2 * padding ${padding} = ${padded}`);
  return Math.floor((padded - extent) / stride) + 1;
}

export function transposed_output_size(input_size, kernel_size, stride = 1, padding = 0, dilation = 1, output_padding = 0) {
  integer("input_size", input_size);
  const extent = effective_kernel_size(kernel_size, dilation);
  integer("stride", stride);
  integer("padding", padding, 0);
  integer("output_padding", output_padding, 0);
  if (output_padding >= stride) throw new Error(`output_padding must be smaller than stride, got ${output_padding} with stride ${stride}`);
  const size = (input_size - 1) * stride - 2 * padding + extent + output_padding;
  if (size < 1) throw new Error(`padding must leave an output, got padding ${padding}, which takes ${2 * padding} of ${size + 2 * padding} positions`);
  return size;
}

export function padding_for(mode, kernel_size, dilation = 1) {
  const extent = effective_kernel_size(kernel_size, dilation);
  if (!["valid", "same", "full"].includes(mode)) throw new Error(`mode must be "valid", "same" or "full", got ${written(mode)}`);
  if (mode === "same" && extent % 2 === 0)
    throw new Error(`mode "same" needs an odd effective kernel size, got ${extent} from kernel_size ${kernel_size} with dilation ${dilation}`);
  return { valid: 0, same: (extent - 1) / 2, full: extent - 1 }[mode];
}

export function never_visited(input_size, kernel_size, stride = 1, padding = 0, dilation = 1) {
  const windows = output_size(input_size, kernel_size, stride, padding, dilation), read = new Set();
  for (let window = 0; window < windows; window++) for (let tap = 0; tap < kernel_size; tap++) read.add(window * stride + tap * dilation - padding);
  return Array.from({ length: input_size }, (_, position) => position).filter((position) => !read.has(position));
}

// ---- costs ----
function conv_weights(in_channels, out_channels, kernel_size, groups) {
  integer("in_channels", in_channels);
  integer("out_channels", out_channels);
  integer("groups", groups);
  for (const [name, channels] of [["in_channels", in_channels], ["out_channels", out_channels]])
    if (channels % groups) throw new Error(`${name} must be divisible by groups, got ${channels} and ${groups}`);
  const [height, width] = both("kernel_size", kernel_size);
  return out_channels * (in_channels / groups) * height * width;
}

export function conv_parameters(in_channels, out_channels, kernel_size, groups = 1, bias = true) {
  return conv_weights(in_channels, out_channels, kernel_size, groups) + (bias ? out_channels : 0);
}

export function conv_macs(in_channels, out_channels, kernel_size, output_size, groups = 1) {
  const [height, width] = both("output_size", output_size);
  return conv_weights(in_channels, out_channels, kernel_size, groups) * height * width;
}

export function conv_flops(in_channels, out_channels, kernel_size, output_size, groups = 1, bias = true) {
  const macs = conv_macs(in_channels, out_channels, kernel_size, output_size, groups), [height, width] = both("output_size", output_size);
  return macs + (bias ? out_channels * height * width : 0);
}

export function linear_parameters(in_features, out_features, bias = true) {
  return linear_macs(in_features, out_features) + (bias ? out_features : 0);
}

export function linear_macs(in_features, out_features) {
  return integer("in_features", in_features) * integer("out_features", out_features);
}

export function pool_macs(kind, channels, kernel_size, output_size) {
  pool_operations(kind, channels, kernel_size, output_size);
  return 0;
}

export function pool_operations(kind, channels, kernel_size, output_size) {
  if (kind !== "max" && kind !== "avg") throw new Error(`kind must be "max" or "avg", got ${written(kind)}`);
  const [height, width] = both("output_size", output_size), [rows, columns] = both("kernel_size", kernel_size);
  return integer("channels", channels) * height * width * (rows * columns - (kind === "max" ? 1 : 0));
}

export function norm_parameters(channels) {
  return 2 * integer("channels", channels);
}

export function norm_macs(elements) {
  return integer("elements", elements);
}

export function recurrent_parameters(input_size, hidden_size, gates = 1, bias = true) {
  return recurrent_macs(input_size, hidden_size, 1, gates) + (bias ? 2 * gates * hidden_size : 0);
}

export function recurrent_macs(input_size, hidden_size, steps, gates = 1) {
  const inputs = integer("input_size", input_size) + integer("hidden_size", hidden_size);
  return integer("steps", steps) * integer("gates", gates) * hidden_size * inputs;
}

export function attention_parameters(model_size, bias = true) {
  const size = integer("model_size", model_size);
  return 4 * linear_parameters(size, size, bias);
}

export function attention_macs(query_length, key_length, model_size) {
  const queries = integer("query_length", query_length), keys = integer("key_length", key_length);
  const size = integer("model_size", model_size);
  return 2 * (queries + keys) * size * size + 2 * queries * keys * size;
}

// ---- receptive fields: [field, jump, start] ----
function windowed(layer, name) {
  if (layer.length !== 4) throw new Error(`${name} must be (kernel_size, stride, padding, dilation), got (${layer.map(written).join(", ")}${layer.length === 1 ? "," : ""})`);
  const kernel_size = integer(`${name}: kernel_size`, layer[0]), stride = integer(`${name}: stride`, layer[1]);
  const padding = integer(`${name}: padding`, layer[2], 0), dilation = integer(`${name}: dilation`, layer[3]);
  return [kernel_size, stride, padding, dilation];
}
function field_after([size, jump, start], layer, name) {
  const [kernel_size, stride, padding, dilation] = windowed(layer, name), span = dilation * (kernel_size - 1);
  return [size + span * jump, jump * stride, start + (span / 2 - padding) * jump];
}

export function receptive_field(layers) {
  let field = [1, 1, 0];
  return layers.map((layer, index) => (field = field_after(field, layer, `layer ${index + 1}`)));
}

// nodes: {name: [layer or null, [names of inputs]], ...}, inputs first
export function graph_receptive_field(nodes) {
  const fields = {};
  for (const [name, [layer, inputs]] of Object.entries(nodes)) {
    const unknown = inputs.find((source) => !Object.hasOwn(fields, source));
    if (unknown !== undefined) throw new Error(`node '${name}': inputs must be earlier nodes, got '${unknown}'`);
    const sources = inputs.length ? inputs.map((source) => fields[source]) : [[1, 1, 0]];
    const jumps = [...new Set(sources.map(([, jump]) => jump))].sort((a, b) => a - b);
    if (jumps.length > 1) throw new Error(`node '${name}': branches must have one jump, got ${written(jumps)}`);
    const first = Math.min(...sources.map(([size, , start]) => start - (size - 1) / 2)), last = Math.max(...sources.map(([size, , start]) => start + (size - 1) / 2));
    const field = [Math.trunc(last - first) + 1, jumps[0], (first + last) / 2];
    fields[name] = layer === null ? field : field_after(field, layer, `node '${name}'`);
  }
  return fields;
}

// ---- cones: which positions a unit depends on, and which units a position reaches ----
function maps(layers, input_size) {
  const sizes = [integer("input_size", input_size)];
  const windows = layers.map((layer, index) => {
    const window = windowed(layer, `layer ${index + 1}`);
    try { sizes.push(output_size(sizes.at(-1), ...window)); } catch (error) { throw new Error(`layer ${index + 1}: ${error.message}`); }
    return window;
  });
  return [windows, sizes];
}
function place_on(name, value, size, see) {
  if (integer(name, value, 0) >= size) throw new Error(`${name} must be less than the map's size ${size}, got ${value}: see ${see}`);
  return value;
}
// the places of a map that are marked
function marked(marks) {
  const places = [];
  for (let at = marks.indexOf(1); at >= 0; at = marks.indexOf(1, at + 1)) places.push(at);
  return places;
}

export function backward_cone(layers, input_size, unit) {
  const [windows, sizes] = maps(layers, input_size), cone = [[place_on("unit", unit, sizes.at(-1), "layers and input_size")]];
  for (let index = windows.length - 1; index >= 0; index--) {
    const [kernel_size, stride, padding, dilation] = windows[index], read = new Uint8Array(sizes[index]);
    for (const position of cone[0]) for (let tap = 0; tap < kernel_size; tap++) {
      const at = position * stride - padding + tap * dilation;
      if (at >= 0 && at < sizes[index]) read[at] = 1;
    }
    cone.unshift(marked(read));
  }
  return cone;
}

export function forward_cone(layers, input_size, position) {
  const [windows, sizes] = maps(layers, input_size), cone = [[place_on("position", position, sizes[0], "input_size")]];
  for (const [index, [kernel_size, stride, padding, dilation]] of windows.entries()) {
    const units = new Uint8Array(sizes[index + 1]);
    for (const place of cone.at(-1)) for (let tap = 0; tap < kernel_size; tap++) {
      const unit = (place + padding - tap * dilation) / stride;
      if (Number.isInteger(unit) && unit >= 0 && unit < sizes[index + 1]) units[unit] = 1;
    }
    cone.push(marked(units));
  }
  return cone;
}
