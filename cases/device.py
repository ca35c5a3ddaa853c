"""Where a tensor lies. NumPy knows one device, the CPU, so a move changes nothing there.

PyTorch never moves an operand for you: tensors on two devices do not mix, numbers (0-d tensors on the CPU) excepted.
"""

from dataclasses import replace

import numpy as np

from conformance import INTEGERS, Difference, Raises, Section, dtypes, like, normals, tensors

device_rows = Section("Devices", id="device")

device_rows.case('x.to("cpu")', 'x.to_device("cpu")', id="to-cpu", x=tensors(),
                 note="a tensor that lies there already is returned itself")  # fmt: skip
device_rows.case("x.cpu()", "x", id="cpu", x=tensors())
device_rows.case('x.to("cpu").device.type', "x.device", id="device-type", x=tensors())
device_rows.case('x.to("cpu", copy=True)', "x.copy()", id="to-cpu-copy", x=tensors(), shares_memory=False)
device_rows.case('x.to("cuda")', "x", id="to-cuda", x=tensors())
device_rows.case('x.to("cuda:0")', "x", id="to-cuda-0", x=tensors())
device_rows.case('x.to("cuda").cuda()', "x", id="cuda", x=tensors(), note="x.cuda() means x.to('cuda')")
device_rows.case('x.to("cuda").to("cpu")', "x.copy()", id="to-cuda-and-back", x=tensors(), shares_memory=False)
device_rows.case('x.to("cuda").device.type', "'cuda'", id="device-type-cuda", x=tensors())
device_rows.case("torch.cuda.is_available()", '"cuda" in devices', note="for NumPy no other device is ever there")

device_rows.case(
    'x.to("cuda") == y.to("cpu")', "x == y", id="eq-two-devices", x=tensors(), y=like("x"),
    differs=[Difference("operands on two devices do not mix, unless the one on the CPU is 0-d",
                        example={"x": np.zeros(1), "y": np.zeros(1)}, when="y.ndim > 0", torch=Raises(RuntimeError),
                        instead='x.to("cuda") == y.to("cuda")')],
)  # fmt: skip

device_rows.case(
    'x + y.to("meta")', "x + y", id="add-meta", x=tensors(ndim=(1, 4)), y=like("x"),
    note="the device meta exists everywhere: its tensors have a shape and a dtype, and no values",
    differs=[Difference("operands on two devices do not mix, unless the one on the CPU is 0-d",
                        example={"x": np.zeros(1), "y": np.zeros(1)}, torch=Raises(RuntimeError))],
)  # fmt: skip
device_rows.case('x.to("meta").shape', "x.shape", id="meta-shape", x=tensors())
device_rows.case('x.to("meta").dtype', "x.dtype", id="meta-dtype", x=tensors())

device_rows.case(
    'x.to("meta").to("cpu")', "x.copy()", id="meta-and-back", x=tensors(),
    differs=[Difference("a tensor on the device meta has no values, so there is no way back",
                        example={"x": np.zeros(1)}, torch=Raises(NotImplementedError))],
)  # fmt: skip

# A model, and all that it holds.

MODEL = """
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)).to(weight.dtype)
    with torch.no_grad():
        for own, given in zip([*model.parameters(), *model.buffers()], (weight, bias, scale, shift, mean, variance)):
            own.copy_(given)
"""
HELD = {
    "weight": normals(3, 2), "bias": normals(3), "scale": normals(3), "shift": normals(3), "mean": normals(3), "variance": normals(3),
}  # fmt: skip
"""Four parameters and two buffers; a third counts the batches."""
NOT_OF_A_MODULE = Difference(
    "the parameters of a module are floating-point or complex numbers", dtypes=("bool", *INTEGERS), torch=Raises(TypeError),
    example={name: np.ones(given.shape) for name, given in HELD.items()},
)  # fmt: skip
COPIED = "[*(one.copy() for one in (weight, bias, scale, shift, mean, variance)), np.array(0)]"
STATE = "list(model.state_dict().values())"

device_rows.case(
    MODEL + f'    model.to("cpu")\n    {STATE}', COPIED, id="module-to-cpu", **HELD, fills=2, differs=[NOT_OF_A_MODULE],
    note="parameters and buffers, and the number of batches, which is an integer in every model",
)  # fmt: skip
device_rows.case(
    MODEL + f'    model.to("cuda").to("cpu")\n    {STATE}', COPIED, id="module-to-cuda-and-back", **HELD, fills=2, differs=[NOT_OF_A_MODULE],
)  # fmt: skip
device_rows.case(
    MODEL + f'    model.to("cuda")\n    [one.device.type for one in {STATE}]', "7 * ['cuda']", id="module-to-cuda", **HELD, fills=1,
    differs=[NOT_OF_A_MODULE], note="x.to() gives another tensor; model.to() changes the model itself",
)  # fmt: skip
device_rows.case(
    MODEL + f"    model.to(target)\n    {STATE}",
    "[*(one.astype(target) for one in (weight, bias, scale, shift, mean, variance)), np.array(0)]", id="module-to-dtype",
    **HELD, target=dtypes("float32", "float64", "complex128"), fills=2,
    differs=[replace(NOT_OF_A_MODULE, example={**NOT_OF_A_MODULE.example, "target": "float32"})],
    note="all but the number of batches, which stays an integer; float64 made float16 is rounded twice, as that of a tensor",
)  # fmt: skip
device_rows.case(
    MODEL + f'    model.to("meta")\n    [(tuple(one.shape), one.device.type) for one in {STATE}]',
    "[*((one.shape, 'meta') for one in (weight, bias, scale, shift, mean, variance)), ((), 'meta')]", id="module-to-meta", **HELD, fills=1,
    differs=[NOT_OF_A_MODULE], note="shapes without values",
)  # fmt: skip
