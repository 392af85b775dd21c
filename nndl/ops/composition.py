"""Operators made of operators: a chain, and a graph with branches.

Both are operators themselves, so that a network is built of blocks and a block of operators. The
gradient is the chain rule: the operators' own gradients, in reverse order.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

import numpy as np

from nndl.ops.base import Op
from nndl.ops.checks import given_back, plain

__all__ = ["Graph", "Sequential"]

Grads = np.ndarray | tuple[np.ndarray | None, ...]


class Composition(Op):
    """What a chain and a graph have in common: named operators whose parameters they show as one.

    `params` and `grads` are joined anew at each look, with names such as "conv.weight", from the
    operators' own: the arrays are the same, so what changes one in place changes the other. Both
    are views that take no new entry; a whole dictionary assigned to them is dealt out.

    Parameters
    ----------
    ops : mapping of str to Op
        The operators by name.

    Attributes
    ----------
    ops : dict of str to Op

    Raises
    ------
    TypeError
        If one is not an operator.
    ValueError
        If there is none, a name has a dot or nothing in it, or an operator occurs twice.
    """

    def __init__(self, ops: Mapping[str, Op]) -> None:
        # not Op.__init__: parameters and gradients are those of the operators
        kind = type(self).__name__
        if not ops:
            raise ValueError(f"{kind} must have at least one operator, got none")
        for name, op in ops.items():
            if not isinstance(op, Op):
                raise TypeError(f"operator {name!r} must be an Op, got {type(op).__name__}")
            if not isinstance(name, str) or not name or "." in name:
                raise ValueError(f"name of an operator must be a word without a dot, got {name!r}")
        self.ops = dict(ops)
        places: dict[int, str] = {}
        for name, op in _operators(self):
            if id(op) in places:  # its second forward would overwrite what the first one kept
                raise ValueError(
                    f"operators must be different objects, got the same {type(op).__name__} as "
                    f"{places[id(op)]!r} and {name!r}"
                )
            places[id(op)] = name

    @property
    def params(self) -> Mapping[str, np.ndarray]:
        """What is learned, by name: the operators' own arrays."""
        return self._joined("params")

    @params.setter
    def params(self, values: Mapping[str, np.ndarray]) -> None:
        if missing := sorted(self.params.keys() - values.keys()):
            raise ValueError(f"params must have a value for every name, got none for {missing}")
        self._deal_out("params", values)

    @property
    def grads(self) -> Mapping[str, np.ndarray]:
        """The gradient of each parameter, after `backward`."""
        return self._joined("grads")

    @grads.setter
    def grads(self, values: Mapping[str, np.ndarray]) -> None:
        self._deal_out("grads", values)

    @property
    def buffers(self) -> Mapping[str, np.ndarray]:
        """What the operators keep without learning it: their own arrays."""
        return self._joined("buffers")

    def _joined(self, kind: str) -> Mapping[str, np.ndarray]:
        return MappingProxyType(
            {
                f"{name}.{key}": array
                for name, op in self.ops.items()
                for key, array in getattr(op, kind).items()
            }
        )

    def _deal_out(self, kind: str, values: Mapping[str, np.ndarray]) -> None:
        if unknown := sorted(values.keys() - self.params.keys()):
            raise ValueError(f"{kind} must have the names of parameters, got {unknown}")
        parts: dict[str, dict[str, np.ndarray]] = {name: {} for name in self.ops}
        for key, array in values.items():
            name, _, rest = key.partition(".")
            parts[name][rest] = array
        for name, part in parts.items():
            setattr(self.ops[name], kind, part)

    def train(self) -> None:
        """Say to each operator that it learns from now on."""
        self.training = True
        for op in self.ops.values():
            op.train()

    def eval(self) -> None:
        """Say to each operator that it is only used from now on."""
        self.training = False
        for op in self.ops.values():
            op.eval()

    def __copy__(self) -> "Composition":
        twin = object.__new__(type(self))
        vars(twin).update(vars(self), ops={name: copy.copy(op) for name, op in self.ops.items()})
        return twin


