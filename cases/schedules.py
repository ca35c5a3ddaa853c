"""Schedules and clipping: the learning rate of each step, and gradients kept small.

A scheduler computes each rate from the one before, so that it can follow another; NumPy's formulas give all at once.
"""

import math

import numpy as np

from conformance import FLOATS, INTEGERS, Difference, Raises, Section, between, normals, tensors, ulp, values, within

schedules = Section("Schedules and clipping", id="schedules")


def rates(scheduler: str) -> str:
    """Return the torch program that gives the learning rates of 40 steps under ``scheduler``."""
    return f"""
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = torch.optim.lr_scheduler.{scheduler}
    rates = []
    for _ in range(40):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    torch.tensor(rates, dtype=torch.float64)
    """


RATE = between(1e-4, 1.0, usual=(0.1,))
GAMMA = between(0.1, 1.0, usual=(0.5,))
A_ROUNDING_A_STEP = within("40 * u * np.abs(exact)", "39 rates, each the one before, multiplied and rounded by u at most")

schedules.case(
    rates("StepLR(optimiser, step_size=every, gamma=gamma)"), "lr * gamma ** (np.arange(40) // every)", id="StepLR",
    lr=RATE, every=values(10, 1, 3), gamma=GAMMA, tolerance=A_ROUNDING_A_STEP,
)  # fmt: skip
schedules.case(
    rates("MultiStepLR(optimiser, milestones=at, gamma=gamma)"), "lr * gamma ** np.searchsorted(at, np.arange(40), side='right')",
    id="MultiStepLR", lr=RATE, at=values([10, 30], [5], [1, 2, 39]), gamma=GAMMA, tolerance=A_ROUNDING_A_STEP,
)  # fmt: skip
schedules.case(
    rates("ExponentialLR(optimiser, gamma=gamma)"), "lr * gamma ** np.arange(40)", id="ExponentialLR", lr=RATE,
    gamma=GAMMA, tolerance=A_ROUNDING_A_STEP,
)  # fmt: skip
schedules.case(
    rates("CosineAnnealingLR(optimiser, T_max=half, eta_min=least)"),
    "least + (lr - least) * (1 + np.cos(np.pi * np.arange(40) / half)) / 2", id="CosineAnnealingLR", lr=RATE,
    half=values(39, 10, 50), least=between(0.0, 0.1, usual=(0.0,)),
    tolerance=within("np.where(np.arange(40) <= half, 24, 150) * u * max(lr, least)", "each rate is made of the one before, and rises again "
                     "from a 1 + cos with few digits: twice what was met"),
    note="after T_max steps it rises again",
)  # fmt: skip
schedules.case(
    rates("LinearLR(optimiser, start_factor=first, end_factor=last, total_iters=steps)"),
    "lr * (first + (last - first) * np.minimum(np.arange(40), steps) / steps)", id="LinearLR", lr=RATE,
    first=between(0.01, 1.0, usual=(0.1,)), last=between(0.0, 1.0, usual=(1.0,)),
    steps=values(5, 20, 60),
    tolerance=within("28 * u * lr * (first + abs(last - first) * np.minimum(np.arange(40), steps) / steps)",
                     "each rate is made of the one before by three roundings or more: twice what was met, in 3,000 schedules"),
)  # fmt: skip
schedules.case(
    rates("LambdaLR(optimiser, lambda t: 1 / (1 + t))"), "lr / (1 + np.arange(40))", id="LambdaLR", lr=RATE,
    tolerance=ulp(2, "PyTorch multiplies by a quotient; NumPy divides"),
)  # fmt: skip

schedules.case(
    """
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    optimiser = torch.optim.SGD([{"params": [parameters[0]]}, {"params": [parameters[1]], "lr": 0.5}], lr=0.1)
    make = lambda: torch.optim.lr_scheduler.StepLR(optimiser, step_size=3, gamma=0.5)
    scheduler = make()
    rates = []
    for t in range(21):
        if t == stop:
            state, now = scheduler.state_dict(), [group["lr"] for group in optimiser.param_groups]
            scheduler = make()
            scheduler.load_state_dict(state)
            for group, rate in zip(optimiser.param_groups, now):
                group["lr"] = rate
        rates.append([group["lr"] for group in optimiser.param_groups])
        optimiser.step()
        scheduler.step()
    torch.tensor(rates, dtype=torch.float64), torch.tensor(scheduler.get_last_lr(), dtype=torch.float64)
    """,
    """
    rates = 0.5 ** (np.arange(22) // 3)[:, None] * np.array([0.1, 0.5])
    rates[:-1], rates[-1]
    """, id="groups", stop=values(7, 0, 100), note="each group has a rate of its own; a schedule that is taken up again goes on where it was",
)  # fmt: skip

schedules.case(
    """
    parameters = [torch.zeros_like(t, requires_grad=True) for t in (x, x, y)]
    parameters[0].grad, parameters[2].grad = x.clone(), y.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, most, norm_type=kind)
    norm, parameters[0].grad, parameters[2].grad
    """,
    """
    norm = np.linalg.norm([np.linalg.norm(x, kind), np.linalg.norm(y, kind)], kind)
    scale = np.minimum(1, most / (norm + 1e-6))
    norm, scale * x, scale * y
    """, id="clip_grad_norm_-kinds", x=normals(5, dtypes=("float64",), missing=True), y=normals(21, dtypes=("float64",)), most=values(1.0, 0.1, 100.0),
    kind=values(2.0, 1.0, math.inf, 3.0), fills=6, tolerance=ulp(32, "26 powers are added in any order, a root, a quotient and a product"),
    note="a parameter without a gradient counts for nothing",
)  # fmt: skip

schedules.case(
    """
    p, q = torch.zeros_like(x, requires_grad=True), torch.zeros_like(y, requires_grad=True)
    p.grad, q.grad = x.clone(), y.clone()
    norm = torch.nn.utils.clip_grad_norm_([p, q], most)
    norm, p.grad, q.grad
    """,
    """
    norm = np.sqrt(np.linalg.norm(x) ** 2 + np.linalg.norm(y) ** 2)
    scale = np.minimum(1, most / (norm + 1e-6))
    norm, scale * x, scale * y
    """, id="clip_grad_norm_", x=normals(5, missing=True), y=normals(3, 7, missing=True), most=values(1.0, 0.1, 100.0), fills=6,
    tolerance=ulp(6, "sums of squares, roots, a quotient and a product are rounded on each side"),
    differs=[Difference("only floating-point and complex tensors can have a gradient", dtypes=("bool", *INTEGERS),
                        example={"x": np.ones(5), "y": np.ones((3, 7)), "most": 1.0}, torch=Raises(RuntimeError))],
    note="the norm is that of all gradients together, which are all shrunk alike",
)  # fmt: skip
schedules.case(
    """
    p = torch.zeros_like(x, requires_grad=True)
    p.grad = x
    torch.nn.utils.clip_grad_value_([p], most)
    p.grad
    """, "np.clip(x, -most, most, out=x)", id="clip_grad_value_", x=tensors(dtypes=FLOATS, overlapping=False),
    most=values(1.0, 0.1), shares_memory=True, fills=2,
)  # fmt: skip
