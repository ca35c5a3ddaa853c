"""Training taken up again: what each optimiser must keep to go on as if nothing had been.

`x[0]` is where a parameter starts, and the other rows of `x` are its gradients, as in the steps of optimisers. Before the step
`pause` the state is handed to another optimiser, which was made with other hyper-parameters: all of them are those of the
state from then on. In NumPy there is no optimiser to lose anything: `kept` has what a file would have to hold beside `p`.
"""

from conformance import Section, between, normals, spread, values

resumed = Section("Training taken up again", id="resumed")

EITHER = (False, True)
SAME = {
    "fills": 1, "x": normals(21, 5, dtypes=("float32", "float64")), "pause": values(10, 1, 0),
    "maximize": values(*EITHER), "tolerance": spread("x", times=4),
}  # fmt: skip
"""What all rows share. Half of the tolerance is the most that was met, in fifty runs of the rows without a pause."""
RATES, DECAYS = between(1e-4, 0.3, usual=(0.1,)), between(0.0, 0.3, usual=(0.3, 0.0))
BETAS = {"b1": between(0.1, 0.99, usual=(0.9,)), "b2": between(0.5, 0.9999, usual=(0.999,))}


def handed_over(kind: str, hyper_parameters: str) -> str:
    """Return the torch program of twenty steps of an optimiser, of which some are taken by one that got its state."""
    return f"""
    p = x[0].clone().requires_grad_()
    optimiser = torch.optim.{kind}([p], {hyper_parameters})
    path = []
    for t, g in enumerate(x[1:]):
        if t == pause:
            kept = optimiser.state_dict()
            p = p.detach().clone().requires_grad_()
            optimiser = torch.optim.{kind}([p], lr=0.7)
            optimiser.load_state_dict(kept)
        p.grad = g
        optimiser.step()
        path.append(p.detach().clone())
    torch.stack(path)
    """


resumed.case(
    handed_over("SGD", "lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov, maximize=maximize"),
    """
    p, kept, path = x[0], {"v": 0, "lr": lr, "momentum": momentum, "decay": weight_decay}, []
    for g in x[1:]:
        g = (-g if maximize else g) + kept["decay"] * p
        kept["v"] = kept["momentum"] * kept["v"] + g
        p = p - kept["lr"] * (g + kept["momentum"] * kept["v"] if nesterov else kept["v"])
        path.append(p)
    np.stack(path)
    """, id="sgd", **SAME, lr=RATES, momentum=between(0.1, 0.99, usual=(0.9,)), weight_decay=DECAYS, nesterov=values(*EITHER),
)  # fmt: skip

ADAM = "lr=lr, betas=(b1, b2), eps=0.01, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize"

resumed.case(
    handed_over("Adam", ADAM),
    """
    p, kept, path = x[0], {"t": 0, "m": 0, "v": 0, "largest": 0}, []
    for g in x[1:]:
        g = (-g if maximize else g) + weight_decay * p
        kept["t"] += 1
        kept["m"] = b1 * kept["m"] + (1 - b1) * g
        kept["v"] = b2 * kept["v"] + (1 - b2) * g * g
        kept["largest"] = np.maximum(kept["largest"], kept["v"]) if amsgrad else kept["v"]
        root = np.sqrt(kept["largest"] / (1 - b2 ** kept["t"])) + 0.01
        p = p - lr * (kept["m"] / (1 - b1 ** kept["t"])) / root
        path.append(p)
    np.stack(path)
    """, id="adam", **SAME, lr=RATES, **BETAS, weight_decay=DECAYS, amsgrad=values(*EITHER),
    note="with amsgrad, the largest average of squares is kept, too",
)  # fmt: skip

resumed.case(
    handed_over("AdamW", ADAM),
    """
    p, kept, path = x[0], {"t": 0, "m": 0, "v": 0, "largest": 0}, []
    for g in x[1:]:
        g = -g if maximize else g
        kept["t"] += 1
        kept["m"] = b1 * kept["m"] + (1 - b1) * g
        kept["v"] = b2 * kept["v"] + (1 - b2) * g * g
        kept["largest"] = np.maximum(kept["largest"], kept["v"]) if amsgrad else kept["v"]
        root = np.sqrt(kept["largest"] / (1 - b2 ** kept["t"])) + 0.01
        p = p * (1 - lr * weight_decay) - lr * (kept["m"] / (1 - b1 ** kept["t"])) / root
        path.append(p)
    np.stack(path)
    """, id="adamw", **SAME, lr=RATES, **BETAS, weight_decay=DECAYS, amsgrad=values(*EITHER),
)  # fmt: skip

