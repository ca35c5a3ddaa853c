"""Where a tensor lies. NumPy knows one device, the CPU, so a move changes nothing there.

PyTorch never moves an operand for you: tensors on two devices do not mix, numbers (0-d tensors on the CPU) excepted.
"""

import numpy as np

from conformance import Difference, Raises, Section, like, tensors

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
