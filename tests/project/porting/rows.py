"""Rows of somebody else's, which an entry point makes known."""

from conformance import FLOATS, Section, axes, tensors

porting = Section("Porting")

porting.case("x.flip(dim)", "np.flip(x, dim)", x=tensors(), dim=axes("x"), shares_memory=None, dtypes=FLOATS)
porting.case("x.clamp(min=0)", "np.maximum(x, 0)", id="rectified", x=tensors(), dtypes=FLOATS)
