"""Options of losses: what the classes are told, `nn.MSELoss(reduction="sum")`, and what several options come to together.

`how` says what becomes of the losses of the samples: `reduced[how](losses)`. Numbers are tame here; what the functions make of
special ones is in the other sections of losses.
"""

import numpy as np

from conformance import Difference, Raises, Section, classes, normals, values, within

options = Section("Options of losses", id="loss-options")

REAL = ("float32", "float64")
EITHER = (False, True)
HOW = values("none", "mean", "sum")
PAIR = {"x": normals(4, 3, dtypes=REAL, missing=True), "y": normals(4, 3, dtypes=("float64",)), "how": HOW}
"""The target takes the dtype of ``x``."""
REDUCED = "reduced = {'none': lambda losses: losses, 'mean': np.mean, 'sum': np.sum}\n"
AS_X = "y = y.to(x.dtype)\n"
SAME = "y = y.astype(x.dtype)\n"


def sizes(terms: str) -> object:
    """Return the bound of at most 24 losses whose magnitudes, and those of their parts, add up to ``terms``."""
    return within(f"{REDUCED}40 * u * reduced[how]({terms} + 0 * x)", "each of at most 24 terms is rounded some times, and they are added in any order")


# Of distances

SQUARE = "(x - y) ** 2"
SMOOTH = "d = np.abs(x - y)\nlosses = np.where(d < beta, 0.5 * d * d / (beta or 1), d - 0.5 * beta)\n"
HUBER = "d = np.abs(x - y)\nlosses = np.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta))\n"
options.case(
    f"{AS_X}torch.nn.MSELoss(reduction=how)(x, y)", f"{REDUCED}{SAME}reduced[how]({SQUARE})", id="MSELoss", **PAIR,
    tolerance=sizes("x * x + y * y"),
)  # fmt: skip
options.case(
    f"{AS_X}torch.nn.L1Loss(reduction=how)(x, y)", f"{REDUCED}{SAME}reduced[how](np.abs(x - y))", id="L1Loss", **PAIR,
    tolerance=sizes("np.abs(x) + np.abs(y)"),
)  # fmt: skip
options.case(
    f"{AS_X}torch.nn.SmoothL1Loss(reduction=how, beta=beta)(x, y)", f"{REDUCED}{SAME}{SMOOTH}reduced[how](losses)", id="SmoothL1Loss",
    **PAIR, beta=values(0.5, 0.0, 2.0), tolerance=sizes("np.abs(x) + np.abs(y)"), note="with beta=0 it is L1Loss",
)  # fmt: skip
options.case(
    f"{AS_X}torch.nn.HuberLoss(reduction=how, delta=delta)(x, y)", f"{REDUCED}{SAME}{HUBER}reduced[how](losses)", id="HuberLoss",
    **PAIR, delta=values(0.5, 3.0), tolerance=sizes("4 * (np.abs(x) + np.abs(y))"),
)  # fmt: skip

# Of probabilities and logits

WEIGHT = values([1.0, 0.5, 3.0], [2.0, 2.0, 0.25])
BCE = "w * -(y * np.log(x) + (1 - y) * np.log1p(-x))"
options.case(
    "x, y, w = x.clip(0.1, 0.9), y.to(x.dtype).clip(0.1, 0.9), torch.tensor(w, dtype=x.dtype)\ntorch.nn.BCELoss(weight=w, reduction=how)(x, y)",
    f"{REDUCED}x, y, w = np.clip(x, 0.1, 0.9), np.clip(y.astype(x.dtype), 0.1, 0.9), np.array(w, x.dtype)\nreduced[how]({BCE})", id="BCELoss",
    **PAIR | {"x": normals(4, 3, dtypes=REAL)}, w=WEIGHT, tolerance=sizes("3 * np.array(w)"), note="a mean divides by the number of elements, not by their weights",
)  # fmt: skip
LOGITS = "(1 - y) * x + (1 + (v - 1) * y) * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0))"
options.case(
    "y, w, v = y.to(x.dtype).clip(0, 1), torch.tensor(w, dtype=x.dtype), torch.tensor(v, dtype=x.dtype)\n"
    "torch.nn.BCEWithLogitsLoss(weight=w, pos_weight=v, reduction=how)(x, y)",
    f"{REDUCED}y, w, v = np.clip(y.astype(x.dtype), 0, 1), np.array(w, x.dtype), np.array(v, x.dtype)\nreduced[how](w * ({LOGITS}))",
    id="BCEWithLogitsLoss", **PAIR, w=WEIGHT, v=values([2.0, 1.0, 0.5], [3.0, 3.0, 3.0]),
    tolerance=sizes("np.array(w) * (1 + np.abs(x)) * (2 + np.array(v))"),
)  # fmt: skip

