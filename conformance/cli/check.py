"""The command ``conformance check``: do two expressions of anybody mean the same, and if not, where do they part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.translation.question import Question

    Record = dict[str, Any]

_BROKEN: Final = 3
_NOT_JUDGED: Final = "not judged"


@click.command(epilog='Example: conformance check "x.std(0)" "np.std(x, axis=0)"')
@click.argument("torch")
@click.argument("numpy")
@click.option("--given", multiple=True, metavar="NAME=GENERATOR", help='An input, as a row says it: "x=tensors(2)".')
@click.option("--dtype", multiple=True, metavar="DTYPE", help="A dtype; may be repeated. Default: float32 and float64.")
@click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help="A torch device.")
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
    torch: str,
    numpy: str,
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
    """Tell whether the expressions TORCH and NUMPY mean the same, by running both on many inputs.

    Inputs that are not given follow from their names, and are printed: x, y, … are tensors, dim and axis an axis, mask
    a mask. Both expressions are run as they are, in a process with limits on its time and memory: check nothing that
    you would not run. The exit code is 0 where they mean the same, 1 where they part, 2 for a question that is wrong, 3
    for one that could not be judged.
    """
    from conformance import devices
    from conformance import dtype as dt
    from conformance.translation.process import asked
    from conformance.translation.question import Question

    if wrong := [name for name in dtype if name not in dt.ALL]:
        raise click.UsageError(f"dtype {wrong[0]!r} is none of {', '.join(dt.ALL)}")
    if device != devices.HOST and (reason := devices.absence(device)):  # which asks torch, that takes a second
        raise click.UsageError(f"device {device!r}: {reason}")
    question = Question(
        torch=torch,
        numpy=numpy,
        given=_generators(given),
        device=device,
        budget=budget,
        relative=rtol,
        absolute=atol,
        strict=strict,
        **({"dtypes": dtype} if dtype else {}),
    )
    answer = asked(question, (device,), timeout, memory)
    if answer.get("wrong"):
        raise click.UsageError(str(answer["error"]))
    click.echo(json.dumps(answer, indent=1, ensure_ascii=False) if as_json else _told(answer, question))
    return _BROKEN if answer["verdict"] == _NOT_JUDGED else int(answer["verdict"] != "equivalent")


def _generators(given: tuple[str, ...]) -> dict[str, str]:
    made = {}
    for text in given:
        name, separator, generator = text.partition("=")
        if not separator or not name.strip().isidentifier():
            raise click.UsageError(f'--given {text!r}: write NAME=GENERATOR, such as "x=tensors(ndim=2)"')
        made[name.strip()] = generator.strip()
    return made


def _told(answer: Record, question: Question) -> str:
    """Return the answer as it is printed."""
    lines = [f"torch  {_indented(answer['torch'])}", f"numpy  {_indented(answer['numpy'])}"]
    if "error" in answer:
        return "\n".join([*lines, "", f"not judged: {answer['error']}"])
    for name, text in answer["given"].items():
        lines.append(f"with   {name} = {text}{'  (from its name)' if name in answer['inferred'] else ''}")
    lines += [f"within {answer['tolerance']}", "", _verdict(answer)]
    lines += _counterexample(answer["counterexample"]) if answer["counterexample"] else []
    lines += [line for one in answer["because"] for line in _because(one)]
    lines += [_means(one, question) for one in answer["means"]]
    return "\n".join([*lines, *(f"note: {note}" for note in answer["notes"])])


def _verdict(answer: Record) -> str:
    regions = f": {', '.join(answer['regions'])}" if answer["regions"] else ""
    counted = ", ".join(f"{dtype} {count:,} inputs" for dtype, count in answer["inputs"].items())
    worst = "; ".join(f"{dtype}: {words}" for dtype, words in answer["worst"].items())
    return f"{answer['verdict']}{regions} ({counted})" + (f"\nfurthest from the truth: {worst}" if worst else "")


def _counterexample(found: Mapping[str, Any]) -> list[str]:
    inputs = "; ".join(f"{name} = {text}" for name, text in found["inputs"].items()) or "no inputs"
    return [f"  {found['check']:<6} {found['headline']}", f"  {'with':<6} {inputs}"]


def _because(one: Mapping[str, Any]) -> list[str]:
    instead = [f"         write {one['instead']}"] if one["instead"] else []
    return [f"because: {one['because']} ({one['case']})", *instead]


def _means(one: Mapping[str, Any], question: Question) -> str:
    asked, library = (question.torch, "NumPy") if one["side"] == "torch" else (question.numpy, "PyTorch")
    return f"in {library}, {_one_line(asked)} is {_one_line(one['means'])} ({one['case']})"


def _indented(text: str) -> str:
    return text.replace("\n", "\n       ")


def _one_line(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
