"""Gradient mechanics: what follows from a graph that PyTorch keeps and NumPy has not.

Who has a gradient, how often `backward()` may be called, what views, indexing and writing in place do to it, and gradients
of gradients. `result.backward(g)` begins with `g`, the gradient of what comes after.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import ALPHA_REPORT, BY_ALPHA
from conformance.cases.gradient import NAN_PARTS
from conformance.cases.indexing_assignment import empty_mask, unchecked

from conformance import (
    COMPLEX,
    INTEGERS,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    indexed,
    indices,
    like,
    masks,
    normals,
    tensors,
    ulp,
    within,
)

mechanics = Section("Gradient mechanics", id="gradient-mechanics")


def refuses_integers(**others: object) -> Difference:
    """Return that integers have no gradient, for a row whose inputs beside ``x`` are ``others``."""
    example = {"x": np.ones((2, 2)), **others}
    return Difference("only floating-point and complex tensors can have a gradient", example=example,
                      dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError))  # fmt: skip


def refuses_complex(**others: object) -> Difference:
    """Return that a complex result is no start, for a row whose inputs beside ``x`` are ``others``."""
    example = {"x": np.ones((2, 2)), **others}
    return Difference("backward() starts from a real number; from a complex one it does not know what to follow",
                      example=example, dtypes=COMPLEX, torch=Raises(RuntimeError))  # fmt: skip


REAL_ONLY = [refuses_integers(), refuses_complex()]
FLOATING = ("float16", "float32", "float64", "bfloat16")

# How often.

mechanics.case(
    """
    x.requires_grad_()
    y = x.pow(2).sum()
    y.backward(retain_graph=True)
    y.backward()
    x.grad
    """, "4 * x", id="retain_graph", x=tensors(), differs=REAL_ONLY, note="the second call adds to the first",
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    y = x.pow(2).sum()
    y.backward()
    y.backward()
    x.grad
    """, "4 * x", id="backward-twice", x=tensors(),
    differs=[Difference("backward() lets go of what it needs, so that it cannot be called again", example={"x": np.ones(2)},
                        dtypes=FLOATING, torch=Raises(RuntimeError), kind="gotcha",
                        instead="x.requires_grad_()\ny = x.pow(2).sum()\ny.backward(retain_graph=True)\ny.backward()\nx.grad"),
             *REAL_ONLY],
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    y = x.sum()
    y.backward()
    y.backward()
    x.grad
    """, "np.full_like(x, 2)", id="backward-twice-sum", x=tensors(), differs=REAL_ONLY,
    note="a sum needs nothing of its terms but their shape, so it can",
)  # fmt: skip
mechanics.case(
    "x.sum().backward()\nx.grad", "np.ones_like(x)", id="backward-unasked", x=tensors(),
    differs=[Difference("a tensor that did not ask for a gradient gets none", example={"x": np.ones(2)}, torch=Raises(RuntimeError),
                        dtypes=FLOATING, instead="x.requires_grad_()\nx.sum().backward()\nx.grad"),
             *REAL_ONLY],
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    x.backward(g)
    first = x.grad
    x.backward(g)
    first
    """,
    "total = g.copy()\nfirst = total\ntotal += g\nfirst", id="accumulated-in-place", x=tensors(), g=like("x"), shares_memory=False,
    differs=[refuses_integers(g=np.ones((2, 2))),
             Difference(BY_ALPHA, example={"x": np.array([1j]), "g": np.array([complex(np.inf, 0)])}, dtypes=COMPLEX, kind="bug",
                        upstream=ALPHA_REPORT, torch="g + g * np.ones_like(g)",
                        when="~np.isfinite(g.real) & ~np.isnan(out.imag) | ~np.isfinite(g.imag) & ~np.isnan(out.real)")],
    note="who keeps x.grad sees the later gradients added to it",
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    gradient, = torch.autograd.grad(x.pow(2).sum(), x)
    gradient, x.grad is None
    """, "2 * x, True", id="autograd.grad", x=tensors(), differs=REAL_ONLY, note="gives the gradient, and leaves x.grad alone",
)  # fmt: skip

# Who has one.

mechanics.case(
    "x.requires_grad_()\n(x + y).requires_grad, (y + y).requires_grad, (x > y).requires_grad, x.detach().requires_grad",
    "True, False, False, False", id="requires_grad", x=tensors(dtypes=FLOATING), y=like("x", dtypes=FLOATING),
    note="what is made of a tensor with a gradient has one, unless it is a truth or an index",
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx.is_leaf, (x * 2).is_leaf, (x * 2).detach().is_leaf", "True, False, True", id="is_leaf", x=tensors(dtypes=FLOATING),
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    y = x * 2
    y.retain_grad()
    y.backward(g)
    y.grad, x.grad
    """, "g.copy(), 2 * g", id="retain_grad", x=tensors(), g=like("x"), shares_memory=False,
    differs=[refuses_integers(g=np.ones((2, 2)))], note="what is computed on the way keeps its gradient only if it is asked to",
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    with torch.inference_mode():
        y = x * 2
    y.requires_grad, y.is_inference()
    """, "False, True", id="inference_mode", x=tensors(dtypes=FLOATING),
)  # fmt: skip
mechanics.case(
    """
    with torch.inference_mode():
        y = x * 2
    y.requires_grad_()
    y.pow(2).sum().backward()
    y.grad
    """, "4 * x", id="inference_mode-left", x=tensors(dtypes=FLOATING),
    differs=[Difference("what was made in inference mode stays outside of every graph; what was made in no_grad may join one",
                        example={"x": np.ones(2)}, torch=Raises(RuntimeError),
                        instead="with torch.no_grad():\n    y = x * 2\ny.requires_grad_()\ny.pow(2).sum().backward()\ny.grad")],
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\ny = x.detach()\ny[...] = y.flip(0)\nx.detach()", "y = x\ny[...] = np.flip(y, 0)\nx",
    id="detach-shares", x=tensors(ndim=(1, 3), overlapping=False), shares_memory=True, differs=[refuses_integers()],
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    y = x.pow(2)
    x.detach()[...] = 0
    y.sum().backward()
    x.grad
    """,
    "gradient = 2 * x\nx[...] = 0\ngradient", id="detach-written", x=tensors(ndim=(1, 3), overlapping=False, dtypes=FLOATING),
    differs=[Difference("PyTorch notices that what backward() needs was written to, and refuses", example={"x": np.ones(2)},
                        torch=Raises(RuntimeError))],
)  # fmt: skip

