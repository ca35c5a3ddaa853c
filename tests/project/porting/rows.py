"""Rows of somebody else's, which an entry point makes known."""

from conformance import Section, new_axes, tensors

porting = Section("Porting")

porting.case("x.unsqueeze(dim)", "np.expand_dims(x, dim)", x=tensors(2), dim=new_axes("x"), shares_memory=True)
porting.case("torch.isfinite(x)", "np.isfinite(x)", x=tensors())
