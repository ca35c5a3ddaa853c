"""Two usual ways of checking PyTorch against NumPy, restated in a few lines, and the cost of the bare calls.

Only what one input costs is compared here, not what is checked: the first is the loop of PyTorch's reference tests
(make a sample, run both, ``assert_close``), the second is one example at a time from Hypothesis, compared element by
element, as array-api-tests does it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Sides = tuple[Callable[..., Any], Callable[..., Any]]

OPERATIONS: dict[str, Sides] = {
    "arithmetic/add": (lambda x, y: x + y, lambda x, y: x + y),
    "reductions/sum": (lambda x, _: x.sum(0), lambda x, _: x.sum(axis=0)),
    "joining/cat": (lambda x, y: torch.cat([x, y], 0), lambda x, y: np.concatenate([x, y], axis=0)),
}
SAMPLES = 500
EXAMPLES = 100
CALLS = 20_000
ELEMENTS = st.floats(-1e6, 1e6, width=32)
SHAPES = ((3, 4), (5,), (2, 3, 4), (1, 7))


def pair_cost(row: Any) -> float:
    """Return the CPU seconds of one torch and one NumPy call of ``row`` on 3×4 inputs."""
    from conformance.evaluate import call, functions, numpy_inputs, torch_inputs
    from conformance.sized import sized_inputs

    batch = sized_inputs(row, "float32", 12)
    both = functions(row, "cpu", ("cpu",))
    sides = [(both.torch, torch_inputs(batch, "cpu").args[0]), (both.numpy, numpy_inputs(batch).args[0])]
    call(both.torch, torch_inputs(batch, "cpu"), "torch")
    return sum(_each(function, args) for function, args in sides)


def _each(function: Callable[..., Any], args: tuple[Any, ...]) -> float:
    started = time.process_time()
    for _ in repeat(None, CALLS):
        function(*args)
    return (time.process_time() - started) / CALLS


def reference_loop(case: str) -> float:
    """Return the CPU seconds a sample of PyTorch's way: a sample, both sides, ``assert_close``."""
    if case not in OPERATIONS:
        return float("nan")
    theirs, ours = OPERATIONS[case]
    started = time.process_time()
    for number in range(SAMPLES):
        shape = SHAPES[number % len(SHAPES)]
        x, y = (torch.testing.make_tensor(shape, dtype=torch.float32, device="cpu") for _ in range(2))
        expected = torch.as_tensor(ours(x.numpy(), y.numpy()))
        torch.testing.assert_close(theirs(x, y), expected, equal_nan=True)
    return (time.process_time() - started) / SAMPLES


def one_at_a_time(case: str) -> float:
    """Return the CPU seconds an example of array-api-tests' way: Hypothesis's arrays, compared by element."""
    if case not in OPERATIONS:
        return float("nan")
    theirs, ours = OPERATIONS[case]
    ran = []

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        shape = data.draw(hnp.array_shapes(max_side=5))
        x, y = (data.draw(hnp.arrays(np.float32, shape, elements=ELEMENTS)) for _ in range(2))
        _same_elements(theirs(torch.as_tensor(x.copy()), torch.as_tensor(y.copy())), ours(x, y))
        ran.append(1)

    with np.errstate(all="ignore"):
        started = time.process_time()
        check()
        return (time.process_time() - started) / len(ran)


def _same_elements(got: torch.Tensor, want: Any) -> None:
    want = np.asarray(want)
    for index in np.ndindex(want.shape):
        mine, other = float(got[index]), float(want[index])
        close = math.isclose(mine, other, rel_tol=1e-4, abs_tol=10) or (math.isnan(mine) and math.isnan(other))
        if not close:
            raise AssertionError(f"{mine} at {index}, expected {other}")


PEERS: dict[str, Callable[[str], float]] = {"reference loop": reference_loop, "one at a time": one_at_a_time}
