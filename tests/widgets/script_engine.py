"""Run an explorer's whole program in an embedded JavaScript engine, beside Python."""

import json

import pytest

from nndl.widgets.base import joined


def engine_of(explorer):
    """Return `call(name, cases)`: a result for each case, its value or its error's message."""
    racer = pytest.importorskip("py_mini_racer")
    context = racer.MiniRacer()
    context.eval(joined(explorer))
    context.eval(
        "const all = (run, cases) => JSON.stringify(cases.map((args) => {"
        "try { return {value: run(...args)}; } catch (e) { return {error: e.message}; } }));"
    )
    return lambda name, cases: json.loads(context.eval(f"all({name}, {json.dumps(cases)})"))


def python_results(function, cases):
    """Return the same for a Python function."""
    results = []
    for case in cases:
        try:
            # JSON has neither tuples nor a difference between 2.0 and 2
            results.append({"value": json.loads(json.dumps(function(*case)))})
        except ValueError as error:
            results.append({"error": str(error)})
    return results
