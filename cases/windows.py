"""Window functions: Hann, Hamming, Blackman, Bartlett.

PyTorch's windows are periodic unless told otherwise: those of n + 1 points without the last, as a Fourier transform
wants them. NumPy's are symmetric.
"""

from conformance import Difference, Raises, Section, ulp, values

windows = Section("Windows", id="windows")

NEGATIVE = Difference("PyTorch refuses a negative length; NumPy gives nothing", example={"n": -1}, when="n < 0", torch=Raises(RuntimeError))
NOT_ZERO = Difference(
    "NumPy's Blackman window is -1.4e-17 at its ends, from 0.42 - 0.5 + 0.08; PyTorch's is 0", example={"n": 4},
    when="np.abs(out) < 1e-16", torch="np.zeros_like(out)",
)  # fmt: skip
ROUNDED = ulp(8, "cosines of a few angles, each rounded; for small n no element is nearly 0")


def periodic(window: str, instead: str | None) -> Difference:
    """Return the difference that the ``window`` of n points in NumPy has to PyTorch's default."""
    return Difference(
        "PyTorch's windows are periodic, the first n of n + 1 points; NumPy's are symmetric, with both ends",
        example={"n": 4}, when="n > 1", torch=f"window = {window}(n + 1)[:-1]\nnp.where(np.abs(window) < 1e-16, 0.0, window)",
        kind="gotcha", instead=instead,
    )  # fmt: skip


for name, numpy in (("hann", "hanning"), ("hamming", "hamming"), ("blackman", "blackman"), ("bartlett", "bartlett")):
    symmetric = f"torch.{name}_window(n, periodic=False, dtype=torch.float64)"
    ends = [NOT_ZERO] if name == "blackman" else []
    windows.case(
        f"torch.{name}_window(n, dtype=torch.float64)", f"np.{numpy}(n)", n=values(4, 0, 1, 2, 3, 7, -1), tolerance=ROUNDED,
        differs=[periodic(f"np.{numpy}", None if ends else symmetric), NEGATIVE],
    )  # fmt: skip
    windows.case(
        symmetric, f"np.{numpy}(n)", id=f"{name}_window-symmetric", n=values(4, 0, 1, 2, 3, 7, -1), tolerance=ROUNDED,
        differs=[NEGATIVE, *ends],
    )  # fmt: skip
