"""Work in several processes: results in order, and a process that dies costs its own piece only."""

import os
import subprocess
import sys

import pytest

from conformance import parallel

DIES = "__import__('os')._exit(3)"


@pytest.mark.parametrize("workers", [0, 2])
def test_results_keep_the_order_of_the_pieces(workers):
    done = list(parallel.each(eval, ["4 ** 2", "3 ** 2", "1 ** 2"], workers))
    assert [(one.piece, one.result) for one in done] == [("4 ** 2", 16), ("3 ** 2", 9), ("1 ** 2", 1)]


def test_a_process_that_dies_costs_its_own_piece_only():
    done = parallel.each(eval, ["0", "1", DIES, "3", "4", DIES, "6", "7"], 2)
    assert [one.result for one in done] == [0, 1, None, 3, 4, None, 6, 7]


def test_nothing_to_do():
    assert list(parallel.each(eval, [], 2)) == []


def test_what_is_not_begun_is_not_done_after_an_error(tmp_path):
    pieces = [
        "1 / 0",
        *(f"__import__('time').sleep(0.2) or open({str(tmp_path / str(n))!r}, 'w').close()" for n in range(20)),
    ]
    with pytest.raises(ZeroDivisionError):
        list(parallel.each(eval, pieces, 1))
    assert len(list(tmp_path.iterdir())) < 10


ONE_CORE = """
import os
from importlib import import_module

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print(import_module("conformance.cli.run")._workers("auto")[0])
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps no process to some cores")
def test_there_are_no_more_workers_than_cores_that_may_be_used():
    done = subprocess.run([sys.executable, "-c", ONE_CORE], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["-n1"]
