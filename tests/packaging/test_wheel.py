"""The wheel, installed into an environment without the checkout, works from any folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (found,) = folder.glob("*.whl")
    return found


def test_it_holds_rules_command_and_type_marker(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "grondslag/py.typed" in names
    assert "grondslag_cli/main.py" in names
    assert any(name.startswith("grondslag/_rules/entry_ban/") for name in names)
    assert not any("tests/" in name for name in names)


def test_it_assesses_a_case_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    inside = Path(
        subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True).stdout.strip()
    )
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    # The dependencies are those of this environment; the package itself is not, because a .pth file is not followed from here.
    (inside / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = subprocess.run([python, "-c", "import grondslag; print(grondslag.__file__)"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert where.stdout.startswith(str(home))
    (tmp_path / "case.yaml").write_text("case: {reference_date: 2024-05-01}\n", encoding="utf-8")
    result = subprocess.run([home / "bin" / "grondslag", "assess", "case.yaml"], capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert result.stderr == ""
    assert result.returncode == 1
    assert "Peildatum 01-05-2024" in result.stdout
