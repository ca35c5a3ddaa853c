"""Faults in schedules of the learning rate, and in clipping gradients."""

from typing import Any

import torch
from torch import Tensor

from .patching import programs

SCHEDULES = torch.optim.lr_scheduler
STEP = "optim.lr_scheduler.LRScheduler.step"


def _early(real: Any, schedule: Any) -> list[float]:
    schedule.last_epoch += 1
    try:
        return real(schedule)
    finally:
        schedule.last_epoch -= 1


def _once(real: Any, schedule: Any) -> list[float]:
    """A milestone given twice counts once."""
    kept = dict(schedule.milestones)
    schedule.milestones.update(dict.fromkeys(kept, 1))
    try:
        return real(schedule)
    finally:
        schedule.milestones.update(kept)


def _stays_low(real: Any, schedule: Any) -> list[float]:
    if schedule.last_epoch > schedule.T_max:
        return [group["lr"] for group in schedule.optimizer.param_groups]
    return real(schedule)


def _to_the_whole(real: Any, schedule: Any) -> list[float]:
    kept, schedule.end_factor = schedule.end_factor, 1.0
    try:
        return real(schedule)
    finally:
        schedule.end_factor = kept


def _first_group_only(real: Any, schedule: Any) -> list[float]:
    rates = real(schedule)
    return rates[:1] + [group["lr"] for group in schedule.optimizer.param_groups[1:]]


def _begins_again(real: Any, schedule: Any, state: dict[str, Any]) -> None:
    real(schedule, state | {"last_epoch": 0})


def _one_short(real: Any, schedule: Any) -> list[float]:
    rates = real(schedule)
    return [rate * (1 + 1e-9) for rate in rates] if schedule.last_epoch == 37 else rates


def _below_a_third(real: Any, schedule: Any) -> list[float]:
    kept, schedule.gamma = schedule.gamma, schedule.gamma * (1 + 1e-9 * (0.2 < schedule.gamma < 0.4))
    try:
        return real(schedule)
    finally:
        schedule.gamma = kept


def _each_alone(real: Any, parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Tensor:
    parameters = list(parameters)
    norms = [real([p], max_norm, *args, **kwargs) for p in parameters]
    return torch.stack(norms).norm()


def _always_scaled(real: Any, parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Tensor:
    parameters = list(parameters)
    norm = real(parameters, float("inf"), *args, **kwargs)
    for p in parameters:
        p.grad.mul_(max_norm / (norm + 1e-6))
    return norm


def _always_two(real: Any, parameters: Any, max_norm: float, norm_type: float = 2.0, *args: Any,
                **kwargs: Any) -> Tensor:
    return real(parameters, max_norm, 2.0, *args, **kwargs)


def _none_is_an_end(real: Any, parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Tensor:
    """Parameters after one without a gradient are left out."""
    before: list[Tensor] = []
    for p in parameters:
        if p.grad is None:
            break
        before.append(p)
    return real(before, max_norm, *args, **kwargs)


def _above_only(real: Any, parameters: Any, clip_value: float, *args: Any, **kwargs: Any) -> None:
    for p in parameters:
        p.grad.clamp_(max=clip_value)


def _one(value: float | None = 1.0) -> Tensor:
    p = torch.zeros(1, requires_grad=True)
    p.grad = None if value is None else torch.full((1,), value)
    return p


def _rates(make: Any, count: int, groups: int = 1, *, resumed: bool = False) -> float:
    """Return the rate of the last group after so many steps."""
    optimiser = torch.optim.SGD([{"params": [_one()], "lr": 1.0} for _ in range(groups)])
    schedule = make(optimiser)
    for _ in range(count):
        optimiser.step()
        schedule.step()
    if resumed:
        other = make(torch.optim.SGD([_one()], lr=1.0))
        other.load_state_dict(schedule.state_dict())
        return float(other.last_epoch)
    return optimiser.param_groups[-1]["lr"]


def _norm(*values: float | None, most: float = 1.0, kind: float = 2.0) -> Any:
    parameters = [_one(value) for value in values]
    norm = torch.nn.utils.clip_grad_norm_(parameters, most, kind)
    return norm.item(), parameters[-1].grad.item()


def _clipped() -> bool:
    p = _one(-2.0)
    torch.nn.utils.clip_grad_value_([p], 1.0)
    return p.grad.item() != -1


OF, CLIP = "optim.lr_scheduler.", "nn.utils.clip_grad_norm_"

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("StepLR-one-early", "a rate comes a step early", f"{OF}StepLR.get_lr", _early,
     lambda: _rates(lambda o: SCHEDULES.StepLR(o, 2), 1) != 1),
    ("StepLR-first-group", "the rates of other groups stay", f"{OF}StepLR.get_lr", _first_group_only,
     lambda: _rates(lambda o: SCHEDULES.StepLR(o, 1), 1, 2) == 1),
    ("StepLR-begins-again", "load_state_dict() begins at step 0", f"{OF}LRScheduler.load_state_dict", _begins_again,
     lambda: _rates(lambda o: SCHEDULES.StepLR(o, 1), 3, resumed=True) != 3),
    ("MultiStepLR-twice-is-once", "a milestone given twice counts once", f"{OF}MultiStepLR.get_lr", _once,
     lambda: _rates(lambda o: SCHEDULES.MultiStepLR(o, [1, 1], 0.5), 1) != 0.25),
    ("ExponentialLR-step-37", "the rate of step 37 is a billionth too large", f"{OF}ExponentialLR.get_lr", _one_short,
     lambda: _rates(lambda o: SCHEDULES.ExponentialLR(o, 1.0), 37) != 1, "-", True),
    ("ExponentialLR-gamma-of-a-range", "0.2 < gamma < 0.4: a billionth more", f"{OF}ExponentialLR.get_lr",
     _below_a_third, lambda: _rates(lambda o: SCHEDULES.ExponentialLR(o, 0.25), 1) != 0.25, "-"),
    ("CosineAnnealingLR-stays", "after T_max the rate stays", f"{OF}CosineAnnealingLR.get_lr", _stays_low,
     lambda: _rates(lambda o: SCHEDULES.CosineAnnealingLR(o, 1), 2) < 0.5),
    ("LinearLR-to-the-whole", "end_factor is 1 whatever is given", f"{OF}LinearLR.get_lr", _to_the_whole,
     lambda: _rates(lambda o: SCHEDULES.LinearLR(o, 1.0, 0.5, 1), 1) != 0.5),
    ("clip_grad_norm_-each-alone", "each gradient is clipped by its own norm", CLIP, _each_alone,
     lambda: abs(_norm(3.0, 4.0)[1] - 0.8) > 0.01),
    ("clip_grad_norm_-grows", "smaller gradients are made larger", CLIP, _always_scaled, lambda: _norm(0.5)[1] != 0.5),
    ("clip_grad_norm_-always-2", "norm_type is 2 whatever is given", CLIP, _always_two,
     lambda: _norm(3.0, 4.0, kind=1.0)[0] != 7),
    ("clip_grad_norm_-none-ends", "gradients after one that is None are left out", CLIP, _none_is_an_end,
     lambda: _norm(3.0, None, 4.0)[0] == 3),
    ("clip_grad_value_-above-only", "nothing is clipped below", "nn.utils.clip_grad_value_", _above_only, _clipped),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
