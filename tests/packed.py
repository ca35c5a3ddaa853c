"""The records that a page holds, unpacked as its scripts do it, for tests that need no browser."""

import re
from typing import Any

from conformance.records import Run
from conformance.report import html, packing


class Packed:
    """The payload of a page, with each text in its place."""

    def __init__(self, *of: Run | str) -> None:
        """Unpack the page of runs, or a page."""
        page = of[0] if isinstance(of[0], str) else html.page(*of)
        (held,) = re.findall(r'<script type="text/plain" id="ui:data">([A-Za-z0-9+/=]*)</script>', page)
        self.data: dict[str, Any] = packing.unpacked(held)
        self.texts: list[str] = self.data["texts"]

    def told(self, place: int) -> list[str]:
        return [self.texts[text] for text in self.data["lists"][place]]

    def pairs(self, place: int) -> dict[str, str]:
        held = self.told(place)
        return dict(zip(held[::2], held[1::2], strict=True))

    @property
    def cases(self) -> dict[str, dict[str, Any]]:
        """All cases by their id; the first of those that share one."""
        found: dict[str, dict[str, Any]] = {}
        for case in self.data["cases"]:
            found.setdefault(self.texts[case["id"]], case)
        return found

    @property
    def places(self) -> set[str]:
        """The names under which cases and units can be linked to."""
        found = set()
        for case in self.data["cases"]:
            anchor = self.texts[case["anchor"]]
            found |= {anchor, *(self.place(anchor, run, unit) for run, unit in self.whole(case))}
        return found

    def place(self, anchor: str, run: int, unit: list[Any]) -> str:
        more = unit[8] if len(unit) > 8 else {}
        dtype, device = (self.texts[text] for text in unit[:2])
        slug = self.texts[self.data["environments"][run][1]] if run else ""
        return more.get("place") or "-".join(part for part in (anchor, dtype.strip("-"), device, slug) if part)

    def whole(self, case: dict[str, Any]) -> list[tuple[int, list[Any]]]:
        """The units of a case with the number of their run; those that refer to another are filled in."""
        found: list[tuple[int, list[Any]]] = []
        for run, units in enumerate(case.get("units", ())):
            for unit in units:
                if isinstance(unit, int):
                    found.append((run, found[unit][1]))
                elif len(unit) == 3:
                    twin = found[unit[0]][1]
                    found.append((run, [*twin[:5], unit[1], twin[6], unit[2], *twin[8:]]))
                else:
                    found.append((run, unit))
        return found

    def units(self, case: str) -> list[dict[str, Any]]:
        """The units of a case, as words."""
        return [self.unit(run, unit) for run, unit in self.whole(self.cases[case])]

    def unit(self, run: int, unit: list[Any]) -> dict[str, Any]:
        dtype, device, verdict, reason, shape, inputs, names, counts, *more = unit
        checks = zip(self.data["lists"][shape], inputs, strict=True)
        extra = more[0] if more else {}
        return {
            "environment": self.texts[self.data["environments"][run][0]],
            "dtype": self.texts[dtype],
            "device": self.texts[device],
            "verdict": self.verdict(verdict),
            "reason": self.texts[reason],
            "checks": [(", ".join(self.told(told)), self.verdict(rank), n) for (told, rank), n in checks],
            "counts": dict(zip(self.told(names), counts, strict=True)),
            "failures": [[self.texts[text] for text in failure] for failure in extra.get("failures", ())],
            "gradient": extra.get("gradient", ""),
        }

    def verdict(self, rank: int) -> str:
        return str(self.data["verdicts"][rank][0])

    def differences(self, case: str) -> list[dict[str, Any]]:
        """The differences of a case, as words."""
        keys = ("because", "kind", "when", "dtypes", "aspect", "torch", "numpy", "instead", "upstream")
        return [
            {key: self.texts[text] for key, text in zip(keys, told, strict=False)} | {"example": self.pairs(told[9])}
            for told in self.cases[case].get("differences", ())
        ]
