"""Translations as people write them when they port code: half of them right, half subtly wrong.

A wrong one says what a reader must be told: the check that fails, or the regions outside of which it is right.
"""

RIGHT = [
    ("x.sum(dim=0)", "x.sum(axis=0)"),
    ("x.mean(dim=-1, keepdim=True)", "x.mean(axis=-1, keepdims=True)"),
    (
        "torch.softmax(x, dim=-1)",
        "(e := np.exp(x - x.max(axis=-1, keepdims=True, initial=-np.inf))) / e.sum(axis=-1, keepdims=True)",
    ),
    ("torch.hypot(x, y)", "np.hypot(x, y)"),
    ("torch.nn.functional.silu(x)", "x / (1 + np.exp(-x))"),
    ("torch.relu(x)", "np.where(x <= 0, np.zeros_like(x), x)"),
    ("x.sigmoid()", "1 / (1 + np.exp(-x))"),
    ("torch.cat([x, x], dim=0)", "np.concatenate([x, x], axis=0)"),
    ("x.unsqueeze(0)", "x[None]"),
    ("x.repeat_interleave(2, dim=0)", "np.repeat(x, 2, axis=0)"),
    ("x.flip(0)", "x[::-1]"),
    ("x @ y", "x @ y"),
    ("x.cumsum(dim=0)", "np.cumsum(x, axis=0)"),
    ("torch.where(x > 0, x, y)", "np.where(x > 0, x, y)"),
    ("x.clamp(min=0)", "np.maximum(x, 0)"),
    ("x.flatten()[None] * 2", "2 * x.reshape(1, -1)"),
    ("x.amax(dim=1)", "x.max(axis=1)"),
    ("x.pow(2).sum().sqrt()", "np.sqrt((x ** 2).sum())"),
    ("x - x.mean(0)", "x - x.mean(0)"),
    ("torch.sort(x, dim=-1).values", "np.sort(x, axis=-1)"),
]

WRONG = [
    ("x.std(dim=0)", "np.std(x, axis=0)", "value"),  # the default of the correction
    ("x.median()", "np.median(x)", "value"),  # of an even count
    ("x.repeat(2)", "np.repeat(x, 2)", "value"),  # the whole, or each
    ("torch.maximum(x, y)", "np.fmax(x, y)", ("NaN",)),
    ("torch.round(x)", "np.floor(x + 0.5)", "value"),  # ties
    ("torch.fmod(x, y)", "np.mod(x, y)", "value"),  # the sign
    ("x.reshape(-1)", "x.ravel(order='F')", "value"),
    ("x.sum(dim=0)", "x.sum(axis=-1)", "shape"),
    ("x.argmin(dim=-1)", "x.shape[-1] - 1 - np.argmin(x[..., ::-1], axis=-1)", ("NaN", "ties")),
    ("torch.softmax(x, dim=-1)", "np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)", ("infinities", "large numbers")),
    ("torch.sort(x, dim=0).indices.float()", "np.argsort(-x, axis=0).astype(np.float32)", "value"),
    ("x.float()", "x", "dtype"),
    ("torch.logsumexp(x, dim=-1)", "np.log(np.exp(x).sum(axis=-1))", ("large numbers",)),
    ("x.sign()", "np.sign(x)", ("NaN",)),
    ("torch.div(x, y, rounding_mode='trunc')", "x // y", "value"),
    ("x.var(dim=-1)", "x.var(axis=-1, ddof=0)", "value"),
    ("torch.prod(x, dim=0)", "np.cumprod(x, axis=0)", "shape"),
    ("x.T", "x.transpose(*range(x.ndim))", "shape"),
    ("torch.nn.functional.gelu(x)", "0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3)))", "dtype"),
    ("x.norm()", "np.abs(x).sum()", "value"),
]
