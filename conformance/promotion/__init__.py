"""Promotion: the dtype that two operands make, asked of both libraries for every pair, and rules that explain it.

`operands.py` has the questions, `rules.py` what is said of PyTorch's answers, `answers.py` asks both and compares.
"""