def _operators(composition: Composition) -> Iterator[tuple[str, Op]]:
    """Yield every operator inside, also those of a composition inside, with its dotted name."""
    for name, op in composition.ops.items():
        yield name, op
        if isinstance(op, Composition):
            yield from ((f"{name}.{inner}", part) for inner, part in _operators(op))


class Sequential(Composition):
    """A chain of operators, each fed with the output of the one before.

    Parameters
    ----------
    *ops : Op
        The operators in order, named "0", "1", ...
    **named : Op
        More of them, with names.

    Attributes
    ----------
    ops : dict of str to Op
        The operators by name.
    params, grads : mapping of str to numpy.ndarray
        Those of all operators, named such as "0.weight"; the arrays are the operators' own.

    Raises
    ------
    TypeError, ValueError
        If there is no operator, one is no `Op`, or one occurs twice.

    Examples
    --------
    >>> from nndl.ops import Conv2D
    >>> net = Sequential(Conv2D(1, 2, 3), Conv2D(2, 1, 3, bias=False))
    >>> y = net(np.ones((1, 1, 5, 5)))
    >>> net.backward(np.ones_like(y)).shape, sorted(net.grads)
    ((1, 1, 5, 5), ['0.bias', '0.weight', '1.weight'])
    >>> sorted(Sequential(edges=Conv2D(1, 2, 3)).params)
    ['edges.bias', 'edges.weight']
    """

    def __init__(self, *ops: Op, **named: Op) -> None:
        super().__init__({**{str(place): op for place, op in enumerate(ops)}, **named})

    def forward(self, *inputs: np.ndarray) -> np.ndarray:
        """Return the last operator's output; all inputs go to the first."""
        for op in self.ops.values():
            inputs = (op(*inputs),)
        return inputs[0]

    def backward(self, outputs_grads: np.ndarray) -> Grads:
        """Return the first operator's gradient: the chain rule from the last one back."""
        first = next(iter(self.ops.values()))
        for op in reversed(self.ops.values()):
            outputs_grads = op.backward(outputs_grads)
            if outputs_grads is None and op is not first:  # whose inputs may be words
                given_back(type(op).__name__, [np.zeros(())], None)
        return outputs_grads


