"""Contents of checkpoints: what of a tensor comes back beside its numbers, and what else a file may hold."""

from conformance import COMPLEX, FLOATS, Section, dtypes, normals, spread, tensors, values

contents = Section("Contents of checkpoints", id="checkpoint-contents")

EITHER = (False, True)
LOADED = """
    import io
    file = io.BytesIO()
    torch.save({thing}, file)
    file.seek(0)
    loaded = torch.load(file)
"""


def loaded(thing: str = "x") -> str:
    """Return the lines that save ``thing`` and load it again."""
    return LOADED.replace("{thing}", thing)


contents.case(
    loaded() + "    loaded.stride(), tuple(loaded.shape), loaded.is_contiguous()",
    "tuple(step // x.itemsize for step in x.strides), x.shape, x.flags.c_contiguous", id="strides",
    x=tensors(ndim=(1, 3), longest=24), note="elements lie as they lay",
)  # fmt: skip
contents.case(
    loaded() + "    loaded", "x.copy()", id="long", x=normals(37, 41), fills=1, shares_memory=False, note="every one of 1517 elements",
)  # fmt: skip
contents.case(
    """
    import io
    bits = torch.arange(-(2**15), 2**15).to(torch.int16)
    file = io.BytesIO()
    torch.save(bits.view(target), file)
    file.seek(0)
    torch.load(file).view(torch.int16)
    """,
    """
    import io
    bits = np.arange(-(2**15), 2**15).astype(np.int16)
    file = io.BytesIO()
    np.save(file, bits)
    file.seek(0)
    np.load(file)
    """,
    id="16-bits", target=dtypes("bfloat16", "float16"), note="every number of 16 bits, and all that are none: NaN keeps its bits",
)  # fmt: skip
contents.case(
    loaded("[x.requires_grad_(), x.detach()]") + "    [one.requires_grad for one in loaded], loaded[0].is_leaf", "[True, False], True",
    id="requires_grad", x=tensors(ndim=(0, 2), dtypes=FLOATS, longest=24), fills=1,
)  # fmt: skip
contents.case(
    loaded("torch.nn.Linear(n, 2).state_dict(keep_vars=True) if kept else torch.nn.Linear(n, 2).state_dict()")
    + "    [isinstance(one, torch.nn.Parameter) for one in loaded.values()]",
    "[kept, kept]", id="parameters", n=values(3, 1), kept=values(*EITHER), note="a state dict holds plain tensors, unless it is to keep parameters",
)  # fmt: skip
contents.case(
    loaded("x.conj()") + "    loaded", "np.conj(x)", id="conj", x=tensors(ndim=(0, 2), dtypes=COMPLEX, longest=24, overlapping=False), fills=2,
    note="a conjugate that PyTorch has not computed yet is one all the same",
)  # fmt: skip
contents.case(
    """
    import io
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    repr(torch.load(file))
    """, "repr(thing)", id="containers",
    thing=values({"b": 1, "a": (2, [3.0, (None,)])}, [(), [], {}], ("text", b"bytes", True), {1: {2: {3, 4}}}, 2**80, 1 + 2j, -0.0),
    note="a tuple stays one, and a dictionary keeps its order",
)  # fmt: skip
contents.case(
    """
    import io
    def optimiser_of(parameters):
        return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
    p, q = x[0].clone().requires_grad_(), x[0].clone().requires_grad_()
    optimiser = optimiser_of([p, q])
    for t, g in enumerate(x[1:]):
        if t == stop:
            file = io.BytesIO()
            torch.save([p, q, optimiser.state_dict()], file)
            file.seek(0)
            p, q, state = torch.load(file)
            optimiser = optimiser_of([p, q])
            optimiser.load_state_dict(state)
        p.grad, q.grad = g, -g * g
        optimiser.step()
    torch.stack([p, q]).detach()
    """,
    """
    p = q = x[0]
    v = w = 0
    for g in x[1:]:
        v, w = 0.9 * v + g, 0.9 * w - g * g
        p, q = p - 0.1 * v, q - 0.1 * w
    np.stack([p, q])
    """,
    id="resumed-two", x=normals(9, 5, dtypes=("float32", "float64")), stop=values(4, 1, 7), fills=2, tolerance=spread("x", times=4),
    note="each parameter takes up its own momentum",
)  # fmt: skip
