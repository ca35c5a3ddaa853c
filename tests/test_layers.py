"""Who may know whom: imports in conformance/ go one way, and only the modules that need torch import it."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

# Low to high. A module imports from the lines above its own only: not from its own line, nor from those below.
LAYERS = [
    "dtype surroundings versions watchdog",
    "expression",
    "inputs.domains inputs.layouts inputs.picker inputs.shapes",
    "inputs.slots",
    "inputs.base inputs.fills",
    "inputs.values inputs.strategies",
    "inputs.tensors inputs.plan",
    "inputs.given inputs.indices inputs.factors",
    "inputs.api",
    "inputs",
    "statement tolerance",
    "case",
    "conformance",
    "names",
    "compare",
    "devices",
    "state",
    "precise",
    "evaluate truth",
    "oracle products",
    "batches differences memory tally",
    "expected",
    "afterwards sharing alternatives bounds measured overflow spreads sums",
    "allowed",
    "results",
    "judge",
    "literals reference salvage",
    "loading",
    "arbiter",
    "examples minimise render",
    "evidence",
    "gradients.program",
    "gradients.smooth gradients.numeric gradients.witness gradients.script",
    "gradients.autograd",
    "gradients.comparing",
    "gradients.judge",
    "gradients",
    "child",
    "crash",
    "verdicts runfile wellformed",
    "journal records",
    "small",
    "expectations failed",
    "translation.uses translation.tables",
    "translation.inference",
    "translation.question",
    "translation.regions translation.matching",
    "translation.effort translation.exceptions translation.values",
    "translation.answer",
    "translation.process translation",
    "called",
    "assertion drawn",
    "conclusion trajectory",
    "unit",
    "environment",
    "sized traffic timer",
    "bench",
    "bench_tests",
    "report.trajectories report.arguments report.courses report.dtypes report.environments report.packing report.words",
    "report.view",
    "report.grouping report.benchmarks report.markdown report.pairs report.marks report.templates",
    "report.accuracy report.consistency report.elsewhere report.promotion report.places",
    "report.proofs",
    "report.terminal report.standing report.twins",
    "report.cheatsheet",
    "report.findings report.cheatsheet_page",
    "report.payload",
    "report.html",
    "report",
    "history",
    "history.units history.speed",
    "history.explained history.declared",
    "history.diff",
    "history.groups history.lost",
    "history.terminal history.data history.markdown history.page",
    "history.baseline",
    "asked",
    "session",
    "pytest_plugin",
    "adding",
    "parallel proof promotion lookup",
    "lookup.asking lookup.index lookup.signatures",
    "lookup.meaning lookup.naming lookup.phrases",
    "lookup.building lookup.finding",
    "lookup.showing",
    "promotion.operands",
    "promotion.rules",
    "promotion.answers",
    "proof.mutate proof.conditions proof.damage proof.equivalents proof.sweep proof.pointwise proof.placing",
    "proof.faults proof.disagreements proof.reducible",
    "proof.laboratory",
    "proof.sensitivity proof.accuracy proof.alone proof.reduced proof.known",
    "proof.consistency",
    *("cli.shared", "cli.replaced"),
    "cli.bench cli.check cli.diff cli.keep cli.lookup cli.run cli.sensitivity cli.accuracy cli.promotion",
    *("cli.consistency", "cli", "__main__"),
]

# Those that may import torch at all; of these, most do it in the function that needs it: see `test_quick_to_import`.
TORCH = {
    name
    for line in [
        "afterwards arbiter bench called cli.accuracy cli.consistency cli.sensitivity devices environment evaluate",
        "gradients.autograd lookup.signatures memory names promotion.answers proof.accuracy proof.alone proof.damage",
        "proof.disagreements proof.faults proof.placing proof.reduced reference results sharing state surroundings",
        "timer traffic trajectory",
    ]
    for name in line.split()
}

FRONT = {"conformance": {"assertion", "drawn"}}  # handed out on first use: they lie above it
# Those that know no more of us than what is named here.
FORMAT = {"records", "runfile", "verdicts", "wellformed"}
ONLY = {
    "verdicts": FORMAT,
    "runfile": FORMAT,
    "wellformed": FORMAT,
    "records": FORMAT,
    "small": {"small", "records"},
    "report": {"report", "records", "case"},
    "history": {"history", "report", "records", "small"},
}

# Modules that the quick commands load, and what must not come with them: torch takes a second, and pytest loads our
# plugin in every project of an environment that we are installed in.
SLOW = {"torch"}
LIGHT = {
    "conformance": SLOW,
    "conformance.cli": SLOW,
    "conformance.lookup.showing": SLOW | {"numpy", "hypothesis"},
    "conformance.records": SLOW | {"numpy", "hypothesis"},
    "conformance.report": SLOW,
    "conformance.history.terminal": SLOW | {"numpy", "hypothesis"},
    "conformance.pytest_plugin": SLOW | {"numpy", "hypothesis.strategies"},
}

CASES_MAY_IMPORT = {"conformance", "numpy"} | sys.stdlib_module_names


class Import(NamedTuple):
    """One import as written: where, and what of."""

    path: Path
    line: int
    target: str

    def __str__(self):
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    """The dotted name of a file under the checkout."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(folder: str) -> dict[str, Path]:
    """The modules of a folder by their name."""
    return {module_name(path): path for path in sorted((ROOT / folder).rglob("*.py"))}


