"""Exponentials, logarithms and trigonometric functions as functions of `torch`, the other spelling of the methods.

`torch.exp(x)` and `x.exp()` are one function. What is said of the methods, of all dtypes, holds here too; so these rows
have one or two dtypes each, and show that no other function goes by the name.
"""

from conformance import Section, tensors, ulp

functions = Section("Functions of torch, by name", id="functions")

for name, numpy, single, double in (
    ("exp", "exp", 3, 1),
    ("exp2", "exp2", 3, 2),
    ("expm1", "expm1", 3, 2),
    ("log", "log", 4, 1),
    ("log2", "log2", 3, 1),
    ("log10", "log10", 4, 3),
    ("log1p", "log1p", 3, 2),
    ("sin", "sin", 2, 2),
    ("cos", "cos", 2, 2),
    ("tan", "tan", 4, 1),
    ("asin", "arcsin", 3, 1),
    ("acos", "arccos", 3, 1),
    ("atan", "arctan", 3, 1),
    ("tanh", "tanh", 2, 2),
    ("asinh", "arcsinh", 2, 3),
    ("acosh", "arccosh", 2, 2),
    ("atanh", "arctanh", 3, 2),
    ("arcsinh", "arcsinh", 2, 3),
    ("arccosh", "arccosh", 2, 2),
    ("arccos", "arccos", 3, 1),
    ("arctanh", "arctanh", 3, 2),
):
    functions.case(
        f"torch.{name}(x)", f"np.{numpy}(x)", x=tensors(dtypes=("float32", "float64")), shares_memory=False,
        tolerance=ulp({"float32": single, "float64": double}, "as that of the method"),
    )  # fmt: skip
