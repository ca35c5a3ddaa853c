"""The global state of both libraries: set alike for every unit, and put back after it."""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from threadpoolctl import ThreadpoolController

from conformance import devices

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLAS: Final = ThreadpoolController().select(user_api="blas")

_SHOWN: Final = 200
"""Characters of a warning that are recorded."""


@contextmanager
def guarded(device: str, threads: int = 1) -> Iterator[set[str]]:
    """Set what could make a verdict depend on what ran before; yield the set in which warnings are collected.

    So many threads of torch and of NumPy's products, the default dtype float32, gradients on, factory functions on
    ``device``, NumPy's floating-point warnings off. Warnings are recorded, never errors: most of torch's come once a
    process and would make verdicts depend on order.
    """
    seen: set[str] = set()
    with ExitStack() as stack:
        stack.enter_context(_torch_restored(threads))
        stack.enter_context(_BLAS.limit(limits=threads))
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, category, *_rest, **_named: seen.add(
            f"{category.__name__}: {message}"[:_SHOWN]
        )
        if device != devices.HOST:
            stack.enter_context(torch.device(device))
        yield seen


@contextmanager
def _torch_restored(threads: int) -> Iterator[None]:
    dtype, before, gradients = torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled()
    generator, precision = torch.get_rng_state(), torch.get_float32_matmul_precision()
    deterministic, always = torch.are_deterministic_algorithms_enabled(), torch.is_warn_always_enabled()
    try:
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(threads)
        torch.set_grad_enabled(True)
        torch.set_warn_always(True)
        torch.manual_seed(0)
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_num_threads(before)
        torch.set_grad_enabled(gradients)
        torch.set_rng_state(generator)
        torch.set_float32_matmul_precision(precision)
        if torch.are_deterministic_algorithms_enabled() != deterministic:
            torch.use_deterministic_algorithms(deterministic)  # loads PyTorch's compiler, which takes seconds
        torch.set_warn_always(always)
