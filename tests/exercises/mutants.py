"""Answers that differ from the right one in a single place: what learners write, by the hundred."""

import ast
import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import chapter

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


class Mutant(NamedTuple):
    """One edit: a text that tells which, and the code that it makes."""

    name: str
    code: str


def mutants(code: str) -> Iterator[Mutant]:
    """Yield every version of a solution with one edit, each once."""
    tree, seen = ast.parse(code), {ast.unparse(ast.parse(code))}
    for place, node in enumerate(ast.walk(tree)):
        for edit in range(len(list(_edits(node)))):
            mutated = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(mutated)) if i == place)
            before, replacement = list(_edits(target))[edit]
            after = _replace(mutated, target, replacement)
            text = ast.unparse(ast.fix_missing_locations(mutated))
            if text not in seen:
                seen.add(text)
                line = getattr(target, "lineno", 0)
                yield Mutant(f"line {line}: {before} -> {after}", text)


def _replace(tree: ast.AST, target: ast.AST, replacement: ast.AST) -> str:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, replacement)
            elif isinstance(value, list):
                value[:] = [replacement if entry is target else entry for entry in value]
    return ast.unparse(replacement)


def _edits(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the text of a node and each thing that may stand in its place."""
    before = ast.unparse(node) if isinstance(node, (ast.expr, ast.stmt)) else ""
    for replacement in _replacements(node):
        yield before, replacement


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    def changed(**fields) -> ast.AST:
        new = copy.copy(node)
        for name, value in fields.items():
            setattr(new, name, value)
        return new

    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield from (ast.Constant(value + step) for step in (1, -1))
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in OPERATORS:
                yield changed(op=OPERATORS[type(op)]())
            if isinstance(op, ast.FloorDiv):  # rounded up
                yield (
                    ast.parse(f"-(-({ast.unparse(left)}) // ({ast.unparse(right)}))").body[0].value
                )
            yield from (left, right)
            if isinstance(op, (ast.Sub, ast.Div, ast.FloorDiv, ast.MatMult)):
                yield changed(left=right, right=left)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Compare(ops=[op], left=left, comparators=[right]) if type(op) in COMPARISONS:
            yield changed(ops=[COMPARISONS[type(op)]()])
        case ast.BoolOp(op=op, values=values):
            yield changed(op=ast.Or() if isinstance(op, ast.And) else ast.And())
            yield from values
        case ast.Call(args=args, keywords=keywords):
            symmetric = isinstance(node.func, ast.Name) and node.func.id in ("max", "min")
            two = len(args) == 2 and not any(isinstance(a, ast.Starred) for a in args)
            if two and not symmetric:
                yield changed(args=args[::-1])
            if symmetric:
                yield changed(func=ast.Name({"max": "min", "min": "max"}[node.func.id]))
                yield from args
            for at in range(len(keywords)):
                yield changed(keywords=keywords[:at] + keywords[at + 1 :])
        case ast.If() | ast.IfExp():
            yield from (changed(test=ast.Constant(value)) for value in (True, False))
        case ast.AugAssign(target=target, value=value):
            yield ast.Assign([target], value, lineno=node.lineno)
            if type(node.op) in OPERATORS:
                yield changed(op=OPERATORS[type(node.op)]())
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Expr(value=ast.Call()):
            yield ast.Pass()


def names_of(source: chapter.Chapter) -> dict:
    """Return what a chapter's solutions may use: its imports, and the functions that it defines."""
    names: dict = {}
    for block in source.blocks:
        if block.name == "code-cell" and "exercise" not in block.tags:
            body = ast.parse(_python(block.text)).body
            kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
            for node in (node for node in body if isinstance(node, kept)):
                with suppress(NameError):  # a default that a run of the page would make
                    exec(compile(ast.Module([node], []), str(source.path), "exec"), names)
    return names


def _python(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(("%", "!")))
