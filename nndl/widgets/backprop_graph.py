"""The backpropagation graph: values flow forwards through a formula, gradients flow back."""

import math

from nndl.widgets import backprop_formula
from nndl.widgets.backprop_formula import FUNCTIONS, read_formula, solve_formula
from nndl.widgets.backprop_words import STRINGS
from nndl.widgets.base import Explorer
from nndl.widgets.schema import Text, choice, data, integer, switch

LIMIT = 999  # of an input's value
END = 99  # a position behind the last step: everything is shown
PRESETS: dict[str, tuple[Text, str, dict[str, float]]] = {
    "add": (("add", "加法"), "a + b", {"a": 2, "b": 3}),
    "multiply": (("multiply", "乘法"), "a * b", {"a": 2, "b": 5}),
    "distribute": (
        ("a sum times a number", "和乘以数"),
        "(a + b) * c",
        {"a": 2, "b": 1, "c": 4},
    ),
    "neuron": (
        ("a sigmoid neuron", "sigmoid 神经元"),
        "sigmoid(w * x + b)",
        {"w": 2, "x": -1, "b": 1.5},
    ),
    "twice": (("a value used twice", "一个值用两次"), "x * x", {"x": 3}),
    "residual": (
        ("residual: x + f(x)", "残差：x + f(x)"),
        "x + tanh(w * x)",
        {"x": 1, "w": 3},
    ),
    "relu": (
        ("a ReLU that is dead", "失活的 ReLU"),
        "relu(w * x + b)",
        {"w": -2, "x": 1.5, "b": 1},
    ),
    "error": (
        ("a squared error", "平方误差"),
        "square(w * x + b - t)",
        {"w": 2, "x": 1, "b": 0.5, "t": 4},
    ),
}


class BackpropGraph(Explorer):
    """Show a formula as a graph, with values and gradients on its edges, step by step.

    Parameters
    ----------
    preset : str
        "add", "multiply", "distribute", "neuron", "twice", "residual", "relu", "error", or "own"
        with `formula`.
    formula : str, optional
        Names, numbers, ``+ - * /``, brackets, exp, log, tanh, sigmoid, relu, square; sets `preset`
        to "own".
    values : dict of str to float, optional
        The inputs' values, from -999 to 999; those left out keep the preset's, or are 1, 2, 3, ...
        in an own formula.
    position : int
        How many steps are done, forwards and then backwards; all by default.
    predict : bool
        Whether the gradients are hidden until the reader has guessed them.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule, or the formula cannot be read.

    Examples
    --------
    >>> BackpropGraph().gradients()
    {'a': 4.0, 'b': 4.0, 'c': 3.0}
    >>> BackpropGraph(formula="x * x + exp(y)", values={"x": 3, "y": 0}).gradients()
    {'x': 6.0, 'y': 1.0}
    """

    kind = "backprop_graph"
    title = ("Forwards and backwards", "前向与反向")
    parts = ("backprop_formula", "backprop_layout", "backprop_views")
    constants = {  # noqa: RUF012 - a class's constant
        "presets": {
            name: {"formula": text, "values": values} for name, (_, text, values) in PRESETS.items()
        },
        "functions": FUNCTIONS,
        "limit": LIMIT,
        "most_inputs": backprop_formula.MOST_INPUTS,
        "most_operators": backprop_formula.MOST_OPERATORS,
        "longest_name": backprop_formula.LONGEST_NAME,
        "longest": backprop_formula.LONGEST,
    }
    schema = {  # noqa: RUF012 - a class's constant
        "preset": choice(
            "distribute",
            {name: words for name, (words, _, _) in PRESETS.items()}
            | {"own": ("my own", "自定义")},
            ("Function", "函数"),
        ),
        "formula": data(None),
        "values": data(None),
        "position": integer(END, 0, END),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Let a formula that is given be the function; a preset beside it would be ignored."""
        if settings.get("formula") is None:
            return settings
        preset = settings.get("preset", "own")
        if preset != "own":
            raise ValueError(f"formula needs preset to be 'own' or left out, got {preset!r}")
        return {**settings, "preset": "own"}

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold formula and values to their rules."""
        if state["preset"] != "own":
            state["formula"] = None
        elif state["formula"] is None:
            raise ValueError("formula must be given when preset is 'own', got none")
        known = [node["name"] for node in _nodes(state) if node["kind"] == "input"]
        values = state["values"]
        if values is None:
            return state
        if not isinstance(values, dict):
            raise ValueError("values must be a number for each name")
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"values must have names of {', '.join(known)}, got '{name}'")
            real = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (real and math.isfinite(value) and abs(value) <= LIMIT):
                raise ValueError(f"values must be numbers from -{LIMIT} to {LIMIT}")
        return state

    def solution(self) -> tuple[list[dict], dict]:
        """Return the graph's nodes, and what `solve_formula` finds for them.

        Returns
        -------
        nodes : list of dict
        found : dict
        """
        nodes = _nodes(self._state)
        return nodes, solve_formula(nodes, _values(self._state, nodes))

    def gradients(self) -> dict[str, float]:
        """Return the gradient of the output with respect to each input.

        Returns
        -------
        dict of str to float

        Raises
        ------
        ValueError
            If the formula has no value.

        Examples
        --------
        >>> BackpropGraph(preset="relu").gradients()
        {'w': 0.0, 'x': 0.0, 'b': 0.0}
        """
        nodes, found = self.solution()
        if found["problem"]:
            why = STRINGS[f"why_{found['problem']['why']}"][0]
            raise ValueError(f"the formula has no value: {why}")
        pairs = zip(nodes, found["gradients"], strict=True)
        return {node["name"]: grad for node, grad in pairs if node["kind"] == "input"}

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        text = _formula(self._state)
        try:
            english = ", ".join(f"{name}: {grad:.4g}" for name, grad in self.gradients().items())
            chinese = f"梯度 {english}"
            english = f"gradients {english}"
        except ValueError as error:
            english, chinese = f"no gradients: {error}", "没有梯度"
        return (
            f"The graph of {text}, {english}. "
            "Interactive on the website and in a running notebook.",
            f"{text} 的计算图：{chinese}。在网站上或运行中的 notebook 里可以操作。",
        )


def _formula(state: dict) -> str:
    return state["formula"] if state["preset"] == "own" else PRESETS[state["preset"]][1]


def _nodes(state: dict) -> list[dict]:
    return read_formula(_formula(state))


def _values(state: dict, nodes: list[dict]) -> dict[str, float]:
    """Return a value for each input: the state's, the preset's, or its number."""
    names = [node["name"] for node in nodes if node["kind"] == "input"]
    first = {name: i for i, name in enumerate(names, start=1)}
    preset = {} if state["preset"] == "own" else PRESETS[state["preset"]][2]
    chosen = first | preset | (state["values"] or {})
    return {name: float(chosen[name]) for name in names}
