"""Faults in optimisers: one term, one step, one group or one tensor of several."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .patching import misread, programs

optim = torch.optim
SGD, ADAM = "optim.sgd._single_tensor_sgd", "optim.adam._single_tensor_adam"
RMSPROP, ADAGRAD = "optim.rmsprop._single_tensor_rmsprop", "optim.adagrad._single_tensor_adagrad"


def _told(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A bug that runs an optimiser with other hyper-parameters."""
    return lambda real, *args, **kwargs: real(*args, **kwargs | change(kwargs))


def _undone(when: Callable[[Tensor, Any], bool], **which: Any) -> Any:
    """A bug that leaves the last element of a parameter as it was: of those for which `when(p, step)`."""

    def bug(real: Any, params: list[Tensor], *args: Any, **kwargs: Any) -> None:
        before = [p.detach().clone() for p in params]
        real(params, *args, **kwargs)
        for p, old in zip(params, before, strict=True):
            if when(p, args):
                p.detach().view(-1)[-1:] = old.view(-1)[-1:]

    return bug


def _dampens_first(real: Any, params: Any, grads: Any, buffers: Any, *args: Any, **kwargs: Any) -> None:
    if kwargs["momentum"] and kwargs["dampening"]:
        buffers[:] = [torch.zeros_like(p) if old is None else old for p, old in zip(params, buffers, strict=True)]
    real(params, grads, buffers, *args, **kwargs)


def _momentum_of_all(real: Any, params: Any, grads: Any, buffers: Any, *args: Any, **kwargs: Any) -> None:
    """The buffers of parameters of one shape are one."""
    real(params, grads, buffers, *args, **kwargs)
    for i in range(1, len(params)):
        both = buffers and buffers[i] is not None and buffers[0] is not None
        if both and buffers[i].shape == buffers[0].shape != (1,):
            buffers[i] = buffers[0]


def _decays_the_wrong_way(real: Any, params: Any, *args: Any, **kwargs: Any) -> None:
    if kwargs["maximize"]:
        kwargs["weight_decay"] = -kwargs["weight_decay"]
    real(params, *args, **kwargs)


def _misreads(real: Any, params: Any, grads: Any, *args: Any, **kwargs: Any) -> None:
    real(params, [g if g.is_contiguous() else misread(g) for g in grads], *args, **kwargs)


def _forgotten(real: Any, params: Any, grads: Any, m: Any, v: Any, largest: Any, steps: Any, *args: Any,
               **kwargs: Any) -> None:
    """From the eleventh step on, the bias is corrected as in the tenth."""
    true = [step.clone() for step in steps]
    for step in steps:
        step.clamp_(max=9)
    real(params, grads, m, v, largest, steps, *args, **kwargs)
    for step, old in zip(steps, true, strict=True):
        step.copy_(old + 1)


def _one_step_for_all(real: Any, params: Any, grads: Any, m: Any, v: Any, largest: Any, steps: Any, *a: Any,
                      **k: Any) -> None:
    """All parameters of a group are corrected as the first."""
    true = [step.clone() for step in steps]
    for step in steps[1:]:
        step.copy_(true[0])
    real(params, grads, m, v, largest, steps, *a, **k)
    for step, old in zip(steps, true, strict=True):
        step.copy_(old + 1)


def _coupled(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"decoupled_weight_decay": False}


def _largest_lost(real: Any, params: Any, grads: Any, m: Any, v: Any, largest: Any, *args: Any, **kwargs: Any) -> None:
    if kwargs["amsgrad"] and kwargs["decoupled_weight_decay"]:
        largest = [torch.zeros_like(each) for each in v]
    real(params, grads, m, v, largest, *args, **kwargs)


def _largest_lost_with_decay(real: Any, params: Any, grads: Any, m: Any, v: Any, largest: Any, *args: Any,
                             **kwargs: Any) -> None:
    if kwargs["amsgrad"] and kwargs["weight_decay"] and not kwargs["decoupled_weight_decay"]:
        largest = [torch.zeros_like(each) for each in v]
    real(params, grads, m, v, largest, *args, **kwargs)


