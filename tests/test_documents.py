"""The documents: every relative link leads somewhere, and nothing in them is still to be filled in."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def broken_links(path: Path, text: str) -> list[str]:
    """The relative links of a document that lead nowhere."""
    return [link for link in LINK.findall(text) if not (path.parent / link).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    assert not broken_links(path, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_is_left_to_fill_in(path):
    assert not re.findall(r"\b[A-Z]+_TEXT\b", path.read_text(encoding="utf-8"))


def unnamed(text: str) -> list[str]:
    """The modules of conformance/ that are neither named in a text nor in a folder that is."""
    paths = (path.relative_to(ROOT / "conformance") for path in sorted((ROOT / "conformance").rglob("*.py")))
    names = [path.as_posix() for path in paths if path.name not in ("__init__.py", "__main__.py")]
    return [name for name in names if not any(f"`{part}`" in text for part in (name, name.rpartition("/")[0] + "/"))]


def test_every_module_has_its_place_in_the_architecture():
    missing = unnamed((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    assert not missing, f"add to docs/architecture.md: {', '.join(missing)}"


def test_a_module_without_a_place_is_seen():
    missing = unnamed("`inputs/`, `case.py`")
    assert "unit.py" in missing
    assert not {"case.py", "inputs/plan.py"} & set(missing)


def test_the_table_of_equivalents_is_the_one_that_is_used():
    shown = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = tomllib.loads((ROOT / "cases/equivalents.toml").read_text(encoding="utf-8"))["equivalent"]
    lines = [f"| `{one['case']}` | {', '.join(one['mutants'])} | {one['reason']} |" for one in table]
    assert lines == [line for line in shown.splitlines() if line in lines], "docs/architecture.md shows another table"


def test_a_broken_link_is_seen():
    assert broken_links(ROOT / "README.md", "[a](nowhere.md) [b](LICENSE) [c](https://example.org)") == ["nowhere.md"]
