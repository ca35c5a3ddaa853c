"""Checkpoints: what `torch.save` writes and `torch.load` reads, beside `np.savez` and `np.load`.

Both write a zip archive of named arrays; a buffer in memory stands for the file. Both refuse objects of any class unless
they are told to trust the file, since reading one runs code.
"""

import numpy as np

from conformance import CLAIMED, INTEGERS, WIDE_UNSIGNED, Difference, Raises, Section, normals, spread, tensors, values

checkpoints = Section("Checkpoints", id="checkpoints")

# What comes back.

checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save({"x": x, "y": y}, file)
    file.seek(0)
    loaded = torch.load(file)
    loaded["x"], loaded["y"]
    """,
    """
    import io
    file = io.BytesIO()
    np.savez(file, x=x, y=y)
    file.seek(0)
    loaded = np.load(file)
    loaded["x"], loaded["y"]
    """,
    id="save", x=tensors(ndim=(0, 3), overlapping=False, longest=24), y=normals(3), shares_memory=False, fills=1,
)  # fmt: skip
checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save(x, file)
    file.seek(0)
    torch.load(file).clone(memory_format=torch.contiguous_format).view(torch.uint8)
    """,
    """
    import io
    file = io.BytesIO()
    np.save(file, x)
    file.seek(0)
    np.load(file).copy().view(np.uint8)
    """,
    id="save-bytes", x=tensors(ndim=(1, 3), dtypes=(*CLAIMED, *WIDE_UNSIGNED), overlapping=False, longest=24),
    shares_memory=False, fills=2,
    note="every bit comes back, those of NaN too",
)  # fmt: skip
checkpoints.case(
    """
    import io
    saved, other = torch.nn.Linear(3, 2).to(w.dtype), torch.nn.Linear(3, 2).to(w.dtype)
    with torch.no_grad():
        saved.weight.copy_(w)
        saved.bias.copy_(b)
    file = io.BytesIO()
    torch.save(saved.state_dict(), file)
    file.seek(0)
    state = torch.load(file)
    other.load_state_dict(state)
    state["weight"], state["bias"], other.weight.detach(), other.bias.detach()
    """,
    """
    import io
    file = io.BytesIO()
    np.savez(file, **{"weight": w, "bias": b})
    file.seek(0)
    state = np.load(file)
    state["weight"], state["bias"], state["weight"], state["bias"]
    """,
    id="state_dict", w=normals(2, 3), b=normals(2), fills=6, note="numbers come back in the dtype in which they were saved",
    differs=[Difference("the parameters of a module are floating-point or complex numbers", dtypes=("bool", *INTEGERS),
                        example={"w": np.ones((2, 3)), "b": np.ones(2)}, torch=Raises(TypeError))],
)  # fmt: skip
checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save({"epoch": epoch, "loss": loss, "name": name}, file)
    file.seek(0)
    loaded = torch.load(file)
    loaded["epoch"], loaded["loss"], loaded["name"]
    """,
    """
    import io
    file = io.BytesIO()
    np.savez(file, epoch=epoch, loss=loss, name=name)
    file.seek(0)
    loaded = np.load(file)
    loaded["epoch"].item(), loaded["loss"].item(), loaded["name"].item()
    """,
    id="plain-values", epoch=values(3, 0, -1), loss=values(0.1, 0.0, -1e300), name=values("best", "größte"),
    note="NumPy makes arrays without axes of numbers and texts; item() gives them back",
)  # fmt: skip
checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save({"whole": x, "row": x[0]}, file)
    file.seek(0)
    loaded = torch.load(file)
    loaded["whole"][0, 0] = 0
    loaded["row"]
    """,
    """
    import io
    file = io.BytesIO()
    np.savez(file, whole=x, row=x[0])
    file.seek(0)
    loaded = dict(np.load(file))
    loaded["whole"][0, 0] = 0
    loaded["row"]
    """,
    id="shared-memory", x=normals(3, 2), fills=2,
    differs=[Difference("tensors that share memory are saved and loaded so; NumPy saves each array for itself",
                        example={"x": np.ones((3, 2))}, torch="np.array([0, out[1]], out.dtype)", when="out[0] != 0", kind="gotcha")],
)  # fmt: skip
checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save(x.clone()[:1], file)
    file.seek(0)
    torch.load(file).untyped_storage().nbytes() // x.itemsize
    """,
    """
    import io
    file = io.BytesIO()
    np.save(file, x[:1])
    file.seek(0)
    np.load(file).nbytes // x.itemsize
    """,
    id="slice", x=normals(100, 5), fills=1, note="how many numbers are saved and loaded",
    differs=[Difference("a slice is saved with all the memory that it is a slice of; NumPy saves its elements alone",
                        example={"x": np.ones((100, 5))}, torch="out * len(x)", kind="gotcha",
                        instead="import io\nfile = io.BytesIO()\ntorch.save(x[:1].clone(), file)\nfile.seek(0)\n"
                                "torch.load(file).untyped_storage().nbytes() // x.itemsize")],
)  # fmt: skip
checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save(x.expand(4, 5), file)
    file.seek(0)
    loaded = torch.load(file)
    loaded[0, 0] = 0
    loaded.contiguous()
    """,
    """
    import io
    file = io.BytesIO()
    np.save(file, np.broadcast_to(x, (4, 5)))
    file.seek(0)
    loaded = np.load(file)
    loaded[0, 0] = 0
    loaded
    """,
    id="expanded", x=normals(5), fills=2,
    differs=[Difference("rows that are one in memory are saved and loaded so; NumPy saves each for itself", kind="gotcha",
                        example={"x": np.ones(5)}, torch="np.tile(out[0], (4, 1))", when="x[0] != 0",
                        instead="import io\nfile = io.BytesIO()\ntorch.save(x.expand(4, 5).contiguous(), file)\nfile.seek(0)\n"
                                "loaded = torch.load(file)\nloaded[0, 0] = 0\nloaded")],
)  # fmt: skip

