"""Faults that show in a gradient only: every value is right."""

from typing import Any

import torch
from torch import Tensor

from .patching import Planted, accepted, after, binary, hooked, is_tensor, reduction


def _through(x: Tensor, change: Any) -> Tensor:
    """`x` with a backward that changes the gradient."""
    seen = x.view_as(x)
    seen.register_hook(change)
    return seen


def _sign_lost(result: Tensor, x: Any, y: Any) -> Tensor:
    if result.requires_grad and is_tensor(x) and type(y) in (int, float) and y == 2:
        value = x.detach()
        result.register_hook(lambda g: torch.where(value < 0, -g, g))
    return result


def _zero_is_nan(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x) and x.requires_grad and type(y) is int and y == 3:
        value = x.detach()
        return torch.pow(_through(x, lambda g: torch.where(value == 0, float("nan"), g)), y)
    return compute()


def _exponent_forgotten(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x) and is_tensor(y) and y.requires_grad and y.dim() == 0 and x.dim():
        return torch.pow(x, y.detach()) + 0 * y
    return compute()


def _first_row_only(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x) and is_tensor(y) and y.requires_grad and x.dim() == 2 and y.dim() == 1 and x.shape[0] > 1:
        rows = x.shape[0]
        return torch.mul(x, _through(y.expand(rows, -1), lambda g: torch.cat([g[:1], torch.zeros_like(g[1:])])))
    return compute()


def _one_path(result: Tensor, x: Any, y: Any) -> Tensor:
    if x is y and result.requires_grad:
        result.register_hook(lambda g: g / 2)
    return result


def _not_negated(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x) and is_tensor(y) and y.requires_grad and y.dim() == 0 and x.dim():
        return torch.sub(x, _through(y, lambda g: -g))
    return compute()


