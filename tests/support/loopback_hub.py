"""A hub on loopback that speaks what huggingface_hub asks: model info, HEAD and GET of files, ranges, etags.

It can misbehave: cut answers short, give wrong bytes, lose a file, ask for a token.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e"


@dataclass
class Hub:
    """What the hub holds and how it behaves; `seen` lists the requests that came."""

    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    revisions: dict[str, str] = field(default_factory=lambda: {"main": COMMIT, "v1": COMMIT})
    cut: dict[str, list[int]] = field(default_factory=dict)  # file -> after how many bytes to hang up, once each
    other_bytes: dict[str, bytes] = field(default_factory=dict)  # file -> what is sent in its place
    lost: set[str] = field(default_factory=set)  # files that are listed and not there
    gated: dict[str, tuple[int, str]] = field(default_factory=dict)  # repository -> status and error code
    token: str = ""  # what opens gated repositories
    plain_etags: bool = False  # as a mirror that knows no hashes
    no_ranges: bool = False
    redirect: bool = True  # large files lie elsewhere, as on the real hub
    seen: list[str] = field(default_factory=list)
    url: str = ""

    def add_files(self, repository: str, files: dict[str, bytes]) -> None:
        """A repository with files under paths."""
        self.repositories[repository] = files

    def add(self, repository: str, folder: Path, **files: bytes) -> None:
        """A repository with the files of a folder."""
        self.repositories[repository] = {path.name: path.read_bytes() for path in sorted(folder.iterdir())} | files

    def downloads(self) -> list[str]:
        """The files that were asked for with GET, one entry each time."""
        return [line.split()[1].rpartition("/")[2] for line in self.seen if line.startswith("GET /cdn/")]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.hub.seen.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".strip())
        path = self.path.partition("?")[0]
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
            self._info(match[1], match[2] or "main")
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(match[1], match[2], match[3], cdn=False)
        elif match := re.fullmatch(r"/cdn/([^/]+/[^/]+)/([^/]+)/(.+)", path):
            self._file(match[1], match[2], match[3], cdn=True)
        else:
            self._answer(404)

    def _info(self, repository: str, revision: str) -> None:
        if not self._opened(repository):
            return
        if revision not in self.hub.revisions and revision not in self.hub.revisions.values():
            self._answer(404, {"X-Error-Code": "RevisionNotFound"})
            return
        files = [{"rfilename": name} for name in self.hub.repositories[repository]]
        info = {"id": repository, "sha": self.hub.revisions.get(revision, revision), "siblings": files}
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(info).encode())

    def _opened(self, repository: str) -> bool:
        if repository in self.hub.gated and self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            status, code = self.hub.gated[repository]
            self._answer(status, {"X-Error-Code": code} if code else {})
            return False
        if repository not in self.hub.repositories:
            self._answer(401, {"X-Error-Code": "RepoNotFound"})  # the real hub hides what is not there
            return False
        return True

    def _file(self, repository: str, revision: str, name: str, cdn: bool) -> None:
        if not cdn and not self._opened(repository):
            return
        data = self.hub.repositories[repository].get(name)
        if data is None or name in self.hub.lost:
            self._answer(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": revision})
            return
        headers = {"X-Repo-Commit": revision, "ETag": f'"{_etag(name, data)}"', "Accept-Ranges": "bytes"}
        if self.hub.plain_etags:
            headers["ETag"] = 'W/"abc"'
        large = name.endswith(".safetensors")
        if large and not cdn:
            headers |= {} if self.hub.plain_etags else {"X-Linked-Etag": headers["ETag"]}
            headers |= {"X-Linked-Size": str(len(data))}
        if large and not cdn and self.hub.redirect:
            self._answer(302, headers | {"Location": f"{self.hub.url}/cdn/{repository}/{revision}/{name}"})
        else:
            self._bytes(name, self.hub.other_bytes.get(name, data), headers)

    def _bytes(self, name: str, data: bytes, headers: dict[str, str]) -> None:
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(match[1]) if match and not self.hub.no_ranges else 0
        last = int(match[2]) if match and match[2] and not self.hub.no_ranges else len(data) - 1
        part = start > 0 or last < len(data) - 1
        if part:
            headers = headers | {"Content-Range": f"bytes {start}-{last}/{len(data)}"}
            data = data[: last + 1]
        cuts = self.hub.cut.get(name, [])
        end = cuts.pop(0) if cuts and self.command == "GET" else len(data)
        self._answer(206 if part else 200, headers, data[start:], max(0, end - start))

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", sent: int = -1) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body if sent < 0 else body[:sent])
            if 0 <= sent < len(body):
                self.close_connection = True  # hang up in the middle

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `Hub.seen` has it."""


def _etag(name: str, data: bytes) -> str:
    """As on the real hub: SHA-256 of a large file, the git blob's SHA-1 of others."""
    if name.endswith(".safetensors"):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextmanager
def served() -> Iterator[Hub]:
    """A running hub; stops when the block ends."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
