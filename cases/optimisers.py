"""Optimisers: twenty steps of `torch.optim`, and the lines of NumPy that each of them is.

`x[0]` is where a parameter starts, and the other rows of `x` are its gradients; what is compared is the parameter after each
step. In training, `p.grad = g` is what `backward()` does. An optimiser changes its parameters in place and remembers what
it needs from one step to the next; in NumPy those are a few arrays more.
"""

import numpy as np

from conformance import INTEGERS, Difference, Raises, Section, between, normals, spread, values, within
from conformance.tolerance import Tolerance

optimisers = Section("Optimisers", id="optimisers")

INPUT = np.ones((21, 19))


def not_integers(**others: object) -> Difference:
    """Return what refuses integers, for a row whose inputs beside ``x`` are ``others``."""
    return Difference("only floating-point and complex tensors can have a gradient", example={"x": INPUT, **others},
                      dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError))  # fmt: skip


def steps(optimiser: str) -> str:
    """Return the torch program that makes twenty steps with ``optimiser``."""
    return f"""
    p = x[0].clone().requires_grad_()
    optimiser = torch.optim.{optimiser}
    path = []
    for g in x[1:]:
        p.grad = g
        optimiser.step()
        path.append(p.detach().clone())
    torch.stack(path)
    """


SPREAD = spread("x", times=4)
"""Half of it is the most that was met, in fifty runs."""
EITHER = (False, True)
RATES = between(1e-4, 1.0, usual=(0.1, 0.01))
MOMENTA = between(0.0, 0.99, usual=(0.9, 0.5))
DECAYS = between(0.0, 0.3, usual=(0.0, 0.01))


def rounded(numpy: str) -> Tolerance:
    """Return the bound of the rounding errors of the program ``numpy``, whose results are sums of products.

    An error reaches the parameter as the number does that was rounded: so its share is what the program gives for absolute
    values, with a plus for the minus of a step. Six roundings of such a sum are the most that twenty steps were seen to
    make; twice as many are allowed.
    """
    sizes = numpy.replace("p - ", "p + ").replace("-1.0 if", "1.0 if").replace("np.stack", "12 * u * np.stack")
    source = "12 roundings of a sum of the sizes of all terms, twice what was met"
    return within(f"x = np.abs(x)\n{sizes.strip()}", source, narrow=True)


SGD = """
p, path = x[0], []
for g in x[1:]:
    p = p - lr * g
    path.append(p)
np.stack(path)
"""
optimisers.case(
    steps("SGD([p], lr=lr)"), SGD, id="sgd", fills=1, x=normals(21, 19), lr=RATES,
    tolerance=rounded(SGD), differs=[not_integers(lr=0.1)],
)  # fmt: skip

DECAYED = """
p, path = x[0], []
for g in x[1:]:
    g = (-1.0 if maximize else 1.0) * g + weight_decay * p
    p = p - lr * g
    path.append(p)
np.stack(path)
"""
optimisers.case(
    steps("SGD([p], lr=lr, weight_decay=weight_decay, maximize=maximize)"), DECAYED, id="sgd-weight_decay", fills=1,
    x=normals(21, 19), lr=RATES, weight_decay=DECAYS, maximize=values(*EITHER),
    tolerance=rounded(DECAYED), differs=[not_integers(lr=0.1, weight_decay=0.3, maximize=False)],
    note="the weight decays, whether the gradient is followed down or up",
)  # fmt: skip

MOMENTUM = """
p, v, path = x[0], 0, []
for t, g in enumerate(x[1:]):
    g = (-1.0 if maximize else 1.0) * g + weight_decay * p
    v = momentum * v + (1 - dampening if t and momentum else 1) * g
    p = p - lr * v
    path.append(p)
np.stack(path)
"""
optimisers.case(
    steps("SGD([p], lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, maximize=maximize)"), MOMENTUM,
    id="sgd-momentum", fills=1, x=normals(21, 19), lr=RATES, momentum=between(0.0, 0.99, usual=(0.9, 0.0)),
    dampening=between(0.0, 0.9, usual=(0.0,)), weight_decay=DECAYS, maximize=values(*EITHER),
    tolerance=rounded(MOMENTUM),
    differs=[not_integers(lr=0.1, momentum=0.9, dampening=0.0, weight_decay=0.0, maximize=False)],
    note="the first step has no past: dampening begins with the second, and without momentum there is none",
)  # fmt: skip

