/*
descent_model.js: what the descent explorer computes, apart from how it is drawn. A place is [w, b].
*/

// ---- the draws: twins of draws and shuffled in descent_data.py; every product is exact in a double ----
export function draws(seed) {
  const [factor, modulus, skipped] = SPEC.constants.generator;
  let value = seed + 1;
  // modulo 2^31 - 1 without a division of doubles, which is slow: 2^31 leaves 1
  const next = () => {
    const product = value * factor, high = Math.floor(product / (modulus + 1)), sum = product - high * (modulus + 1) + high;
    return (value = (sum >= modulus ? sum - modulus : sum) | 0);
  };
  for (let i = 0; i < skipped; i++) next();
  return next;
}
export function shuffled(length, next) {
  const order = Array.from({ length }, (_, i) => i);
  for (let last = length - 1; last > 0; last--) {
    const at = next() % (last + 1), kept = order[last];
    order[last] = order[at]; order[at] = kept;
  }
  return order;
}
// which samples each step takes
export function batchesOf({ method, batch_size: size, draw }, count, steps) {
  const list = [];
  if (method !== "batches") {
    const every = Array.from({ length: count }, (_, i) => i);
    while (list.length < steps) list.push(every);
    return list;
  }
  const next = draws(draw);
  while (list.length < steps) {
    const order = shuffled(count, next);
    for (let at = 0; at < count && list.length < steps; at += size) list.push(order.slice(at, at + size));
  }
  return list;
}

// ---- the samples as the model sees them ----
export function samplesOf(standardize) {
  const { train: [x, y], dev: [devX, devY] } = SPEC.constants, mean = average(x), spread = Math.sqrt(average(x.map((value) => (value - mean) ** 2)));
  const seen = standardize ? (value) => (value - mean) / spread : (value) => value;
  return { train: { x: x.map(seen), y }, dev: { x: devX.map(seen), y: devY }, mean, spread, seen };
}
const average = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

// ---- the loss: mean squared error, without a factor 1/2 ----
export function lossAt([w, b], { x, y }) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (w * x[i] + b - y[i]) ** 2;
  return sum / x.length;
}
export function gradientAt([w, b], { x, y }, batch) {
  let along = 0, up = 0;
  for (const i of batch) { const error = w * x[i] + b - y[i]; along += error * x[i]; up += error; }
  return [(2 * along) / batch.length, (2 * up) / batch.length];
}
// the place of least loss: from deviations, since sums of squares would lose digits
export function minimumOf({ x, y }) {
  const mx = average(x), my = average(y);
  let xy = 0, xx = 0;
  x.forEach((value, i) => { xy += (value - mx) * (y[i] - my); xx += (value - mx) ** 2; });
  return [xy / xx, my - (xy / xx) * mx];
}
// the Hessian [[p, q], [q, r]], its eigenvalues (the greater first) and the angle of the first's direction
export function curvatureOf({ x }) {
  const p = 2 * average(x.map((value) => value * value)), q = 2 * average(x), r = 2;
  const middle = (p + r) / 2, apart = Math.hypot((p - r) / 2, q), most = middle + apart;
  // the smaller by the determinant: a difference would lose digits
  return { hessian: [[p, q], [q, r]], values: [most, (4 * average(x.map((value) => (value - q / 2) ** 2))) / most], angle: Math.atan2(2 * q, p - r) / 2 };
}

// ---- the path ----
export function pathOf({ start, learning_rate: rate, momentum }, samples, batches) {
  let [w, b] = start, v = 0, u = 0;
  const path = [[w, b]];
  for (const batch of batches) {
    const [gw, gb] = gradientAt([w, b], samples, batch);
    v = momentum * v + gw; u = momentum * u + gb;
    w -= rate * v; b -= rate * u;
    path.push([w, b]);
  }
  return path;
}

