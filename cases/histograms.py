"""Counting values: bincount, histc and histogram."""

import numpy as np

from conformance import FLOATS, INTEGERS, Difference, Raises, Section, like, linear, tensors, values

histograms = Section("Histograms", id="histograms")

histograms.case("torch.bincount(x, minlength=n)", "np.bincount(x, minlength=n)", x=tensors(ndim=(0, 2), domain="small"), n=values(0, 1, 7, -1), dtypes=("bool", *INTEGERS))
histograms.case("torch.bincount(x, w)", "np.bincount(x, w)", id="bincount-weights", x=tensors(ndim=1, domain="small"), w=like("x", dtypes=("float64", "float32", "int64")), dtypes=INTEGERS)
histograms.case("torch.histc(x, bins, 0, 8)", "np.histogram(x, bins, (0, 8))[0]", x=tensors(), bins=values(4, 1, 2, 8), dtypes=FLOATS)
histograms.case("torch.histc(x, 4)", "np.histogram(x, 4)[0]", id="histc-range", x=tensors(domain="finite"), dtypes=FLOATS)
histograms.case("torch.histogram(x, bins, range=(0., 8.))", "np.histogram(x, bins, (0, 8))", x=tensors(), bins=values(4, 1, 2, 8), dtypes=FLOATS)
