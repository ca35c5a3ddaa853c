"""What a condition may know of the process: torch's threads, the CPU its kernels are for, and what that CPU can do.

A result that another process gave, with kernels for another CPU, is judged in this one; meanwhile its capability is
taken for ours (:func:`taken_for`), so that the differences which hold there apply to it.
"""

from __future__ import annotations

import platform
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES: Final = ("device", "threads", "capability", "instructions")
"""The names in a condition that speak of where it is evaluated, not of the inputs."""

PUBLISHED: Final = frozenset({"AVX2", "AVX512"})
"""The CPU capabilities that the published results are for: a difference of vectorised code is gone without it."""

_ASKED: Final = {
    "avx512": "_is_avx512_supported",
    "avx512_bf16": "_is_avx512_bf16_supported",
    "amx": "_is_amx_tile_supported",
}
"""Instruction sets, each with the function of ``torch.cpu`` that knows of it, if the version has one."""

_READ: Final = {"avx512_fp16": "avx512_fp16", "intel": "GenuineIntel"}
"""What no function of every version of torch knows of, each with the word for it in Linux's description of the CPU."""

_CPUS: Final = Path("/proc/cpuinfo")

_get_num_threads: Final = torch.get_num_threads
_taken: Final[ContextVar[str]] = ContextVar("capability", default=str(torch.backends.cpu.get_cpu_capability()))


def threads() -> int:
    """Return how many threads torch uses: one in a unit."""
    return _get_num_threads()


def capability() -> str:
    """Return the CPU capability of torch's kernels as torch calls it: ``"DEFAULT"``, ``"AVX2"``, ``"AVX512"``, …."""
    return _taken.get()


def is_published() -> bool:
    """Tell whether this process has one of the CPU capabilities that the published results are for."""
    return capability() in PUBLISHED


@cache
def instructions() -> frozenset[str]:
    """Return what libraries under torch choose their kernels by, whatever :func:`capability` says.

    ``"avx512"``, ``"avx512_bf16"``, ``"avx512_fp16"`` and ``"amx"`` are instruction sets; NumPy chooses by them, too.
    ``"intel"`` is a CPU of Intel's, on which MKL takes other ways through its functions, with other roundings.
    """
    told = _told()
    sets = {name for name, asked in _ASKED.items() if getattr(torch.cpu, asked, bool)()}
    return frozenset(sets | {name for name, words in _READ.items() if words in told})


def _told() -> str:
    """Ask Linux, or else what Python knows: Windows names the vendor, and macOS calls Intel's processors i386."""
    try:
        return _CPUS.read_text(encoding="utf-8")
    except OSError:
        return platform.processor().replace("i386", "GenuineIntel")


def values(device: str) -> tuple[object, ...]:
    """Return what NAMES stand for in this process, in a unit on ``device``, in their order."""
    return device, threads(), capability(), instructions()


@contextmanager
def taken_for(name: str) -> Iterator[None]:
    """Take the CPU capability ``name`` for that of this process: what is judged was computed with it."""
    token = _taken.set(name)
    try:
        yield
    finally:
        _taken.reset(token)
