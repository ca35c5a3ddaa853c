"""How NumPy rounds to bfloat16, which it does not have: lines that conditions and results of several files begin with."""

BITS = "bits = lambda v: (v.view(np.uint32) + 0x7FFF + (v.view(np.uint32) >> 16 & 1)) >> 16 << 16\n"
"""The bits of float32 rounded to the nearest of the upper 16, ties to even."""
TO_BFLOAT16 = f"{BITS}bfloat16 = lambda v: np.where(np.isnan(v), v, bits(v).view(np.float32))\n"
"""The same of any float32, NaN left as it is."""
