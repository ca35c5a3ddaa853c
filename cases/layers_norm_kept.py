"""What a batch norm keeps of several batches: the running mean and variance, and how much each batch counts.

Of each batch a share is taken: ``momentum``, or with ``momentum=None`` 1 / k of the k-th, which makes what is kept the mean
over all batches. The variance that is kept divides by one number less than there are of a feature, all places of a sample
counted.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient
from conformance.cases.layers_norm import no_parameters

from conformance import Section, normals, values, within

kept = Section("Running statistics", id="running-statistics")

MOMENTUM = values(0.1, 0.5, None)
RUN = """
layer = torch.nn.BatchNorm1d(x.shape[2], momentum=momentum, dtype=x.dtype)
for batch in x:
    layer(batch)
{result}
"""
TAKEN = """
mean, var = np.zeros(x.shape[2], x.dtype), np.ones(x.shape[2], x.dtype)
for k, batch in enumerate(x, 1):
    share = 1 / k if momentum is None else momentum
    mean = (1 - share) * mean + share * batch.mean(axis={axis})
    var = (1 - share) * var + share * batch.var(axis={axis}, ddof=1)
{result}
"""
SIZES = (
    "n, steps = x[0].size // x.shape[2], len(x)\ng = (n + 4) * u\nover = (0, 1, *range(3, x.ndim))\n"
    "size, square = np.max(np.abs(x), axis=over), np.max(np.sum(x * x, axis=over[1:], keepdims=True), axis=over) / (n - 1)\n"
)
SOURCE = (
    "mean and variance of n numbers: Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance, The American "
    "Statistician 37 (1983); and two products and a sum for each batch, whose shares add up to 1"
)
for shape, axis, name in (((3, 6, 4), "0", "batches"), ((3, 4, 3, 5), "(0, 2)", "batches-axes")):
    kept.case(
        RUN.format(result="torch.stack((layer.running_mean, layer.running_var))"),
        TAKEN.format(axis=axis, result="np.stack((mean, var))"), id=name, x=normals(*shape, missing=True), momentum=MOMENTUM,
        tolerance=within(f"{SIZES}np.stack((g * size + 4 * steps * u * size, 3 * g * square + 4 * steps * u * (1 + square)))",
                         SOURCE, narrow=True),
        differs=[*no_parameters(None, shape=shape, momentum=0.1), no_gradient("PyTorch's running mean and variance carry no gradient", torch="none",
                     x=np.linspace(-1, 2, np.prod(shape)).reshape(shape) ** 3, momentum=0.5)],
        note="each batch moves both by the share momentum; without momentum all batches count alike",
    )  # fmt: skip
