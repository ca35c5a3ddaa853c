"""Which devices there are: the CPU, with how many cores, and those on which a tensor can really be made."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from typing import Final

HOST: Final = "cpu"
DEFAULT: Final = (HOST, "cuda")
"""The devices that are looked for when none is named."""


def cores() -> int:
    """Return how many cores this process may use, which a container or `taskset` can make fewer than there are."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(allowed(0)) if allowed else os.cpu_count() or 1


_VARIABLE: Final = "CONFORMANCE_REGISTERING"
"""The environment variable by which processes of ours learn what registers devices, since each has to import it."""


class RegistrationError(Exception):
    """A module that is to register a device cannot be imported; the message says why, in one line."""


def register(module: str) -> None:
    """Import a module that registers a device with torch, here and in each process that calls :func:`inherit`.

    Raises RegistrationError, one line, where that fails.
    """
    try:
        import_module(module)
    except Exception as error:  # noqa: BLE001 - whatever it raises, there is no such device now
        message = f"import {module!r}: {type(error).__name__}: {' '.join(str(error).split())}"
        raise RegistrationError(message) from None
    absence.cache_clear()
    os.environ[_VARIABLE] = ",".join(dict.fromkeys((*registering(), module)))


def registering() -> tuple[str, ...]:
    """Return the modules that registered devices: another process, or a script, must import them, too."""
    return tuple(name for name in os.environ.get(_VARIABLE, "").split(",") if name)


def inherit() -> None:
    """Register the devices that the process which started this one has registered."""
    for module in registering():
        import_module(module)


@lru_cache(maxsize=16)
def absence(device: str) -> str | None:
    """Return why ``device`` cannot be used, in a few words, or None where it can.

    Asked by making a tensor there, not by asking whether it is said to be available.
    """
    import torch

    try:
        torch.empty(1, device=device).fill_(1).cpu()
    except RuntimeError as error:
        return _in_words(device, str(error))
    except (AssertionError, NotImplementedError) as error:
        return _in_words(device, str(error))
    return None


def refusal(device: str) -> str | None:
    """Return what to tell whoever asked for ``device``, which devices there are with it; None where it is there."""
    reason = absence(device)
    return None if reason is None else f"device {device!r}: {reason}; present here: {', '.join(present())}"


def _in_words(device: str, message: str) -> str:
    kind = device.partition(":")[0]
    if "Expected one of" in message or "Invalid device string" in message:
        return f"{device!r} is no torch device"
    if "invalid device ordinal" in message:
        return f"no {device} device"
    return f"no {kind.upper() if kind != HOST else kind} device"


def is_known(device: str) -> bool:
    """Tell whether torch knows a device of that name at all."""
    import torch

    try:
        torch.device(device)
    except RuntimeError:
        return False
    return True


def present(wanted: tuple[str, ...] = DEFAULT) -> tuple[str, ...]:
    """Return those of ``wanted`` that are there."""
    return tuple(device for device in wanted if absence(device) is None)