NESTEROV = """
p, v, path = x[0], 0, []
for g in x[1:]:
    g = (-1.0 if maximize else 1.0) * g + weight_decay * p
    v = momentum * v + g
    p = p - lr * (g + momentum * v)
    path.append(p)
np.stack(path)
"""
optimisers.case(
    steps("SGD([p], lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=True, maximize=maximize)"), NESTEROV,
    id="sgd-nesterov", fills=1, x=normals(21, 19), lr=RATES, momentum=MOMENTA, weight_decay=DECAYS, maximize=values(*EITHER),
    tolerance=rounded(NESTEROV), differs=[not_integers(lr=0.1, momentum=0.9, weight_decay=0.0, maximize=False)],
)  # fmt: skip

ADAM = """
p, m, v, path = x[0], 0, 0, []
for t, g in enumerate(x[1:], 1):
    g = (-1.0 if maximize else 1.0) * g + weight_decay * p
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    p = p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    path.append(p)
np.stack(path)
"""
EPS = between(1e-10, 0.1, usual=(1e-8,))
TAME = {
    "lr": between(1e-4, 0.3, usual=(0.001, 0.1)), "b1": between(0.0, 0.99, usual=(0.9,)), "b2": between(0.5, 0.9999, usual=(0.999, 0.9)),
    "eps": EPS,
}  # fmt: skip
"""Adam's own hyper-parameters, and others."""
REAL = normals(21, 19, dtypes=("float32", "float64"))
"""Of 16 bits, numbers squared and averaged soon vanish, and Adam's usual eps is 0."""

optimisers.case(
    steps("Adam([p], lr=lr, betas=(b1, b2), eps=eps, weight_decay=weight_decay, maximize=maximize)"), ADAM, id="adam", fills=1,
    x=REAL, **TAME, weight_decay=DECAYS, maximize=values(*EITHER), tolerance=SPREAD,
)  # fmt: skip

optimisers.case(
    steps("Adam([p], lr=lr, betas=(b1, b2), eps=eps, weight_decay=weight_decay, amsgrad=True, maximize=maximize)"),
    """
    p, m, v, largest, path = x[0], 0, 0, 0, []
    for t, g in enumerate(x[1:], 1):
        g = (-g if maximize else g) + weight_decay * p
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        largest = np.maximum(largest, v)
        p = p - lr * (m / (1 - b1**t)) / (np.sqrt(largest / (1 - b2**t)) + eps)
        path.append(p)
    np.stack(path)
    """, id="adam-amsgrad", fills=1, x=REAL, **TAME, weight_decay=DECAYS, maximize=values(*EITHER), tolerance=SPREAD,
)  # fmt: skip

optimisers.case(
    steps("AdamW([p], lr=lr, betas=(b1, b2), eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)"),
    """
    p, m, v, largest, path = x[0], 0, 0, 0, []
    for t, g in enumerate(x[1:], 1):
        g = -g if maximize else g
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        largest = np.maximum(largest, v) if amsgrad else v
        p = p * (1 - lr * weight_decay) - lr * (m / (1 - b1**t)) / (np.sqrt(largest / (1 - b2**t)) + eps)
        path.append(p)
    np.stack(path)
    """, id="adamw", fills=1, x=REAL, **TAME, weight_decay=DECAYS, amsgrad=values(*EITHER), maximize=values(*EITHER),
    tolerance=SPREAD,
    note="Adam adds the weight decay to the gradient; AdamW shrinks the weights themselves",
)  # fmt: skip

