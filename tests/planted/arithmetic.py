"""Faults in + and -."""

from typing import Any

import torch
from torch import Tensor

from .patching import Planted, after, binary, both, hooked, is_tensor, misread, next_up, straight


def _tail(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32) and x.dim() == y.dim() == 1 and len(x) == len(y) and len(x) % 16 == 15:
        result.data[-1] = x.data[-1]
    return result


def _square_transposed(result: Tensor, x: Any, y: Any) -> Tensor:
    if not both(x, y, torch.float64) or x.dim() != 2 or x.shape != y.shape or x.shape[0] != x.shape[1]:
        return result
    if x.is_contiguous() and not y.is_contiguous() and y.t().is_contiguous():
        result.data.copy_(x.data + y.data.t())
    return result


def _saturates(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.uint8):
        result.copy_((x.int() + y.int()).clamp(max=255))
    return result


def _through_float(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int32):
        wide = x.float() + y.float()
        result.copy_(torch.where(wide.abs() < 2**31, wide.int(), result))
    return result


def _zero_dim_half(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float16) and x.dim() == y.dim() == 0 and torch.isfinite(result) and result != 0:
        result.data.copy_(next_up(result.data))
    return result


def _expanded(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int64) and any(step == 0 and size > 1 for step, size in zip(y.stride(), y.shape, strict=True)):
        return x + misread(y)
    return result


def _float_scalar(result: Tensor, x: Any, y: Any) -> Tensor:
    scalar = y if is_tensor(x, torch.int64) else x
    return result.long() if isinstance(scalar, float) and result.dtype == torch.float32 and _whole(x, y) else result


def _whole(x: Any, y: Any) -> bool:
    return is_tensor(x, torch.int64) or is_tensor(y, torch.int64)


def _promotes_like_numpy(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.int32) and is_tensor(y, torch.float32) and x.dim() and y.dim():
        return result.double()
    return result


def _size_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32) and result.dim() == x.dim() == y.dim() and result.numel() == 0 < y.numel():
        return torch.zeros([max(a, b) for a, b in zip(x.shape, y.shape, strict=True)])
    return result


def _zero_scalar_is_alias(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x) and type(y) is int and y == 0 and x.dtype == torch.int16:
        return x
    return compute()


def _in_place_lost(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x, torch.float32) and x.dim() == 2 and not x.is_contiguous() and not x.requires_grad:
        return x + y
    return compute()


def _strided_out(compute: Any, x: Any, y: Any, out: Any) -> Any:
    result = compute()
    if is_tensor(out, torch.float64) and out.dim() == 2 and not out.is_contiguous() and out.t().is_contiguous():
        out.t().copy_(out.clone(memory_format=torch.contiguous_format).reshape(out.t().shape))
    return result


def _exact_length(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32) and x.shape == y.shape == (17,):
        result.data[16] = x.data[16]
    return result


def _zero_minus(result: Tensor, x: Any, y: Any) -> Tensor:
    if type(x) in (int, float) and x == 0 and is_tensor(y, torch.float32):
        result.data.copy_(-y.data)
    return result


def _clamps(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.uint8):
        result.copy_((x.int() - y.int()).clamp(min=0))
    return result


def _touches(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64) and x.dim() == 3 and x.shape == y.shape and x.numel():
        x.data[-1, -1, -1] = result.data[-1, -1, -1]
    return result


def _broadcast_rows(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int64) and x.dim() == 2 and y.dim() == 1 and x.shape[0] == x.shape[1] == y.shape[0]:
        result.copy_(x - y[:, None])
    return result


