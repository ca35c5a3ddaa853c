"""Expressions: what is read from a string, what is refused, and what they compile to."""

import traceback

import numpy as np
import pytest

from conformance.expression import ExpressionError, parse, unknown_names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("   \n ", "is empty"),
        ("x +", "does not parse"),
        ("x = 1", "does not end in an expression"),
        ("x\nfor i in x: pass", "does not end in an expression"),
        ("f(", "line 1"),
    ],
)
def test_what_cannot_be_read(text, words):
    with pytest.raises(ExpressionError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x + y", {"x", "y"}),
        ("z = x\nz + 1", {"x"}),
        ("x = x.detach()\nx", {"x"}),
        ("x += y\nx", {"x", "y"}),
        ("x = 1\nx += y\nx", {"y"}),
        ("x = 1\nx", set()),
        ("[i for i in xs]", {"xs"}),
        ("[x for x in x]", set()),
        ("(lambda a: a + b)(1)", {"b"}),
        ("np.sum(x)", {"np", "x"}),
        ("for g in gs:\n    m = g * 2\n    p = p - m\np", {"gs", "p"}),
        ("for g in g:\n    pass\n1", {"g"}),
        ("while n:\n    n = n - k\nn", {"n", "k"}),
        ("if a:\n    b = 1\nelse:\n    b = c\nb", {"a", "c"}),
        ("with f(x) as y:\n    z = y\nz", {"f", "x"}),
        ("try:\n    y = x\nexcept E as error:\n    y = error\ny", {"x", "E"}),
        ("def f(a, b=c):\n    d = a + b + e\n    return d\nf(x)", {"c", "e", "x"}),
        ("class A(B):\n    def f(self):\n        return self.x + y\nA().f()", {"B", "y"}),
        ("match x:\n    case [a, *b] if a > c:\n        a + b\n    case {'k': e, **f}:\n        e, f, g\n1", {*"xcg"}),
        ("import io\nimport os.path as p, a.b\nfrom m import n\nio, p, n, a, q", {"q"}),
    ],
)
def test_names_that_are_read(text, names):
    assert parse(text).names - {"np"} == names - {"np"}


def test_builtins_and_known_names_are_not_unknown():
    assert unknown_names(parse("len(x) + max(y, zz)"), ["x", "y"]) == ["zz"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x + y", "add"),
        ("x // y", "floordiv"),
        ("x @ y", "matmul"),
        ("-x", "neg"),
        ("~x", "invert"),
        ("x <= y", "le"),
        ("x < y < z", None),
        ("torch.cat(xs)", "cat"),
        ("x.sum(0)", "sum"),
        ("x.shape", "shape"),
        ("x[0]", "getitem"),
        ("y = x * 2\ny.abs()", "abs"),
        ("x if y else z", None),
        ("f(x)", None),
    ],
)
def test_the_operation_that_a_row_is_named_after(text, name):
    assert parse(text).operation() == name


def test_dotted_names_strings_and_calls():
    expression = parse("torch.linalg.norm(x.real, ord='fro') + np.pi")
    assert set(expression.dotted()) >= {("torch", "linalg.norm"), ("x", "real"), ("np", "pi")}
    assert expression.strings() == {"fro"}
    assert [name for name, _ in expression.calls()] == ["torch.linalg.norm"]


def test_inputs_are_positional_and_may_be_called_anything():
    function = parse("self - cls").compile(["self", "cls"], {}, "<a test>")
    assert function(5, 3) == 2
    with pytest.raises(TypeError):
        function(self=5, cls=3)


def test_a_program_gives_its_last_line():
    text = """
        y = x * 2
        y += 1
        y
    """
    assert parse(text).compile(["x"], {}, "<a test>")(3) == 7


def test_the_namespace_is_the_only_one():
    function = parse("np.sum(x)").compile(["x"], {"np": np}, "<a test>")
    assert function([1, 2]) == 3
    with pytest.raises(NameError):
        parse("pytest").compile([], {}, "<a test>")()


def test_a_call_does_not_leak_into_the_next():
    function = parse("y = x\ny").compile(["x"], {}, "<a test>")
    assert function(1) == 1
    assert function(2) == 2


def test_tracebacks_show_the_source():
    function = parse("y = x\ny / 0").compile(["x"], {}, "<shape/squeeze torch>")
    with pytest.raises(ZeroDivisionError) as caught:
        function(1)
    shown = "".join(traceback.format_exception(caught.value))
    assert "<shape/squeeze torch>" in shown
    assert "return y / 0" in shown


def test_a_string_keeps_its_blanks():
    assert parse("'a   b'").compile([], {}, "<a test>")() == "a   b"