# Of distributions

KL = "losses = np.exp(y) * (y - x) if log else np.abs(y) * (np.log(np.abs(y)) - x)\n"
DIVIDED = REDUCED.replace("}", ", 'batchmean': lambda losses: np.sum(losses) / len(x)}")
options.case(
    f"{AS_X}torch.nn.KLDivLoss(reduction=how, log_target=log)(x, y if log else y.abs())",
    f"{DIVIDED}{SAME}{KL}reduced[how](losses)", id="KLDivLoss", x=PAIR["x"], y=PAIR["y"],
    how=values("batchmean", "none", "mean", "sum"), log=values(*EITHER),
    tolerance=within(f"{DIVIDED}40 * u * reduced[how]((np.exp(y) + np.abs(y)) * (np.abs(x) + np.abs(y) + 2) + 0 * x)",
                     "each of 12 terms is rounded some times, and they are added in any order"),
)  # fmt: skip

# Of classes

LOGP = "logp = x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))\n"
"""Of tame numbers, no exponential overflows."""
SAMPLES = {"x": normals(6, 4, dtypes=REAL, missing=True), "y": classes("x"), "how": HOW}
WEIGHTS = values([1.0, 0.5, 3.0, 2.0], [2.0, 2.0, 0.25, 1.0])
WEIGHTS_OF_X = "w = torch.tensor(w, dtype=x.dtype)\n"
OF_CLASSES = within("100 * u * (np.max(w) * (1 + np.nanmax(np.abs(x))) + np.abs(exact))",
                    "of at most 24 logarithms, each is rounded some times, and they are added in any order")  # fmt: skip
