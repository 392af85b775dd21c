/*
backprop_formula.js: formulas as graphs of operators, with their values and gradients. The twin of
nndl/widgets/backprop_formula.py: the same names, results and refusals. Pure functions.
*/
const FORMULA_SIGNS = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide" };
// signs that people type, or paste, for those of the grammar
const TYPED_SIGNS = "×·÷−", PLAIN_SIGNS = "**/-";

export function read_formula(text) {
  const { functions, most_inputs, most_operators, longest_name, longest } = SPEC.constants;
  if (typeof text !== "string") throw new Error("formula must be a text");
  if ([...text].length > longest) throw new Error(`formula must have at most ${longest} characters, got ${[...text].length}`);
  const plain = halfWidth(text).replace(/[×·÷−]/g, (sign) => PLAIN_SIGNS[TYPED_SIGNS.indexOf(sign)]);
  const tokens = [...plain.matchAll(/\s*(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|([A-Za-z][A-Za-z0-9_]*)|(\S))/gu)].map(([, number = "", name = "", sign = ""]) => ({ number, name, sign, text: number + name + sign }));
  const nodes = [], known = new Map();
  let at = 0;
  const peek = () => tokens[at]?.text ?? "", take = () => tokens[at++].text;
  const enter = (key, node) => {
    if (!known.has(key)) { known.set(key, nodes.length); nodes.push(node); }
    return known.get(key);
  };
  const operator = (kind, ...sources) => enter(`${kind}(${sources})`, { kind, sources });
  const chain = (signs, next) => {
    let left = next();
    while (signs.includes(peek()) && peek()) { const kind = FORMULA_SIGNS[take()]; left = operator(kind, left, next()); }
    return left;
  };
  const sum = () => chain(["+", "-"], product), product = () => chain(["*", "/"], factor);
  const factor = () => {
    if (peek() !== "-") return atom();
    take();
    return operator("negative", factor());
  };
  const inside = () => {
    const found = sum();
    if (peek() !== ")") throw new Error("formula lacks a closing bracket");
    take();
    return found;
  };
  function atom() {
    if (at >= tokens.length) throw new Error("formula ends where a value should be");
    const { number, name, sign } = tokens[at++];
    if (number) return enter(`#${Number(number)}`, { kind: "number", value: Number(number) });
    if (functions.includes(name)) {
      if (peek() !== "(") throw new Error(`formula lacks a bracket after '${name}'`);
      take();
      return operator(name, inside());
    }
    if (name) {
      if (peek() === "(") throw new Error(`formula has an unknown function '${name}'; known are ${functions.join(", ")}`);
      if (name.length > longest_name) throw new Error(`formula must have names of at most ${longest_name} letters, got '${name}'`);
      return enter(name, { kind: "input", name });
    }
    if (sign === "(") return inside();
    throw new Error(`formula has '${sign}' where a value should be`);
  }
  sum();
  if (at < tokens.length) throw new Error(`formula has '${peek()}' where it should end`);
  const inputs = nodes.filter((node) => node.kind === "input").length, operators = nodes.filter((node) => node.sources).length;
  if (inputs < 1 || inputs > most_inputs) throw new Error(`formula must have 1 to ${most_inputs} names, got ${inputs}`);
  if (operators < 1 || operators > most_operators) throw new Error(`formula must have 1 to ${most_operators} operators, got ${operators}`);
  return nodes;
}

export function solve_formula(nodes, values) {
  const count = nodes.length, found = Array(count).fill(null), gradients = Array(count).fill(null);
  const slopes = nodes.map(() => []), back = nodes.map((node) => (node.sources ?? []).map(() => null));
  const solution = (problem) => ({ values: found, slopes, back, gradients, problem });
  for (let i = 0; i < count; i++) {
    const { kind, name, sources } = nodes[i];
    if (!sources) { found[i] = kind === "input" ? values[name] : nodes[i].value; continue; }
    const read = sources.map((source) => found[source]);
    let why = kind === "divide" && read[1] === 0 ? "zero" : kind === "log" && read[0] <= 0 ? "log" : "";
    if (!why) {
      const value = valueOf(kind, ...read);
      slopes[i] = slopesOf(kind, value, ...read);
      if ([value, ...slopes[i]].every(Number.isFinite)) { found[i] = value; continue; }
      why = "large";
    }
    slopes[i] = [];
    return solution({ node: i, why });
  }
  gradients[count - 1] = 1;
  for (let i = count - 1; i >= 0; i--) {
    (nodes[i].sources ?? []).forEach((source, operand) => {
      if (nodes[source].kind === "number" || gradients[i] === null) return;
      back[i][operand] = gradients[i] * slopes[i][operand];
      gradients[source] = (gradients[source] ?? 0) + back[i][operand];
    });
  }
  return solution(null);
}

function valueOf(kind, a, b) {
  switch (kind) {
    case "add": return a + b;
    case "subtract": return a - b;
    case "multiply": return a * b;
    case "divide": return a / b;
    case "negative": return -a;
    case "exp": return Math.exp(a);
    case "log": return Math.log(a);
    case "tanh": return Math.tanh(a);
    case "relu": return Math.max(a, 0);
    case "square": return a * a;
    default: { const small = Math.exp(-Math.abs(a)); return (a >= 0 ? 1 : small) / (1 + small); }
  }
}
function slopesOf(kind, y, a, b) {
  switch (kind) {
    case "add": return [1, 1];
    case "subtract": return [1, -1];
    case "multiply": return [b, a];
    case "divide": return [1 / b, -y / b];
    case "negative": return [-1];
    case "exp": return [y];
    case "log": return [1 / a];
    case "tanh": return [1 - y * y];
    case "relu": return [a > 0 ? 1 : 0];
    case "square": return [2 * a];
    default: return [y * (1 - y)];
  }
}