def _eps_grows(real: Any, params: Any, *args: Any, **kwargs: Any) -> None:
    real(params, *args, **kwargs | {"eps": kwargs["eps"] * 1.001})


def _no_start(real: Any, params: Any, grads: Any, sums: Any, steps: Any, *args: Any, **kwargs: Any) -> None:
    for each, step in zip(sums, steps, strict=True):
        if step == 0:
            each.zero_()
    real(params, grads, sums, steps, *args, **kwargs)


def _decays_late(real: Any, params: Any, grads: Any, sums: Any, steps: Any, *args: Any, **kwargs: Any) -> None:
    t = float(steps[0])
    kwargs["lr"] *= (1 + t * kwargs["lr_decay"]) / (1 + (t + 1) * kwargs["lr_decay"])
    real(params, grads, sums, steps, *args, **kwargs)


# Witnesses


def parameter(value: float = 1.0, size: int = 1) -> Tensor:
    return torch.full((size,), value, requires_grad=True)


def run(make: Callable[[list[Tensor]], Any], steps: int = 1, size: int = 1, count: int = 1,
        start: int = 0) -> list[Tensor]:
    """Return parameters of ones after steps with gradients of ones; all but the first begin at the step `start`."""
    parameters = [parameter(size=size) for _ in range(count)]
    optimiser = make(parameters)
    for t in range(steps):
        for i, p in enumerate(parameters):
            p.grad = torch.ones(size) if i == 0 or t >= start else None
        optimiser.step()
    return [p.detach() for p in parameters]


def _last(kind: str, *, steps: int = 1, size: int = 1, **kwargs: Any) -> float:
    return run(lambda ps: getattr(optim, kind)(ps, **kwargs), steps, size)[0][-1].item()


def _fading(kind: str, *, weight_decay: float = 0.0, betas: Any = (0.0, 0.5), **kwargs: Any) -> float:
    """Return a parameter after two steps, of which the second gradient is small."""
    p = parameter()
    optimiser = getattr(optim, kind)([p], lr=0.1, weight_decay=weight_decay, betas=betas, **kwargs)
    for g in (1.0, 0.1):
        p.grad = torch.full((1,), g)
        optimiser.step()
    return p.item()


