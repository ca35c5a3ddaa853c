"""Case modules: where they are, which cases they hold, and what is wrong with them.

Nothing here stops at a mistake: a module that does not parse, a statement that raises, or a row that is wrong, becomes
a :class:`~conformance.case.BrokenCase` with its place and one line, and the other rows stay.
"""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final
from zlib import crc32

from conformance import salvage
from conformance.case import BrokenCase, Case, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PACKAGE: Final = "conformance.cases"
Row = Case | BrokenCase


@lru_cache(maxsize=1)
def folder() -> Path:
    """Return the folder of our own case modules. Raises FileNotFoundError where they are not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        message = f"{PACKAGE} is not installed"
        raise FileNotFoundError(message)
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def modules() -> list[Path]:
    """Return the paths of our own case modules, in the order of their names."""
    return sorted(path for path in folder().glob("*.py") if path.name != "__init__.py")


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The case modules that other packages ship, and what is wrong with those that are not there, a line each."""

    files: tuple[Path, ...]
    problems: tuple[str, ...]


@lru_cache(maxsize=1)
def installed() -> Installed:
    """Return the case modules that packages name in an entry point ``conformance.cases``, singly or as a package.

    Nothing of theirs is run to find them but the packages that they lie in.
    """
    files: dict[Path, None] = {}
    problems = []
    for point in sorted(entry_points(group=PACKAGE), key=lambda point: (point.value, point.name)):
        shipped = f"entry point {point.name} = {point.value!r} of {point.dist.name if point.dist else 'a package'}"
        try:
            found = _files_of(point.module)
        except Exception as error:  # noqa: BLE001 - a package that raises when it is looked for costs its own rows
            found, shipped = [], f"{shipped}: {salvage.in_one_line(error)}"
        if not found:
            problems.append(f"{shipped}: no case modules are there, so none of its rows are known")
        files |= dict.fromkeys(found)
    return Installed(files=tuple(files), problems=tuple(problems))


def _files_of(name: str) -> list[Path]:
    """Return the files of a module, or those in a package but for its own."""
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations:
        folders = [Path(place).resolve() for place in spec.submodule_search_locations]
        return sorted(path for place in folders for path in place.glob("*.py") if path.name != "__init__.py")
    return [Path(spec.origin).resolve()] if spec is not None and spec.origin and spec.has_location else []


def reachable() -> list[Path]:
    """Return the paths of all case modules that need not be named: our own, then other packages'."""
    return [*modules(), *installed().files]


def holding(ids: Sequence[str]) -> list[Path]:
    """Return those that hold a row of ``ids``, all of none: a process that is to run it need not read the others."""
    return [file for file in likely(ids) if any(is_selected(row, ids) for row in load(file))]


def likely(ids: Sequence[str]) -> list[Path]:
    """Return those that may hold a row of ``ids``, all of none, told by their text, since to load all takes a second.

    Our own name their sections, and what a row was formerly called, in full; a row that is broken may be called after
    the file. Of other packages' nothing is known. Where no file names one of ``ids``, any may hold it.
    """
    others = installed().files
    own = {file: file.read_text(encoding="utf-8") for file in reachable() if file not in others}
    naming = [{file for file, text in own.items() if _names(file, text, word)} for word in ids]
    if not all(naming):
        return reachable()
    return [file for file in reachable() if not ids or file in others or any(file in files for files in naming)]


def _names(file: Path, text: str, word: str) -> bool:
    section = word.partition("/")[0]
    titles = text.lower().replace(" ", "-")  # as Section makes its id
    return file.stem == section or f'"{section}"' in titles or f'"{word}"' in text


@lru_cache(maxsize=256)
def load(path: Path) -> tuple[Row, ...]:
    """Import the case module at ``path`` and return its rows in their order, checked as far as torch allows."""
    module, broken = _imported(path)
    sections = [value for value in vars(module).values() if isinstance(value, Section)]
    own = {id(section): section for section in sections}
    rows = [row for section in own.values() for row in section.cases]
    return (*rows, *broken)


