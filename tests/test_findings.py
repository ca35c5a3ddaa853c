"""Findings: a script that runs alone shows each bug that our rows declare; their page has all that a report needs."""

import re
from typing import NamedTuple

import numpy as np
import pytest
import torch

from conformance import CRASHES, UNDEFINED, Difference, evidence, loading, tensors
from conformance.case import Case
from conformance.differences import of_gradients
from conformance.evaluate import Refusal
from conformance.gradients.judge import GradientJudge
from conformance.records import Run
from conformance.report import findings, markdown
from conformance.state import guarded

from .alone import run_alone, shows_a_difference, sides
from .helpers import FLOAT, case_of, is_elsewhere, judge_of, record_of
from .test_cheatsheet import DIFFERENCE, HEADER, HOSTILE, run, unit

FIRST_NAMED = re.compile(r"(PyTorch|NumPy)('s)? ")


class Bug(NamedTuple):
    """A declared bug, with its first row, and the dtype of it that the page shows."""

    case: Case
    difference: Difference
    dtype: str


def declared_bugs() -> dict[str, Bug]:
    """The bugs of all our rows, by what they say."""
    found: dict[str, Bug] = {}
    for row in (row for path in loading.modules() for row in loading.load(path) if isinstance(row, Case)):
        for difference in (each for each in row.differs if each.kind == "bug"):
            claimed = [dtype for dtype in row.unit_dtypes() if dtype in (*row.dtypes, "-")] or row.unit_dtypes()
            dtypes = [dtype for dtype in (*claimed, *row.unit_dtypes()) if difference.applies_to(dtype) or dtype == "-"]
            first = "float64" if difference.aspect == "gradient" else "float32"
            shown = first if first in dtypes else dtypes[0]  # as the page does
            found.setdefault(difference.because, Bug(row, difference, shown))
    return found


BUGS = declared_bugs()


def evidence_of(bug: Bug) -> dict:
    judge = judge_of(bug.case, bug.dtype)
    with guarded("cpu"):
        if bug.difference.aspect != "gradient":
            return evidence.shown(judge, bug.difference)
        (one,) = [d for d in of_gradients(bug.case, bug.dtype) if d.difference is bug.difference]
        own = GradientJudge(
            case=bug.case,
            dtype=bug.dtype,
            device="cpu",
            functions=judge.functions,
            tally=judge.tally,
            seed=0,
            declared=[one],
        )
        own.judge()
        return own.evidence[one.number]


@pytest.mark.parametrize("because", BUGS, ids=lambda because: " ".join(because.split()[:8]))
def test_its_script_shows_it_alone(because):
    bug = BUGS[because]
    if bug.difference.torch is UNDEFINED and torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "NO AVX"):
        pytest.skip("no vector code here")
    if "'avx512' in instructions" in (bug.difference.when or "") and is_elsewhere(bug.case, bug.difference, bug.dtype):
        pytest.skip(f"not on this machine: {bug.difference.when}")
    done = run_alone(evidence_of(bug)["script"])
    if bug.difference.torch is CRASHES:
        assert done.returncode < 0
        assert set(sides(done.stdout)) == {"numpy_side"}
    else:
        assert done.returncode == 0, done.stderr
        assert shows_a_difference(done.stdout), done.stdout


@pytest.mark.parametrize(
    "output",
    [
        "",
        "torch_side torch.float32 () 1.0",
        "torch_side torch.float32 () 1.0\nnumpy_side float32 () 1.0",
    ],
)
def test_sides_that_agree_are_seen(output):
    assert not shows_a_difference(output)


def test_sides_that_differ_in_their_last_digit_are_seen():
    """PyTorch prints four digits of its own accord: a script that printed tensors would show two sides that agree."""
    one = Difference("PyTorch rounds it up", example={"x": np.array([1.0])}, torch="np.nextafter(x, 2)", kind="bug")
    case = case_of("torch.nextafter(x, x + 1)", "x * 1", x=tensors(dtypes=FLOAT), differs=[one])
    assert shows_a_difference(run_alone(evidence_of(Bug(case, one, "-"))["script"]).stdout)


@pytest.mark.parametrize("because", BUGS, ids=lambda because: " ".join(because.split()[:8]))
def test_its_sentence_begins_with_the_library_that_is_wrong(because):
    assert FIRST_NAMED.match(because), because


