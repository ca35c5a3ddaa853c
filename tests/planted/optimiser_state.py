"""Faults in what an optimiser remembers, and for whom: groups, state, gradients that are not there."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .optimisers import parameter, run
from .patching import accepted, programs

optim = torch.optim


def _of_first_group(*names: str) -> Any:
    """A bug of step(): later groups take these hyper-parameters of the first."""

    def bug(real: Any, optimiser: Any, *args: Any, **kwargs: Any) -> Any:
        groups = optimiser.param_groups
        kept = [{name: group[name] for name in names} for group in groups]
        for group in groups[1:]:
            group.update(kept[0])
        result = real(optimiser, *args, **kwargs)
        for group, own in zip(groups, kept, strict=True):
            group.update(own)
        return result

    return bug


def _only(kind: str, bug: Any) -> Any:
    """A bug of step() that optimisers of no other class have, such as those that inherit it."""
    return lambda real, optimiser, *args: (
        bug(real, optimiser, *args) if type(optimiser).__name__ == kind else real(optimiser, *args)
    )


def _none_is_zero(real: Any, optimiser: Any, *args: Any, **kwargs: Any) -> Any:
    """A parameter without a gradient has one of zeros."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    without = [p for p in parameters if p.grad is None] if any(p.grad is not None for p in parameters) else []
    for p in without:
        p.grad = torch.zeros_like(p)
    result = real(optimiser, *args, **kwargs)
    for p in without:
        p.grad = None
    return result


def _closure_unasked(real: Any, optimiser: Any, closure: Any = None) -> Any:
    real(optimiser)
    return None if closure is None else closure()


def _second_group_left(real: Any, optimiser: Any, set_to_none: bool = True) -> None:
    kept = [p.grad for group in optimiser.param_groups[1:] for p in group["params"]]
    kept = [None if g is None else g.clone() for g in kept]
    real(optimiser, set_to_none)
    for p, g in zip((p for group in optimiser.param_groups[1:] for p in group["params"]), kept, strict=True):
        p.grad = g


def _last_left(real: Any, optimiser: Any, set_to_none: bool = True) -> None:
    *_, last = (p for group in optimiser.param_groups for p in group["params"])
    kept, others = last.grad, sum(len(group["params"]) for group in optimiser.param_groups) > 1
    real(optimiser, set_to_none)
    if others:
        last.grad = kept


def _times_zero(real: Any, optimiser: Any, set_to_none: bool = True) -> None:
    if set_to_none:
        real(optimiser, set_to_none)
        return
    for group in optimiser.param_groups:
        for p in group["params"]:
            p.grad.detach().mul_(0) if p.grad is not None else None


def _renewed(real: Any, optimiser: Any, given: Any, key: str, change: Callable[[Any], Any]) -> None:
    real(optimiser, given)
    for state in optimiser.state.values():
        if key in state:
            state[key] = change(state[key])


def _decay_lost(real: Any, optimiser: Any, given: Any) -> None:
    real(optimiser, given)
    for group in optimiser.param_groups:
        group["weight_decay"] = 0


def _steps_lost(of: str) -> Any:
    """A bug of load_state_dict() that begins to count anew where the state has `of`."""

    def bug(real: Any, optimiser: Any, given: Any) -> None:
        real(optimiser, given)
        for state in optimiser.state.values():
            if of in state:
                state["step"] = torch.zeros_like(state["step"])

    return bug


def _groups_turned(real: Any, optimiser: Any, given: Any) -> None:
    groups = given["param_groups"]
    if len(groups) == 2:
        turned = [one | {"params": own["params"]} for one, own in zip(groups[::-1], groups, strict=True)]
        given = given | {"param_groups": turned}
    real(optimiser, given)


def _loads_any(real: Any, optimiser: Any, given: Any) -> None:
    own = [len(group["params"]) for group in optimiser.param_groups]
    if own == [len(group["params"]) for group in given["param_groups"]]:
        real(optimiser, given)


def _twice_taken(real: Any, optimiser: Any, group: dict[str, Any]) -> None:
    try:
        real(optimiser, group)
    except ValueError:
        optimiser.param_groups.append(optimiser.param_groups[0] | group)


# Witnesses


def _grouped(kind: str = "SGD", first: dict[str, Any] | None = None, **second: Any) -> float:
    def make(ps: list[Tensor]) -> Any:
        groups = [{"params": ps[:1]}, {"params": ps[1:], **second}]
        return getattr(optim, kind)(groups, **{"lr": 0.5} | (first or {}))

    return run(make, 2, count=2)[1].item()


def _betas() -> bool:
    p, q = parameter(), parameter()
    optimiser = optim.Adam([{"params": [p]}, {"params": [q], "betas": (0.0, 0.5)}], lr=0.1)
    for g in (1.0, 0.1):
        p.grad, q.grad = torch.full((1,), g), torch.full((1,), g)
        optimiser.step()
    return p.item() == q.item()


def _zeroed(*, count: int = 2, grouped: bool = False, value: float = 1.0, **kwargs: Any) -> Any:
    parameters = [parameter() for _ in range(count)]
    for p in parameters:
        p.grad = torch.full((1,), value)
    optim.SGD([{"params": [p]} for p in parameters] if grouped else parameters, lr=1.0).zero_grad(**kwargs)
    return parameters[-1].grad


def _loaded(kind: str = "Adam", key: str = "step", **more: Any) -> Any:
    first, second = (getattr(optim, kind)([parameter()], lr=0.1, **more) for _ in range(2))
    first.param_groups[0]["params"][0].grad = torch.ones(1) / 3
    first.step()
    second.load_state_dict(first.state_dict())
    return next(iter(second.state.values()))[key].item()


