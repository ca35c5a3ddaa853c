"""A project of somebody else's, made from scratch: its own tests, its own rows, its own device, next to our package.

It lies in ``tests/project/`` and is installed into a folder of its own, as pip installs any package.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "project"
TIME_LIMIT = 400


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folder of the project, in which its tests and files lie; the package is installed beside it."""
    folder = tmp_path_factory.mktemp("third") / "project"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", folder.parent / "installed", folder], check=True, timeout=TIME_LIMIT)
    return folder


def ran(project: Path, *program: str) -> subprocess.CompletedProcess:
    """What came of ``python -m …``, run in the project's folder with its package installed."""
    path = os.pathsep.join([str(project.parent / "installed"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    options = {"cwd": project, "capture_output": True, "text": True, "timeout": TIME_LIMIT}
    return subprocess.run([sys.executable, "-m", *program], env=environment, check=False, **options)


def conformance(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    return ran(project, "conformance", *arguments, "--report", str(project / "report"), "-n", "0")


def pytest_in(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    return ran(project, "pytest", "-q", "-p", "no:cacheprovider", *arguments)


def test_its_right_port_passes_and_its_wrong_one_fails_in_words(project):
    done = pytest_in(project, "tests")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "AssertionError: assert_equivalent/scaled (tests/test_port.py:17) float32 cpu" in done.stdout
    assert "  torch  scaled(x, dim)" in done.stdout
    assert "  numpy  scaled_numpy(x, dim)" in done.stdout
    assert "  with   x = np.array([-1.0], np.float32); dim = 0" in done.stdout
    assert "conformance/" not in done.stdout, "no frame of ours in the traceback"


def test_its_rows_are_run_by_their_file(project):
    done = conformance(project, "run", "porting/rows.py", "--dtype", "float32")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert (project / "report/index.html").exists()


def test_its_rows_are_known_by_their_entry_point(project):
    done = conformance(project, "run", "porting", "--dtype", "float64")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Porting" in done.stdout
    proven = conformance(project, "sensitivity", "porting/isfinite")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert "porting/isfinite" in proven.stdout


def test_an_entry_point_that_leads_nowhere_is_told(project, tmp_path):
    broken = tmp_path / "lost-1.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: lost\nVersion: 1\n")
    (broken / "entry_points.txt").write_text("[conformance.cases]\nlost = lost.rows\n")
    shutil.copytree(project.parent / "installed", tmp_path, dirs_exist_ok=True)
    there = tmp_path / "project"
    shutil.copytree(project, there)
    (tmp_path / "installed").symlink_to(tmp_path, target_is_directory=True)
    done = conformance(there, "run", "porting/unsqueeze", "--dtype", "float32")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "entry point lost = 'lost.rows' of lost" in done.stderr


def test_its_device_is_judged_with_failures_that_it_expects(project):
    device = ["--conformance-import", "porting.toy_device", "--conformance-device", "toy"]
    some = ["--pyargs", "conformance.cases", "--conformance-select", "complex", "--conformance-budget", "3", *device]
    known = pytest_in(project, *some, "--conformance-expected", "expected.txt")
    assert known.returncode == 1, known.stdout + known.stderr
    assert "12 passed, 5 xfailed" in known.stdout
    assert "expected.txt:7: complex/conj-mul-float32-toy: an expected failure that is none: none of the 1 units" in (
        known.stdout
    )
    text = (project / "expected.txt").read_text().rpartition("\n# It could not")[0]
    (project / "true.txt").write_text(text)
    assert pytest_in(project, *some, "--conformance-expected", "true.txt").returncode == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--import", "porting.nowhere"], "import 'porting.nowhere': ModuleNotFoundError: No module named"),
        (["--expected", "nowhere.txt"], "expected failures nowhere.txt: No such file or directory"),
        (["--expected", "porting/rows.py"], "is no expected failure: write 'case-or-pattern: reason'"),
        (["--device", "toy"], "device 'toy': 'toy' is no torch device; present here: cpu"),
    ],
)
def test_what_there_is_not_is_one_line(project, options, words):
    done = conformance(project, "run", "porting/unsqueeze", *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
