"""The index of all rows, a file that ships with the package: read, written, and known to be of the rows that are there.

It holds the digest of the case files that it was made from. Where that is not theirs, it says nothing of them, and the
rows are read anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

FORMAT: Final = 1
PATH: Final = Path(__file__).with_name("index.json")

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Index:
    """All rows as plain data, the names that both libraries have, and the versions on which the rows are checked.

    ``rows_of`` is the digest of the case files.
    """

    format: int
    rows_of: str
    versions: dict[str, str]
    names: list[str]
    rows: list[Record]

    def text(self) -> str:
        """Return the text of its file, a row a line, so that a change of one row changes one line."""
        head = {name: value for name, value in asdict(self).items() if name != "rows"}
        lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}," for name, value in head.items()]
        rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in self.rows)
        return "\n".join(["{", *lines, '"rows": [', rows, "]", "}", ""])


def digest() -> str:
    """Return what changes as soon as a case file does."""
    spec = find_spec("conformance.cases")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) if spec is not None else None
    files = sorted(folder.glob("*.py"), key=lambda path: path.name) if folder is not None else []
    whole = sha256()
    for path in files:
        whole.update(f"{path.name}\n".encode())
        whole.update(sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest())
    return whole.hexdigest()


def read(path: Path = PATH) -> Index | None:
    """Return the index at ``path``; None where it cannot be read, or is not of the rows that are there."""
    try:
        found = Index(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.format == FORMAT and found.rows_of == digest() else None


def write(index: Index, path: Path = PATH) -> None:
    """Write ``index`` to ``path``. Raises OSError where that cannot be."""
    path.write_text(index.text(), encoding="utf-8", newline="\n")
