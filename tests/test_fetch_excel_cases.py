"""tests/scripts/fetch_excel_cases.py against a server on this machine: all of the pinned files, or nothing."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.paths import ROOT, SHARED

SCRIPTS = ROOT / "tests" / "scripts"
FILES = {"LOGICAL__IFS.xlsx": b"one workbook", "arithmetic.xlsx": b"another one"}
IN_THE_ARCHIVE = {
    "IronCalc-1/xlsx/tests/calc_tests/LOGICAL/IFS.xlsx": FILES["LOGICAL__IFS.xlsx"],
    "IronCalc-1/xlsx/tests/calc_tests/arithmetic.xlsx": FILES["arithmetic.xlsx"],
    "IronCalc-1/xlsx/tests/calc_tests/newer.xlsx": b"not pinned",
    "IronCalc-1/README.md": b"no workbook",
}


def packed(files: dict[str, bytes]) -> bytes:
    """A .tar.gz of files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


class Server(ThreadingHTTPServer):
    """Answers every request with the same bytes."""

    answer = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/archive.tar.gz"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), _Handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield one
        one.shutdown()


def fetch(server: Server, folder: Path) -> subprocess.CompletedProcess[str]:
    """The script with the pins of `FILES`."""
    pins = folder.parent / "pins"
    pins.write_text("".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in FILES.items()))
    script: list[str | Path] = [sys.executable, SCRIPTS / "fetch_excel_cases.py"]
    return subprocess.run(
        [*script, "--folder", folder, "--url", server.url, "--pins", pins], text=True, capture_output=True, check=False
    )


def test_the_pinned_files_come_whatever_they_are_called_there(server: Server, tmp_path: Path) -> None:
    server.answer = packed(IN_THE_ARCHIVE)
    result = fetch(server, tmp_path / "cases")
    assert (result.returncode, result.stderr) == (0, "")
    assert {path.name: path.read_bytes() for path in (tmp_path / "cases").glob("*.xlsx")} == FILES
    assert "IronCalc" in (tmp_path / "cases" / "README.md").read_text()


@pytest.mark.parametrize("place", ["IronCalc-1/xlsx/tests/calc_tests/arithmetic.xlsx"])
def test_another_file_in_its_place_is_refused(server: Server, tmp_path: Path, place: str) -> None:
    server.answer = packed(IN_THE_ARCHIVE | {place: b"changed"})
    result = fetch(server, tmp_path / "cases")
    assert result.returncode == 1
    assert "does not have these, byte for byte: arithmetic.xlsx" in result.stderr
    assert not (tmp_path / "cases").exists()


def test_a_broken_archive_leaves_nothing(server: Server, tmp_path: Path) -> None:
    server.answer = packed(IN_THE_ARCHIVE)[:100]
    result = fetch(server, tmp_path / "cases")
    assert result.returncode == 1
    assert "could not be read" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pins"]


def test_what_is_there_stays(server: Server, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    assert "is there already" in fetch(server, tmp_path / "cases").stderr


def test_the_pins_are_the_workbooks_that_the_tests_use() -> None:
    pins = dict(line.split("  ")[::-1] for line in (SCRIPTS / "excel_cases.sha256").read_text().splitlines())
    assert len(pins) == len(set(pins.values())) > 70
    for path in (SHARED / "excel-cases").glob("*.xlsx"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == pins[path.name]
