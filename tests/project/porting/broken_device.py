"""The same device with faults: operations that give something else there, or nothing."""

import os
import signal

import torch

from porting import toy_device

right = toy_device.run


def refused(*args, **kwargs):
    raise NotImplementedError("not on this device")


def deadly(x):
    os.kill(os.getpid(), signal.SIGKILL)


FAULTS = {
    "aten.erfinv.default": deadly,
    "aten.floor_divide.default": lambda x, y: torch.div(x, y, rounding_mode="trunc"),
    "aten.neg.default": torch.ops.aten.clone.default,
    "aten.relu.default": torch.ops.aten.clone.default,
    "aten.squeeze.dim": refused,
    "aten.cumsum.default": refused,
    "aten.sum.dim_IntList": lambda x, dim: torch.sum(x, dim) + 0.001,
    "aten.isnan.default": lambda x: torch.isnan(x).to(torch.uint8),
}


def run(operation, *args, **kwargs):
    return right(FAULTS.get(str(operation), operation), *args, **kwargs)


toy_device.run = run
