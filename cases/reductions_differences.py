"""Differences of neighbours, and areas under a line."""

import numpy as np

from conformance import COMPLEX, FLOATS, INTEGERS, UNDEFINED, Difference, Raises, Section, axes, like, linear, tensors, values, within

differences = Section("Differences and areas", id="differences")

differences.case("torch.diff(x)", "np.diff(x)", x=tensors())
differences.case("x.diff(n, dim)", "np.diff(x, n, axis=dim)", id="diff-n", x=tensors(), n=values(1, 2, 3, 0, -1), dim=axes("x"))
differences.case("torch.diff(x, dim=dim, prepend=y, append=x)", "np.diff(x, axis=dim, prepend=y, append=x)", id="diff-ends", x=tensors(), dim=axes("x"), y=like("x"))
differences.case("torch.trapezoid(x)", "np.trapezoid(x)", x=tensors(), tolerance=linear(roundings=1))
differences.case("torch.trapezoid(x, dx=dx, dim=dim)", "np.trapezoid(x, dx=dx, axis=dim)", id="trapezoid-dx", x=tensors(ndim=(1, 4)), dx=values(1, 0.5, 2), dim=axes("x"), tolerance=linear(roundings=1))
differences.case("torch.cumulative_trapezoid(x, dim=dim)", "np.cumsum((np.delete(x, 0, axis=dim) + np.delete(x, -1, axis=dim)) / 2, axis=dim)", x=tensors(ndim=(1, 4)), dim=axes("x"), tolerance=linear(running=True, roundings=1))
G = "n = np.float64(x.shape[-1] if x.ndim else 1)\ns = np.sqrt(np.sum(np.abs(x) ** 2, axis=-1))\n"
differences.case("torch.cov(x)", "np.cov(x, dtype=x.dtype)", x=tensors(ndim=(1, 2)), dtypes=FLOATS, tolerance=within(f"{G}4 * (n + 4) * u * np.multiply.outer(s, s) / (n - 1) + n * tiny", "TODO", overflow=f"{G}4 * np.multiply.outer(s, s)"))
