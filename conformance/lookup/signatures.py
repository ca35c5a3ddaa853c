"""The parameters of the libraries' functions: from their signatures, or from what their documentation begins with.

Most of PyTorch's functions are built in and have no signature that Python knows; their docstring has it, often several.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POSITIONAL: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_METHODS: Final = ("torch.Tensor.", "np.ndarray.")


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The parameters of one way to call a function: those that have a place, the one that takes the rest, all by name.

    ``open_ended`` is a function that takes any keyword.
    """

    placed: tuple[str, ...]
    rest: str | None
    named: frozenset[str]
    open_ended: bool = False

    def at(self, place: int) -> str | None:
        """Return the parameter that the argument at ``place`` is given to."""
        return self.placed[place] if place < len(self.placed) else self.rest

    def take(self, count: int, keywords: Sequence[str]) -> bool:
        """Tell whether a call with ``count`` arguments in places and ``keywords`` is this one."""
        fits = count <= len(self.placed) or self.rest is not None
        return fits and (self.open_ended or self.named.issuperset(keywords))


@lru_cache(maxsize=4096)
def ways(name: str) -> tuple[Parameters, ...]:
    """Return the ways to call what has the whole name ``name``, such as ``torch.Tensor.std``; none where none is known.

    The tensor that a method belongs to is none of the parameters.
    """
    function = _found(name)
    if function is None:
        return ()
    try:
        return (_of_signature(inspect.signature(function), method=name.startswith(_METHODS)),)
    except (TypeError, ValueError):
        return tuple(_of_documentation(name.rpartition(".")[2], function.__doc__ or ""))


def exists(name: str) -> bool:
    """Tell whether either library has the whole name ``name``."""
    return _found(name) is not None


def names() -> list[str]:
    """Return the whole names of what NumPy and PyTorch offer in the modules that people use, and of both arrays."""
    import numpy as np
    import torch

    owners = {"torch": torch, "np": np, "torch.Tensor": torch.Tensor, "np.ndarray": np.ndarray}
    parts = ("torch.linalg", "torch.fft", "torch.special", "torch.nn", "torch.nn.functional", "torch.optim")
    owners |= {name: _found(name) for name in (*parts, "np.linalg", "np.fft", "np.random")}
    public = (f"{name}.{word}" for name, owner in owners.items() for word in dir(owner) if not word.startswith("_"))
    return sorted(name for name in public if callable(_found(name)))


@lru_cache(maxsize=8192)
def _found(name: str) -> Any:
    import numpy as np
    import torch

    root, *rest = name.split(".")
    owner: Any = {"torch": torch, "np": np}.get(root)
    for word in rest:
        owner = getattr(owner, word, None)
    return owner


def _of_signature(signature: inspect.Signature, *, method: bool) -> Parameters:
    parameters = list(signature.parameters.values())[1 if method else 0 :]
    rest = next((p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), None)
    return Parameters(
        placed=tuple(p.name for p in parameters if p.kind in _POSITIONAL),
        rest=rest,
        named=frozenset(p.name for p in parameters),
        open_ended=any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters),
    )


def _of_documentation(word: str, text: str) -> Iterator[Parameters]:
    """Yield what lines such as ``gather(input, dim, index, *, out=None) -> Tensor`` say, in their order."""
    for line in re.findall(rf"(?:^|[\s.]){re.escape(word)}(\(.*\))", text):
        for end in (place for place, sign in enumerate(line, 1) if sign == ")"):
            try:
                tree = ast.parse(f"def f{line[:end]}: ...")
            except SyntaxError:
                continue
            (function,) = tree.body
            if isinstance(function, ast.FunctionDef):
                yield _of_definition(function.args)
            break


def _of_definition(given: ast.arguments) -> Parameters:
    placed = tuple(one.arg for one in (*given.posonlyargs, *given.args))
    named = {*placed, *(one.arg for one in given.kwonlyargs)}
    return Parameters(placed=placed, rest=given.vararg.arg if given.vararg else None, named=frozenset(named))
