"""What the source files of the project hold, each parsed and walked once in a process."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Function(NamedTuple):
    name: str
    lines: int


class Source(NamedTuple):
    """What a module imports, its functions wherever they are and those at its top, and every text
    in its own words but those that only explain.
    """

    imports: list[ast.Import | ast.ImportFrom]
    functions: list[Function]
    at_top: list[str]
    texts: set[str]


@cache
def read(path: Path) -> Source:
    return parse(path.read_text())


def parse(text: str) -> Source:
    tree = ast.parse(text)
    at_top = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    source = Source([], [], at_top, set())
    for node in _walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            source.imports.append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            source.functions.append(Function(node.name, lines))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            source.texts.add(node.value)
    return source


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but texts that stand alone and what is within an f-string, in no order."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        for value in vars(node).values():
            if isinstance(value, list):
                todo += [one for one in value if isinstance(one, ast.AST) and not _is_left(one)]
            elif isinstance(value, ast.AST) and not _is_left(value):
                todo.append(value)


def _is_left(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.JoinedStr | ast.expr_context)
