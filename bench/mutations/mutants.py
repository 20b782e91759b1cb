"""Every small change that can be made to the decisions of a module, as text: what a tired programmer gets wrong.

The kinds are those of Offutt et al. (1996, "An experimental determination of sufficient mutant operators") that make
sense in Python: relational and logical operators, arithmetic, constants, conditions, and statements left out. Only
decisions are changed: no text of messages, no annotation, no import, nothing that is a plain hand-over of values.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    # The boundary first, then the opposite.
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change: bytes ``start`` to ``stop`` of the module's UTF-8 source become ``new``."""

    line: int
    start: int
    stop: int
    new: str
    change: str
    """The changed lines as one, ``[[old => new]]`` at the place of the change; unique in a module but for equal lines."""

    def apply(self, source: str) -> str:
        """The source of the module with this change."""
        data = source.encode()
        return (data[: self.start] + self.new.encode() + data[self.stop :]).decode()


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module's source in the order of their places. Each one compiles and differs from the source."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    found = set()
    for node, new in _module_changes(ast.parse(source)):
        # The end is always known of what was parsed.
        end_line, end_offset = node.end_lineno or node.lineno, node.end_col_offset or 0
        start, stop = starts[node.lineno - 1] + node.col_offset, starts[end_line - 1] + end_offset
        old = source.encode()[start:stop].decode()
        before = lines[node.lineno - 1][: node.col_offset].decode()
        change = f"{before}[[{old} => {new}]]{lines[end_line - 1][end_offset:].decode()}"
        mutant = Mutant(node.lineno, start, stop, new, " ".join(change.split()))
        if _compiles(mutant.apply(source)):
            found.add(mutant)
    return sorted(found, key=lambda m: (m.start, m.stop, m.new))


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _module_changes(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """``(node, what stands in its place)``."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            yield from ((node, f"({ast.unparse(new)})") for new in _expressions(node))
        elif isinstance(node, ast.stmt):
            yield from ((node, new) for new in _statements(node))
        for test in _conditions(node):
            yield test, f"(not ({ast.unparse(test)}))"
        waiting.extend(_children(node))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node in which decisions are made."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        if isinstance(node, ast.keyword) and node.arg == "strict":  # zip's own assertion
            continue
        for child in value if isinstance(value, list) else [value]:
            # Before Python 3.12 nodes in an f-string have no true place; and messages aren't decisions.
            if isinstance(child, ast.AST) and not isinstance(
                child, ast.JoinedStr | ast.Raise | ast.Import | ast.ImportFrom
            ):
                yield child
            elif isinstance(child, ast.Raise):
                yield _Left(child)


class _Left(ast.Pass):
    """Stands for a ``raise`` of which nothing but its absence is tried."""

    def __init__(self, node: ast.stmt) -> None:
        super().__init__()
        ast.copy_location(self, node)


def _statements(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.AugAssign):
        if type(node.op) in _ARITHMETIC and not _is_text(node.value):
            yield ast.unparse(ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value))
        yield "pass"
    elif _has_effect(node):
        yield "pass"


def _has_effect(node: ast.stmt) -> bool:
    """Whether a statement does something that others see, so that it can be left out and still all names are bound."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return isinstance(node, ast.Continue | ast.Break | _Left)


def _conditions(node: ast.AST) -> Iterator[ast.expr]:
    """Conditions that no other kind of change turns round."""
    tests: list[ast.expr] = []
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        tests = [node.test]
    elif isinstance(node, ast.comprehension):
        tests = node.ifs
    for test in tests:
        turned = isinstance(test, ast.Compare) and len(test.ops) == 1
        if not turned and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            yield test


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            for other in _COMPARE[type(op)]:
                yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.operand, ast.Constant):  # the constant itself is changed
            yield node.operand
    elif isinstance(node, ast.BinOp):
        # Text is put together with + and formatted with %: that those fail otherwise tells nothing.
        if type(node.op) in _ARITHMETIC and not (_is_text(node.left) or _is_text(node.right) or _is_step(node)):
            yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        yield ast.Call(ast.Name(_CALLS[node.func.id]), node.args, node.keywords)
        if node.func.id in ("min", "max") and len(node.args) == 2 and not node.keywords:
            yield from node.args  # the bound is left out, or reached always
    elif isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _other_constants(node.value))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _is_step(node: ast.BinOp) -> bool:
    """Whether it joins a step of a Beam job to what it reads, which no other operator does: ``pages | "label" >> step`` or
    ``pages | beam.Flatten()``."""
    right = node.right
    labelled = isinstance(right, ast.BinOp) and isinstance(right.op, ast.RShift) and _is_text(right.left)
    return isinstance(node.op, ast.BitOr) and (labelled or ast.unparse(right).startswith("beam."))


def _other_constants(value: object) -> tuple[bool | int | float, ...]:
    """Whole numbers one up and one down; others doubled and halved; booleans turned round."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        return (value * 2, value / 2) if value else (1.0,)
    return ()
