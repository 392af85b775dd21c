"""Formulas as graphs of operators, with their values and gradients, in plain Python.

The twin of ``js/backprop_formula.js``: the same names, results and refusals. The page computes with
the other; tests hold the two together, and both to :class:`nndl.ops.Graph`.
"""

import math
import re

__all__ = ["read_formula", "solve_formula"]

FUNCTIONS = ("exp", "log", "tanh", "sigmoid", "relu", "square")
SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
MOST_INPUTS, MOST_OPERATORS, LONGEST_NAME, LONGEST = 6, 10, 6, 80
TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|([A-Za-z][A-Za-z0-9_]*)|(\S))")
# signs that people type, or paste, for those of the grammar
SAME = str.maketrans("×·÷\N{MINUS SIGN}", "**/-")
# full-width letters, digits and signs, as Chinese keyboards write them
SAME |= {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class _Reader:
    """Read tokens from the left; each rule of the grammar is a method."""

    def __init__(self, text: str) -> None:
        self.tokens = TOKEN.findall(text.translate(SAME))
        self.at = 0
        self.nodes: list[dict] = []
        self.known: dict[str, int] = {}

    def peek(self) -> str:
        return "".join(self.tokens[self.at]) if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return "".join(self.tokens[self.at - 1])

    def node(self, key: str, **node: object) -> int:
        """Enter a node and return its number; an equal one that is there already serves again."""
        if key not in self.known:
            self.known[key] = len(self.nodes)
            self.nodes.append(node)
        return self.known[key]

    def operator(self, kind: str, *sources: int) -> int:
        key = f"{kind}({','.join(map(str, sources))})"
        return self.node(key, kind=kind, sources=list(sources))

    def sum(self) -> int:
        left = self.product()
        while self.peek() in ("+", "-"):
            kind = SIGNS[self.take()]
            left = self.operator(kind, left, self.product())
        return left

    def product(self) -> int:
        left = self.factor()
        while self.peek() in ("*", "/"):
            kind = SIGNS[self.take()]
            left = self.operator(kind, left, self.factor())
        return left

    def factor(self) -> int:
        if self.peek() != "-":
            return self.atom()
        self.take()
        return self.operator("negative", self.factor())

    def atom(self) -> int:
        if self.at >= len(self.tokens):
            raise ValueError("formula ends where a value should be")
        number, name, sign = self.tokens[self.at]
        self.at += 1
        if number:
            return self.node(f"#{float(number)}", kind="number", value=float(number))
        if name in FUNCTIONS:
            if self.peek() != "(":
                raise ValueError(f"formula lacks a bracket after '{name}'")
            self.take()
            return self.operator(name, self.inside())
        if name:
            if self.peek() == "(":
                known = ", ".join(FUNCTIONS)
                raise ValueError(f"formula has an unknown function '{name}'; known are {known}")
            if len(name) > LONGEST_NAME:
                raise ValueError(
                    f"formula must have names of at most {LONGEST_NAME} letters, got '{name}'"
                )
            return self.node(name, kind="input", name=name)
        if sign == "(":
            return self.inside()
        raise ValueError(f"formula has '{sign}' where a value should be")

    def inside(self) -> int:
        """Read what stands in a bracket that is open already, and its end."""
        found = self.sum()
        if self.peek() != ")":
            raise ValueError("formula lacks a closing bracket")
        self.take()
        return found


def read_formula(text: str) -> list[dict]:
    """Return the graph of a formula.

    Parameters
    ----------
    text : str
        Names, numbers, ``+ - * /``, brackets, and the functions exp, log, tanh, sigmoid, relu and
        square.

    Returns
    -------
    list of dict
        The nodes, each after those that it reads; the last is the output. Each has a "kind": an
        "input" with its "name", a "number" with its "value", or an operator with its "sources",
        the numbers of what it reads. An expression that occurs twice is one node.

    Raises
    ------
    ValueError
        If the text is no formula, or has no operator, no input or too many.

    Examples
    --------
    >>> for node in read_formula("x * x + 1"):
    ...     print(node)
    {'kind': 'input', 'name': 'x'}
    {'kind': 'multiply', 'sources': [0, 0]}
    {'kind': 'number', 'value': 1.0}
    {'kind': 'add', 'sources': [1, 2]}
    """
    if not isinstance(text, str):
        raise ValueError("formula must be a text")
    if len(text) > LONGEST:
        raise ValueError(f"formula must have at most {LONGEST} characters, got {len(text)}")
    reader = _Reader(text)
    reader.sum()
    if reader.at < len(reader.tokens):
        raise ValueError(f"formula has '{reader.peek()}' where it should end")
    kinds = [node["kind"] for node in reader.nodes]
    inputs = kinds.count("input")
    operators = len(kinds) - inputs - kinds.count("number")
    if not 1 <= inputs <= MOST_INPUTS:
        raise ValueError(f"formula must have 1 to {MOST_INPUTS} names, got {inputs}")
    if not 1 <= operators <= MOST_OPERATORS:
        raise ValueError(f"formula must have 1 to {MOST_OPERATORS} operators, got {operators}")
    return reader.nodes


def solve_formula(nodes: list[dict], values: dict[str, float]) -> dict:
    """Return the value of every node, and the gradient of the output with respect to it.

    Parameters
    ----------
    nodes : list of dict
        As `read_formula` returns them.
    values : dict of str to float
        A number for each input.

    Returns
    -------
    dict
        "values": one for each node, None from the first on that has none. "slopes": for each node
        the derivative with respect to each thing that it reads. "back": for each node the gradients
        that it hands back to them. "gradients": for each node, summed over its readers; None for
        numbers. "problem": None, or the "node" that has no value and "why" ("log", "zero" or
        "large"); then "back" and "gradients" hold nothing.

    Examples
    --------
    >>> found = solve_formula(read_formula("(a + b) * c"), {"a": 2.0, "b": 1.0, "c": 4.0})
    >>> found["values"], found["gradients"]
    ([2.0, 1.0, 3.0, 4.0, 12.0], [4.0, 4.0, 4.0, 3.0, 1.0])
    """
    count = len(nodes)
    found: list[float | None] = [None] * count
    slopes: list[list[float]] = [[] for _ in nodes]
    back: list[list[float | None]] = [[None] * len(node.get("sources", ())) for node in nodes]
    gradients: list[float | None] = [None] * count
    for i, node in enumerate(nodes):
        if node["kind"] in ("input", "number"):
            found[i] = values[node["name"]] if node["kind"] == "input" else node["value"]
            continue
        read = [found[source] for source in node["sources"]]
        why = "zero" if node["kind"] == "divide" and read[1] == 0 else ""
        why = "log" if node["kind"] == "log" and read[0] <= 0 else why
        if not why:
            value = _value(node["kind"], *read)
            slopes[i] = _slopes(node["kind"], value, *read)
            why = "" if all(map(math.isfinite, [value, *slopes[i]])) else "large"
        if why:
            slopes[i] = []
            problem = {"node": i, "why": why}
            return _solution(found, slopes, back, gradients, problem)
        found[i] = value
    gradients[-1] = 1.0
    for i in range(count - 1, -1, -1):
        for operand, source in enumerate(nodes[i].get("sources", ())):
            if nodes[source]["kind"] != "number" and gradients[i] is not None:
                share = gradients[i] * slopes[i][operand]
                back[i][operand] = share
                gradients[source] = (gradients[source] or 0.0) + share
    return _solution(found, slopes, back, gradients, None)


def _solution(found: list, slopes: list, back: list, gradients: list, problem: dict | None) -> dict:
    return {
        "values": found,
        "slopes": slopes,
        "back": back,
        "gradients": gradients,
        "problem": problem,
    }


def _value(kind: str, a: float, b: float = 0.0) -> float:
    """Return an operator's output; infinite where it is too large for a number."""
    if kind == "exp":
        try:
            return math.exp(a)
        except OverflowError:
            return math.inf
    if kind == "sigmoid":
        small = math.exp(-abs(a))
        return (1 if a >= 0 else small) / (1 + small)
    return {
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
        "negative": lambda: -a,
        "log": lambda: math.log(a),
        "tanh": lambda: math.tanh(a),
        "relu": lambda: max(a, 0.0),
        "square": lambda: a * a,
    }[kind]()


def _slopes(kind: str, y: float, a: float, b: float = 0.0) -> list[float]:
    """Return the derivative of an operator's output with respect to each thing that it reads."""
    return {
        "add": lambda: [1.0, 1.0],
        "subtract": lambda: [1.0, -1.0],
        "multiply": lambda: [b, a],
        "divide": lambda: [1 / b, -y / b],
        "negative": lambda: [-1.0],
        "exp": lambda: [y],
        "log": lambda: [1 / a],
        "tanh": lambda: [1 - y * y],
        "sigmoid": lambda: [y * (1 - y)],
        "relu": lambda: [1.0 if a > 0 else 0.0],
        "square": lambda: [2 * a],
    }[kind]()