# Views, and writing in place.

mechanics.case(
    "x.requires_grad_()\nx.reshape(-1).backward(g.reshape(-1).clone())\nx.grad", "g.copy()", id="reshape", x=tensors(), g=like("x"),
    shares_memory=False, differs=[refuses_integers(g=np.ones((2, 2)))],
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx.reshape(-1).backward(g.reshape(-1))\nx.grad", "g.copy()", id="reshape-taken", x=normals(3, 4), g=normals(3, 4),
    differs=[Difference("x.grad is the very memory that backward() was given, if that lies as x does", aspect="memory", torch="view",
                        kind="gotcha", example={"x": np.ones((3, 4)), "g": np.ones((3, 4))}, dtypes=(*FLOATING, *COMPLEX)),
             refuses_integers(g=np.ones((2, 2)))],
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nturned = g.transpose(d, 0).clone()\nx.transpose(d, 0).backward(turned)\nx.grad",
    "turned = np.swapaxes(g, d, 0)\nnp.swapaxes(turned, d, 0).copy()", id="transpose", x=tensors(ndim=(1, 4)), g=like("x"), d=axes("x"),
    shares_memory=False, differs=[refuses_integers(g=np.ones((2, 2)), d=1)],
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx.flip(0).backward(g)\nx.grad", "np.flip(g, 0).copy()", id="flip", x=tensors(ndim=(1, 3)), g=like("x"),
    shares_memory=False, differs=[refuses_integers(g=np.ones((2, 2)))],
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx[::2].backward(g[::2])\nx.grad", "gradient = np.zeros_like(x)\ngradient[::2] = g[::2]\ngradient",
    id="slice", x=tensors(ndim=(1, 3)), g=like("x"), differs=[refuses_integers(g=np.ones((2, 2)))], note="what was not taken has gradient 0",
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx[i].backward(g)\nx.grad", "gradient = np.zeros_like(x)\nnp.add.at(gradient, i, g)\ngradient",
    id="indices", x=tensors(ndim=(1, 3), longest=200), i=indices("x"), g=indexed("x", 0, "i", domain="small"),
    tolerance=within("total = np.zeros(x.shape)\nnp.add.at(total, i, np.abs(g))\nlen(i) * u * total", "a rounding for each gradient added",
                     narrow=True),
    differs=[refuses_integers(i=np.array([0]), g=np.ones((1, 2))),
             replace(unchecked(g=np.ones((1, 0))), torch="np.zeros_like(x)", dtypes=(*FLOATING, *COMPLEX))],
    note="an element that was taken twice gets both gradients",
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx[m].backward(g[m])\nx.grad", "gradient = np.zeros_like(x)\ngradient[m] += g[m]\ngradient", id="mask",
    x=tensors(), m=masks("x"), g=like("x"),
    differs=[refuses_integers(m=np.ones((2, 2), bool), g=np.ones((2, 2))),
             replace(empty_mask(g=np.ones((1, 1))), dtypes=(*FLOATING, *COMPLEX))],
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    y = x.clone()
    y[0] = 0
    y.backward(g)
    x.grad
    """, "gradient = g.copy()\ngradient[0] = 0\ngradient", id="written", x=tensors(ndim=(1, 3)), g=like("x"),
    differs=[refuses_integers(g=np.ones((2, 2)))], note="what was overwritten no longer counts",
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    y = x.clone()
    y.mul_(2)
    y.backward(g)
    x.grad
    """, "2 * g", id="in-place", x=tensors(), g=like("x"), differs=[refuses_integers(g=np.ones((2, 2)))],
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx.mul_(2)", "x *= 2\nx", id="in-place-leaf", x=tensors(overlapping=False, dtypes=FLOATING), shares_memory=True,
    differs=[Difference("a parameter may be written to only where no graph is kept", example={"x": np.ones(2)},
                        torch=Raises(RuntimeError), instead="x.requires_grad_()\nwith torch.no_grad():\n    x.mul_(2)\nx.detach()")],
)  # fmt: skip