// ---- what becomes of it: twins of step_roots and long_run in descent_data.py ----
export function step_roots(curvature, momentum) {
  const half = (1 + momentum - curvature) / 2, under = half * half - momentum;
  if (under < 0) return { size: Math.sqrt(momentum), swings: true };
  return { size: Math.abs(half) + Math.sqrt(under), swings: half < 0 };
}
// Four means of each of the many batches, from which its gradient follows: of x x, x, x y and y. They
// do not depend on what is moved most often, the rate and the start.
let meansOf = { key: "", list: null };
function batchMeans(state, { x, y }) {
  const { long } = SPEC.constants, key = `${state.batch_size}/${state.draw}/${state.standardize}`;
  if (meansOf.key === key) return meansOf.list;
  const list = new Float64Array(4 * long), n = state.batch_size, count = x.length, next = draws(state.draw);
  for (let at = 0; at < list.length;) {
    const order = shuffled(count, next);
    for (let first = 0; first < count && at < list.length; first += n, at += 4) for (let k = first; k < first + n; k++) {
      const input = x[order[k]], target = y[order[k]];
      list[at] += (input * input) / n; list[at + 1] += input / n; list[at + 2] += (input * target) / n; list[at + 3] += target / n;
    }
  }
  meansOf = { key, list };
  return list;
}
export function longRun(state, samples) {
  const { learning_rate: rate, momentum, start } = state, { x, y } = samples, { long } = SPEC.constants, means = batchMeans(state, samples), from = Math.floor(long / 2);
  const [xx, mx, xy, my, yy] = [average(x.map((value) => value * value)), average(x), average(x.map((value, i) => value * y[i])), average(y), average(y.map((value) => value * value))];
  // a second run with the same batches, by how far it is off: its targets are 0
  let [w, b] = start, v = 0, u = 0, dw = 0.8, db = 0.6, dv = 0, du = 0, grown = 0, total = 0, most = 0;
  for (let step = 0, at = 0; step < long; step++, at += 4) {
    const bxx = means[at], bx = means[at + 1];
    v = momentum * v + 2 * (w * bxx + b * bx - means[at + 2]); u = momentum * u + 2 * (w * bx + b - means[at + 3]);
    w -= rate * v; b -= rate * u;
    dv = momentum * dv + 2 * (dw * bxx + db * bx); du = momentum * du + 2 * (dw * bx + db);
    dw -= rate * dv; db -= rate * du;
    const size = Math.sqrt(dw * dw + db * db + rate * rate * (dv * dv + du * du));
    grown += Math.log(size);                        // and go on from length 1: nothing overflows
    dw /= size; db /= size; dv /= size; du /= size;
    if (step >= from) {
      const loss = w * w * xx + 2 * w * b * mx + b * b - 2 * w * xy - 2 * b * my + yy;
      total += loss;
      if (loss > most) most = loss;
    }
  }
  const factor = Math.exp(grown / long);
  return grown > 0 ? { kind: "diverges", factor } : { kind: "hovers", factor, mean: total / (long - from), most };
}
export const isNoisy = ({ method, batch_size: size }) => method === "batches" && size < SPEC.constants.train[0].length;
export function outlookOf(state, samples, values) {
  const { exact } = SPEC.constants, { method, learning_rate: rate, momentum } = state;
  if (method === "closed") return { kind: "once", factor: 0 };
  if (isNoisy(state)) return longRun(state, samples);
  const roots = values.map((value) => step_roots(rate * value, momentum)), factor = Math.max(...roots.map(({ size }) => size));
  const settles = factor < exact ? "once" : roots.some(({ swings }) => swings) ? "swings" : "smooth";
  return { kind: factor > 1 + exact ? "diverges" : factor >= 1 - exact ? "circles" : settles, factor };
}

// Everything that follows from the settings, but for the step that is shown.
export function solveDescent(state) {
  const { steps, planes } = SPEC.constants, sets = samplesOf(state.standardize), { train, dev } = sets, count = train.x.length;
  const curvature = curvatureOf(train), closed = minimumOf(train), devMinimum = minimumOf(dev), solved = state.method === "closed";
  // one batch more than steps: the last place too has a next one
  const batches = batchesOf(state, count, steps + 1), path = solved ? [closed] : pathOf(state, train, batches.slice(0, steps));
  const [most] = curvature.values;
  return {
    ...sets, ...curvature, closed, devMinimum, batches, path, solved, noisy: isNoisy(state),
    losses: path.map((place) => [lossAt(place, train), lossAt(place, dev)]),
    closedLosses: [lossAt(closed, train), lossAt(closed, dev)], devLoss: lossAt(devMinimum, dev),
    limit: (2 * (1 + state.momentum)) / most, outlook: outlookOf(state, train, curvature.values), plane: planes[state.standardize ? "standard" : "plain"],
  };
}

