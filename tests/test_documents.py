"""The documents: every relative link leads somewhere, and nothing in them is still to be filled in."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def broken_links(path: Path, text: str) -> list[str]:
    """The relative links of a document that lead nowhere."""
    return [link for link in LINK.findall(text) if not (path.parent / link).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    assert not broken_links(path, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
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


def test_a_broken_link_is_seen():
    assert broken_links(ROOT / "README.md", "[a](nowhere.md) [b](LICENSE) [c](https://example.org)") == ["nowhere.md"]


def test_an_id_is_that_of_one_row():
    """A section knows its own rows; that no other file has a section of the same id is for us to see."""
    from collections import defaultdict

    from conformance import loading

    files = defaultdict(set)
    for path in loading.modules():
        for row in loading.load(path):
            files[row.id.partition("/")[0]].add(path.name)
    assert not {section: names for section, names in files.items() if len(names) > 1}
