"""What a case is given: generators of inputs, their structures, layouts and values.

An input is written once in a row (``x=tensors(), dim=axes("x")``) and serves three consumers: the enumerated plan, the
random structures of Hypothesis, and the minimiser, which all ask it for a *structure* through a
:class:`~conformance.inputs.picker.Picker`. The values come afterwards, many fills a structure.
"""
