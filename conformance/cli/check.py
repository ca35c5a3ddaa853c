"""The command ``conformance check``: do two expressions of anybody mean the same, and if not, where do they part."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.cli import shared
from conformance.expression import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.translation.tables import Entry

    Record = dict[str, Any]

_NOT_JUDGED: Final = "not judged"
_LONGEST: Final = 500
"""Characters of a line that is printed; --json has all."""

_WIDE, _WIDER = 40, 70
"""Characters of a column of a printed table."""


class _Asked(click.Command):
    """A command whose arguments may begin with a minus: what to write then is said where it is missing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse ``args``. Raises UsageError for an option that there is not, which may be an expression."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            hint = "An expression that begins with a minus needs -- before it."
            raise click.UsageError(f"{error.format_message()} {hint}", ctx=ctx) from None


@click.command(cls=_Asked, epilog='Example: conformance check "x.std(0)" "np.std(x, axis=0)"')
@click.argument("torch", required=False)
@click.argument("numpy", required=False)
@click.option("--table", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Check the rows of a Markdown, CSV or YAML table with columns torch and numpy instead.")  # fmt: skip
@click.option("--given", multiple=True, metavar="NAME=GENERATOR", help='An input, as a row says it: "x=tensors(2)".')
@click.option("--dtype", multiple=True, metavar="DTYPE", help="A dtype; may be repeated. Default: float32 and float64.")
@click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help="A torch device.")
@shared.imports
@click.option("--budget", type=click.IntRange(min=1), default=25, show_default=True, metavar="N",
              help="Random structures for each dtype; time grows with it.")  # fmt: skip
@click.option("--rtol", type=float, metavar="R", help="Allow atol + R × |numpy| instead of what is measured.")
@click.option("--atol", type=float, metavar="A", help="Allow A + rtol × |numpy| instead of what is measured.")
@click.option("--strict", multiple=True, type=click.Choice(["memory"]), help="Let view or copy count, too.")
@click.option("--timeout", type=click.FloatRange(min=1), default=60, show_default=True, metavar="SECONDS",
              help="Longest time of the answer.")  # fmt: skip
@click.option("--memory", type=click.FloatRange(min=1), default=8, show_default=True, metavar="GB",
              help="Most memory for both expressions.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def check(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    torch: str | None,
    numpy: str | None,
    table: Path | None,
    given: tuple[str, ...],
    dtype: tuple[str, ...],
    device: str,
    budget: int,
    rtol: float | None,
    atol: float | None,
    strict: tuple[str, ...],
    timeout: float,
    memory: float,
    *,
    as_json: bool,
) -> int:
    """Tell whether the expressions TORCH and NUMPY, or those of a table, mean the same, by running both on many inputs.

    Inputs that are not given follow from their names and uses, and are printed: x, y, … are tensors, dim and axis an
    axis, mask a mask, the target of a cross_entropy a class. Both expressions are run as they are, in a process with
    limits on its time and memory: check nothing that you would not run. Write -- before an expression that begins with
    a minus. The exit code is 0 where they mean the same, 1 where they part, 2 for a question that is wrong, 3 for one
    that could not be judged, or a table with lines that are no rows.
    """
    _check_names(dtype, device)
    asking = Asking(
        options={
            "given": _generators(given),
            "device": device,
            "budget": budget,
            "relative": rtol,
            "absolute": atol,
            "strict": strict,
            **({"dtypes": dtype} if dtype else {}),
        },
        seconds=timeout,
        gigabytes=memory,
    )
    if table is not None:
        if torch is not None:
            raise click.UsageError("give two expressions or --table, not both")
        return _check_table(table, asking, as_json=as_json)
    if torch is None or numpy is None:
        raise click.UsageError("give two expressions, TORCH and NUMPY, or --table FILE")
    return _check_one(torch, numpy, asking, as_json=as_json)


def _check_names(dtypes: Sequence[str], device: str) -> None:
    from conformance import devices
    from conformance import dtype as dt

    shared.check_dtypes(dtypes, dt.ALL)
    if device != devices.HOST:  # for any other torch is asked, which takes a second
        shared.check_device(device)


