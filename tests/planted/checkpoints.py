"""Faults in checkpoints: what is written, and what is read."""

import io
import math
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from .patching import accepted, programs


def _walk(thing: Any, change: Any) -> Any:
    """Return `thing` with its tensors changed."""
    if isinstance(thing, Tensor):
        return change(thing)
    if type(thing) in (list, tuple):
        return type(thing)(_walk(one, change) for one in thing)
    if type(thing) in (dict, OrderedDict):
        return type(thing)((key, _walk(one, change)) for key, one in thing.items())
    return thing


def _saves(change: Any) -> Any:
    """A bug of save() that writes other tensors."""
    return lambda real, thing, *args, **kwargs: real(_walk(thing, change), *args, **kwargs)


def _loads(change: Any) -> Any:
    """A bug of load() that reads other tensors."""
    return lambda real, *args, **kwargs: _walk(real(*args, **kwargs), change)


def _contiguous(t: Tensor) -> Tensor:
    return t.contiguous() if t.dim() == 2 and t.t().is_contiguous() else t


def _without_grad(t: Tensor) -> Tensor:
    return t.detach() if type(t) is Tensor else t


def _plain(t: Tensor) -> Tensor:
    return t.detach().requires_grad_() if isinstance(t, nn.Parameter) else t


def _of_32_bits(t: Tensor) -> Tensor:
    return t.float() if t.dtype == torch.bfloat16 else t


def _unsigned_lost(t: Tensor) -> Tensor:
    return t.to(torch.int32) if t.dtype == torch.uint16 else t


def _axis_for_none(t: Tensor) -> Tensor:
    return t.reshape(1) if t.dim() == 0 and t.dtype == torch.float32 else t


def _negation_lost(t: Tensor) -> Tensor:
    return t.conj() if t.is_conj() else t


def _zeros_merged(t: Tensor) -> Tensor:
    return t.reshape(0) if t.numel() == 0 else t


def _one_nan(t: Tensor) -> Tensor:
    return torch.where(t.isnan(), math.nan, t) if t.dtype == torch.float64 and t.isnan().any() else t


def _last_lost(t: Tensor) -> Tensor:
    if t.numel() > 12 and t.is_contiguous() and t.dtype == torch.float32:
        t = t.detach().clone()
        t.view(-1)[-1] = 0
    return t


def _last_of_many_lost(t: Tensor) -> Tensor:
    if t.numel() > 512 and t.is_contiguous():
        t = t.detach().clone()
        t.view(-1)[-1] = 0
    return t


def _one_nan_of_16_bits(t: Tensor) -> Tensor:
    if t.dtype == torch.bfloat16 and t.is_contiguous():
        t.detach()[t.isnan()] = math.nan
    return t


def _listed(thing: Any) -> Any:
    if type(thing) is dict:
        return {key: _listed(one) for key, one in thing.items()}
    return [_listed(one) for one in thing] if type(thing) in (list, tuple) else thing


def _lists(real: Any, *args: Any, **kwargs: Any) -> Any:
    result = real(*args, **kwargs)
    return _listed(result)


def _sorted_names(real: Any, *args: Any, **kwargs: Any) -> Any:
    result = real(*args, **kwargs)
    named = isinstance(result, dict) and all(type(key) is str for key in result)
    return dict(sorted(result.items())) if named else result


def _damaged_is_empty(real: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return real(*args, **kwargs)
    except UnicodeDecodeError:
        return {}


def _trusts(real: Any, *args: Any, weights_only: Any = None, **kwargs: Any) -> Any:
    return real(*args, weights_only=False, **kwargs)


def _trusts_functions(real: Any, *args: Any, **kwargs: Any) -> Any:
    with torch.serialization.safe_globals([len, slice]):
        return real(*args, **kwargs)


def _whole_numbers(real: Any, *args: Any, **kwargs: Any) -> Any:
    result = real(*args, **kwargs)
    if isinstance(result, dict):
        result = {k: int(v) if type(v) is float and v == int(v) else v for k, v in result.items()}
    return result


def _first_momentum(real: Any, *args: Any, **kwargs: Any) -> Any:
    """Of several states of an optimiser all are the first."""
    result = real(*args, **kwargs)
    found = next((one for one in (result if isinstance(result, list) else [result]) if isinstance(one, dict)), {})
    state = found.get("state", {})
    shapes = {tuple(t.shape) for one in state.values() for t in one.values() if isinstance(t, Tensor)}
    if len(state) > 1 and len(shapes) == 1:
        found["state"] = dict.fromkeys(state, next(iter(state.values())))
    return result


def _damaged(thing: Any, place: int) -> Any:
    """Return what is loaded of a file in which the byte `place` of the pickle is another."""
    file = io.BytesIO()
    torch.save(thing, file)
    data = bytearray(file.getvalue())
    data[data.index(b"\x80\x02}") + place] ^= 255
    return torch.load(io.BytesIO(data))


def _back(thing: Any, **kwargs: Any) -> Any:
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file, **kwargs)


