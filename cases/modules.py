"""Modules and modes: what a module holds and tells of it, training and evaluation, and where no gradients are followed.

NumPy has neither: its side says what is to come out. A module knows its parameters, its buffers and the modules inside of it;
a state dict names them all. Modes of gradients are told by the flag of a result.
"""

from conformance import FLOATS, Section, like, normals, tensors, values

modules = Section("Modules and modes", id="modules")

SIZE = values(3, 1)

# Modules one after the other, and inside each other.

modules.case(
    "torch.nn.Sequential(*[torch.nn.Threshold(-1 - k, -100 - k) for k in range(count)])(x)",
    "for k in range(count):\n    x = np.where(x <= -1 - k, -100 - k, x)\nx", id="Sequential-many", x=tensors(dtypes=FLOATS), count=values(12, 2),
    shares_memory=False, note="they are numbered, and their names are texts: the tenth does not come before the second",
)  # fmt: skip
modules.case(
    "layer = torch.nn.LeakyReLU(0.5)\ntorch.nn.Sequential(layer, layer)(x)",
    "for _ in range(2):\n    x = np.where(x > 0, x, 0.5 * x)\nx", id="Sequential-twice", x=tensors(dtypes=FLOATS),
    note="a module that stands there twice runs twice",
)  # fmt: skip

# Training and evaluation.

INSIDE = """
    inner = torch.nn.Sequential(torch.nn.Linear(n, 2), torch.nn.Dropout())
    model = torch.nn.Sequential(inner, torch.nn.ReLU())
"""
modules.case(
    INSIDE + """
    modes = [[module.training for module in model.train(mode).modules()] for mode in (False, True, False)]
    modes, [module.training for module in model.train().modules()], [module.training for module in model.eval().modules()]
    """,
    "[[mode] * 5 for mode in (False, True, False)], [True] * 5, [False] * 5", id="train-mode", n=SIZE,
    note="at every depth, the model itself included",
)  # fmt: skip

# Parameters.

modules.case(
    INSIDE + """
    model.requires_grad_(False)
    frozen = [p.requires_grad for p in model.parameters()]
    model[0][0].bias.requires_grad_()
    frozen, [p.requires_grad for p in model.parameters()]
    """, "[False, False], [False, True]", id="frozen", n=SIZE, note="parameters that are kept as they are remain parameters",
)  # fmt: skip
modules.case(
    """
    first, second = torch.nn.Linear(n, n), torch.nn.Linear(n, n)
    second.weight = first.weight
    model = torch.nn.Sequential(first, second)
    [tuple(p.shape) for p in model.parameters()], list(model.state_dict())
    """, "[(n, n), (n,), (n,)], ['0.weight', '0.bias', '1.weight', '1.bias']", id="tied", n=SIZE,
    note="a parameter of two layers is one parameter, saved under both names",
)  # fmt: skip
modules.case(
    """
    model = torch.nn.Sequential(torch.nn.Linear(n, 4), torch.nn.Sequential(torch.nn.Linear(4, 2)))
    model(torch.ones(5, n)).sum().backward()
    before = [p.grad is None for p in model.parameters()]
    model.zero_grad()
    before, [p.grad is None for p in model.parameters()]
    """, "[False] * 4, [True] * 4", id="zero_grad", n=SIZE,
)  # fmt: skip
modules.case(
    "layer = torch.nn.BatchNorm1d(n).to(torch.float64)\n[value.dtype == torch.float64 for value in layer.state_dict().values()]",
    "[True, True, True, True, False]", id="to-dtype", n=SIZE, note="parameters and buffers, but for the one that counts",
)  # fmt: skip
modules.case(
    """
    layer = torch.nn.Linear(4, 3, bias=False).to(x.dtype)
    before = layer.weight.detach().clone()
    result = torch.func.functional_call(layer, {"weight": w}, x)
    torch.equal(layer.weight, before), torch.equal(result, x @ w.T)
    """, "True, True", id="functional_call", x=normals(5, 4, dtypes=("float32",)), w=normals(3, 4, dtypes=("float32",)),
    note="the layer keeps its own parameters",
)  # fmt: skip

# State dicts.

modules.case(
    """
    layer = torch.nn.Linear(n, 2)
    state = layer.state_dict()
    with torch.no_grad():
        layer.weight.fill_(7)
    state["weight"]
    """, "np.full((2, n), 7, np.float32)", id="state_dict-shares", n=SIZE,
    note="the tensors of a state dict are the parameters: it changes with them, unless it is copied",
)  # fmt: skip
modules.case(
    """
    module = torch.nn.Module()
    module.register_buffer("kept", x)
    module.register_buffer("passing", x.clone(), persistent=False)
    list(module.state_dict()), [name for name, _ in module.named_buffers()]
    """, "['kept'], ['kept', 'passing']", id="register_buffer", x=normals(3, dtypes=("float32",)),
)  # fmt: skip
modules.case(
    """
    layer = torch.nn.BatchNorm1d(n)
    layer.load_state_dict({name: torch.full_like(value, 3) for name, value in layer.state_dict().items()})
    layer.running_mean, layer.running_var, layer.num_batches_tracked
    """, "np.full(n, 3, np.float32), np.full(n, 3, np.float32), np.array(3)", id="load_state_dict-buffers", n=SIZE,
)  # fmt: skip
modules.case(
    "layer = torch.nn.Linear(*w.T.shape, bias=False)\nlayer.load_state_dict({'weight': w}, assign=True)\nlayer.weight.detach()", "w",
    id="load_state_dict-assign", w=tensors(2, dtypes=FLOATS), shares_memory=True, note="the tensor itself becomes the parameter, and its dtype stays",
)  # fmt: skip
NAMES = values(["weight", "bias"], ["weight"], ["bias", "weight", "more"], [])
STATE = "{name: torch.ones((1, 1) if name == 'weight' else 1) for name in names}"
modules.case(
    f"""
    layer = torch.nn.Linear(1, 1)
    try:
        layer.load_state_dict({STATE})
        refused = False
    except RuntimeError:
        refused = True
    refused
    """, "set(names) != {'weight', 'bias'}", id="load_state_dict-strict", names=NAMES, note="names must be those of the module, no fewer, no more",
)  # fmt: skip
modules.case(
    f"missing, unexpected = torch.nn.Linear(1, 1).load_state_dict({STATE}, strict=False)\nmissing, unexpected",
    "own = ['weight', 'bias']\n[name for name in own if name not in names], [name for name in names if name not in own]",
    id="load_state_dict-not-strict", names=NAMES, note="unless it is told to tell",
)  # fmt: skip

# Where no gradients are followed.

ANY = tensors(dtypes=FLOATS)
modules.case(
    """
    x.requires_grad_()
    try:
        with torch.no_grad():
            raise ValueError
    except ValueError:
        pass
    (x * 2).requires_grad
    """, "True", id="no_grad-error", x=ANY, note="it ends, however it is left",
)  # fmt: skip
modules.case(
    """
    x.requires_grad_()
    with torch.no_grad():
        with torch.enable_grad():
            followed = x * y
        with torch.no_grad():
            first = x * y
        second = x * y
    followed.requires_grad, first.requires_grad, second.requires_grad, (x * y).requires_grad
    """, "True, False, False, True", id="no_grad-nested", x=ANY, y=like("x", dtypes=FLOATS), note="each ends itself alone",
)  # fmt: skip
modules.case(
    """
    x.requires_grad_()
    @torch.no_grad()
    def double(t):
        return t * 2
    double(x).requires_grad, (x * 2).requires_grad
    """, "False, True", id="no_grad-decorator", x=ANY,
)  # fmt: skip
