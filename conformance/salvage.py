"""A case module that raises, executed again statement by statement, so that one mistake costs one statement."""

from __future__ import annotations
import __future__ as future

import ast
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.case import BrokenCase, Section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_FUTURES: Final = [getattr(future, name) for name in future.all_feature_names]


def statements(path: Path) -> list[ast.stmt] | None:
    """Return the top-level statements of the file at ``path``; None where it does not parse."""
    try:
        return ast.parse(path.read_bytes(), str(path)).body
    except (SyntaxError, ValueError):
        return None


def execute(module: ModuleType, body: list[ast.stmt], path: Path) -> list[BrokenCase]:
    """Execute ``body`` in ``module``, each statement whatever became of those before; return those that raised."""
    lost: dict[str, int] = {}
    broken = []
    for statement in body:
        try:
            whole = ast.Module([statement], [])
            code = compile(whole, str(path), "exec", flags=_futures(body), dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - a module is there to be executed
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a statement raises costs that statement
            line = line_of(path, error) or statement.lineno
            lost |= {name: lost.get(name, line) for name in _bound(statement) if name not in vars(module)}
            broken.append(_broken(module, statement, path, line, _said(error, lost)))
    return broken


def line_of(path: Path, error: BaseException) -> int:
    """Return the line of the module at ``path`` from which ``error`` came; 0 where it is not known."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == path.resolve()]
    return (frames[0].lineno or 0) if frames else 0


def in_one_line(error: BaseException) -> str:
    """Return what ``error`` says, with its class, in one line."""
    text = error.msg if isinstance(error, SyntaxError) else error
    return " ".join(f"{type(error).__name__}: {text}".split())


def _futures(body: list[ast.stmt]) -> int:
    """Return the flags of what the module imports from ``__future__``, which hold for all of its statements."""
    imports = [s for s in body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    names = {alias.name for one in imports for alias in one.names}
    return sum(f.compiler_flag for f in _FUTURES if any(getattr(future, name, None) is f for name in names))


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that ``statement`` was to make."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]


def _said(error: BaseException, lost: dict[str, int]) -> str:
    if isinstance(error, NameError) and error.name in lost:
        return f"it needs {error.name}, which line {lost[error.name]} failed to make"
    return in_one_line(error)


def _rows(statement: ast.stmt) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of a method ``case`` in ``statement``, with the name of what it is called of."""
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="case")):
                yield name, node


def _broken(module: ModuleType, statement: ast.stmt, path: Path, line: int, said: str) -> BrokenCase:
    """Return the statement as a broken row: of the section that it is for, and by its id, if there are such."""
    rows = list(_rows(statement))
    section = next((made for name, _ in rows if isinstance(made := vars(module).get(name), Section)), None)
    keywords = rows[0][1].keywords if rows and isinstance(statement, ast.Expr) else []  # a loop makes rows of many ids
    ids = [k.value.value for k in keywords if k.arg == "id" and isinstance(k.value, ast.Constant)]
    head = section.id if section else path.stem
    return BrokenCase(
        id=f"{head}/{str(ids[0]) if ids else f'line-{statement.lineno}'}",
        section=section.title if section else path.stem,
        file=str(path),
        line=line,
        error=said,
    )