def test_rows_that_share_a_bug_share_its_report():
    links: dict[str, set[str | None]] = {}
    for row in (row for path in loading.modules() for row in loading.load(path) if isinstance(row, Case)):
        for difference in (each for each in row.differs if each.kind == "bug"):
            links.setdefault(difference.because, set()).add(difference.upstream)
    assert [because for because, found in links.items() if len(found) > 1] == []


# The record.


def bug(**more) -> Difference:
    example = {"x": np.array([1.0])}
    return Difference("PyTorch adds too much", **{"example": example, "torch": "x + 2", "kind": "bug", **more})


def told(torch_text: str, numpy_text: str, difference: Difference, dtype: str = "float32") -> dict:
    case = case_of(torch_text, numpy_text, x=tensors(ndim=1), differs=[difference])
    return record_of(case, dtype, budget=1)["differences"][0]


def test_only_a_bug_has_it_in_its_record():
    assert told("x + 2", "x + 1", bug())["finding"]["torch"] == "float32 [3.0]"
    assert "finding" not in told("x + 2", "x + 1", bug(kind="gotcha"))


def test_it_has_both_sides_the_truth_and_who_is_wrong():
    found = told("x / 3 * 3", "x * 3 / 3 + 1", bug(torch="x", example={"x": np.array([0.1])}))["finding"]
    assert found["numpy"] == "float32 [1.1]"
    assert found["truth"].startswith("[1.1000000")
    assert found["wrong"] == "PyTorch"


@pytest.mark.parametrize(
    ("numpy", "dtype", "truth"),
    [
        ("x + 100", "int8", "[227]"),  # beyond the dtype
        ("x.astype(np.float16)", "float64", None),  # nothing wider comes of a conversion
        ("x | x", "bool", None),
    ],
)
def test_the_truth_of_other_kinds(numpy, dtype, truth):
    one = bug(torch="x", example={"x": np.array([127])})
    case = case_of("x", numpy, x=tensors(ndim=1), differs=[one])
    assert evidence_of(Bug(case, one, dtype))["truth"] == truth


def test_where_numpy_is_wrong_only_what_does_without_its_code_is_the_truth():
    """np.log1p of complex numbers is as naive in longdouble, so that is no truth to hold it to."""
    naive = Difference("NumPy loses digits", example={"x": np.array([1e-20 + 1e-30j])}, torch="x", kind="bug")
    found = told("torch.log1p(x)", "np.log1p(x)", naive, dtype="complex128")["finding"]
    assert (found["wrong"], found["truth"]) == ("NumPy", "[(1e-20+1e-30j)]")
    assert re.fullmatch(r"torch \d\S* ulp, numpy \d\.\de\+15 ulp", found["errors"])
    one = Difference("NumPy adds too much", example={"x": np.array([1.0])}, torch="x + 1", kind="bug")
    assert told("x + 1", "np.nextafter(x, 9)", one)["finding"]["truth"] is None


def test_what_kills_the_process_is_not_run_here():
    one = bug(torch=CRASHES)
    case = case_of("__import__('os').abort()", "x + 1", x=tensors(ndim=1), differs=[one])
    judge = judge_of(case, "float32")
    judge.died_of = "killed by SIGABRT"
    found = evidence.shown(judge, one)
    assert (found["torch"], found["numpy"]) == ("kills the process (SIGABRT)", "float32 [2.0]")
    assert "(numpy_side, torch_side)" in found["script"]


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (torch.zeros(2, 0), "float32 of shape (2, 0), without elements"),
        (torch.ones(9, dtype=torch.bfloat16), "bfloat16 [1.0 (9 times)]"),
        (np.array([[1, 2], [3, 4]], np.int8), "int8 [[1, 2], [3, 4]]"),
        (np.float32(0.1), "float32 0.1"),
        (torch.Size([2]), "torch.Size([2])"),
        (Refusal(error=ValueError("no\nwhy")), "raises ValueError: no"),
    ],
)
def test_outcomes_in_a_line(outcome, text):
    assert evidence.text_of(outcome) == text


# The page.

FOUND = {
    "script": "import torch\n",
    "torch": "float32 [3.0]",
    "numpy": "float32 [2.0]",
    "truth": None,
    "wrong": "PyTorch",
}
BUG = {**DIFFERENCE, "because": "PyTorch adds too much: 3, not 2", "kind": "bug", "upstream": None, "finding": FOUND}
DECLARED = {"verdict": "differs as declared", "differences": [BUG]}


