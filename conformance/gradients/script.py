"""A script that shows a gradient of both sides: plain torch and NumPy, nothing of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance import literals, render

if TYPE_CHECKING:
    from conformance.case import Case
    from conformance.evaluate import Batch

_REST: Final = """
def flat(value):
    return [one for part in value for one in flat(part)] if isinstance(value, (list, tuple)) else [value]


def weights(parts):
    rng = np.random.default_rng(0)
    return [rng.uniform(0.5, 1.5, tuple(part.shape)) for part in parts]


def leaf(value):
    if isinstance(value, list):
        return [leaf(one) for one in value]
    floating = isinstance(value, torch.Tensor) and value.is_floating_point()
    return value.detach().requires_grad_() if floating else value


def copied(one):
    if not isinstance(one, torch.Tensor) or 0 in one.stride():
        return one.clone() if isinstance(one, torch.Tensor) else one
    return torch.empty_strided(one.shape, one.stride(), dtype=one.dtype, device=one.device).copy_(one)


def by_autograd():
    given = {name: leaf(value) for name, value in torch_inputs().items()}
    leaves = {f"{name} {i}": one for name, value in given.items() for i, one in enumerate(flat(value))
              if isinstance(one, torch.Tensor) and one.requires_grad}
    copies = {name: [copied(one) for one in value] if isinstance(value, list) else copied(value)
              for name, value in given.items()}
    parts = [part for part in flat(torch_side(**copies)) if part.is_floating_point() or part.is_complex()]
    sides = [torch.from_numpy(weight).to(part.dtype) for weight, part in zip(weights(parts), parts)]
    found = torch.autograd.grad(parts, list(leaves.values()), sides, allow_unused=True)
    return {name: None if one is None else one.tolist() for name, one in zip(leaves, found)}


def weighed(given):
    parts = [np.asarray(part) for part in flat(numpy_side(**given)) if np.asarray(part).dtype.kind in "fc"]
    return sum((weight * part).sum().real for weight, part in zip(weights(parts), parts))


def by_differences(step=2.0**-11):
    names = [(name, i, at) for name, value in numpy_inputs().items() for i, one in enumerate(flat(value))
             if isinstance(one, np.ndarray) and one.dtype.kind == "f" for at in np.ndindex(one.shape)]

    def moved(name, i, at, by):
        given = {other: [np.array(one) if isinstance(one, np.ndarray) else one for one in flat(value)]
                 for other, value in numpy_inputs().items()}
        given[name][i][at] += by
        whole = numpy_inputs()
        return weighed({other: value if isinstance(whole[other], list) else value[0] for other, value in given.items()})

    def slope(place):
        near, far = (moved(*place, by) - moved(*place, -by) for by in (step, 2 * step))
        return (8 * near - far) / (12 * step)

    return {f"{name} {i} {list(at)}": float(slope((name, i, at))) for name, i, at in names}


for side in (by_autograd, by_differences):
    try:
        print(side.__name__, side(), flush=True)
    except Exception as error:
        print(side.__name__, type(error).__name__, error, flush=True)
"""


def script(case: Case, batch: Batch, device: str, headline: str) -> str:
    """Return a script that prints torch's gradient, and NumPy's derivatives by central differences, on one fill."""
    pairs = literals.both(batch)
    names = ", ".join(pairs)
    numpy = ", ".join(f"{name!r}: {text}" for name, (text, _) in pairs.items())
    torch = ", ".join(f"{name!r}: {render.on_device(text, device)}" for name, (_, text) in pairs.items())
    return "\n".join(
        [
            *render.stamp(case, batch, device, headline),
            *([f"\ndevice = {device!r}"] if "device" in case.torch.names else []),
            *(f"\n\ndef {side}_side({names}):\n{render.as_body(text)}" for side, text in _sides(case)),
            f"\n\ndef torch_inputs():\n    return {{{torch}}}",
            f"\n\ndef numpy_inputs():\n    return {{{numpy}}}\n",
            _REST,
        ]
    )


def _sides(case: Case) -> list[tuple[str, str]]:
    return [("torch", case.torch.text), ("numpy", case.numpy.text)]
