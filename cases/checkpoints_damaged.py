"""Damaged checkpoints: which bytes of a file are missed when they are wrong.

Both libraries write a zip archive: the parts, each behind a name, and at the end a directory that says where each lies and what
its checksum is. PyTorch's parts are a pickle, which says what there is, and the numbers; one of NumPy's is a header and numbers.
`np.load` compares checksums, and `torch.load` does not; `zipfile.ZipFile(file).testzip()` does so for either.
"""

import numpy as np
from conformance.cases.checkpoints import DAMAGED, SAVED_BY_NUMPY, SAVED_BY_TORCH

from conformance import Difference, Section, normals, values

damaged = Section("Damaged checkpoints", id="checkpoints-damaged")


def damage(saved: str, beginning: str, load: str) -> str:
    """Return the program that tells whether what ``saved`` has written is refused, with the byte ``at`` after a ``beginning``."""
    return saved + f"    place = data.index({beginning}) + at\n    {DAMAGED}\n    refused({load}, damaged), refused({load}, data)"


damaged.case(
    damage(SAVED_BY_TORCH, r'b"\x80\x02}"', "torch.load"), damage(SAVED_BY_NUMPY, r'b"\x93NUMPY"', "np.load"), id="first-part",
    x=normals(50), at=values(0, 2, 5, 20, 4), fills=1, note="the pickle of PyTorch, the header of NumPy",
    differs=[Difference("torch.load reads a damaged pickle, if it still says what to make; np.load compares checksums and refuses",
                        example={"x": np.arange(50), "at": 4}, when="at == 4", torch="False, False", kind="gotcha")],
)  # fmt: skip
damaged.case(
    damage(SAVED_BY_TORCH, r'b"PK\x01\x02"', "torch.load"), damage(SAVED_BY_NUMPY, r'b"PK\x01\x02"', "np.load"), id="directory",
    x=normals(50), at=values(0, 1, 12, 42, 16, 22), fills=1,
    note="the first two bytes say that it is a directory; 12 is a time, which neither looks at, and 42 where the part lies",
    differs=[Difference("torch.load does not look at the checksum in the directory; np.load finds that it is not that of the part",
                        example={"x": np.arange(50), "at": 16}, when="at == 16", torch="False, False", kind="gotcha"),
             Difference("torch.load finds that a size in the directory is too large; np.load reads as much as the header asks for",
                        example={"x": np.arange(50), "at": 22}, when="at == 22", torch="True, False")],
)  # fmt: skip