def _check_one(torch: str, numpy: str, asking: Asking, *, as_json: bool) -> int:
    answer = asking.answer(torch, numpy)
    if answer.get("wrong"):
        raise click.UsageError(str(answer["error"]))
    click.echo(json.dumps(answer, indent=1, ensure_ascii=False) if as_json else _told(answer))
    return _status(answer)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What all questions of a command share: their options, and the limits of each."""

    options: Mapping[str, Any]
    seconds: float
    gigabytes: float

    def answer(self, torch: str, numpy: str) -> Record:
        """Return the answer for two expressions."""
        from conformance.translation.process import asked
        from conformance.translation.question import Question

        question = Question(torch=torch, numpy=numpy, **self.options)
        return asked(question, (question.device,), self.seconds, self.gigabytes)


def _status(answer: Record) -> int:
    return shared.BROKEN if answer["verdict"] == _NOT_JUDGED else int(answer["verdict"] != "equivalent")


def _check_table(path: Path, asking: Asking, *, as_json: bool) -> int:
    from conformance import devices
    from conformance.translation.tables import TableError, read

    try:
        table = read(path)
    except TableError as error:
        raise click.UsageError(str(error)) from None
    except (OSError, UnicodeError) as error:
        raise click.UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    rows = table.entries
    with ThreadPoolExecutor(devices.cores()) as pool:
        answers = list(pool.map(lambda row: asking.answer(row.torch, row.numpy), rows))
    if as_json:
        lines: list[Record] = [{"line": row.line, **answer} for row, answer in zip(rows, answers, strict=True)]
        lines += [{"line": one.line, "verdict": "not a row", "error": one.why} for one in table.wrong]
        click.echo(json.dumps(lines, indent=1, ensure_ascii=False))
    else:
        wrong = [f"not a row: line {one.line}: {one.why}" for one in table.wrong]
        click.echo("\n".join([_table(rows, answers), *wrong]))
    return shared.BROKEN if table.wrong else max(map(_status, answers))


def _table(rows: Sequence[Entry], answers: Sequence[Record]) -> str:
    from tabulate import tabulate

    from conformance.report.words import plural

    cells = [
        (row.line, _cut(one_line(row.torch)), _cut(one_line(row.numpy)), _in_short(answer))
        for row, answer in zip(rows, answers, strict=True)
    ]
    counts = Counter(answer["verdict"] for answer in answers)
    sums = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    widths = [None, _WIDE, _WIDE, _WIDER]
    table = tabulate(cells, headers=("line", "torch", "numpy", "answer"), disable_numparse=True, maxcolwidths=widths)
    return f"{table}\n\n{plural(len(rows), 'row')}: {sums}"


def _in_short(answer: Record) -> str:
    """Return an answer in a cell: the verdict, and the reason where they part."""
    if answer["verdict"] == _NOT_JUDGED:
        return f"not judged: {answer.get('error') or answer['notes'][-1]}"
    regions = f": {', '.join(answer['regions'])}" if answer["regions"] else ""
    found = answer["counterexample"]
    said = f"\n{found['check']}: {_cut(found['headline'])}\nwith {_cut(_inputs(found))}" if found else ""
    means = [f"\n{_means(one, answer)}" for one in answer["means"][:1]]
    return f"{answer['verdict']}{regions}{said}{''.join(means)}"


def _generators(given: tuple[str, ...]) -> dict[str, str]:
    made = {}
    for text in given:
        name, separator, generator = text.partition("=")
        if not separator or not name.strip().isidentifier():
            raise click.UsageError(f'--given {text!r}: write NAME=GENERATOR, such as "x=tensors(ndim=2)"')
        made[name.strip()] = generator.strip()
    return made


def _told(answer: Record) -> str:
    """Return the answer as it is printed."""
    lines = [f"torch  {_indented(answer['torch'])}", f"numpy  {_indented(answer['numpy'])}"]
    if "error" in answer:
        return "\n".join([*lines, "", f"not judged: {answer['error']}"])
    for name, text in answer["given"].items():
        lines.append(f"with   {name} = {text}{'  (inferred)' if name in answer['inferred'] else ''}")
    lines += [f"within {answer['tolerance']}", "", _verdict(answer)]
    several = answer["examples"] if len(answer["examples"]) > 1 else []
    lines += [line for one in several for line in (f"{one['region']}:", *_counterexample(one))]
    lines += _counterexample(answer["counterexample"]) if answer["counterexample"] and not several else []
    lines += [line for one in answer["because"] for line in _because(one)]
    lines += [_means(one, answer) for one in answer["means"]]
    return "\n".join([*lines, *(f"note: {note}" for note in answer["notes"])])


def _verdict(answer: Record) -> str:
    regions = f": {', '.join(answer['regions'])}" if answer["regions"] else ""
    counted = ", ".join(_counted(dtype, count) for dtype, count in answer["inputs"].items())
    worst = "; ".join(f"{dtype}: {words}" for dtype, words in answer["worst"].items())
    after = f" ({counted})" if counted else ""
    return f"{answer['verdict']}{regions}{after}" + (f"\nfurthest from the truth: {worst}" if worst else "")


def _counted(dtype: str, count: int) -> str:
    return f"{'' if dtype == '-' else f'{dtype} '}{count:,} {'input' if count == 1 else 'inputs'}"


def _counterexample(found: Mapping[str, Any]) -> list[str]:
    cpu = {"cpu": found["cpu_torch"]} if "cpu_torch" in found else {}
    said = {found["check"]: found["headline"], **cpu, "with": _inputs(found)}
    return [f"  {word:<6} {_cut(text)}" for word, text in said.items()]


def _inputs(found: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} = {text}" for name, text in found["inputs"].items()) or "no inputs"


def _because(one: Mapping[str, Any]) -> list[str]:
    instead = [f"         write {one_line(one['instead'])}"] if one["instead"] else []
    return [f"because: {one['because']} ({one['case']})", *instead]


def _means(one: Mapping[str, Any], answer: Record) -> str:
    library = "NumPy" if one["side"] == "torch" else "PyTorch"
    return f"in {library}, {_cut(one_line(answer[one['side']]))} is {_cut(one_line(one['means']))} ({one['case']})"


def _indented(text: str) -> str:
    return "\n       ".join(map(_cut, text.split("\n")))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
