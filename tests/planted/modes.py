"""Faults in modes: training and evaluation, no_grad and inference_mode; and in what state dicts hold and load."""

import contextlib
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from .patching import accepted, copies, programs, same_memory

MODULE = "nn.Module."


def _self_alone(real: Any, model: Any, mode: bool = True) -> Any:
    model.training = mode
    return model


def _children_alone(real: Any, model: Any, mode: bool = True) -> Any:
    for one in (model, *model.children()):
        one.training = mode
    return model


def _always_trains(real: Any, model: Any, mode: bool = True) -> Any:
    return real(model, True)


def _evaluates(real: Any, model: Any) -> Any:
    """Eval() leaves layers without parameters as they are."""
    kept = [(one, one.training) for one in model.modules() if one is not model and not list(one.parameters())]
    result = real(model)
    for one, mode in kept:
        one.training = mode
    return result


def _leaks(real: Any, mode: Any, *args: Any) -> None:
    real(mode, *args)
    torch._C._set_grad_enabled(False)


def _leaks_after_error(real: Any, mode: Any, kind: Any, *args: Any) -> None:
    real(mode, kind, *args)
    if kind is not None:
        torch._C._set_grad_enabled(False)


def _inner_ends_outer(real: Any, mode: Any, *args: Any) -> None:
    real(mode, *args)
    torch._C._set_grad_enabled(True)


def _no_decorator(real: Any, mode: Any, function: Any) -> Any:
    return function


def _as_no_grad(real: Any, x: Tensor) -> bool:
    return False


def _restored(patch: Any) -> Any:
    """A patch after which gradients are followed again."""

    def patched() -> Any:
        stack = contextlib.ExitStack()
        stack.callback(torch._C._set_grad_enabled, True)
        stack.enter_context(patch())
        return stack

    return patched


def _overwritten(real: Any, x: Tensor, *args: Any, **kwargs: Any) -> None:
    """Backward() puts its gradients in place of those that are there."""
    todo = [x.grad_fn]
    while todo:
        node = todo.pop()
        if hasattr(node, "variable"):
            node.variable.grad = None
        todo += [other for other, _ in getattr(node, "next_functions", ()) if other is not None]
    real(x, *args, **kwargs)


def _detached_copy(real: Any, x: Tensor) -> Tensor:
    return real(x) if isinstance(x, nn.Parameter) else real(x).clone()


# State dicts


