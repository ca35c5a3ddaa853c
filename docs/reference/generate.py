"""Write the reference pages: the commands as click knows them, what `conformance` exports as its docstrings say it.

``python docs/reference/generate.py`` writes them anew; tests/test_reference_pages.py tells when they are out of date.
"""

import dataclasses
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

import conformance
from conformance.cli import main
from conformance.inputs import api

HERE = Path(__file__).parent
MADE = "*Made by `python docs/reference/generate.py`; a test tells when it is out of date.*"
WIDTH = 110
LINE = 100
ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


def commands() -> str:
    """The page of the commands: the help of each."""
    width = {"max_content_width": WIDTH, "terminal_width": WIDTH}
    context = click.Context(main, info_name="conformance", **width, **main.context_settings)
    texts = [section("conformance", main.get_help(context), "text")]
    for name in main.list_commands(context):
        one = main.commands[name]
        inner = click.Context(one, context, info_name=name, **width)
        texts.append(section(f"conformance {name}", one.get_help(inner), "text"))
    return page("Commands", "What `--help` of each command says.", texts)


def section(title: str, code: str, language: str, *rest: str) -> str:
    """A section of a page: code first, then words."""
    return "\n\n".join([f"## {title}", f"```{language}\n{code}\n```", *rest])


def page(title: str, words: str, texts: Iterable[str]) -> str:
    """A whole page."""
    return "\n\n".join([f"# {title}", words, MADE, *texts]) + "\n"


def generators() -> str:
    """The page of the generators, with which inputs are described."""
    words = "What describes an input: of a row, of `assert_equivalent(given=…)`, of `strategy`."
    return page("Generators", words, (described(name) for name in exported(of_inputs=True)))


def public_api() -> str:
    """The page of all else that can be imported from `conformance`."""
    words = "What `from conformance import …` gives, but for the [generators](generators.md)."
    return page("Public API", words, (described(name) for name in exported(of_inputs=False)))


def exported(*, of_inputs: bool) -> list[str]:
    """The exported names that are generators, or those that are not."""
    return [name for name in conformance.__all__ if hasattr(api, name) == of_inputs]


def described(name: str) -> str:
    """The section of one exported name."""
    thing = getattr(conformance, name)
    if inspect.isclass(thing):
        return section(name, signature(name, thing), "python", words(thing), *methods(thing))
    if inspect.isfunction(thing):
        return section(name, signature(name, thing), "python", words(thing), *(words(made) for made in results(thing)))
    if isinstance(thing, tuple):
        return section(name, f"{name} = {thing!r}", "python")
    return section(name, name, "python", words(type(thing)))


def results(function: Any) -> Iterator[type]:
    """What a function makes that has no section of its own, such as a tolerance."""
    made = vars(inspect.getmodule(function)).get(inspect.signature(function).return_annotation)
    if dataclasses.is_dataclass(made) and made.__doc__:
        yield made


def methods(thing: type) -> Iterator[str]:
    """What can be called of a class that is no plain value."""
    for name, method in inspect.getmembers(thing, inspect.isfunction):
        if not name.startswith("_") and not thing.__dataclass_params__.frozen:
            yield f"### {thing.__name__}.{name}\n\n```python\n{signature(name, method)}\n```\n\n{words(method)}"


def signature(name: str, thing: Any) -> str:
    """How it is called, on one line or on a line an argument. An exception is told by its name."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return f"class {name}({thing.__bases__[0].__name__})"
    parts = list(arguments(inspect.signature(thing).parameters.values()))
    line = f"{name}({', '.join(parts)})"
    return line if len(line) <= LINE else "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])


def arguments(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    """Each argument as written, `*` among them."""
    bare = True
    for one in parameters:
        if one.name == "self":
            continue
        if one.kind is one.VAR_POSITIONAL:
            bare = False
        if one.kind is one.KEYWORD_ONLY and bare:
            bare = False
            yield "*"
        yield argument(one)


def argument(one: inspect.Parameter) -> str:
    """One argument with its type and its default."""
    stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    typed = "" if one.annotation is one.empty else f": {one.annotation}"
    equals = " = " if typed else "="
    return f"{stars}{one.name}{typed}" + ("" if one.default is one.empty else f"{equals}{shown(one.default)}")


def shown(value: object) -> str:
    """A value as a reader would write it, by its exported name where it has one."""
    if isinstance(value, str | int | float | None):
        return repr(value)
    named = (name for name in conformance.__all__ if value and getattr(conformance, name) is value)
    return next(named, repr(value))


def words(thing: Any) -> str:
    """A docstring as Markdown."""
    return ROLE.sub(r"`\1`", inspect.getdoc(thing) or "").replace("``", "`")


PAGES = {"commands.md": commands, "generators.md": generators, "public-api.md": public_api}

if __name__ == "__main__":
    for file, make in PAGES.items():
        (HERE / file).write_text(make(), encoding="utf-8")
