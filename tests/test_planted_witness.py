"""Every planted bug shows inside its patch, and only there."""

from typing import Any

import pytest
import torch

from .planted import PLANTED, Planted
from .test_planted import ASKED

_OWNERS = (
    *(torch, torch.Tensor, torch.autograd, torch.nn, torch.nn.Module, torch.nn.functional, torch.no_grad),
    *(torch.optim.Optimizer, torch.optim.SGD, torch.optim.Adam, torch.optim.lr_scheduler.StepLR),
    *(torch.utils.data, torch.utils.data.DataLoader, torch.utils.data.BatchSampler),
)


def _plain(operation: str) -> str:
    """Return the one name of a function and its class, such as mse_loss and MSELoss."""
    return operation.replace("_", "").lower()


def _attributes() -> list[dict[str, Any]]:
    return [dict(vars(owner)) for owner in _OWNERS]


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_it_shows_inside_its_patch_only(bug: Planted) -> None:
    assert not bug.witness()
    before = _attributes()
    with bug.patch():
        assert bug.witness()
    assert not bug.witness()
    assert _attributes() == before


@pytest.mark.parametrize("bug", ASKED, ids=lambda bug: bug.name)
def test_no_other_witness_sees_it(bug: Planted) -> None:
    """The trigger is narrow enough not to show on the inputs of the other bugs, nor to break them."""
    others = [other for other in PLANTED if _plain(other.operation) != _plain(bug.operation)]
    with bug.patch():
        seen = [other.name for other in others if other.witness()]
    assert not seen


def test_a_patch_goes_when_its_body_raises() -> None:
    before = _attributes()
    with pytest.raises(ZeroDivisionError), PLANTED[0].patch():
        raise ZeroDivisionError
    assert _attributes() == before


def test_there_are_enough_and_their_names_differ() -> None:
    assert len({bug.name for bug in PLANTED}) == len(PLANTED) >= 440
    assert sum(bug.hard for bug in PLANTED) >= 6