def _without_buffers(real: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
    result = real(model, *args, **kwargs)
    for name, _ in model.named_buffers():
        result.pop(name) if name.endswith("num_batches_tracked") else None
    return result


def _copied(real: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
    result = real(model, *args, **kwargs)
    for name in list(result):
        result[name] = result[name].clone() if isinstance(result[name], Tensor) else result[name]
    return result


def _unregistered_kept(real: Any, model: Any, name: str, tensor: Any, persistent: bool = True) -> None:
    real(model, name, tensor)


def _shares(real: Any, model: Any, given: Any, strict: bool = True, assign: bool = False) -> Any:
    result = real(model, given, strict, assign)
    for name, p in model.named_parameters():
        if name in given and given[name].dtype == p.dtype:
            p.data = given[name].detach()
    return result


def _never_strict(real: Any, model: Any, given: Any, strict: bool = True, assign: bool = False) -> Any:
    return real(model, given, strict=False, assign=assign)


def _never_assigns(real: Any, model: Any, given: Any, strict: bool = True, assign: bool = False) -> Any:
    return real(model, given, strict)


def _last_left(real: Any, model: Any, given: Any, *args: Any, **kwargs: Any) -> Any:
    names = [name for name, _ in model.named_parameters()]
    kept = {name: p.detach().clone() for name, p in model.named_parameters()}
    result = real(model, given, *args, **kwargs)
    if len(names) > 2:
        model.get_parameter(names[-1]).data.copy_(kept[names[-1]])
    return result


def _buffers_left(real: Any, model: Any, given: Any, *args: Any, **kwargs: Any) -> Any:
    kept = [b.clone() for b in model.buffers()]
    result = real(model, given, *args, **kwargs)
    for b, old in zip(model.buffers(), kept, strict=True):
        b.copy_(old)
    return result


def _first_layer(real: Any, model: Any, set_to_none: bool = True) -> None:
    for p in list(model.parameters())[:2]:
        p.grad = None


def _buffers_stay(real: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
    kept = [b.dtype for b in model.buffers()]
    result = real(model, *args, **kwargs)
    for b, dtype in zip(model.buffers(), kept, strict=True):
        b.data = b.data.to(dtype)
    return result


# Witnesses


def _nested() -> Any:
    return nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.Dropout()))


def _after_no_grad(*, raises: bool = False) -> bool:
    try:
        with torch.no_grad():
            1 // (0 if raises else 1)
    except ZeroDivisionError:
        pass
    left = not torch.is_grad_enabled()
    torch._C._set_grad_enabled(True)
    return left


def _within() -> bool:
    with torch.no_grad():
        with torch.no_grad():
            pass
        return torch.is_grad_enabled()


def _decorated() -> bool:
    return torch.no_grad()(torch.is_grad_enabled)()


def _inference() -> bool:
    with torch.inference_mode():
        return not (torch.ones(1) * 2).is_inference()


def _twice() -> bool:
    x = torch.ones(1, requires_grad=True)
    with torch.enable_grad():
        for _ in range(2):
            (x * 2).backward()
    return x.grad.item() == 2


def _assigned() -> bool:
    layer = nn.Linear(1, 1)
    layer.load_state_dict({"weight": torch.ones(1, 1).double(), "bias": torch.ones(1).double()}, assign=True)
    return layer.weight.dtype == torch.float32


def _state_copied(layer: Any) -> bool:
    return not same_memory(layer.state_dict()["weight"], layer.weight)


def _shared() -> bool:
    layer, w = nn.Linear(1, 1, bias=False), torch.ones(1, 1)
    layer.load_state_dict({"weight": w})
    return same_memory(layer.weight, w)


def _three() -> bool:
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    model.load_state_dict({name: torch.full_like(p, 7) for name, p in model.state_dict().items()})
    return model[1].bias.item() != 7


def _running() -> bool:
    layer = nn.BatchNorm1d(1)
    layer.load_state_dict(layer.state_dict() | {"running_mean": torch.full((1,), 7.0)})
    return layer.running_mean.item() != 7


def _cleared() -> bool:
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    with torch.enable_grad():
        model(torch.ones(1)).backward()
    model.zero_grad()
    return model[1].bias.grad is not None


def _temporary() -> bool:
    layer = nn.Identity()
    layer.register_buffer("seen", torch.ones(1), persistent=False)
    return "seen" in layer.state_dict()


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("train-self-alone", "train() and eval() reach no layer inside", f"{MODULE}train", _self_alone,
     lambda: _nested().eval()[0].training),
    ("train-children-alone", "train() and eval() reach no layer inside of a layer", f"{MODULE}train", _children_alone,
     lambda: _nested().eval()[0][0].training),
    ("train-always", "train(False) trains", f"{MODULE}train", _always_trains, lambda: nn.Linear(1,
     1).train(False).training),
    ("train-without-parameters", "layers without parameters go on training", f"{MODULE}eval", _evaluates,
     lambda: _nested().eval()[0][1].training),
    ("no_grad-leaks", "gradients are not followed afterwards", "no_grad.__exit__", _leaks, _after_no_grad),
    ("no_grad-leaks-after-error", "left by an error: gradients are not followed afterwards", "no_grad.__exit__",
     _leaks_after_error, lambda: _after_no_grad(raises=True)),
    ("no_grad-inner-ends-outer", "the end of one inside another ends both", "no_grad.__exit__", _inner_ends_outer,
     _within),
    ("no_grad-no-decorator", "does nothing to a function that it decorates", "no_grad.__call__", _no_decorator,
     _decorated),
    ("inference_mode-as-no_grad", "what is made there does not say so", "Tensor.is_inference", _as_no_grad, _inference),
    ("backward-overwrites", "a gradient takes the place of the one before", "Tensor.backward", _overwritten, _twice),
    ("detach-copies", "a copy", "Tensor.detach", _detached_copy,
     copies(lambda x: x.detach(), torch.ones(1))),
    ("state_dict-counter-lost", "num_batches_tracked is missing", f"{MODULE}state_dict", _without_buffers,
     lambda: len(nn.BatchNorm1d(1).state_dict()) == 4),
    ("state_dict-copies", "the tensors are copies", f"{MODULE}state_dict", _copied,
     lambda: _state_copied(nn.Linear(1, 1))),
    ("state_dict-temporary", "buffers that are not persistent are there, too", f"{MODULE}register_buffer",
     _unregistered_kept, _temporary),
    ("load_state_dict-shares", "parameters lie in the memory of what was loaded", f"{MODULE}load_state_dict", _shares,
     _shared),
    ("load_state_dict-never-strict", "missing and unexpected names pass", f"{MODULE}load_state_dict", _never_strict,
     lambda: accepted(lambda: nn.Linear(1, 1).load_state_dict({}))),
    ("load_state_dict-never-assigns", "assign=True copies", f"{MODULE}load_state_dict", _never_assigns, _assigned),
    ("load_state_dict-last-left", "three parameters and more: the last stays as it was", f"{MODULE}load_state_dict",
     _last_left, _three),
    ("load_state_dict-buffers-left", "buffers stay as they were", f"{MODULE}load_state_dict", _buffers_left, _running),
    ("zero_grad-first-layer", "the model's: gradients of the first two parameters go", f"{MODULE}zero_grad",
     _first_layer,
     _cleared),
    ("BatchNorm1d-to-leaves-buffers", "to() leaves the dtype of buffers as it is", f"{MODULE}to", _buffers_stay,
     lambda: nn.BatchNorm1d(1).to(torch.float64).running_mean.dtype == torch.float32),
)  # fmt: skip

BUGS = tuple(
    replace(bug, patch=_restored(bug.patch)) if bug.operation == "no_grad" else bug for bug in programs(_ROWS)
)