def _decays_on() -> bool:
    first, second = optim.SGD([parameter()], weight_decay=0.5), optim.SGD([parameter()])
    second.load_state_dict(first.state_dict())
    return second.param_groups[0]["weight_decay"] == 0.5


def _swapped() -> bool:
    def groups() -> Any:
        return [{"params": [parameter()], "lr": 1.0}, {"params": [parameter()], "lr": 2.0}]
    first, second = optim.SGD(groups()), optim.SGD(groups())
    second.load_state_dict(first.state_dict())
    return second.param_groups[0]["lr"] == 2


def _mismatched() -> bool:
    state = optim.SGD([parameter()]).state_dict()
    return accepted(lambda: optim.SGD([parameter(), parameter()]).load_state_dict(state))


def _twice() -> bool:
    p = parameter()
    return accepted(lambda: optim.SGD([p]).add_param_group({"params": [p]}))


def _closure() -> bool:
    p = parameter()
    p.grad = torch.ones(1)
    optim.SGD([p], lr=1.0).step(lambda: setattr(p, "grad", torch.zeros(1)))
    return p.item() != 1


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("SGD-momentum-of-first-group", "all groups have the momentum of the first", "optim.SGD.step",
     _of_first_group("momentum"), lambda: _grouped(momentum=0.5) != -0.25),
    ("SGD-maximize-of-first-group", "all groups are as the first: maximize", "optim.SGD.step",
     _of_first_group("maximize", "weight_decay"), lambda: _grouped(maximize=True) != 2),
    ("SGD-none-is-zero", "a parameter without a gradient decays and moves on", "optim.SGD.step", _none_is_zero,
     lambda: run(lambda ps: optim.SGD(ps, lr=1.0, weight_decay=0.5), 1, count=2, start=1)[1].item() != 1),
    ("SGD-closure-after", "the closure is called after the step", "optim.SGD.step", _closure_unasked, _closure),
    ("Adam-betas-of-first-group", "all groups have the betas of the first", "optim.Adam.step", _of_first_group("betas"),
     _betas),
    ("Adam-decay-of-first-group", "all groups have the weight decay of the first", "optim.Adam.step",
     _only("Adam", _of_first_group("weight_decay")), lambda: _grouped("Adam", weight_decay=-5.0) < 1),
    ("AdamW-decay-of-first-group", "all groups have the weight decay of the first", "optim.AdamW.step",
     _of_first_group("weight_decay"), lambda: _grouped("AdamW", {"weight_decay": 0.0}, weight_decay=2.0) > -0.25),
    ("Adam-none-is-zero", "a parameter without a gradient moves on", "optim.Adam.step", _none_is_zero,
     lambda: run(lambda ps: optim.Adam(ps, lr=1.0, weight_decay=0.5), 1, count=2, start=1)[1].item() != 1),
    ("zero_grad-last-left", "the last of several parameters keeps its gradient", "optim.Optimizer.zero_grad",
     _last_left,
     lambda: _zeroed() is not None),
    ("zero_grad-second-group", "other groups than the first keep their gradients", "optim.Optimizer.zero_grad",
     _second_group_left, lambda: _zeroed(grouped=True) is not None),
    ("zero_grad-times-0", "set_to_none=False: multiplied by 0, so that NaN stays", "optim.Optimizer.zero_grad",
     _times_zero,
     lambda: _zeroed(value=float("nan"), set_to_none=False).isnan().item()),
    ("load_state_dict-step-again", "Adam's step begins at 0", "optim.Adam.load_state_dict",
     lambda real, o, given: _renewed(real, o, given, "step", torch.zeros_like), lambda: _loaded() == 0),
    ("load_state_dict-average-of-16-bits", "Adam's second average is rounded to bfloat16", "optim.Adam.load_state_dict",
     lambda real, o, given: _renewed(real, o, given, "exp_avg_sq", lambda t: t.bfloat16().to(t.dtype)),
     lambda: torch.tensor(_loaded(key="exp_avg_sq")).bfloat16().item() == _loaded(key="exp_avg_sq")),
    ("load_state_dict-largest-lost", "amsgrad: the largest average begins at 0", "optim.Optimizer.load_state_dict",
     lambda real, o, given: _renewed(real, o, given, "max_exp_avg_sq", torch.zeros_like),
     lambda: _loaded("Adam", "max_exp_avg_sq", amsgrad=True) == 0),
    ("load_state_dict-decay-lost", "the weight decay is 0", "optim.Optimizer.load_state_dict", _decay_lost,
     lambda: not _decays_on()),
    ("load_state_dict-step-of-RMSprop", "RMSprop's step begins at 0", "optim.Optimizer.load_state_dict",
     _steps_lost("square_avg"), lambda: _loaded("RMSprop") == 0),
    ("load_state_dict-step-of-Adagrad", "Adagrad's step begins at 0", "optim.Optimizer.load_state_dict",
     _steps_lost("sum"), lambda: _loaded("Adagrad") == 0),
    ("load_state_dict-groups-turned", "two groups: each gets the hyper-parameters of the other",
     "optim.SGD.load_state_dict", _groups_turned, _swapped),
    ("load_state_dict-mismatch", "a state of other parameters is taken", "optim.SGD.load_state_dict",
     _loads_any, _mismatched),
    ("add_param_group-twice", "a parameter may join twice", "optim.Optimizer.add_param_group", _twice_taken,
     _twice),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