# Gradients of gradients, and functions of one's own.

mechanics.case(
    """
    x.requires_grad_()
    first, = torch.autograd.grad(x.pow(3).sum(), x, create_graph=True)
    second, = torch.autograd.grad(first.sum(), x)
    second
    """, "6 * x", id="second-derivative", x=tensors(), tolerance=ulp(1, "bfloat16 is rounded after every step", dtypes=("bfloat16",)),
    differs=REAL_ONLY,
)  # fmt: skip
mechanics.case(
    """
    x.requires_grad_()
    first, = torch.autograd.grad(x.pow(3).sum(), x, create_graph=True)
    product, = torch.autograd.grad(first, x, v)
    product
    """, "2 * x * (3 * v)", id="hessian-vector", x=tensors(domain="finite"), v=like("x", domain="small"),
    tolerance=ulp(2, "the factors are multiplied in another order"),
    note="the product of 6 * x, the second derivative, and v: where 6 * x overflows and 2 * x does not, 6 * x * v is another one",
    differs=[refuses_integers(v=np.ones((2, 2))), refuses_complex(v=np.ones((2, 2)))],
)  # fmt: skip
mechanics.case(
    "torch.func.hessian(lambda t: t.pow(3).sum())(x)", "6 * x[:, None] * np.eye(len(x), dtype=x.dtype)",
    id="hessian", x=normals(9),
    differs=[Difference("only floating-point and complex tensors can have a gradient", example={"x": np.ones(2)},
                        dtypes=("bool", *INTEGERS), torch=Raises(ValueError)), refuses_complex(x=np.ones(2))],
)  # fmt: skip
mechanics.case(
    "torch.func.jvp(lambda t: t.pow(2), (x,), (torch.ones_like(x),))[1]", "2 * x", id="jvp", x=tensors(),
    note="forward mode: how the result changes as x goes along a direction, here that of ones",
    differs=[Difference("PyTorch's forward mode refuses a tensor several elements of which lie in one place", kind="bug",
                        dtypes=(*FLOATING, *COMPLEX), example={"x": np.broadcast_to(np.ones(1), (2,))}, torch=Raises(RuntimeError),
                        when="any(n > 1 and step == 0 for n, step in zip(x.shape, x.strides)) and x.size > 0",
                        instead="torch.func.jvp(lambda t: t.pow(2), (x.clone(),), (torch.ones_like(x),))[1]"),
             Difference("where a part of a complex product is infinite, which parts become NaN depends on how it is computed",
                        example={"x": np.array([complex(0, np.inf)])}, dtypes=COMPLEX, when="~np.isfinite(out)", aspect="value",
                        torch=OneOf("out", *(f"g = out\n{parts}" for parts in NAN_PARTS))),
             Difference("only floating-point and complex tensors can have a gradient", example={"x": np.ones(2)},
                        dtypes=("bool", *INTEGERS), torch=Raises(ValueError))],
)  # fmt: skip
mechanics.case(
    """
    class Rounded(torch.autograd.Function):
        @staticmethod
        def forward(context, numbers):
            return numbers.round()
        @staticmethod
        def backward(context, gradient):
            return gradient
    x.requires_grad_()
    y = Rounded.apply(x)
    y.backward(g)
    y.detach(), x.grad
    """, "np.rint(x), g.copy()", id="autograd.Function", x=tensors(), g=like("x"), fills=2,
    differs=[refuses_integers(g=np.ones((2, 2))),
             Difference("PyTorch does not round complex numbers", dtypes=COMPLEX, example={"x": np.ones(2), "g": np.ones(2)},
                        torch=Raises(RuntimeError))],
    note="a function with a derivative that one makes up: rounding that lets gradients through",
)  # fmt: skip
mechanics.case(
    "x.requires_grad_()\nx.register_hook(lambda gradient: gradient.clamp(-1, 1))\nx.backward(g)\nx.grad", "np.clip(g, -1, 1)",
    id="hook", x=tensors(dtypes=("float32",)), g=like("x", dtypes=("float32",)), note="a hook changes a gradient before it is added",
)  # fmt: skip
