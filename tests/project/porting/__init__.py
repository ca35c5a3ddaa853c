"""Somebody else's functions, in PyTorch and as they were in NumPy."""

import numpy as np


def standardised(x, dim):
    """In PyTorch: less its mean, by its deviation."""
    return (x - x.mean(dim, keepdim=True)) / x.std(dim, keepdim=True, correction=0)


def standardised_numpy(x, axis):
    """In NumPy."""
    return (x - np.mean(x, axis=axis, keepdims=True)) / np.std(x, axis=axis, keepdims=True)


def scaled(x, dim):
    """In PyTorch: by its largest, which is a named tuple here."""
    return x / x.abs().max(dim, keepdim=True).values


def scaled_numpy(x, axis):
    """In NumPy: by the largest, without the absolute value."""
    return x / np.max(x, axis=axis, keepdims=True)
