"""The examples of a page, run as its reader would run them.

A fenced block with a file's name, such as ``python my_rows.py``, is written to that file; one of ``console`` is
commands after ``$`` with what they print. All blocks of a page share one folder, in their order. In what is printed,
``…`` stands for any text, and a line of it alone for any lines.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TIME_LIMIT = 120
PROGRAMS = {"conformance": 'exec "{0}" -m conformance "$@"', "pytest": 'exec "{0}" -m pytest -p no:cacheprovider "$@"'}


class Block(NamedTuple):
    """A fenced block: its language, the file that it is to be (or nothing), its text."""

    language: str
    file: str
    text: str


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    found = ((info.partition(" "), inside) for info, inside in FENCED.findall(text))
    return [Block(language, file, inside) for (language, _, file), inside in found]


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what the page says that it prints."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0], f"a console block begins with '$ ', not with {parts[0]!r}"
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts[1:])]


def pattern(printed: str) -> re.Pattern[str]:
    """What a page says is printed, as it may look: blanks at the end of a line do not count."""
    lines = (line.rstrip() for line in printed.rstrip().splitlines())
    kept = [r"(?:[^\n]*\n)*?" if line == "…" else re.escape(line).replace("…", r"[^\n]*") + r"\n" for line in lines]
    return re.compile("".join(kept) or r"(?:.|\n)*")


def programs(folder: Path) -> Path:
    """A folder with the programs that pages call, of this Python, as `PATH` would have them."""
    folder.mkdir()
    for name, text in PROGRAMS.items():
        (folder / name).write_text(f"#!/bin/sh\n{text.format(sys.executable)}\n")
        (folder / name).chmod(0o755)
    return folder


class Reader:
    """Somebody who follows a page in a folder, step by step."""

    def __init__(self, folder: Path):
        self.folder = folder / "here"
        self.folder.mkdir()
        path = os.pathsep.join([str(programs(folder / "programs")), os.environ["PATH"]])
        self.environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        self.environment.pop("PYTEST_XDIST_WORKER", None)
        self.status = 0

    def follow(self, text: str) -> int:
        """Do all that a page says; the number of commands that were run."""
        count = 0
        for block in blocks(text):
            if block.file:
                (self.folder / block.file).write_text(block.text, encoding="utf-8")
            for command, printed in commands(block.text) if block.language == "console" else []:
                self.run(command, printed)
                count += 1
        assert self.status == 0, "a page that ends in a failure says so with `echo $?`"
        return count

    def run(self, command: str, printed: str) -> None:
        """Run one command, and see that it prints what the page says. A status that is not 0 has to be asked for."""
        asked = command == "echo $?"
        assert asked or self.status == 0, f"exit status {self.status} before {command!r}, and no `echo $?`"
        program = ["bash", "-c", f"(exit {self.status}); {command}"]
        options = {"cwd": self.folder, "env": self.environment, "timeout": TIME_LIMIT, "text": True}
        done = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
        self.status = done.returncode
        shown = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
        assert pattern(printed).fullmatch(shown), f"$ {command}\n{shown}\nis not as the page says:\n{printed}"