class Graph(Composition):
    """Operators that may read several values, and values that several operators may read.

    Each node is an operator with the names of what it reads: inputs of the graph or other nodes.
    The one node that nobody reads is the output.

    Parameters
    ----------
    nodes : mapping of str to (Op, str, ...)
        For each node its operator and the names of its inputs, in the operator's order. The nodes
        may stand in any order.
    inputs : sequence of str
        Names for the inputs of the graph, in the order in which `forward` takes them.

    Attributes
    ----------
    ops : dict of str to Op
        The nodes' operators, in an order in which they can be computed.
    sources : dict of str to tuple of str
        What each node reads.
    inputs : tuple of str
    output : str
        The name of the output node.
    values : dict of str to numpy.ndarray
        After `forward`: every input and every node's output.
    gradients : dict of str to numpy.ndarray or None
        After `backward`: the gradient of every value. Where several nodes read a value, it is the
        sum of what they give back; None for what has no gradient, such as labels.
    edge_gradients : dict of str to tuple
        After `backward`: for each node what it gives back to each of its `sources`.
    params, grads : mapping of str to numpy.ndarray
        Those of all operators, named such as "conv.weight"; the arrays are the operators' own.

    Raises
    ------
    TypeError
        If the nodes are no mapping or the inputs no sequence, or a node is not an operator followed
        by names.
    ValueError
        If a node reads an unknown name, nodes read each other in a circle, an input is read by
        nobody, a name is used twice, or several nodes are read by nobody.

    References
    ----------
    X. Qiu, "Neural Networks and Deep Learning", chapter 4 (computational graphs).

    Examples
    --------
    The block x + f(x), here with f(x) = x * x:

    >>> from nndl.ops import Add, Multiply
    >>> block = Graph({"f": (Multiply(), "x", "x"), "sum": (Add(), "f", "x")})
    >>> block(np.array([3.0])), block.backward(np.array([1.0]))
    (array([12.]), array([7.]))
    >>> block.values["f"], block.gradients["f"], block.edge_gradients["sum"]
    (array([9.]), array([1.]), (array([1.]), array([1.])))
    """

    def __init__(
        self, nodes: Mapping[str, tuple[Op | str, ...]], inputs: Sequence[str] = ("x",)
    ) -> None:
        if not isinstance(nodes, Mapping):
            raise TypeError(f"nodes must be a mapping of names, got {type(nodes).__name__}")
        if not nodes:
            raise ValueError("nodes must hold at least one operator, got none")
        if isinstance(inputs, str) or not isinstance(inputs, Sequence):
            raise TypeError(f"inputs must be a sequence of names, got {inputs!r}")
        for name, node in nodes.items():
            if not (isinstance(node, tuple) and len(node) > 1 and isinstance(node[0], Op)):
                raise TypeError(f"node {name!r} must be (Op, name of an input, ...), got {node!r}")
        super().__init__({name: node[0] for name, node in nodes.items()})
        self.inputs = tuple(inputs)
        sources = {name: node[1:] for name, node in nodes.items()}
        self._check_names(sources)
        order = _topological_order(sources)
        self.ops = {name: self.ops[name] for name in order}
        self.sources = {name: sources[name] for name in order}
        self.output = order[-1]
        self.values: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray | None] = {}
        self.edge_gradients: dict[str, tuple[np.ndarray | None, ...]] = {}

    def _check_names(self, sources: Mapping[str, tuple[str, ...]]) -> None:
        names = [*self.inputs, *sources]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"names must be used once, got {', '.join(sorted(twice))} twice")
        for node, wanted in sources.items():
            for name in wanted:
                if name not in names:
                    raise ValueError(f"node {node!r} must read one of {names}, got {name!r}")
        read = {name for wanted in sources.values() for name in wanted}
        if unread := [name for name in self.inputs if name not in read]:
            raise ValueError(f"inputs must be read by a node, got {', '.join(unread)} unread")
        ends = [name for name in sources if name not in read]
        if len(ends) > 1:
            raise ValueError(f"nodes must end in one output, got {', '.join(ends)} unread")

    def forward(self, *inputs: np.ndarray) -> np.ndarray:
        """Return the output node's value; keep every value in `values`."""
        if len(inputs) != len(self.inputs):
            raise ValueError(f"inputs must be {', '.join(self.inputs)}, got {len(inputs)} arrays")
        self.values = dict(zip(self.inputs, map(plain, self.inputs, inputs), strict=True))
        for name, op in self.ops.items():
            self.values[name] = op(*(self.values[source] for source in self.sources[name]))
        return self.values[self.output]

    def backward(self, outputs_grads: np.ndarray) -> Grads:
        """Return the gradient of each input; keep every gradient in `gradients`."""
        if not self.values:
            raise RuntimeError("Graph.backward needs what forward keeps: call the graph first")
        self.gradients = dict.fromkeys(self.values) | {
            self.output: plain("outputs_grads", outputs_grads)
        }
        self.edge_gradients = {}
        for name, op in reversed(self.ops.items()):
            sources = self.sources[name]
            back: tuple[np.ndarray | None, ...] = (None,) * len(sources)
            if self.gradients[name] is not None:  # None: labels that a node has prepared
                grads = op.backward(self.gradients[name])
                read = [self.values[source] for source in sources]
                back = given_back(type(op).__name__, read, grads)
            self.edge_gradients[name] = back
            for source, grad in zip(sources, back, strict=True):
                if grad is not None:  # the reader adds its part to those of the other readers
                    before = self.gradients[source]
                    self.gradients[source] = grad if before is None else before + grad
        grads = tuple(self.gradients[name] for name in self.inputs)
        return grads if len(grads) > 1 else grads[0]


def _topological_order(sources: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the nodes so that each stands behind all that it reads."""
    try:
        return [name for name in TopologicalSorter(sources).static_order() if name in sources]
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ValueError(f"nodes must not read each other in a circle, got {circle}") from None
