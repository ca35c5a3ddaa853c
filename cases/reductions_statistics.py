"""Medians and quantiles, and sums and means without NaN.

PyTorch's median of an even count is the lower of the two in the middle, which keeps integers as they are; NumPy's is
their mean. NumPy's quantile by the method ``lower`` is PyTorch's median.
"""

import numpy as np

from conformance import COMPLEX, FLOATS, INTEGERS, Difference, Raises, Section, axes, axis_tuples, linear, tensors, values, within

statistics = Section("Medians and quantiles", id="statistics")

for name, quantile in (("median", "quantile"), ("nanmedian", "nanquantile")):
    statistics.case(f"x.{name}()", f"np.{quantile}(x, 0.5, method='lower')", x=tensors())
    statistics.case(f"torch.{name}(x, dim).values", f"np.{quantile}(x, 0.5, axis=dim, method='lower')", id=f"{name}-values", x=tensors(), dim=axes("x"))
    statistics.case(
        f"""
        values, indices = x.{name}(dim, keepdim=True)
        torch.take_along_dim(x, indices, dim)
        """,
        f"np.{quantile}(x, 0.5, axis=dim, keepdims=True, method='lower')", id=f"{name}-indices", x=tensors(ndim=(1, 4)), dim=axes("x"))
    statistics.case(f"torch.{name}(x)", f"np.{name}(x)", id=f"{name}-same-name", x=tensors())
for name in ("quantile", "nanquantile"):
    statistics.case(
        f"torch.{name}(x, q)", f"np.{name}(x, q)", x=tensors(), q=values(0.5, 0.25, 0.0, 1.0, 0.9, 0.1, 1 / 3, 1.5))
    statistics.case(
        f"x.{name}(q, dim=dim, keepdim=True, interpolation=how)", f"np.{name}(x, q, axis=dim, keepdims=True, method=how)", id=f"{name}-dim",
        x=tensors(ndim=(1,4)), dim=axes("x"), q=values(0.5, 0.25, 0.0, 1.0, 0.9, 0.1, 1 / 3), how=values("linear", "lower", "higher", "nearest", "midpoint"))

statistics.case("x.nansum()", "np.nansum(x)", x=tensors(), tolerance=linear())
statistics.case("torch.nansum(x, dims, keepdim=True)", "np.nansum(x, axis=dims, keepdims=True)", id="nansum-dims", x=tensors(ndim=(1,4)), dims=axis_tuples("x"), tolerance=linear())
statistics.case("x.nanmean()", "np.nanmean(x)", x=tensors(), tolerance=linear(roundings=1))
statistics.case("torch.nanmean(x, dim)", "np.nanmean(x, axis=dim)", id="nanmean-dim", x=tensors(), dim=axes("x"), tolerance=linear(roundings=1))