TOTAL = "{'none': losses, 'sum': losses.sum(), 'mean': losses.sum() / w[y][kept].sum()}[how]"
options.case(
    f"{WEIGHTS_OF_X}torch.nn.CrossEntropyLoss(weight=w, ignore_index=ignored, reduction=how, label_smoothing=s)(x, y)",
    f"""
    w = np.array(w, x.dtype)
    {LOGP.strip()}
    kept = y != ignored
    right = -w[y] * logp[np.arange(len(y)), y]
    losses = np.where(kept, (1 - s) * right - s * (w * logp).sum(1) / x.shape[1], 0).astype(x.dtype)
    {TOTAL}
    """,
    id="CrossEntropyLoss", **SAMPLES, w=WEIGHTS, ignored=values(1, 0, -100), s=values(0.3, 0.0), tolerance=OF_CLASSES,
    note="a mean divides by the weights of the samples that count, smoothed or not",
)  # fmt: skip
options.case(
    "torch.nn.functional.cross_entropy(x, torch.where(y == gone, -100, y), reduction=how, label_smoothing=s)",
    f"""
    {LOGP.strip()}
    kept = y != gone
    losses = np.where(kept, -(1 - s) * logp[np.arange(len(y)), y] - s * logp.mean(1), 0).astype(x.dtype)
    {{'none': losses, 'sum': losses.sum(), 'mean': losses.sum() / int(kept.sum())}}[how]
    """,
    id="cross_entropy-ignored", **SAMPLES, gone=values(1, 0), s=values(0.3, 0.0),
    tolerance=within("100 * u * (1 + np.nanmax(np.abs(x)) + np.abs(exact))", OF_CLASSES.source),
    note="the class -100 is ignored unless another is named",
)  # fmt: skip
options.case(
    f"{WEIGHTS_OF_X}p = p.abs().to(x.dtype)\ntorch.nn.functional.cross_entropy(x, p, weight=w, reduction=how, label_smoothing=s)",
    f"""
    w, p = np.array(w, x.dtype), np.abs(p).astype(x.dtype)
    {LOGP.strip()}
    losses = -np.sum(w * logp * ((1 - s) * p + s / x.shape[1]), axis=1).astype(x.dtype)
    {{'none': losses, 'sum': losses.sum(), 'mean': losses.mean()}}[how]
    """,
    id="cross_entropy-probabilities", x=normals(6, 4, dtypes=REAL, missing=True), p=normals(6, 4, dtypes=("float64",)), how=HOW, w=WEIGHTS,
    s=values(0.3, 0.0),
    tolerance=within("100 * u * (np.max(w) * (1 + np.nanmax(np.abs(x))) * (1 + np.max(np.abs(p))) + np.abs(exact))", OF_CLASSES.source),
    note="with probabilities, a mean divides by the number of samples, whatever their weights",
)  # fmt: skip
options.case(
    f"{WEIGHTS_OF_X}torch.nn.NLLLoss(weight=w, ignore_index=ignored, reduction=how)(x, y)",
    f"w = np.array(w, x.dtype)\nkept = y != ignored\nlosses = np.where(kept, -w[y] * x[np.arange(len(y)), y], 0).astype(x.dtype)\n{TOTAL}",
    id="NLLLoss", **SAMPLES, w=WEIGHTS, ignored=values(1, 0, -100), tolerance=OF_CLASSES,
)  # fmt: skip
AXES = {"x": normals(3, 4, 5, dtypes=REAL, missing=True), "y": classes("x"), "how": HOW}
TAKEN = "np.take_along_axis({}, y[:, None], axis=1)[:, 0]"
options.case(
    "torch.nn.functional.nll_loss(x, y, reduction=how)", f"{REDUCED}reduced[how](-{TAKEN.format('x')})", id="nll_loss-axes", **AXES,
    tolerance=within("40 * u * np.nanmax(np.abs(x)) * (15 if how == 'sum' else 1)", "15 numbers are added in any order"), note="a mean divides by the number of places, not of samples",
)  # fmt: skip
options.case(
    "torch.nn.functional.cross_entropy(x, y, reduction=how)", f"{REDUCED}{LOGP}reduced[how](-{TAKEN.format('logp')})",
    id="cross_entropy-axes", **AXES, tolerance=within("100 * u * (1 + np.nanmax(np.abs(x)) + np.abs(exact))", OF_CLASSES.source),
)  # fmt: skip
ANY_WEIGHTS = values(None, *WEIGHTS.options)
OF_X = "w = None if w is None else torch.tensor(w, dtype=x.dtype)\n"
OF_PLACES = within(
    "most, n = 1 if w is None else np.max(w), 15 if how == 'sum' else 1\n40 * u * (most * n * (1 + np.nanmax(np.abs(x))) + np.abs(exact))",
    "of 15 logarithms of sums of 4 exponentials, each is rounded some times, and they and their weights are added in any order",
)  # fmt: skip
WEIGHED = "w = np.ones(x.shape[1], x.dtype) if w is None else np.array(w, x.dtype)\n"
options.case(
    f"{OF_X}torch.nn.functional.cross_entropy(x, y, weight=w, ignore_index=ignored, reduction=how, label_smoothing=s)",
    f"""
    {WEIGHED.strip()}
    {LOGP.strip()}
    kept = y != ignored
    right = -w[y] * {TAKEN.format("logp")}
    losses = np.where(kept, (1 - s) * right - s * np.sum(w[:, None] * logp, axis=1) / x.shape[1], 0).astype(x.dtype)
    {TOTAL}
    """,
    id="cross_entropy-axes-options", **AXES, w=ANY_WEIGHTS, ignored=values(1, 0, -100), s=values(0.3, 0.0), tolerance=OF_PLACES,
    note="a mean divides by the weights of the places that count, in all samples together",
)  # fmt: skip
options.case(
    f"{OF_X}torch.nn.functional.nll_loss(x, y, weight=w, ignore_index=ignored, reduction=how)",
    f"{WEIGHED}kept = y != ignored\nlosses = np.where(kept, -w[y] * {TAKEN.format('x')}, 0).astype(x.dtype)\n{TOTAL}",
    id="nll_loss-axes-options", **AXES, w=ANY_WEIGHTS, ignored=values(1, 0, -100), tolerance=OF_PLACES,
)  # fmt: skip
options.case(
    "torch.nn.functional.cross_entropy(x, y.to(getattr(torch, kind)))", f"{LOGP}-np.mean(logp[np.arange(len(y)), y.astype(kind)])",
    id="cross_entropy-dtypes", x=SAMPLES["x"], y=SAMPLES["y"], kind=values("int64", "uint8", "int32", "int16"),
    tolerance=within("100 * u * (1 + np.nanmax(np.abs(x)) + np.abs(exact))", OF_CLASSES.source),
    differs=[Difference("PyTorch takes classes as int64 or uint8 only; NumPy indexes with any integers", kind="gotcha",
                        example={"x": np.ones((6, 4)), "y": np.zeros(6, int), "kind": "int32"}, when="kind in ('int32', 'int16')",
                        torch=Raises(RuntimeError), instead="torch.nn.functional.cross_entropy(x, y)")],
)  # fmt: skip
options.case(
    "torch.nn.functional.one_hot(torch.tensor(y))", "np.eye(max(y) + 1, dtype=int)[y]", id="one_hot", y=values([0, 2, 1], [0], [3, 3]),
    note="as many classes as the highest needs, unless they are counted",
)  # fmt: skip
