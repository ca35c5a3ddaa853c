"""Parameter groups and state: what an optimiser remembers, for which parameters, and how it is kept and taken up again.

`x[0]` is where a parameter starts, and the other rows of `x` are its gradients, as in the steps of optimisers.
"""

import numpy as np

from conformance import INTEGERS, Difference, Raises, Section, between, normals, spread, values

state = Section("Parameter groups and state", id="optimiser-state")

REAL = normals(21, 5, dtypes=("float32", "float64"))
EITHER = (False, True)
AS_NUMPY = spread("x", times=4)
"""Half of it is the most that was met, in fifty runs."""
NOT_INTEGERS = Difference("only floating-point and complex tensors can have a gradient", example={"x": np.ones(5)},
                          dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError))  # fmt: skip

state.case(
    """
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    optimiser = torch.optim.SGD([{"params": [p]}, {"params": [q], "lr": other}], lr=lr)
    for g in x[1:]:
        p.grad, q.grad = g, g
        optimiser.step()
    torch.stack([p, q]).detach()
    """,
    """
    p = q = x[0]
    for g in x[1:]:
        p = p - lr * g
        q = q - other * g
    np.stack([p, q])
    """, id="parameter-groups", fills=1, x=REAL, lr=between(1e-4, 0.3, usual=(0.1,)), other=between(1e-4, 0.3, usual=(0.3,)), tolerance=AS_NUMPY,
)  # fmt: skip

state.case(
    """
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    others = {"lr": 0.3, "momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov, "maximize": maximize}
    optimiser = torch.optim.SGD([{"params": [p]}, {"params": [q], **others}], lr=0.1, momentum=0.9)
    for g in x[1:]:
        p.grad, q.grad = g, g
        optimiser.step()
    torch.stack([p, q]).detach()
    """,
    """
    p = q = x[0]
    v = w = 0
    for g in x[1:]:
        v = 0.9 * v + g
        p = p - 0.1 * v
        g = (-g if maximize else g) + weight_decay * q
        w = momentum * w + g
        q = q - 0.3 * (g + momentum * w if nesterov else w)
    np.stack([p, q])
    """, id="parameter-groups-all", fills=1, x=REAL, momentum=between(0.1, 0.99, usual=(0.5,)), weight_decay=between(0.0, 0.3, usual=(0.3, 0.0)), nesterov=values(*EITHER),
    maximize=values(*EITHER), tolerance=AS_NUMPY, note="every hyper-parameter may be that of a group",
)  # fmt: skip

ADAM_OF_GROUPS = """
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    others = {"lr": 0.3, "betas": (b1, b2), "eps": 0.01, "weight_decay": decay, "amsgrad": amsgrad, "maximize": maximize}
    optimiser = torch.optim.{kind}([{"params": [p]}, {"params": [q], **others}], lr=0.1, weight_decay=first)
    for g in x[1:]:
        p.grad, q.grad = g, g
        optimiser.step()
    torch.stack([p, q]).detach()
"""
OF_ADAM = {
    "x": REAL, "b1": between(0.1, 0.99, usual=(0.5,)), "b2": between(0.5, 0.999, usual=(0.9,)), "first": between(0.0, 0.3, usual=(0.0,)),
    "decay": between(0.0, 0.3, usual=(0.3, 0.0)), "amsgrad": values(*EITHER), "maximize": values(*EITHER),
}  # fmt: skip

state.case(
    ADAM_OF_GROUPS.replace("{kind}", "Adam"),
    """
    def adam(p, lr, b1, b2, eps, decay, amsgrad, maximize):
        m = v = largest = 0
        for t, g in enumerate(x[1:], 1):
            g = (-g if maximize else g) + decay * p
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            largest = np.maximum(largest, v) if amsgrad else v
            p = p - lr * (m / (1 - b1**t)) / (np.sqrt(largest / (1 - b2**t)) + eps)
        return p
    np.stack([adam(x[0], 0.1, 0.9, 0.999, 1e-8, first, False, False), adam(x[0], 0.3, b1, b2, 0.01, decay, amsgrad, maximize)])
    """, id="parameter-groups-adam", fills=1, **OF_ADAM, tolerance=AS_NUMPY,
)  # fmt: skip