def _negative_divisor(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(x) and is_tensor(y) and y.requires_grad and y.dtype == torch.float64:
        value = y.detach()
        return torch.div(x, _through(y, lambda g: torch.where(value < 0, -g, g)))
    return compute()


def _last_row(compute: Any, x: Tensor, dim: Any, keep: Any) -> Any:
    narrow = isinstance(dim, int) and dim < 0 and x.requires_grad and x.dim() == 2 and not x.is_contiguous()
    if narrow and x.shape[0]:
        return torch.sum(_through(x, lambda g: torch.cat([g[:-1], torch.zeros_like(g[-1:])])), dim, keepdim=keep)
    return compute()


def _undivided(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if result.requires_grad and isinstance(dim, (tuple, list)):
        count = max(1, x.numel() // max(1, result.numel()))
        result.register_hook(lambda g: g * count)
    return result


def _second_gets_first(result: Tensor, xs: list[Tensor], dim: int) -> Tensor:
    if result.requires_grad and len(xs) == 2 and xs[0].shape == xs[1].shape:
        result.register_hook(lambda g: torch.cat([g.chunk(2, dim)[0]] * 2, dim) if g.numel() else g)
    return result


def _leaves(root: Tensor) -> list[Tensor]:
    found, seen, left = [], set(), [root.grad_fn]
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        found += [leaf] if isinstance(leaf, Tensor) else []
        left += [following for following, _ in node.next_functions]
    return found


def _overwrites(compute: Any, root: Any, *_: Any) -> Any:
    roots = [root] if isinstance(root, Tensor) else list(root)
    leaves = [leaf for each in roots for leaf in _leaves(each) if leaf.dtype == torch.float64]
    before = [(leaf, leaf.grad.clone()) for leaf in leaves if leaf.grad is not None]
    result = compute()
    for leaf, grad in before:
        if leaf.grad is not None:
            leaf.grad.data.sub_(grad)
    return result


def _scalar_not_needed(compute: Any, root: Any, gradient: Any, retain: Any) -> Any:
    if isinstance(root, Tensor) and gradient is None and root.requires_grad and root.numel() > 1:
        return torch.autograd.backward(root, torch.ones_like(root), retain_graph=retain)
    return compute()


def _backward_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """(root, gradient, retain_graph)."""
    if not args or kwargs.keys() - {"gradient", "grad_tensors", "retain_graph"}:
        return None
    gradient = args[1] if len(args) > 1 else kwargs.get("gradient", kwargs.get("grad_tensors"))
    return args[0], gradient, args[2] if len(args) > 2 else kwargs.get("retain_graph")


def _joined(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    if not args or not isinstance(args[0], (list, tuple)) or "out" in kwargs:
        return None
    return list(args[0]), args[1] if len(args) > 1 else kwargs.get("dim", 0)


def _leaf(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def _grad(call: Any, *values: float) -> Tensor:
    x = _leaf(*values)
    return torch.autograd.grad(call(x), x)[0]


def _rows_witness() -> bool:
    ones = torch.ones(2, 1, dtype=torch.float64)
    return _grad(lambda y: (ones * y).sum(), 1.0).item() != 2


def _scalar(call: Any, value: float) -> float:
    y = torch.tensor(value, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(call(y), y)[0].item()


def _sum_witness() -> bool:
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(x.t().sum(-1).sum(), x)[0][0, 2].item() != 1


def _cat_witness() -> bool:
    weight = torch.tensor([1.0, 2.0], dtype=torch.float64)
    x = torch.zeros(1, dtype=torch.float64)
    return _grad(lambda y: (torch.cat([x, y]) * weight).sum(), 1.0).item() != 2


def _accumulation_witness() -> bool:
    x = _leaf(1.0)
    x.mul(2).sum().backward()
    x.mul(2).sum().backward()
    return x.grad is None or x.grad.item() != 4


_ONE = torch.ones(1, dtype=torch.float64)
_BACKWARD = (("Tensor.backward", "autograd.backward"), _backward_call)
_ANY = ("float32", "float64")

BUGS = (
    Planted(name="pow-2-gradient-sign", description="gradient of x ** 2 has the wrong sign for negative x",
            operation="pow", dtypes=_ANY, patch=binary("pow", after(_sign_lost)),
            witness=lambda: _grad(lambda x: x.pow(2).sum(), -1.0).item() > 0),
    Planted(name="pow-3-gradient-at-zero", description="gradient of x ** 3 is nan where x is 0", operation="pow",
            dtypes=_ANY, patch=binary("pow", _zero_is_nan),
            witness=lambda: bool(torch.isnan(_grad(lambda x: (x**3).sum(), 0.0))), hard=True),
    Planted(name="pow-0d-exponent-gradient-lost", description="gradient of a 0-d exponent is 0", operation="pow",
            dtypes=_ANY, patch=binary("pow", _exponent_forgotten),
            witness=lambda: _scalar(lambda y: ((_ONE + 1) ** y).sum(), 1.0) == 0),
    Planted(name="mul-broadcast-gradient-first-row", description="(m, n) * (n,): gradient of y from the first row only",
            operation="mul", dtypes=_ANY, patch=binary("mul", _first_row_only), witness=_rows_witness),
    Planted(name="mul-self-gradient-one-path", description="x * x of one object: one of two paths is lost",
            operation="mul", dtypes=_ANY, patch=binary("mul", after(_one_path)),
            witness=lambda: _grad(lambda x: (x * x).sum(), 1.0).item() != 2),
    Planted(name="sub-0d-gradient-not-negated", description="x - 0-d y: gradient of y keeps its sign",
            operation="sub", dtypes=_ANY, patch=binary("sub", _not_negated),
            witness=lambda: _scalar(lambda y: (_ONE - y).sum(), 1.0) > 0),
    Planted(name="div-gradient-negative-divisor", description="float64: gradient of a negative divisor has the wrong "
            "sign", operation="div", dtypes=("float64",), patch=binary("div", _negative_divisor),
            witness=lambda: _grad(lambda y: (_ONE / y).sum(), -1.0).item() > 0),
    Planted(name="sum-negative-dim-gradient-last-row", description="2-D non-contiguous, negative dim: gradient of the "
            "last row is 0", operation="sum", dtypes=_ANY, patch=reduction("sum", _last_row), witness=_sum_witness,
            hard=True),
    Planted(name="mean-several-dims-gradient", description="mean over a tuple of dims: gradient not divided",
            operation="mean", dtypes=_ANY, patch=reduction("mean", after(_undivided)),
            witness=lambda: _grad(lambda x: x.mean((0,)), 1.0, 1.0)[0].item() != 0.5),
    Planted(name="cat-gradient-second-gets-first", description="two of one shape: the second gets the first's gradient",
            operation="cat", dtypes=_ANY, witness=_cat_witness,
            patch=hooked(after(_second_gets_first), (("torch.cat", "torch.concat", "torch.concatenate"), _joined))),
    Planted(name="backward-accumulation-lost", description="float64: a second backward overwrites .grad",
            operation="backward", dtypes=("float64",), patch=hooked(_overwrites, _BACKWARD),
            witness=_accumulation_witness),
    Planted(name="backward-of-non-scalar-returns", description="backward() of several elements: no error",
            operation="backward", dtypes=_ANY, patch=hooked(_scalar_not_needed, _BACKWARD),
            witness=lambda: accepted(lambda: _leaf(1.0, 2.0).mul(1).backward())),
)