def _transposed() -> bool:
    p = torch.zeros(2, 2, requires_grad=True)
    p.grad = torch.arange(4.0).reshape(2, 2).t()
    optim.SGD([p], lr=1.0).step()
    return p[0, 1].item() != -2


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("SGD-dampens-first", "momentum, dampening: the first step is dampened, too", SGD, _dampens_first,
     lambda: _last("SGD", lr=1.0, momentum=0.5, dampening=0.5) != 0),
    ("SGD-nesterov-is-not", "nesterov: plain momentum", SGD, _told(lambda k: {"nesterov": False}),
     lambda: _last("SGD", lr=1.0, momentum=0.5, nesterov=True) != -0.5),
    ("SGD-maximize-decay", "maximize: the weight grows instead of decaying", SGD, _decays_the_wrong_way,
     lambda: _last("SGD", lr=1.0, weight_decay=0.5, maximize=True) != 1.5),
    ("SGD-decays-twice", "no momentum: the weight decays by twice as much", SGD,
     _told(lambda k: {"weight_decay": k["weight_decay"] * (1 if k["momentum"] else 2)}),
     lambda: _last("SGD", lr=0.5, weight_decay=0.5) == 0),
    ("SGD-maximize-is-not", "no momentum: maximize is ignored", SGD,
     _told(lambda k: {"maximize": k["maximize"] and bool(k["momentum"])}),
     lambda: _last("SGD", lr=0.5, maximize=True) < 1),
    ("SGD-rate-a-millionth", "lr > 0.2: a millionth too much", SGD,
     _told(lambda k: {"lr": k["lr"] * (1 + 1e-6 * (k["lr"] > 0.2))}),
     lambda: _last("SGD", size=1, lr=1.0) != 0, "float64"),
    ("SGD-one-momentum", "parameters of one shape share their momentum", SGD, _momentum_of_all,
     lambda: run(lambda ps: optim.SGD(ps, lr=1.0, momentum=0.5), 3, size=2, count=2, start=1)[1][0].item() != -1.5),
    ("SGD-strided-gradient", "a gradient that is not contiguous is read as if it were", SGD, _misreads, _transposed),
    ("Adam-bias-from-step-11", "the bias is corrected as in the tenth step from there on", ADAM, _forgotten,
     lambda: abs(_last("Adam", steps=12, lr=0.01) - 0.88) > 1e-6),
    ("Adam-one-step-for-all", "the bias of all parameters is corrected by the steps of the first", ADAM,
     _one_step_for_all,
     lambda: abs(run(lambda ps: optim.Adam(ps, lr=0.1), 6, count=2, start=5)[1].item() - 0.9) > 1e-3),
    ("Adam-decoupled", "weight decay as in AdamW", ADAM, _told(lambda k: {"decoupled_weight_decay": True}),
     lambda: _last("Adam", lr=0.1, weight_decay=1.0) < 0.85),
    ("Adam-eps-a-thousandth", "eps is a thousandth larger", ADAM, _eps_grows,
     lambda: abs(_last("Adam", lr=1.0, eps=1.0) - 0.5) > 1e-5),
    ("Adam-beta-of-a-range", "0.6 < beta2 < 0.8: it counts as 0.8", ADAM,
     _told(lambda k: {"beta2": 0.8 if 0.6 < k["beta2"] < 0.8 else k["beta2"]}),
     lambda: _fading("Adam", betas=(0.9, 0.7)) == _fading("Adam", betas=(0.9, 0.8))),
    ("SGD-momentum-of-a-range", "0.55 < momentum < 0.85: a millionth more", SGD,
     _told(lambda k: {"momentum": k["momentum"] * (1 + 1e-6 * (0.55 < k["momentum"] < 0.85))}),
     lambda: _last("SGD", steps=3, size=1, lr=1.0, momentum=0.75) != 1 - 1 - 1.75 - (1.75 * 0.75 + 1), "float64"),
    ("Adam-amsgrad-is-not", "amsgrad with weight decay: the largest average is forgotten", ADAM,
     _largest_lost_with_decay,
     lambda: abs(_fading("Adam", amsgrad=True, weight_decay=1e-9) - _fading("Adam", amsgrad=True)) > 1e-3),
    ("AdamW-coupled", "weight decay as in Adam", ADAM, _told(_coupled),
     lambda: _last("AdamW", lr=0.1, weight_decay=1.0) > 0.85),
    ("AdamW-amsgrad-is-not", "amsgrad: the largest average is forgotten", ADAM, _largest_lost,
     lambda: abs(_fading("AdamW", amsgrad=True) - _fading("Adam", amsgrad=True)) > 1e-3),
    ("AdamW-maximize-is-not", "maximize is ignored", ADAM,
     _told(lambda k: {"maximize": k["maximize"] and not k["decoupled_weight_decay"]}),
     lambda: _last("AdamW", lr=0.1, maximize=True) < 1),
    ("RMSprop-long", "more than 16 elements: the last stays", RMSPROP, _undone(lambda p, _: p.numel() > 16),
     lambda: _last("RMSprop", size=17) == 1),
    ("RMSprop-centered-momentum", "centered with momentum: not centered", RMSPROP,
     _told(lambda k: {"centered": k["centered"] and not k["momentum"]}),
     lambda: _last("RMSprop", lr=0.1, centered=True, momentum=0.5) == _last("RMSprop", lr=0.1, momentum=0.5),
     "float32", True),
    ("RMSprop-maximize-is-not", "maximize is ignored", RMSPROP, _told(lambda k: {"maximize": False}),
     lambda: _last("RMSprop", maximize=True) < 1),
    ("Adagrad-decays-late", "lr_decay counts from 1", ADAGRAD, _decays_late,
     lambda: _last("Adagrad", lr=1.0, lr_decay=1.0) > 0.1),
    ("Adagrad-no-start", "initial_accumulator_value is ignored", ADAGRAD, _no_start,
     lambda: _last("Adagrad", lr=1.0, initial_accumulator_value=3.0) != 0.5),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