state.case(
    ADAM_OF_GROUPS.replace("{kind}", "AdamW"),
    """
    def adamw(p, lr, b1, b2, eps, decay, amsgrad, maximize):
        m = v = largest = 0
        for t, g in enumerate(x[1:], 1):
            g = -g if maximize else g
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            largest = np.maximum(largest, v) if amsgrad else v
            p = p * (1 - lr * decay) - lr * (m / (1 - b1**t)) / (np.sqrt(largest / (1 - b2**t)) + eps)
        return p
    np.stack([adamw(x[0], 0.1, 0.9, 0.999, 1e-8, first, False, False), adamw(x[0], 0.3, b1, b2, 0.01, decay, amsgrad, maximize)])
    """, id="parameter-groups-adamw", fills=1, **OF_ADAM, tolerance=AS_NUMPY,
    note="weights that decay in one group and biases that do not in another are what most programs have",
)  # fmt: skip

state.case(
    """
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    optimiser = torch.optim.SGD([p, q], lr=0.1, momentum=0.9, weight_decay=0.3)
    path = []
    for t, g in enumerate(x[1:]):
        p.grad, q.grad = g, g if t % 3 == at else None
        optimiser.step()
        path.append(torch.stack([p, q]).detach())
    torch.stack(path)
    """,
    """
    p = q = x[0]
    v = w = 0
    path = []
    for t, g in enumerate(x[1:]):
        v = 0.9 * v + g + 0.3 * p
        p = p - 0.1 * v
        if t % 3 == at:
            w = 0.9 * w + g + 0.3 * q
            q = q - 0.1 * w
        path.append(np.stack([p, q]))
    np.stack(path)
    """, id="no-gradient", fills=1, x=REAL, at=values(1, 0), tolerance=AS_NUMPY,
    note="a parameter without a gradient stays as it is: neither momentum nor weight decay moves it",
)  # fmt: skip

state.case(
    """
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    optimiser = torch.optim.Adam([p, q], lr=0.1, weight_decay=0.3)
    path = []
    for t, g in enumerate(x[1:]):
        p.grad, q.grad = g, g if t % 3 == at else None
        optimiser.step()
        path.append(torch.stack([p, q]).detach())
    torch.stack(path)
    """,
    """
    def step(p, g, m, v, t):
        g = g + 0.3 * p
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g * g
        return p - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v
    p, m, v = x[0], 0, 0
    q, n, w = x[0], 0, 0
    path = []
    for t, g in enumerate(x[1:]):
        p, m, v = step(p, g, m, v, t + 1)
        if t % 3 == at:
            q, n, w = step(q, g, n, w, t // 3 + 1)
        path.append(np.stack([p, q]))
    np.stack(path)
    """, id="no-gradient-adam", fills=1, x=REAL, at=values(1, 0), tolerance=AS_NUMPY, note="each parameter has a count of its own steps",
)  # fmt: skip

state.case(
    """
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    optimiser = torch.optim.SGD([p], lr=lr, momentum=0.9)
    for t, g in enumerate(x[1:]):
        if t == start:
            optimiser.add_param_group({"params": [q], "lr": other})
        p.grad, q.grad = g, g
        optimiser.step()
    torch.stack([p, q]).detach()
    """,
    """
    p = q = x[0]
    v = w = 0
    for t, g in enumerate(x[1:]):
        v = 0.9 * v + g
        p = p - lr * v
        if t >= start:
            w = 0.9 * w + g
            q = q - other * w
    np.stack([p, q])
    """, id="add_param_group", fills=1, x=REAL, lr=values(0.1, 0.01), other=values(0.3, 0.001), start=values(10, 3),
    tolerance=AS_NUMPY, note="the momentum of a parameter begins when it joins",
)  # fmt: skip