def _imported(path: Path) -> tuple[ModuleType, list[BrokenCase]]:
    """Run the module at ``path`` under its own name; where it raises, those of its statements that do not are kept."""
    ours = path.resolve().parent == folder()
    name = f"{PACKAGE}.{path.stem}" if ours else f"_conformance_rows_{path.stem}_{crc32(bytes(path.resolve()))}"
    if name in sys.modules:
        return sys.modules[name], []
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return ModuleType(name), [_broken_module(path, ImportError(f"{path} is no Python file"))]
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a module raises costs its own rows only
        body = salvage.statements(path)
        if body is None:
            return module, [_broken_module(path, error)]
        module = sys.modules[name] = module_from_spec(spec)
        return module, salvage.execute(module, body, path) or [_broken_module(path, error)]
    return module, []


def _broken_module(path: Path, error: BaseException) -> BrokenCase:
    return BrokenCase(
        id=path.stem,
        section=path.stem,
        file=str(path),
        line=salvage.line_of(path, error),
        error=f"{salvage.in_one_line(error)} (so no row of this file was read)",
    )


def checked(row: Row) -> Row:
    """Return ``row``, or a broken one where a dotted name does not exist or a keyword does not bind. Imports torch."""
    from conformance import names

    if isinstance(row, BrokenCase):
        return row
    problems = names.errors(row)
    if not problems:
        return row
    return BrokenCase(id=row.id, section=row.section, file=row.file, line=row.line, error="; ".join(problems))


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What was asked for: whole case files, and the ids of cases or sections."""

    files: tuple[Path, ...]
    ids: tuple[str, ...]


def select(words: Sequence[str]) -> Selection:
    """Return what ``words`` (ids of cases or sections, paths of case files) stand for.

    Raises ValueError, naming the nearest id, for a word that stands for nothing.
    """
    files = tuple(Path(word).resolve() for word in words if word.endswith(".py"))
    missing = [file for file in files if not file.is_file()]
    if missing:
        message = f"there is no case file {missing[0]}"
        raise ValueError(message)
    ids = tuple(word.rstrip("/") for word in words if not word.endswith(".py"))
    known = _known_ids((*files, *likely(ids))) if ids else set()
    for word in ids:
        if word not in known:
            raise ValueError("; ".join([_unknown(word, known | _known_ids(reachable())), *_broken_beside(word)]))
    return Selection(files=files, ids=ids)


def _known_ids(files: Iterable[Path]) -> set[str]:
    rows = [row for file in files for row in load(file)]
    former = {old for row in rows if isinstance(row, Case) for old in row.formerly}
    return {row.id for row in rows} | {row.id.partition("/")[0] for row in rows} | former


def _unknown(word: str, known: set[str]) -> str:
    _, _, name = word.rpartition("/")
    namesakes = sorted(one for one in known if "/" in one and one.partition("/")[2] == name)
    close = namesakes[:3] or difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.5)
    hint = f": did you mean {' or '.join(close)}?" if close else ""
    return f"no case or section is called {word!r}{hint}"


def _broken_beside(word: str) -> Iterator[str]:
    """Yield a line for each statement that raises where a row called ``word`` may have been meant to be."""
    for row in (row for file in reachable() for row in load(file)):
        if isinstance(row, BrokenCase) and row.id.partition("/")[0] == word.partition("/")[0]:
            yield f"it may be the row that is broken at {row.file}:{row.line}: {row.error}"


def is_selected(row: Row, ids: Sequence[str]) -> bool:
    """Tell whether ``row`` is one of ``ids``, in a section of that id, or was formerly called so; all are, of none."""
    names = {row.id, row.id.partition("/")[0], *(row.formerly if isinstance(row, Case) else ())}
    return not ids or any(word in names for word in ids)