resumed.case(
    handed_over("RMSprop", "lr=lr, alpha=alpha, eps=0.01, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize"),
    """
    p, kept, path = x[0], {"v": 0, "average": 0, "step": 0}, []
    for g in x[1:]:
        g = (-g if maximize else g) + weight_decay * p
        kept["v"] = alpha * kept["v"] + (1 - alpha) * g * g
        kept["average"] = alpha * kept["average"] + (1 - alpha) * g
        root = np.sqrt(kept["v"] - kept["average"] ** 2) if centered else np.sqrt(kept["v"])
        kept["step"] = momentum * kept["step"] + g / (root + 0.01)
        p = p - lr * kept["step"]
        path.append(p)
    np.stack(path)
    """, id="rmsprop", **SAME, lr=RATES, alpha=between(0.5, 0.999, usual=(0.99,)), weight_decay=DECAYS, momentum=between(0.0, 0.99, usual=(0.9, 0.0)),
    centered=values(*EITHER),
)  # fmt: skip

resumed.case(
    handed_over("Adagrad", "lr=lr, lr_decay=lr_decay, eps=0.01, weight_decay=weight_decay, initial_accumulator_value=start, maximize=maximize"),
    """
    p, kept, path = x[0], {"t": 0, "total": start}, []
    for g in x[1:]:
        g = (-g if maximize else g) + weight_decay * p
        kept["total"] = kept["total"] + g * g
        p = p - lr / (1 + kept["t"] * lr_decay) * g / (np.sqrt(kept["total"]) + 0.01)
        kept["t"] += 1
        path.append(p)
    np.stack(path)
    """, id="adagrad", **SAME, lr=RATES, lr_decay=between(0.0, 0.3, usual=(0.1, 0.0)), weight_decay=DECAYS, start=between(0.0, 1.0, usual=(0.0,)),
    note="the number of steps is needed where the rate decays",
)  # fmt: skip

# Of any optimiser.

OTHERS = {"lr": 0.0314, "weight_decay": 0.0437, "maximize": True}
KINDS = values(
    ("SGD", {**OTHERS, "momentum": 0.7321, "nesterov": True}),
    ("SGD", {**OTHERS, "momentum": 0.7321, "dampening": 0.4142}),
    ("Adam", {**OTHERS, "betas": (0.8371, 0.9823), "eps": 0.01, "amsgrad": True}),
    ("AdamW", {**OTHERS, "betas": (0.8371, 0.9823), "eps": 0.01, "amsgrad": True}),
    ("RMSprop", {**OTHERS, "alpha": 0.9371, "eps": 0.01, "momentum": 0.7321, "centered": True}),
    ("Adagrad", {**OTHERS, "lr_decay": 0.0437, "eps": 0.01}),
)
MADE = """
    name, options = kind
    make = getattr(torch.optim, name)
"""

resumed.case(
    MADE + """
    def trained(pause):
        p = x[0].clone().requires_grad_()
        optimiser = make([p], **options)
        for t, g in enumerate(x[1:]):
            if t == pause:
                kept = optimiser.state_dict()
                optimiser = make([p], lr=0.7)
                optimiser.load_state_dict(kept)
            p.grad = g
            optimiser.step()
        return p
    torch.equal(trained(pause), trained(None))
    """, "True", id="identical", fills=1, x=SAME["x"], pause=values(10, 1), kind=KINDS, note="each goes on to the last bit",
)  # fmt: skip

resumed.case(
    MADE + """
    p = x[0].clone().requires_grad_()
    optimiser, other = make([p], **options), make([p], lr=0.7)
    for g in x[1 : 1 + steps]:
        p.grad = g
        optimiser.step()
    other.load_state_dict(optimiser.state_dict())
    state = other.state[p]
    {option: other.param_groups[0][option] for option in options}, int(state["step"]) if "step" in state else None
    """, "kind[1], None if kind[0] == 'SGD' else steps", id="hyper-parameters", fills=1, x=SAME["x"], steps=values(3, 1, 20), kind=KINDS,
    note="every hyper-parameter is that of the state, and the steps are counted on; SGD does not count them",
)  # fmt: skip
