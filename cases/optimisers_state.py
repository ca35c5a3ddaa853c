"""Parameter groups and state: what an optimiser remembers, for which parameters, and how it is kept and taken up again.

`x[0]` is where a parameter starts, and the other rows of `x` are its gradients, as in the steps of optimisers.
"""

import numpy as np

from conformance import INTEGERS, Difference, Raises, Section, normals, spread, values

state = Section("Parameter groups and state", id="optimiser-state")

REAL = normals(21, 5, dtypes=("float32", "float64"))
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
    """, id="parameter-groups", fills=1, x=REAL, lr=values(0.1, 0.01), other=values(0.3, 0.001), tolerance=AS_NUMPY,
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