state.case(
    """
    p = x[0].clone().requires_grad_()
    optimiser = torch.optim.Adam([p], lr=lr)
    path = []
    for t, g in enumerate(x[1:]):
        if t == pause:
            kept = optimiser.state_dict()
            p = p.detach().clone().requires_grad_()
            optimiser = torch.optim.Adam([p])
            optimiser.load_state_dict(kept)
        p.grad = g
        optimiser.step()
        path.append(p.detach().clone())
    torch.stack(path)
    """,
    """
    p, state, path = x[0], {"m": 0, "v": 0, "t": 0, "lr": lr}, []
    for g in x[1:]:
        state["t"] += 1
        state["m"] = 0.9 * state["m"] + (1 - 0.9) * g
        state["v"] = 0.999 * state["v"] + (1 - 0.999) * g * g
        ratio = state["m"] / (1 - 0.9 ** state["t"])
        p = p - state["lr"] * ratio / (np.sqrt(state["v"] / (1 - 0.999 ** state["t"])) + 1e-8)
        path.append(p)
    np.stack(path)
    """, id="state_dict", fills=1, x=REAL, lr=values(0.1, 0.01), pause=values(10, 1), tolerance=AS_NUMPY,
    note="what must be kept beside the parameters: two averages, the number of steps, the hyper-parameters",
)  # fmt: skip

state.case(
    """
    def trained(pause):
        p = x[0].clone().requires_grad_()
        optimiser = torch.optim.Adam([p], lr=lr)
        for t, g in enumerate(x[1:]):
            if t == pause:
                kept = optimiser.state_dict()
                optimiser = torch.optim.Adam([p])
                optimiser.load_state_dict(kept)
            p.grad = g
            optimiser.step()
        return p
    torch.equal(trained(pause), trained(None))
    """,
    "True", id="state_dict-identical", fills=1, x=REAL, lr=values(0.1, 0.01), pause=values(10, 1),
    note="an optimiser that takes over the state of another goes on to the last bit as if nothing had been",
)  # fmt: skip

state.case(
    """
    p = x.clone().requires_grad_()
    p.grad = x
    torch.optim.SGD([p], lr=0.1).zero_grad()
    p.grad is None
    """, "True", id="zero_grad", x=normals(5), differs=[NOT_INTEGERS], note="there is no gradient, rather than one of zeros",
)  # fmt: skip
state.case(
    """
    p = x.clone().requires_grad_()
    p.grad = x
    torch.optim.SGD([p], lr=0.1).zero_grad(set_to_none=False)
    p.grad
    """, "x[...] = 0\nx", id="zero_grad-zeros", x=normals(5), shares_memory=True, differs=[NOT_INTEGERS],
)  # fmt: skip
state.case(
    """
    p, q = x.clone().requires_grad_(), x.clone().requires_grad_()
    p.grad, q.grad = x, x
    torch.optim.SGD([{"params": [p]}, {"params": [q]}], lr=0.1).zero_grad()
    p.grad is None, q.grad is None
    """, "True, True", id="zero_grad-groups", x=normals(5), differs=[NOT_INTEGERS],
)  # fmt: skip

# What is refused, and what is taken over.

state.case(
    """
    make = lambda count: torch.optim.SGD([x.clone().requires_grad_() for _ in range(count)], lr=0.1)
    def refused(call):
        try:
            call()
        except ValueError:
            return True
        return False
    one, other = make(2), make(count)
    refused(lambda: one.load_state_dict(other.state_dict())), refused(lambda: one.add_param_group(one.param_groups[0]))
    """, "count != 2, True", id="refused", x=normals(5, dtypes=("float32",)), count=values(2, 3, 1),
    note="a state of another number of parameters, and a parameter that is there",
)  # fmt: skip
state.case(
    """
    make = lambda *groups: torch.optim.SGD([{"params": [x.clone().requires_grad_()], **one} for one in groups], lr=0.1)
    other = make({}, {})
    other.load_state_dict(make({"lr": first, "momentum": 0.9}, {"lr": second, "nesterov": True, "momentum": 0.5}).state_dict())
    [(group["lr"], group["momentum"], group["nesterov"]) for group in other.param_groups]
    """, "[(first, 0.9, False), (second, 0.5, True)]", id="load_state_dict-groups", x=normals(5, dtypes=("float32",)),
    first=values(0.3, 0.01), second=values(0.7, 1.0), note="hyper-parameters are those of the state, for each group",
)  # fmt: skip
