/*
channels_model.js: which maps read which, and what that costs; twins of the functions in channels.py.
*/
export function channel_stages(in_channels, out_channels, kernel_size, size, groups = 1, separable = false, bias = true) {
  const one = [[in_channels, out_channels, kernel_size, groups]];
  const two = [[in_channels, in_channels, kernel_size, in_channels], [in_channels, out_channels, 1, 1]];
  return (separable ? two : one).map(([from, to, k, g]) => ({
    shape: [to, from / g, k, k], groups: g,
    weights: conv_parameters(from, to, k, g, false), parameters: conv_parameters(from, to, k, g, bias),
    macs: conv_macs(from, to, k, size, g), activations: to * size * size,
  }));
}

export function channels_read(in_channels, out_channels, groups, output) {
  const share = in_channels / groups, first = Math.floor(output / (out_channels / groups)) * share;
  return Array.from({ length: share }, (_, place) => first + place);
}

// the same rules as ConvChannels.check in Python
export function checkChannels(state) {
  const { in_channels, out_channels, groups } = state;
  if (in_channels % groups || out_channels % groups) throw new Error(`groups must divide in_channels and out_channels, got ${groups} with ${in_channels} and ${out_channels}`);
  if (state.separable && groups !== 1) throw new Error(`groups must be 1 when separable is True, got ${groups}`);
  return state;
}

// everything that the settings lead to; columns of maps from input to output, links between neighbors
export function solveChannels(state) {
  const { in_channels, out_channels, kernel_size, size, groups, separable, bias } = state;
  const stages = channel_stages(in_channels, out_channels, kernel_size, size, groups, separable, bias);
  const counts = separable ? [in_channels, in_channels, out_channels] : [in_channels, out_channels];
  const sides = separable ? ["input", "middle", "output"] : ["input", "output"];
  const reads = stages.map((stage, at) => Array.from({ length: counts[at + 1] }, (_, output) => channels_read(counts[at], counts[at + 1], stage.groups, output)));
  const sum = (name) => stages.reduce((total, stage) => total + stage[name], 0);
  const standard = conv_parameters(in_channels, out_channels, kernel_size, 1, false);
  return { stages, counts, sides, reads, standard, sums: Object.fromEntries(["weights", "parameters", "macs", "activations"].map((name) => [name, sum(name)])) };
}

// the maps that stand in a line of reading with one map: a set for each column
export function traced(m, column, channel) {
  const lit = m.counts.map(() => new Set());
  lit[column].add(channel);
  for (let at = column; at > 0; at--) for (const output of lit[at]) for (const input of m.reads[at - 1][output]) lit[at - 1].add(input);
  for (let at = column; at < m.reads.length; at++) m.reads[at].forEach((inputs, output) => { if (inputs.some((input) => lit[at].has(input))) lit[at + 1].add(output); });
  return lit;
}

export function kindOfChannels(state) {
  if (state.separable) return "separable";
  if (state.groups > 1) return state.groups === state.in_channels ? "depthwise" : "grouped";
  return state.kernel_size === 1 ? "pointwise" : "standard";
}

const divisors = (a, b) => [1, 2, 3, 4, 5, 6, 7, 8].filter((n) => a % n === 0 && b % n === 0);

// the settings of a kind, as near as can be to those there are
export function channelsOfKind(kind, state) {
  const { in_channels, out_channels } = state, kernel_size = state.kernel_size === 1 && kind !== "pointwise" ? 3 : state.kernel_size;
  const plain = { separable: false, groups: 1, kernel_size };
  if (kind === "pointwise") return { ...plain, kernel_size: 1 };
  if (kind === "separable") return { ...plain, separable: true };
  if (kind === "depthwise") {
    const out = in_channels * Math.max(1, Math.floor(out_channels / in_channels));
    return { ...plain, groups: in_channels, out_channels: out };
  }
  if (kind === "grouped") {
    const few = divisors(in_channels, out_channels).filter((n) => n > 1 && n < in_channels);
    return few.length ? { ...plain, groups: few[0] } : { ...plain, in_channels: 4, out_channels: 8, groups: 2 };
  }
  return plain;
}

// another number of maps: a depthwise convolution stays one, other groups stay if they divide
export function otherChannels(state, changes) {
  const next = { ...state, ...changes };
  if (kindOfChannels(state) === "depthwise") {
    if ("out_channels" in changes) {
      const times = Math.max(1, Math.min(Math.floor(8 / next.in_channels), Math.round(next.out_channels / next.in_channels)));
      return { ...changes, out_channels: next.in_channels * times };
    }
    return { ...changes, ...channelsOfKind("depthwise", next) };
  }
  const groups = Math.max(...divisors(next.in_channels, next.out_channels).filter((n) => n <= next.groups));
  return { ...changes, groups };
}
