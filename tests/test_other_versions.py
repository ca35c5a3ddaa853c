"""Versions other than the pinned pair: what a row says that cannot be said of them is news, and costs no unit."""

import numpy as np
import pytest

from conformance import Difference, OneOf, tensors
from conformance.gradients import autograd

from .helpers import FLOAT, case_of, record_of

X = tensors(ndim=(1, 2), dtypes=FLOAT)
EXAMPLE = {"x": np.ones((2, 3))}


@pytest.fixture(params=[True, False], ids=["pinned", "other"])
def pinned(request, monkeypatch):
    """Whether the versions are the pinned ones, with both answers."""
    monkeypatch.setattr("conformance.versions.is_pinned", lambda: request.param)
    return request.param


def judged(**difference):
    """Return the record of a row whose sides part by a half wherever there is an element, with one difference."""
    one = Difference("torch adds a half", example=EXAMPLE, **difference)
    return record_of(case_of("x + 0.5", "x * 1", x=X, differs=[one]))


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"when": "x.ndim == 1", "torch": "x + 0.5"}, "is outside of its own when='x.ndim == 1'"),
        ({"when": "x.shape[7] == 1", "torch": "x + 0.5"}, "raises IndexError"),
        ({"when": "np.ones((7, 7)) > x.size", "torch": "x + 0.5"}, "has shape (7, 7), NumPy's result"),
        ({"when": "[x.ndim]", "torch": "x + 0.5"}, "gives a list"),
        ({"torch": "x.reshape(7, 7)"}, "raises ValueError"),
        ({"torch": OneOf("x", "x.reshape(7, 7)")}, "raises ValueError"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_declaration_that_cannot_be_evaluated_is_a_mistake_of_the_pinned_pair_alone(pinned, difference, reason):
    record = judged(**difference)
    if pinned:
        assert record["verdict"] == "broken"
        assert reason in record["reason"]
    else:
        assert record["verdict"] == "changed"
        assert record["failures"]


def test_a_difference_whose_example_is_outside_of_it_is_gone_elsewhere(monkeypatch):
    monkeypatch.setattr("conformance.versions.is_pinned", lambda: False)
    (told,) = judged(when="x.ndim == 1", torch="x + 0.5")["differences"]
    assert told["verdict"] == "changed"


def test_a_difference_of_another_place_is_not_gone_elsewhere(pinned):
    one = Difference("on such a device", example=EXAMPLE, when="device == 'abacus'", torch="x + 0.5")
    (told,) = record_of(case_of("x * 1", "x * 1", x=X, differs=[one]))["differences"]
    assert told["verdict"] == "not judged"


def test_nothing_is_differentiated_by_nothing(monkeypatch):
    def refusing(*_args, **_named):
        raise ValueError("grad requires non-empty inputs.")

    monkeypatch.setattr(autograd, "_grad", refusing)
    assert autograd.Traced(outcome=autograd.torch.ones(2, requires_grad=True) * 2, leaves={}).gradients([]) == {}
