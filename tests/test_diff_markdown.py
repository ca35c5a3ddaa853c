"""The comment on a pull request that tells two runs apart: what is in it, and what it says of what is not."""

import re

from conformance.history import markdown

from .runs import bench, compared, difference, failure, run, unit


def test_markdown_is_never_longer_than_a_comment_may_be():
    many = [unit("differs", f"shape/case-{number}") for number in range(300)]
    found = compared(run(*[unit(case=one["id"]) for one in many]), run(*many))
    text = markdown.text(found, 9_000)
    assert len(text) < 9_200
    left = r"\n\n\*More that does not fit here, and that `conformance diff` prints:\*\n\n- fails now: 2\d\d changes\n$"
    assert re.search(left, text)
    assert "fails now 300" in text


def test_what_markdown_leaves_out_is_told_by_kind():
    names = [f"{kind}-{number}" for kind in ("fails", "news", "verdict") for number in range(100)]
    verdicts = {"fails": "differs", "news": "changed", "verdict": "torch only"}
    old = [unit(case=f"shape/{name}", dtype=f"d{at}") for at, name in enumerate(names)]
    new = [unit(verdicts[name.partition("-")[0]], f"shape/{name}", f"d{at}") for at, name in enumerate(names)]
    new = [{**one, "differences": [difference("it is new" * 9)]} for one in new]
    benches = [[bench(ratio, 0.01, id=f"bench/{at}") for at in range(100)] for ratio in (1.0, 5.0)]
    found = compared(run(*old, benches=benches[0]), run(*new, benches=benches[1]))
    for longest in (5_000, 20_000, 50_000):
        text = markdown.text(found, longest)
        assert len(text) < longest + 250
        assert text.count("<details>") == text.count("</details>")
        left = dict(re.findall(r"^- ([a-z ]+): (\d+) (?:change|benchmark|difference)s?$", text, flags=re.MULTILINE))
        shown = {
            "fails now": text.count("<summary>shape/fails-"),
            "behaves otherwise": text.count("<summary>shape/news-"),
            "another verdict": text.count("\n- `shape/verdict-"),
            "declared differences": text.count("\n- appeared, "),
            "slower": text.count("\n- `bench/"),
        }
        assert {kind: count + int(left.get(kind, 0)) for kind, count in shown.items()} == {
            **dict.fromkeys(shown, 100),
            "declared differences": 300,
        }
    assert "does not fit" not in markdown.text(found, 10**9)


def test_in_markdown_a_label_is_told_from_what_it_labels():
    new = unit("differs", tolerance="2 ulp", failures=[failure(headline="only torch raises: ValueError")])
    text = markdown.text(compared(run(unit()), run(new)))
    for line in (
        "- **torch**: `x.flip(0)`",
        "- **value**: only torch raises: ValueError",
        "- **with**: `x = np.ones(1)`",
        "- **again**: `conformance run a/b`",
        "- **row edited**: tolerance: exact → 2 ulp",
    ):
        assert f"\n{line}\n" in text
