"""Running scripts as somebody does who has torch and NumPy, and nothing of ours.

Importing torch takes seconds, and there are a hundred scripts: one process imports both, with ours and Hypothesis out
of reach, and gives each script a copy of itself.
"""

import atexit
import json
import os
import re
import subprocess
import sys
from functools import cache
from subprocess import CompletedProcess

SERVER = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("conformance", "hypothesis"):
            raise ImportError("not to be needed: " + name)
sys.meta_path.insert(0, Refuse())

import json, os, signal, tempfile, traceback
import numpy, torch

def run(script, out, err):
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    signal.alarm(120)
    code = 1
    try:
        exec(compile(script, "<script>", "exec"), {"__name__": "__main__"})
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

for line in sys.stdin:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            run(json.loads(line), out, err)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        print(json.dumps([os.waitstatus_to_exitcode(status), out.read(), err.read()]), flush=True)
"""


@cache
def _server() -> "subprocess.Popen[str]":
    program = [sys.executable, "-I", "-c", SERVER]
    server = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=os.sep)
    atexit.register(server.kill)
    return server


def run_alone(script: str) -> "CompletedProcess[str]":
    """Run a script in a process of its own; a script that needs ours or Hypothesis fails."""
    server = _server()
    server.stdin.write(json.dumps(script) + "\n")
    server.stdin.flush()
    code, out, err = json.loads(server.stdout.readline())
    return CompletedProcess(script, code, out, err)


NAMES = ("torch_side", "numpy_side", "by_autograd", "by_differences")


def sides(output: str) -> dict[str, str]:
    """What a script printed for each side; the libraries spell their dtypes differently, which is no difference."""
    lines = (line.partition(" ") for line in output.splitlines())
    return {name: text.removeprefix("torch.") for name, _, text in lines if name in NAMES}


def shows_a_difference(output: str) -> bool:
    """Whether both sides spoke, and not alike: of gradients by differences, in the first digits."""
    told = sides(output)
    if set(told) == {"by_autograd", "by_differences"}:
        theirs, ours = (re.findall(r"-?\d+\.\d+(?:e-?\d+)?", told[name]) for name in ("by_autograd", "by_differences"))
        return "Error" in told["by_autograd"] or not close(theirs, ours)
    return len(told) == 2 and told["torch_side"] != told["numpy_side"]


def close(some: list[str], others: list[str]) -> bool:
    """Whether two lists hold the same numbers, to nine digits."""
    return len(some) == len(others) and all(abs(float(a) - float(b)) < 1e-9 for a, b in zip(some, others, strict=True))