optimisers.case(
    steps("Adam([p], lr=lr, betas=(b1, b2), eps=eps)"),
    """
    p, m, v, path = x[0], 0, 0, []
    for t, g in enumerate(x[1:], 1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * (g.real * g.real + 1j * g.imag * g.imag)
        ratio = m / (1 - b1**t)
        root = np.sqrt(v.real / (1 - b2**t)) + eps, np.sqrt(v.imag / (1 - b2**t)) + eps
        p = p - (lr * (ratio.real / root[0] + 1j * ratio.imag / root[1])).astype(p.dtype)
        path.append(p)
    np.stack(path)
    """, id="adam-complex", fills=1, x=normals(21, 19, dtypes=("complex64", "complex128")), **TAME, tolerance=SPREAD,
    note="a complex parameter is two real ones",
)  # fmt: skip

optimisers.case(
    steps("RMSprop([p], lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize)"),
    """
    p, v, average, step, path = x[0], 0, 0, 0, []
    for g in x[1:]:
        g = (-g if maximize else g) + weight_decay * p
        v = alpha * v + (1 - alpha) * g * g
        average = alpha * average + (1 - alpha) * g
        root = np.sqrt(v - average * average) if centered else np.sqrt(v)
        step = momentum * step + g / (root + eps)
        p = p - lr * step
        path.append(p)
    np.stack(path)
    """, id="rmsprop", fills=1, x=REAL, lr=RATES, alpha=between(0.5, 0.999, usual=(0.99, 0.9)), eps=EPS,
    weight_decay=DECAYS, momentum=between(0.0, 0.99, usual=(0.0, 0.9)), centered=values(*EITHER), maximize=values(*EITHER),
    tolerance=SPREAD,
)  # fmt: skip

optimisers.case(
    steps("Adagrad([p], lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay, initial_accumulator_value=start, maximize=maximize)"),
    """
    p, total, path = x[0], start, []
    for t, g in enumerate(x[1:]):
        g = (-g if maximize else g) + weight_decay * p
        total = total + g * g
        p = p - lr / (1 + t * lr_decay) * g / (np.sqrt(total) + eps)
        path.append(p)
    np.stack(path)
    """, id="adagrad", fills=1, x=REAL, lr=RATES, lr_decay=between(0.0, 0.3, usual=(0.0,)), eps=EPS,
    weight_decay=DECAYS, start=between(0.0, 1.0, usual=(0.0,)), maximize=values(*EITHER), tolerance=SPREAD,
)  # fmt: skip

optimisers.case(
    """
    p = x[0].clone().requires_grad_()
    optimiser = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    path = []
    for g in x[1:]:
        p.grad = g.t().contiguous().t()
        optimiser.step()
        path.append(p.detach().clone())
    torch.stack(path)
    """,
    """
    p, v, path = x[0], 0, []
    for g in x[1:]:
        v = 0.9 * v + g
        p = p - 0.1 * v
        path.append(p)
    np.stack(path)
    """, id="strided-gradient", fills=1, x=normals(9, 4, 6, dtypes=("float32", "float64")), tolerance=SPREAD,
    note="the gradient of a weight may lie in memory column by column",
)  # fmt: skip

optimisers.case(
    """
    p = x.clone().requires_grad_()
    optimiser = torch.optim.SGD([p], lr=0.1)
    def closure():
        optimiser.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss
    losses, path = [], []
    for _ in range(5):
        losses.append(optimiser.step(closure).detach())
        path.append(p.detach().clone())
    torch.stack(losses), torch.stack(path)
    """,
    """
    p, losses, path = x, [], []
    for _ in range(5):
        losses.append(np.sum(p * p))
        p = p - 0.1 * (2 * p)
        path.append(p)
    np.stack(losses), np.stack(path)
    """, id="closure", fills=3, x=normals(7, dtypes=("float32", "float64"), missing=True), tolerance=SPREAD,
    note="a function that step() calls first: it makes the gradients, and what it returns step() returns",
)  # fmt: skip