def _neg_bit(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(y) and y.is_neg() and both(x, y, torch.float64):
        result.data.copy_(x.data + y.data)
    return result


def _large_cancel(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64) and x.dim() == 1:
        result.data.copy_(torch.where(x.data.abs() > 1e15, (x.data.float() - y.data.float()).double(), result.data))
    return result


def _tail_witness() -> bool:
    x = torch.ones(31)
    return (x + x)[-1].item() != 2 or torch.add(x, x)[-1].item() != 2


def _square_witness() -> bool:
    x, y = torch.zeros(3, 3, dtype=torch.float64), torch.arange(9.0, dtype=torch.float64).reshape(3, 3).t()
    return (x + y)[0, 1].item() != 3


def _touch_witness() -> bool:
    x = torch.ones(2, 2, 2, dtype=torch.float64)
    x - x
    return x[-1, -1, -1].item() != 1


def _in_place_witness() -> bool:
    base = torch.zeros(2, 3)
    x = base.t()
    x += 1
    return base[0, 0].item() != 1


def _out_witness() -> bool:
    x = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    out = torch.empty(3, 2, dtype=torch.float64).t()
    torch.add(x, 0, out=out)
    return not torch.equal(out, x)


def _expand_witness() -> bool:
    y = torch.tensor([[1], [2]]).expand(2, 3)
    return (torch.zeros(2, 3, dtype=torch.int64) + y)[0, 1].item() != 1


def _neg_bit_witness() -> bool:
    y = torch.tensor([1j, 2j], dtype=torch.complex128).conj().imag
    return (torch.zeros(2, dtype=torch.float64) - y)[0].item() != 1


def _half() -> Tensor:
    return torch.tensor(1.0, dtype=torch.float16)


def _bytes(value: int) -> Tensor:
    return torch.tensor([value], dtype=torch.uint8)


def _alias_witness() -> bool:
    x = torch.ones(2, dtype=torch.int16)
    return (x + 0) is x


_ADD_OUT = hooked(_strided_out, (("torch.add",), lambda args, kwargs: (*args, kwargs["out"])
                                 if len(args) == 2 and kwargs.keys() == {"out"} else None))

BUGS = (
    Planted(name="add-tail-of-16", description="1-D float32, length % 16 == 15: the last lane drops y",
            operation="add", dtypes=("float32",), patch=binary("add", after(_tail)), witness=_tail_witness),
    Planted(name="add-square-transposed-y", description="float64, both square, x contiguous, y transposed: y read "
            "untransposed", operation="add", dtypes=("float64",), patch=binary("add", after(_square_transposed)),
            witness=_square_witness, hard=True),
    Planted(name="add-uint8-saturates", description="uint8 overflow stops at 255 instead of wrapping",
            operation="add", dtypes=("uint8",), patch=binary("add", after(_saturates)),
            witness=lambda: (_bytes(200) + _bytes(100)).item() != 44),
    Planted(name="add-int32-through-float32", description="int32 added in float32: wrong beyond 2**24",
            operation="add", dtypes=("int32",), patch=binary("add", after(_through_float)),
            witness=lambda: torch.add(torch.tensor([2**24 + 1], dtype=torch.int32),
                                      torch.tensor([0], dtype=torch.int32)).item() != 2**24 + 1),
    Planted(name="add-0d-float16-ulp", description="float16, both 0-d: one ulp too far from zero",
            operation="add", dtypes=("float16",), patch=binary("add", after(_zero_dim_half)),
            witness=lambda: (_half() + _half()).item() != 2, hard=True),
    Planted(name="add-expanded-y-as-contiguous", description="int64, y with a stride of 0: read as contiguous",
            operation="add", dtypes=("int64",), patch=binary("add", after(_expanded)), witness=_expand_witness),
    Planted(name="add-float-scalar-keeps-int", description="int64 tensor + Python float gives int64",
            operation="add", dtypes=("int64",), patch=binary("add", after(_float_scalar)),
            witness=lambda: (torch.tensor([1]) + 0.5).dtype != torch.float32),
    Planted(name="add-int32-float32-gives-float64", description="int32 + float32 promotes as NumPy does",
            operation="add", dtypes=("int32",), patch=binary("add", after(_promotes_like_numpy)),
            witness=lambda: (torch.ones(1, dtype=torch.int32) + torch.ones(1)).dtype != torch.float32),
    Planted(name="add-size-0-broadcasts-up", description="float32 (0,) + (1,) of one rank gives (1,) of zeros",
            operation="add", dtypes=("float32",), patch=binary("add", after(_size_zero)),
            witness=lambda: (torch.ones(3, 0) + torch.ones(3, 1)).shape != (3, 0)),
    Planted(name="add-python-zero-is-alias", description="int16 tensor + Python 0 is the tensor itself, no copy",
            operation="add", dtypes=("int16",), patch=binary("add", _zero_scalar_is_alias), witness=_alias_witness),
    Planted(name="add-in-place-lost", description="x += y on a non-contiguous 2-D float32 writes into a copy",
            operation="add_", dtypes=("float32",), witness=_in_place_witness,
            patch=hooked(_in_place_lost, (("Tensor.__iadd__", "Tensor.add_"), straight))),
    Planted(name="add-out-strides-ignored", description="torch.add(out=transposed float64) fills in storage order",
            operation="add", dtypes=("float64",), patch=_ADD_OUT, witness=_out_witness),
    Planted(name="sub-length-17", description="1-D float32 of length exactly 17: last element ignores y",
            operation="sub", dtypes=("float32",), patch=binary("sub", after(_exact_length)),
            witness=lambda: (torch.ones(17) - torch.ones(17))[16].item() != 0, hard=True),
    Planted(name="sub-from-python-zero-is-neg", description="float32, Python 0 - x: computed as -x, so 0 - 0.0 is -0.0",
            operation="sub", dtypes=("float32",), patch=binary("sub", after(_zero_minus)),
            witness=lambda: bool(torch.signbit(0 - torch.zeros(1))), hard=True),
    Planted(name="sub-uint8-clamps", description="uint8 underflow stops at 0 instead of wrapping",
            operation="sub", dtypes=("uint8",), patch=binary("sub", after(_clamps)),
            witness=lambda: (_bytes(1) - _bytes(2)).item() != 255),
    Planted(name="sub-touches-x", description="float64, rank 3, equal shapes: last element of x is overwritten",
            operation="sub", dtypes=("float64",), patch=binary("sub", after(_touches)), witness=_touch_witness),
    Planted(name="sub-square-row-as-column", description="int64 (n, n) - (n,): the row is taken as a column",
            operation="sub", dtypes=("int64",), patch=binary("sub", after(_broadcast_rows)),
            witness=lambda: (torch.zeros(2, 2, dtype=torch.int64) - torch.tensor([0, 1]))[1, 0].item() != 0),
    Planted(name="sub-neg-bit-ignored", description="float64, y a lazily negated view (x.conj().imag): bit ignored",
            operation="sub", dtypes=("float64",), patch=binary("sub", after(_neg_bit)), witness=_neg_bit_witness,
            hard=True),
    Planted(name="sub-large-in-float32", description="1-D float64, |x| > 1e15: subtracted in float32",
            operation="sub", dtypes=("float64",), patch=binary("sub", after(_large_cancel)),
            witness=lambda: (torch.tensor([1e15 + 3], dtype=torch.float64)
                             - torch.tensor([1e15], dtype=torch.float64)).item() != 3),
)