MODULES = sources("conformance")


def absolute(node: ast.ImportFrom, path: Path) -> str:
    """The module that a `from … import` names, with its leading dots worked out."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def targets(node: ast.AST, path: Path) -> Iterator[str]:
    """What a node imports: as a statement, or as `import_module("…")`."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom():
            base = absolute(node, path)
            names = (f"{base}.{alias.name}" for alias in node.names)
            yield from dict.fromkeys(name if name in MODULES else base for name in names)
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def imports(path: Path, text: str | None = None) -> list[Import]:
    """Every import in a file: at its top, in functions, and for type checkers only."""
    tree = ast.parse(path.read_text() if text is None else text)
    return [Import(path, node.lineno, name) for node in ast.walk(tree) for name in targets(node, path)]


def ours(name: str) -> str:
    """A module's name as the tables above have it."""
    return name.removeprefix("conformance.")


def within(name: str, packages: set[str]) -> bool:
    """Whether a module is one of these or lies in one of them."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


HEIGHTS = {name: height for height, line in enumerate(LAYERS) for name in line.split()}


def misplaced(found: Import) -> str | None:
    """What is wrong with an import of ours in conformance/, if anything is."""
    here, there = ours(module_name(found.path)), ours(found.target)
    if not within(found.target, {"conformance"}) or here == there or there in FRONT.get(here, ()):
        return None
    if there not in HEIGHTS:
        return f"{found}, which is not in the table of tests/test_layers.py: add it"
    if HEIGHTS[there] == HEIGHTS[here]:
        return f"{found}, which lies beside it"
    return f"{found}, which lies above it" if HEIGHTS[there] > HEIGHTS[here] else None


def test_every_module_has_its_place():
    missing = [name for name in map(ours, MODULES) if name not in HEIGHTS]
    assert not missing, f"add to the table in tests/test_layers.py: {', '.join(missing)}"


@pytest.mark.parametrize("name", [name for name in MODULES if ours(name) in HEIGHTS])
def test_imports_go_one_way(name):
    wrong = [problem for found in imports(MODULES[name]) if (problem := misplaced(found))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", MODULES)
def test_torch_stays_where_it_is_needed(name):
    found = [str(item) for item in imports(MODULES[name]) if within(item.target, {"torch"})]
    assert within(ours(name), TORCH) or not found, f"{ours(name)} may not import torch: {found}"


@pytest.mark.parametrize("name", [name for name in MODULES if within(ours(name), set(ONLY))])
def test_some_know_very_little(name):
    package = next(package for package in ONLY if within(ours(name), {package}))
    found = [item for item in imports(MODULES[name]) if within(item.target, {"conformance"})]
    wrong = [str(item) for item in found if not within(ours(item.target), ONLY[package])]
    assert not wrong, f"{package} may know {sorted(ONLY[package])} only: {wrong}"


@pytest.mark.parametrize("name", sources("cases"))
def test_cases_only_declare(name):
    found = imports(sources("cases")[name])
    wrong = [str(item) for item in found if not within(item.target, CASES_MAY_IMPORT)]
    assert not wrong, f"cases import conformance and numpy only: {wrong}"


@pytest.mark.parametrize("name", [name for name in LIGHT if name in MODULES])
def test_quick_to_import(name):
    program = f"import json, sys, {name}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    loaded = LIGHT[name] & set(json.loads(done.stdout))
    assert not loaded, f"`import {name}` loads {sorted(loaded)}"


def test_every_package_is_shipped():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {ROOT / setuptools["package-dir"].get(name, name.replace(".", "/")) for name in setuptools["packages"]}
    found = {path.parent for folder in ("conformance", "cases") for path in (ROOT / folder).rglob("*.py")}
    assert found <= folders, f"add to `packages` in pyproject.toml: {sorted(map(str, found - folders))}"
    assert all(folder.is_dir() for folder in folders), f"not there, but in pyproject.toml: {folders - found}"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("compare", "from conformance import evaluate", "compare.py:1 imports conformance.evaluate, which lies above"),
        ("compare", "def f():\n    from .unit import run", "compare.py:2 imports conformance.unit, which lies above"),
        ("dtype", "if TYPE_CHECKING:\n    import conformance.case", "imports conformance.case, which lies above it"),
        ("dtype", "from conformance.versions import here", "which lies beside it"),
        ("judge", "import_module('conformance.elsewhere')", "not in the table"),
        ("inputs/layouts", "from .slots import Slot", "imports conformance.inputs.slots, which lies above"),
    ],
)
def test_a_wrong_import_is_seen(name, text, problem, monkeypatch):
    monkeypatch.setitem(MODULES, "conformance.evaluate", ROOT / "conformance/evaluate.py")
    (found,) = imports(ROOT / f"conformance/{name}.py", text)
    assert problem in (misplaced(found) or "")