# What is refused.

SAVED_BY_TORCH = """
    import io, pickle
    def refused(load, data):
        try:
            load(io.BytesIO(data))
        except (RuntimeError, EOFError, ValueError, pickle.UnpicklingError):
            return True
        return False
    file = io.BytesIO()
    torch.save({"x": x}, file)
    data = file.getvalue()
"""
SAVED_BY_NUMPY = """
    import io, zipfile
    def refused(load, data):
        try:
            load(io.BytesIO(data))["x"]
        except (ValueError, EOFError, zipfile.BadZipFile):
            return True
        return False
    file = io.BytesIO()
    np.savez(file, x=x)
    data = file.getvalue()
"""
DAMAGED = "damaged = bytes(value ^ 255 * (i == place) for i, value in enumerate(data))"

checkpoints.case(
    SAVED_BY_TORCH + "    refused(torch.load, data)", SAVED_BY_NUMPY + "    refused(np.load, data)", id="objects",
    x=values(3, "text", slice(1), len, {1: 2}, None),
    differs=[Difference("PyTorch reads dictionaries, lists, sets and None as well; NumPy reads arrays of numbers and texts only",
                        example={"x": {1: 2}}, when="x is None or isinstance(x, dict)", torch="False")],
    note="objects of other classes are refused, since reading one runs code",
)  # fmt: skip
checkpoints.case(
    """
    import io
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    torch.load(file, weights_only=False)
    """,
    """
    import io
    file = io.BytesIO()
    np.save(file, thing)
    file.seek(0)
    np.load(file, allow_pickle=True).item()
    """,
    id="objects-trusted", thing=values(slice(1), len, {1: 2}, 3), note="for files that one trusts",
)  # fmt: skip
checkpoints.case(
    SAVED_BY_TORCH + "    refused(torch.load, data[:keep]), refused(torch.load, data)",
    SAVED_BY_NUMPY + "    refused(np.load, data[:keep]), refused(np.load, data)",
    id="truncated", x=normals(50), keep=values(0, 1, 3, 4, 100, 200, -100, -10, -1), fills=1,
)  # fmt: skip
checkpoints.case(
    SAVED_BY_TORCH + f"    {DAMAGED}\n    refused(torch.load, damaged)", SAVED_BY_NUMPY + f"    {DAMAGED}\n    refused(np.load, damaged)",
    id="damaged-header", x=normals(3), place=values(0, 1, 2, 3, 10), fills=1,
    note="the first four bytes say that it is an archive; the tenth and eleventh are a time, which neither looks at",
)  # fmt: skip
checkpoints.case(
    SAVED_BY_TORCH + f"""
    place = data.index(x.view(torch.uint8).numpy().tobytes()) + at
    {DAMAGED}
    refused(torch.load, damaged), refused(torch.load, data)
    """,
    SAVED_BY_NUMPY + f"""
    place = data.index(x.tobytes()) + at
    {DAMAGED}
    refused(np.load, damaged), refused(np.load, data)
    """,
    id="damaged-number", x=normals(50), at=values(0, 1, 40), fills=1,
    differs=[Difference("torch.load reads a damaged number as if nothing were wrong; np.load compares checksums and refuses",
                        example={"x": np.arange(50), "at": 0}, torch="not out[0], out[1]", kind="gotcha",
                        upstream="https://github.com/pytorch/pytorch/issues/126952",
                        instead=SAVED_BY_TORCH + f"""
    import zipfile
    place = data.index(x.view(torch.uint8).numpy().tobytes()) + at
    {DAMAGED}
    [zipfile.ZipFile(io.BytesIO(one)).testzip() is not None for one in (damaged, data)] == [True, False], False""")],
)  # fmt: skip

# Stopping and going on.

checkpoints.case(
    """
    import io
    p = x[0].clone().requires_grad_()
    optimiser = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    path = []
    for t, g in enumerate(x[1:]):
        if t == stop:
            file = io.BytesIO()
            torch.save({"p": p.detach(), "optimiser": optimiser.state_dict()}, file)
            file.seek(0)
            loaded = torch.load(file)
            p = loaded["p"].requires_grad_()
            optimiser = torch.optim.SGD([p])
            optimiser.load_state_dict(loaded["optimiser"])
        p.grad = g
        optimiser.step()
        path.append(p.detach().clone())
    torch.stack(path)
    """,
    """
    import io
    p, v, path = x[0], 0, []
    for t, g in enumerate(x[1:]):
        if t == stop:
            file = io.BytesIO()
            np.savez(file, p=p, v=v)
            file.seek(0)
            loaded = np.load(file)
            p, v = loaded["p"], loaded["v"]
        v = 0.9 * v + g
        p = p - 0.1 * v
        path.append(p)
    np.stack(path)
    """,
    id="resumed", x=normals(9, 5, dtypes=("float32", "float64")), stop=values(4, 1, 7), fills=2, tolerance=spread("x", times=4),
)  # fmt: skip