def page(*units, **options) -> str:
    return findings.page(run(*units, **options))


def test_rows_and_dtypes_of_one_finding_are_together():
    text = page(
        unit("shape/a", line=1, **DECLARED),
        unit("shape/a", line=1, dtype="float64", **DECLARED),
        unit("shape/b", line=2, **DECLARED),
        unit("shape/c", line=3, dtype="bool", **DECLARED | {"verdict": "numpy only"}),
    )
    assert text.count("### ") == 1
    assert "1. PyTorch: [PyTorch adds too much](#pytorch-adds-too-much-3-not-2)" in text
    assert '<a id="pytorch-adds-too-much-3-not-2"></a>' in text
    assert "- **Dtypes**: float32/64" in text
    assert "- **Rows**: `shape/a`, `shape/b`, `shape/c`" in text
    assert "- **Reported**: no report found" in text
    assert "```python\nimport torch\n```" in text


def test_float32_of_the_first_row_that_claims_it_is_shown():
    def showing(text: str, verdict: str = "differs as declared") -> dict:
        return {"verdict": verdict, "differences": [{**BUG, "finding": {**FOUND, "torch": text}}]}

    text = page(
        unit("shape/a", line=1, **showing("outside the claim", "torch only")),
        unit("shape/b", line=2, dtype="int8", **showing("int8")),
        unit("shape/b", line=2, **showing("shown")),
        unit("shape/c", line=3, **showing("another row")),
    )
    assert "- **PyTorch gives**: `shown`" in text


def test_findings_that_begin_alike_have_places_of_their_own():
    alike = [
        {**BUG, "because": f"PyTorch wraps a number that the dtype cannot hold, and then {does}"}
        for does in ("adds", "divides")
    ]
    text = page(unit("shape/a", **DECLARED | {"differences": alike}))
    places = re.findall(r'<a id="(.*)"></a>', text)
    assert len(set(places)) == 2
    assert all(f"(#{place})" in text for place in places)


def test_what_shows_on_another_cpu_only_is_no_finding_here():
    elsewhere = {key: value for key, value in BUG.items() if key != "finding"} | {"verdict": "not judged"}
    text = page(unit("shape/a", **DECLARED | {"differences": [elsewhere]}))
    assert "No row that was run" in text
    assert "## On other machines" in text
    assert f"- {BUG['because']}. Rows: `shape/a`." in text
    both = page(unit("shape/a", **DECLARED | {"differences": [elsewhere]}), unit("shape/b", **DECLARED))
    assert "## On other machines" not in both


def test_findings_are_numbered_by_section():
    other = DECLARED | {"differences": [{**BUG, "because": "NumPy adds too little", "upstream": "https://example.org"}]}
    text = page(unit("a/x", section="A", file="a.py", **DECLARED), unit("b/x", section="B", file="b.py", **other))
    assert re.findall(r"^## .*|^### .*", text, re.MULTILINE) == [
        "## A",
        "### 1. PyTorch adds too much",
        "## B",
        "### 2. NumPy adds too little",
    ]
    assert "- **Reported**: https://example.org" in text


def test_other_kinds_are_no_findings_and_a_run_without_any_says_so():
    text = page(unit(verdict="differs as declared", differences=[DIFFERENCE]))
    assert text == "# Findings\n\nNo row that was run declares that a library is wrong.\n"


def test_one_that_is_gone_says_so():
    gone = DECLARED | {"verdict": "difference gone", "differences": [{**BUG, "verdict": "difference gone"}]}
    assert "**difference gone**" in page(unit(**gone))


def test_an_incomplete_run_and_older_records_have_a_page():
    text = page(unit(verdict="differs as declared", differences=[{"kind": "bug"}, None]), footer=False)
    assert "**Incomplete run" in text
    assert "`not recorded`" in text


def test_hostile_texts_stay_texts():
    odd = {**BUG, "because": HOSTILE, "finding": {**FOUND, "script": "```\n# <b>", "torch": "`x`"}}
    text = page(unit(**DECLARED | {"differences": [odd]}))
    assert "<script>" not in text
    assert "````python\n```\n# <b>\n````" in text
    assert markdown.block("a") == "```\na\n```"


def test_the_page_names_versions():
    text = findings.page(Run(header=HEADER | {"cpu": {"capability": "AVX2"}}, units=(unit(**DECLARED),), footer={}))
    assert "Seen with torch 2.13.0+cpu, numpy 2.4.6, vector code for AVX2." in text
