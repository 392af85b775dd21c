/*
descent_say.js: what the descent explorer says: the sentence of the step, the facts, the reasons.
*/
export function buildDescentWords(frame, quiz) {
  const say = (key, values) => frame.say(key, values), state = () => frame.state, place = ([w, b]) => ({ w: short(w), b: short(b) });
  const now = createNow(), { node: list, set } = createFacts(["verdict", "limit", "hessian", "gradient", "closed", "dev", "whereabouts", "loss"]);
  frame.readout.append(quiz, now, list);
  const pair = ([train, dev]) => ({ train: short(train), dev: short(dev) });

  function sentence({ m, now: at, secret }) {
    if (m.solved) return secret ? say("now_secret_closed") : say("now_closed", { ...place(m.closed), ...pair(m.closedLosses) });
    const values = { t: at.t, ...place(at.place), ...pair(at.losses) };
    if (secret) return say("now_secret", values);
    const epoch = !at.t ? say("epoch_none") : state().method === "all" ? say("epoch_all", { e: at.epoch }) : say("epoch_batches", { e: at.epoch, k: at.turn, n: at.each });
    return say("now", { ...values, epoch }) + (inPlane(at.place, m.plane) ? "" : say("now_outside"));
  }
  function gradientWords({ m, now: { full, next } }) {
    if (m.solved) return "";
    const norms = { g: short(Math.hypot(...full)), h: short(Math.hypot(...next)) }, angle = angleBetween(full, next);
    if (!m.noisy) return say("gradient_all", norms);
    return angle === null ? say("gradient_batch_zero", norms) : say("gradient_batch", { ...norms, a: fmt(angle, 0) });
  }
  function limitWords({ m }) {
    const { momentum, learning_rate: rate } = state(), values = { l: short(m.values[0], 4), r: short(m.limit, 4), h: short(rate) };
    const words = momentum ? say("limit_momentum", { ...values, m: fmt(1 + momentum) }) : say("limit_plain", values);
    return words + (m.noisy ? say("limit_for_all") : "");
  }
  function draw(scene) {
    const { m, now: at, secret } = scene, spoken = sentence(scene), [most, least] = m.values, count = m.train.x.length;
    put(now, "aria-live", frame.playing?.() ? "off" : "polite");
    write(now, spoken);
    set("verdict", say("verdict"), secret ? "" : verdictWords(frame, m));
    set("limit", say("limit"), secret || m.solved ? "" : limitWords(scene));
    set("hessian", say("hessian"), say("hessian_words", { a: short(most), b: short(least), k: short(most / least), valley: say(most / least > 3 ? "valley_long" : "valley_round") }));
    set("gradient", say("gradient"), gradientWords(scene));
    set("closed", say("closed"), m.solved ? "" : say("closed_words", { ...place(m.closed), ...pair(m.closedLosses) }));
    set("dev", say("dev"), say("dev_words", { ...place(m.devMinimum), dev: short(m.devLoss) }));
    set("whereabouts", say("whereabouts"), secret || !at.outside ? "" : say("whereabouts_words", { n: at.outside, k: at.t + 1 }));
    set("loss", say("loss"), say(state().standardize ? "loss_standard" : "loss_words", { n: count }));
    return spoken;
  }
  return { draw };
}

function verdictWords(frame, m) {
  const { kind, factor, mean, most } = m.outlook, { long } = SPEC.constants;
  const values = { q: fmt(factor, 3), a: long / 2 + 1, z: long, mean: mean && short(mean), most: most && short(most), least: short(m.closedLosses[0]) };
  if (m.solved) return frame.say("verdict_solved");
  return frame.say(kind === "diverges" && m.noisy ? "verdict_diverges_batches" : `verdict_${kind}`, values);
}

// the kinds of outlook in the order of the answers
export const outlooksOf = (frame) => Object.keys(frame.spec.strings).filter((name) => name.startsWith("outlook_")).map((name) => name.slice(8));

export function questionOf(frame, m) {
  const { learning_rate: rate, momentum, batch_size: size } = frame.state;
  if (m.solved) return frame.say("question_closed");
  const more = (momentum ? frame.say("with_momentum", { m: fmt(momentum) }) : "") + (m.noisy ? frame.say("with_batches", { n: size }) : "");
  return frame.say("question", { r: short(rate), momentum: more });
}
// the slip, if the guess was one, and why it comes as it does
export function reasonOf(frame, m, guess) {
  const slip = slipFor(guess, m.outlook.kind, m), { learning_rate: rate, momentum } = frame.state, [most, least] = m.values;
  const sizes = m.values.map((value) => fmt(momentum ? step_roots(rate * value, momentum).size : 1 - rate * value, 3)), values = { r: short(rate), l: short(most), s: short(least), f: sizes[0], g: sizes[1] };
  const closer = m.outlook.factor < 1 ? "apart_closer" : "apart_farther";
  const why = m.solved ? frame.say("why_closed") : m.noisy ? frame.say("why_batches", { apart: frame.say(closer), q: fmt(m.outlook.factor, 3) }) : frame.say(momentum ? "why_momentum" : "why_plain", values);
  return [slip ? frame.say(slip) : "", verdictWords(frame, m), why].filter(Boolean).join(" ");
}
