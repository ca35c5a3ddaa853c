"""How far a result may lie from its reference: exactly there, some ULP away, or within a bound of the arithmetic.

A tolerance is never a bare relative error. It says where it comes from, and the report prints it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Exact:
    """The same value: IEEE 754 defines the result, or nothing is rounded at all."""

    def __str__(self) -> str:
        return "exact"


@dataclass(frozen=True, kw_only=True)
class Ulp:
    """At most ``count`` units in the last place of the reference; of its magnitude where it is complex.

    ``source`` says why that many. ``count`` may give a number for each dtype; where it does, or where ``dtypes`` are
    given, results of any other dtype are exact.
    """

    count: float | Mapping[str, float]
    source: str
    dtypes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        counts = tuple(self.count.values()) if isinstance(self.count, Mapping) else (self.count,)
        if not counts or not all(count > 0 for count in counts) or not self.source:
            message = f"ulp({self.count!r}, {self.source!r}): give a positive number and where it comes from"
            raise ValueError(message)
        if isinstance(self.count, Mapping) and self.dtypes:
            message = f"ulp({self.count!r}, dtypes={self.dtypes!r}): the numbers name their dtypes already"
            raise ValueError(message)

    def __str__(self) -> str:
        if isinstance(self.count, Mapping):
            each = ", ".join(f"{count:g} ulp for {name}" for name, count in self.count.items())
            return f"{each}, otherwise exact ({self.source})"
        only = f" for {', '.join(self.dtypes)}, otherwise exact" if self.dtypes else ""
        return f"{self.count:g} ulp{only} ({self.source})"

    def allowed(self, dtype: str) -> float:
        """Return how many ULP a result of ``dtype`` may lie away."""
        if isinstance(self.count, Mapping):
            return self.count.get(dtype, 0.0)
        return 0.0 if self.dtypes and dtype not in self.dtypes else self.count


@dataclass(frozen=True, kw_only=True)
class Linear:
    """The bound of a linear expression (a sum, a mean), judged against the truth, not against NumPy.

    ``|error| <= k u_out |exact| + n u_acc L(|x|)``, where ``L`` is the expression itself on absolute values, ``n`` the
    number of terms of one result (the longest axis, where sums are ``running``), ``u_acc`` the unit roundoff of the
    accumulator that torch documents (float32 for float16 and bfloat16, otherwise the dtype's own), and ``k`` 1 plus the
    ``roundings`` after the sum. It is Higham's bound for recursive summation (Accuracy and Stability of Numerical
    Algorithms, 2nd ed., section 4.2), which holds in every order; where every term is a multiple of one half and no
    partial sum can need more than the accumulator's bits, the sum is exact in every order and ``n u_acc L(|x|)`` is 0.
    """

    roundings: int = 0
    running: bool = False

    def __str__(self) -> str:
        return "the rounding error bound of a sum in any order; none where the terms are exact"


BOUND_NAMES: Final = ("u", "tiny", "exact")
"""What the expression of a bound may use beside the inputs."""


@dataclass(frozen=True, kw_only=True)
class Within:
    """The bound of an expression that is no sum, judged against the truth: ``|error| <= u_out |exact| + bound``.

    ``bound`` is an expression in NumPy of the inputs, in the wider dtype of the truth, and of ``u`` and ``tiny``, the
    unit roundoff and the smallest number of the accumulator that torch documents (float32 for float16 and bfloat16,
    otherwise the dtype's own), and of ``exact``, the truth. Where ``overflow``, another one, is more than the
    accumulator can hold, a result that is not finite is right, too. ``narrow`` says that torch rounds every step to the
    dtype itself, float16 and bfloat16, too. A real result of 0 must have the sign of the truth where that is 0, unless
    the row is ``unsigned``: its two formulas end on either side. ``source`` says where the bound comes from.
    """

    bound: str
    source: str
    overflow: str | None = None
    narrow: bool = False
    unsigned: bool = False

    def __post_init__(self) -> None:
        if not self.bound.strip() or not self.source:
            raise ValueError(f"within({self.bound!r}, {self.source!r}): give a bound and where it comes from")

    def expressions(self) -> tuple[str, ...]:
        """Return the texts that are evaluated on the inputs."""
        return (self.bound,) if self.overflow is None else (self.bound, self.overflow)

    def __str__(self) -> str:
        return f"{self.source}, and one rounding"


@dataclass(frozen=True, kw_only=True)
class Multilinear:
    """The bound of a sum of products, one factor of each input (a matrix product), judged against the truth.

    ``|error| <= k u_out |exact| + n u_acc L(|x|, |y|)``, where ``L`` is the expression itself on absolute values and
    ``n`` the number of roundings of one result, of its products and of its sums: what the expression gives for ones,
    since each of its terms is 1 there. ``u_acc`` and ``k`` are those of :class:`Linear`. It is Higham's bound for inner
    products (Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1), which holds in every order, with
    fused multiplication or without. A product that underflows adds half of the smallest number. Where every factor is a
    multiple of one half, every product is one of ``2**-factors``, and where no partial sum can need more than the
    accumulator's bits, nothing is rounded in any order and ``n u_acc L`` is 0.

    With more than two ``factors`` the intermediate results are rounded to the dtype itself, once for each factor beyond
    two; what they underflow by is multiplied by the other factors, and they may overflow where the result does not.

    With ``steps`` every product and every sum is rounded to the dtype itself: there is no wider accumulator. ``terms``
    is for an expression with a minus in it, whose value on absolute values and on ones says nothing: the same one with
    a plus in its place.

    Complex: a part has ``2**(factors - 1)`` times as many terms, each no larger than the product of ``|re| + |im|``.
    A complex result that is not finite may be any other that is not: a product carries NaN from one part into the
    other, and again where the sum is multiplied by a factor of one. The sign of a zero is not judged: it depends on
    whether the sum begins with a zero or with its first term.
    """

    factors: int = 2
    roundings: int = 0
    steps: bool = False
    terms: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        if self.factors < 2 or self.roundings < 0:  # noqa: PLR2004 - one factor is linear
            message = f"multilinear(factors={self.factors}, roundings={self.roundings}): give two factors or more"
            raise ValueError(message)

    def __str__(self) -> str:
        return "the rounding error bound of a sum of products in any order; none where the terms are exact"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The tolerance of a program that runs on, such as a training loop, in which every rounding error lives on.

    How far two right results of such a program may be apart depends on its numbers, so NumPy is asked: it runs the
    program again from ``starts`` other places, in which each number of the inputs ``of`` is moved to one of its two
    neighbours. At each step, which the first axis of a result counts, ``times`` the largest distance between one of
    those and NumPy's own result is allowed, over all elements of that step, and never less than ``floor`` ULP of the
    element. Elements of which one result is not finite do not count there: a program that diverges says nothing.
    """

    of: tuple[str, ...]
    times: float = 10
    floor: float = 4
    starts: int = 8

    def __post_init__(self) -> None:
        if not self.of or self.times <= 0 or self.floor < 0 or self.starts < 1:
            message = f"spread{self.of} with times={self.times}, floor={self.floor}, starts={self.starts}"
            raise ValueError(f"{message}: name the inputs that are moved, and give positive numbers")

    def __str__(self) -> str:
        return (
            f"at each step {self.times:g} times the spread of NumPy's own results from {self.starts} starts "
            f"1 ulp away, at least {self.floor:g} ulp"
        )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The tolerance of an expression that nobody has analysed: measured on its NumPy side, for every input.

    Allowed are ``units`` ULP of the truth, the NumPy expression in a wider dtype, and ``times`` the sum of NumPy's own
    error and of the largest change of that truth when each number of the inputs is moved by half a unit in the last
    place, up or down by chance, in ``starts`` ways. In tensors of more than 8 numbers all of it grows as their count
    does, since there may be a sum anywhere in the expression. Only elements in which the sides differ are measured.
    """

    units: float = 4
    times: float = 4
    starts: int = 4

    def __str__(self) -> str:
        return f"{self.units:g} ulp + {self.times:g} × what half an ulp in the inputs makes of the truth"


@dataclass(frozen=True, kw_only=True)
class Close:
    """The tolerance that ``np.isclose`` has: ``|torch - numpy| <= absolute + relative |numpy|``.

    Raises ValueError for a number that is negative or not finite.
    """

    relative: float
    absolute: float

    def __post_init__(self) -> None:
        for name, number in (("rtol", self.relative), ("atol", self.absolute)):
            if not 0 <= number < math.inf:
                message = f"{name} {number:g}: give a finite number that is not negative"
                raise ValueError(message)

    def __str__(self) -> str:
        return f"rtol {self.relative:g}, atol {self.absolute:g}"


Tolerance = Exact | Ulp | Linear | Multilinear | Within | Spread | Measured | Close

EXACT = Exact()


def ulp(count: float | Mapping[str, float], source: str, *, dtypes: tuple[str, ...] = ()) -> Ulp:
    """Return the tolerance of ``count`` ULP for the reason ``source``; ValueError for a count that is not positive.

    ``count`` may be a number for each dtype of a result: ``{"float32": 3, "float64": 2}``. ``dtypes`` are those that
    one number is for, all where none are given. Results of the others are exact.
    """
    return Ulp(count=count, source=source, dtypes=dtypes)


def linear(*, roundings: int = 0, running: bool = False) -> Linear:
    """Return the bound of a linear expression with ``roundings`` more roundings after its sum (1 for a mean).

    ``running`` says that there is a result for every element, the sum of those up to it.
    """
    return Linear(roundings=roundings, running=running)


def within(
    bound: str, source: str, *, overflow: str | None = None, narrow: bool = False, unsigned: bool = False
) -> Within:
    """Return the bound ``bound``, an expression, for the reason ``source``; see :class:`Within`."""
    return Within(bound=bound, source=source, overflow=overflow, narrow=narrow, unsigned=unsigned)


def spread(*of: str, times: float = 10, floor: float = 4, starts: int = 8) -> Spread:
    """Return ``times`` the spread of NumPy's results when the inputs ``of`` are moved by 1 ulp; see :class:`Spread`."""
    return Spread(of=of, times=times, floor=floor, starts=starts)


def multilinear(
    factors: int = 2, *, roundings: int = 0, steps: bool = False, terms: Callable[..., Any] | None = None
) -> Multilinear:
    """Return the bound of a sum of products of ``factors`` inputs, with ``roundings`` more roundings after the sum.

    ``steps`` says that each step is rounded to the dtype of the result. ``terms`` computes in NumPy what the expression
    gives with a plus for each of its minus signs. Raises ValueError for fewer than two factors: that is :func:`linear`.
    """
    return Multilinear(factors=factors, roundings=roundings, steps=steps, terms=terms)