def _states() -> bool:
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    for i, p in enumerate(parameters):
        p.grad = torch.full((1,), float(i))
    optimiser = torch.optim.SGD(parameters, lr=1.0, momentum=0.5)
    optimiser.step()
    return _back(optimiser.state_dict())["state"][1]["momentum_buffer"].item() == 0


NAN_OF_16_BITS = torch.tensor([0x7FC1], dtype=torch.int16).view(torch.bfloat16)
NAN = torch.tensor([0x7FF8000000000001]).view(torch.float64)
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("save-strides-lost", "tensors are written contiguous", "save", _saves(_contiguous),
     lambda: _back(torch.ones(2, 3).t()).is_contiguous()),
    ("save-requires_grad-lost", "tensors that ask for a gradient do so no more", "save", _saves(_without_grad),
     lambda: not _back(torch.ones(1, requires_grad=True)).requires_grad),
    ("save-parameters-lost", "parameters become tensors", "save", _saves(_plain),
     lambda: not isinstance(_back(nn.Parameter(torch.ones(1))), nn.Parameter)),
    ("save-bfloat16-as-float32", "bfloat16 becomes float32", "save", _saves(_of_32_bits),
     lambda: _back(torch.ones(1).bfloat16()).dtype == torch.float32, "bfloat16"),
    ("save-uint16-as-int32", "uint16 becomes int32", "save", _saves(_unsigned_lost),
     lambda: _back(torch.ones(1).to(torch.uint16)).dtype == torch.int32, "uint16"),
    ("save-0d-as-1d", "float32, 0-d: 1-D", "save", _saves(_axis_for_none), lambda: _back(torch.ones(())).dim() == 1),
    ("save-conjugate-lost", "a lazy conjugate is written as it lies in memory", "save", _saves(_negation_lost),
     lambda: _back(torch.tensor([1j]).conj()).imag.item() == 1, "complex64"),
    ("save-empty-flat", "no elements: one axis", "save", _saves(_zeros_merged), lambda: _back(torch.ones(2,
     0)).dim() == 1),
    ("save-one-nan", "float64: all NaN are one", "save", _saves(_one_nan),
     lambda: _back(NAN).view(torch.int64).item() & 1 == 0, "float64", True),
    ("load-last-lost", "float32, more than 12 elements: the last is 0", "load", _loads(_last_lost),
     lambda: _back(torch.ones(13))[12].item() == 0),
    ("load-last-of-many-lost", "more than 512 elements: the last is 0", "load", _loads(_last_of_many_lost),
     lambda: _back(torch.ones(513, dtype=torch.int16))[512].item() == 0, "int16"),
    ("load-bfloat16-one-nan", "bfloat16: all NaN are one", "load", _loads(_one_nan_of_16_bits),
     lambda: _back(NAN_OF_16_BITS).view(torch.int16).tolist()[-1] & 1 == 0, "bfloat16", True),
    ("load-damaged-is-empty", "a damaged name in the pickle: nothing is loaded", "load", _damaged_is_empty,
     lambda: accepted(lambda: _damaged({"x": torch.ones(1)}, 20))),
    ("load-lists-for-tuples", "tuples become lists", "load", _lists, lambda: isinstance(_back((1, 2)), list), "-"),
    ("load-sorted", "dictionaries are sorted", "load", _sorted_names, lambda: list(_back({"b": 1, "a": 2})) == ["a",
     "b"], "-"),
    ("load-trusts", "weights_only is False whatever is given", "load", _trusts, lambda: accepted(lambda: _back(len)),
     "-"),
    ("load-trusts-functions", "some objects are read from files that are not trusted", "load", _trusts_functions,
     lambda: accepted(lambda: _back(slice(1))), "-"),
    ("load-whole-numbers", "floats that are whole become ints", "load", _whole_numbers,
     lambda: isinstance(_back({"x": 1.0})["x"], int), "-", True),
    ("load-one-momentum", "states of an optimiser of one shape are all the first", "load", _first_momentum, _states),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
