"""The package as it is handed on: what its archive of the source holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILD = "import setuptools.build_meta as backend; backend.build_sdist('.')"


def test_the_archive_of_the_source_holds_all_that_the_repository_does(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77.0.3")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if not (ROOT / ".git").exists() or listing.returncode:
        pytest.skip("this is not a repository")
    names = {name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).exists()}
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    subprocess.run([sys.executable, "-c", BUILD], cwd=tmp_path, check=True, capture_output=True)
    [archive] = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive, "r:gz") as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    assert names - held == set()
