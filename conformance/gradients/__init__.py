"""Autograd of the torch expression against derivatives of the NumPy expression.

`smooth.py` makes inputs away from kinks and ties, `numeric.py` differentiates the NumPy expression by differences,
`autograd.py` asks torch, `witness.py` knows which cases have no gradient, and closed forms; `judge.py` compares.
"""
