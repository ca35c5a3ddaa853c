"""What has no gradient, or another than the derivative: differences that rows of several files share."""

from typing import Any, Literal

import numpy as np

from conformance import UNDEFINED, Difference, Raises

Kind = Literal["design", "gotcha", "bug"]

REFUSED = Raises(RuntimeError)
COMPLEX_REPORT = "https://github.com/pytorch/pytorch/issues/192719"
X_AND_Y = {"x": np.array([1.25, 0.75]), "y": np.array([0.375, 1.625])}


def no_gradient(
    because: str, torch: Any = REFUSED, when: str | None = None, kind: Kind = "design", **example: object
) -> Difference:
    """Return that PyTorch refuses to differentiate: it raises, or its result carries no gradient (``torch="none"``)."""
    return Difference(because, example=example, aspect="gradient", torch=torch, when=when, kind=kind)


def other_gradient(
    because: str, when: str | None = None, kind: Kind = "gotcha", upstream: str | None = None, **example: object
) -> Difference:
    """Return that PyTorch's gradient is not the derivative."""
    return Difference(because, example=example, aspect="gradient", torch=UNDEFINED, when=when, kind=kind, upstream=upstream)


def repeated_index(when: str, **example: object) -> Difference:
    """Return that of values written to one place PyTorch gives a gradient to all, ``when`` an index occurs twice."""
    because = "where an index occurs twice the last value stays, but PyTorch's gradient flows to every one that was written there"
    return other_gradient(because, when, **example)


def not_followed(name: str, **example: object) -> Difference:
    """Return that PyTorch has no derivative of ``name``, which NumPy's expression has nearly everywhere."""
    return no_gradient(f"PyTorch has no derivative of {name}", **example)


def out_not_followed(**example: object) -> Difference:
    """Return that a function with out= writes nothing that asks for a gradient."""
    return no_gradient("PyTorch's functions with out= follow no gradient, and refuse inputs that ask for one", **example)


def complex_not_followed(when: str, **example: object) -> Difference:
    """Return that PyTorch's backward() does not go from a complex result to a real tensor there."""
    because = "PyTorch makes complex numbers of real ones there, and its backward() fails on the way back"
    # Not by `no_gradient`: the example may have an input called `kind`.
    return Difference(because, example=example, aspect="gradient", torch=REFUSED, when=when, kind="bug", upstream=COMPLEX_REPORT)


def flat_power(name: str, **example: object) -> Difference:
    """Return that a power whose operand ``name`` is infinite, which is flat, has no gradient."""
    because = "PyTorch's gradient of a power of which one operand is infinite is NaN where the power is flat"
    return other_gradient(because, f"np.isinf({name})", **example)