// what is known at a step: place, losses, gradients of all samples and of the next batch, epoch
export function stepOf(m, state, step) {
  const t = m.solved ? 0 : Math.min(step, m.path.length - 1), place = m.path[t], batch = m.batches[t], count = m.train.x.length;
  const full = gradientAt(place, m.train, m.batches[0].length === count ? m.batches[0] : everyOf(count)), next = gradientAt(place, m.train, batch);
  const each = state.method === "batches" ? Math.ceil(count / state.batch_size) : 1;
  return { t, place, batch, losses: m.losses[t], full, next, each, epoch: Math.ceil(t / each), turn: t ? ((t - 1) % each) + 1 : 0, outside: m.path.slice(0, t + 1).filter((at) => !inPlane(at, m.plane)).length };
}
const everyOf = (count) => Array.from({ length: count }, (_, i) => i);
export const inPlane = (place, plane) => place.every((value, axis) => value >= plane[axis][0] && value <= plane[axis][1]);
// degrees between two gradients, or null where one is 0
export function angleBetween([a, b], [c, d]) {
  const size = Math.hypot(a, b) * Math.hypot(c, d);
  return size > 0 && Number.isFinite(size) ? (Math.acos(Math.min(1, Math.max(-1, (a * c + b * d) / size))) * 180) / Math.PI : null;
}

// ---- shapes in the plane ----
// half axes of the ellipse on which the loss is the least one and `excess` more: excess = (λ / 2) d²
export const halfAxes = (values, excess) => values.map((value) => Math.sqrt((2 * excess) / value));
// the part of a line from one place to another that lies in the plane, or null
export function within([x0, y0], [x1, y1], plane) {
  let from = 0, to = 1;
  if (![x0, y0, x1, y1].every(Number.isFinite)) return null;
  for (const [at, way, [low, high]] of [[x0, x1 - x0, plane[0]], [y0, y1 - y0, plane[1]]]) {
    if (way === 0) { if (at < low || at > high) return null; continue; }
    const ends = [(low - at) / way, (high - at) / way];
    from = Math.max(from, Math.min(...ends)); to = Math.min(to, Math.max(...ends));
  }
  return from > to ? null : [[x0 + from * (x1 - x0), y0 + from * (y1 - y0)], [x0 + to * (x1 - x0), y0 + to * (y1 - y0)]];
}

// ---- the guess ----
// why a wrong guess is tempting: a key of the words, or nothing
export function slipFor(guess, truth, { solved, noisy }) {
  if (guess === truth) return null;
  if (solved) return "slip_solved";
  if (truth === "circles") return "slip_edge";
  if (noisy) return truth === "hovers" && guess !== "diverges" ? "slip_noise" : "slip_mean";
  if (truth === "once") return guess === "diverges" || guess === "circles" ? "slip_below" : "slip_whole";
  if (truth === "diverges") return "slip_limit";
  if (guess === "diverges" || guess === "circles") return "slip_below";
  if (guess === "hovers") return "slip_exact";
  if (guess === "once") return "slip_one";
  return truth === "swings" ? "slip_past" : "slip_short";
}

// rules between settings, the same as DescentPath.check
export function checkDescent(state) {
  const { sizes, momenta, farthest } = SPEC.constants, { start } = state;
  for (const [name, allowed] of [["batch_size", sizes], ["momentum", momenta]]) {
    if (!allowed.includes(state[name])) throw new Error(`${name} must be one of ${allowed.join(", ")}, got ${state[name]}`);
  }
  if (!(Array.isArray(start) && start.length === 2 && start.every((value) => Number.isFinite(value) && Math.abs(value) <= farthest))) throw new Error(`start must be two numbers from -${farthest} to ${farthest}, got ${JSON.stringify(start)}`);
  return state;
}
