/*
network.js: the cost of a whole network; twin of nndl/arithmetic/network.py, same names and order of
arguments. The tables of kinds come from Python, in SPEC.constants.
*/
const product = (numbers) => numbers.reduce((a, b) => a * b, 1);
const KEPT = { inference: [0, 0], sgd: [1, 0], momentum: [1, 1], adam: [1, 2] };

export function check_layers(layers, fields = SPEC.constants.fields) {
  if (!Array.isArray(layers)) throw new Error(`layers must be a list of layers, got ${written(layers)}`);
  return layers.map((layer, index) => {
    const at = `layer ${index + 1}`, known = layer && Object.hasOwn(fields, layer.kind) ? fields[layer.kind] : null;
    if (!known) throw new Error(`${at}: kind must be one of ${Object.keys(fields).join(", ")}, got ${written(layer?.kind)}`);
    for (const name of Object.keys(layer)) if (name !== "kind" && !Object.hasOwn(known, name)) throw new Error(`${at}: ${layer.kind} has no field ${name}`);
    const full = { kind: layer.kind };
    for (const [name, [initial, least, greatest]] of Object.entries(known)) {
      if (!(name in layer) && ["channels", "features", "kernel_size"].includes(name)) throw new Error(`${at}: ${layer.kind} needs ${name}`);
      const value = name in layer ? layer[name] : initial;
      if (name === "bias") {
        if (typeof value !== "boolean") throw new Error(`${at}: bias must be True or False, got ${written(value)}`);
      } else if (integer(`${at}: ${name}`, value, least) > greatest) throw new Error(`${at}: ${name} must be at most ${greatest}, got ${value}`);
      full[name] = value;
    }
    return full;
  });
}

function layerCost(layer, shape) {
  const { kind } = layer;
  if (kind === "relu") return [shape, 0, 0];
  if (kind === "flatten") return [[product(shape)], 0, 0];
  if (kind === "norm") return [shape, norm_parameters(shape[0]), norm_macs(product(shape))];
  if (kind === "linear") {
    if (shape.length !== 1) throw new Error(`linear needs a vector, put flatten before it, got ${written(shape)}`);
    return [[layer.features], linear_parameters(shape[0], layer.features, layer.bias), linear_macs(shape[0], layer.features)];
  }
  if (shape.length !== 3) throw new Error(`${kind} needs channels, height and width, got ${written(shape)}`);
  if (kind === "global_pool") return [[shape[0], 1, 1], 0, 0];
  const { kernel_size, stride, padding, dilation = 1 } = layer;
  const maps = shape.slice(1).map((size) => output_size(size, kernel_size, stride, padding, dilation));
  if (kind !== "conv") {
    if (2 * padding > kernel_size) throw new Error(`padding must be at most half of kernel_size in pooling, got padding ${padding} and kernel_size ${kernel_size}`);
    return [[shape[0], ...maps], 0, 0];
  }
  const parameters = conv_parameters(shape[0], layer.channels, kernel_size, layer.groups, layer.bias);
  return [[layer.channels, ...maps], parameters, conv_macs(shape[0], layer.channels, kernel_size, maps, layer.groups)];
}

// why a checked layer cannot take this shape, as words to look up: {key, values}
export function whyNot(layer, shape) {
  const { kind, kernel_size, padding, dilation = 1, groups } = layer;
  if (kind === "linear") return { key: "why_vector", values: { shape: shape.join(" × ") } };
  if (shape.length !== 3) return { key: "why_maps", values: { n: shape[0] } };
  const reach = effective_kernel_size(kernel_size, dilation), short = shape.slice(1).find((size) => size + 2 * padding < reach);
  if (short !== undefined) return { key: padding ? "why_room_padded" : "why_room", values: { reach, n: short, p: padding, padded: short + 2 * padding } };
  if (kind !== "conv") return { key: "why_padding", values: { p: padding, k: kernel_size } };
  return shape[0] % groups ? { key: "why_groups_in", values: { n: shape[0], g: groups } } : { key: "why_groups_out", values: { n: layer.channels, g: groups } };
}

// rows up to the first layer that cannot be, and why it cannot
export function costUpTo(layers, input_shape) {
  const rows = [];
  let shape = input_shape;
  for (const [index, layer] of layers.entries()) {
    try {
      const [next, parameters, macs] = layerCost(layer, shape);
      shape = next;
      rows.push({ kind: layer.kind, shape, parameters, macs, activations: product(shape) });
    } catch (error) {
      return { rows, problem: { index, message: error.message, ...whyNot(layer, shape) } };
    }
  }
  return { rows, problem: null };
}

export function network_cost(layers, input_shape) {
  if (!Array.isArray(input_shape) || ![1, 3].includes(input_shape.length)) throw new Error(`input_shape must have 1 or 3 numbers, got ${written(input_shape)}`);
  for (const size of input_shape) integer("input_shape", size);
  const { rows, problem } = costUpTo(check_layers(layers), input_shape);
  if (problem) throw new Error(`layer ${problem.index + 1}: ${problem.message}`);
  return rows;
}

export function network_totals(rows) {
  const sum = (name, of = rows) => of.reduce((total, row) => total + row[name], 0);
  const totals = Object.fromEntries(["parameters", "macs", "activations"].map((name) => [name, sum(name)]));
  return { ...totals, macs_without_norms: sum("macs", rows.filter((row) => row.kind !== "norm")) };
}

export function network_memory(rows, input_shape, mode = "inference", number_bytes = 4, batch_size = 1) {
  if (!Object.hasOwn(KEPT, mode)) throw new Error(`mode must be one of ${Object.keys(KEPT).join(", ")}, got ${written(mode)}`);
  integer("number_bytes", number_bytes);
  const [gradients, states] = KEPT[mode], sample = number_bytes * integer("batch_size", batch_size);
  const layers = rows.map((row) => {
    const weights = row.parameters * number_bytes;
    return [weights, gradients * weights, states * weights, row.activations * sample];
  });
  const outputs = [product(input_shape) * sample, ...layers.map((layer) => layer[3])];
  const kept = layers.reduce((sum, layer) => sum + layer[0] + layer[1] + layer[2], 0);
  const total = mode === "inference" ? Math.max(...outputs.map((size, i) => size + (outputs[i + 1] ?? 0))) : outputs.reduce((a, b) => a + b, 0);
  return { layers, total: kept + total };
}
