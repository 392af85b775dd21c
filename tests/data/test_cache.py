"""A file is used only if it is whole and the right one; a download leaves all of it or nothing."""

import contextlib
import functools
import hashlib
import http.server
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from nndl.data import cache
from nndl.data.cache import PublishedFile, cache_folder, download, find
from nndl.device import paddle
from nndl.files import write_whole

CONTENT = bytes(range(256)) * 9000  # more than one block


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve a folder; of "short" promise more than comes, and answer others as no server should."""

    def do_GET(self):
        if self.path == "/no-http":
            self.wfile.write(b"what?\r\n\r\n")
        elif self.path == "/half-a-chunk":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"ff\r\ntoo little")
        elif self.path == "/no-chunk":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"many\r\n")
        elif self.path == "/nowhere":
            self.send_response(302)
            self.send_header("Location", f"http://{'a' * 100}.example:x/")
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # until nobody listens any more
                while True:
                    self.wfile.write(bytes(1 << 20))
                    self.server.sent += 1 << 20
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"too little")
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "set.gz").write_bytes(CONTENT)
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.sent = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def published(address, content=CONTENT):
    return PublishedFile(address, hashlib.md5(content).hexdigest(), len(content))


def left_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_downloads_once(server, tmp_path, monkeypatch):
    file, folder = published(f"{server}/set.gz"), tmp_path / "new" / "mnist"
    (path,) = find("MNIST", [file], folder)
    assert path == folder / "set.gz"
    assert path.read_bytes() == CONTENT
    assert left_in(folder) == ["set.gz"]
    monkeypatch.setattr(cache, "download", None)  # would fail if called
    assert find("MNIST", [file], folder) == [path]


@pytest.mark.parametrize(
    "name",
    ["missing.gz", "short", "set.gz", "no-http", "half-a-chunk", "no-chunk", "nowhere", "endless"],
)
def test_a_failed_download_leaves_nothing(server, tmp_path, name):
    # the third is there, but is not what was published
    file, folder = published(f"{server}/{name}", b"other"), tmp_path / "here"
    with pytest.raises(OSError):
        download(file, folder / name)
    assert left_in(tmp_path) == ["set.gz"]  # the one that is served
    with pytest.raises(FileNotFoundError, match="Put what is missing into"):
        find("MNIST", [file], folder)


def test_an_interrupted_download_leaves_nothing(server, tmp_path, monkeypatch):
    class Interrupted:
        """A connection at which the reader loses patience."""

        def __init__(self, response):
            self.response = response
            self.blocks = 0

        def __enter__(self):
            return self

        def __exit__(self, *exception):
            self.response.close()

        def read(self, size):
            self.blocks += 1
            if self.blocks == 2:
                assert any(name.endswith(".tmp") for name in left_in(tmp_path / "here"))
                raise KeyboardInterrupt
            return self.response.read(size)

    urlopen = cache.urllib.request.urlopen
    monkeypatch.setattr(
        cache.urllib.request, "urlopen", lambda *args, **kw: Interrupted(urlopen(*args, **kw))
    )
    with pytest.raises(KeyboardInterrupt):
        find("MNIST", [published(f"{server}/set.gz")], tmp_path / "here")
    assert left_in(tmp_path / "here") == []


def test_an_old_file_survives_a_failed_download(server, tmp_path):
    path = tmp_path / "set.gz"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match=r"/set\.gz: what came has MD5"):
        download(published(f"{server}/set.gz", bytes(len(CONTENT))), path)
    assert path.read_bytes() == b"old"


def test_another_checksum_needs_permission(tmp_path):
    path = tmp_path / "set.gz"
    path.write_bytes(b"a subset")
    file = published("http://127.0.0.1:1/set.gz")
    with pytest.raises(ValueError, match=r"set\.gz has MD5 .* pass verify=False to use it"):
        find("MNIST", [file], tmp_path)
    assert find("MNIST", [file], tmp_path, verify=False) == [path]
    assert path.read_bytes() == b"a subset"


def test_without_a_network_the_words_say_what_to_put_where(tmp_path):
    (tmp_path / "here.gz").write_bytes(CONTENT)
    address = "http://127.0.0.1:1"  # nobody listens there
    files = [published(f"{address}/here.gz"), published(f"{address}/there.gz", b"four")]
    with pytest.raises(FileNotFoundError) as caught:
        find("MNIST", files, tmp_path)
    words = str(caught.value)
    assert "MNIST is not on this machine and could not be downloaded" in words
    assert f"Put what is missing into {tmp_path}:" in words
    assert f"  there.gz  4 bytes  MD5 {files[1].md5}  {address}/there.gz" in words
    assert "here.gz  2,304,000" not in words  # it is not missing
    assert "folder=" in words
    assert "NNDL_DATA" in words
    assert "nndl.data.load_digits()" in words
    assert left_in(tmp_path) == ["here.gz"]


def test_which_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("NNDL_DATA", raising=False)
    assert str(cache_folder()) == paddle.dataset.common.DATA_HOME
    monkeypatch.setenv("NNDL_DATA", str(tmp_path))
    assert cache_folder() == tmp_path
    assert cache_folder(tmp_path / "other") == tmp_path / "other"
    assert "~" not in str(cache_folder("~/sets"))


def test_no_more_is_written_than_was_promised(server, tmp_path, monkeypatch):
    longest = []
    receive = cache._receive

    def watched(response, file, name):
        try:
            receive(response, file, name)
        finally:
            longest.append(os.path.getsize(name))

    monkeypatch.setattr(cache, "_receive", watched)
    with pytest.raises(OSError, match="more came than the 10 bytes of the file"):
        download(published(f"{server}/endless", b"0123456789"), tmp_path / "set.gz")
    assert longest[0] <= 10


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_others_may_read_what_was_downloaded(server, tmp_path):
    before = os.umask(0o022)
    try:
        path = download(published(f"{server}/set.gz"), tmp_path / "here" / "set.gz")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_what_a_killed_download_left_goes_with_the_next_look(server, tmp_path):
    file = published(f"{server}/set.gz")
    path, names = tmp_path / "set.gz", []
    for look in range(2):  # the first downloads, the second finds it
        write_whole(path, names.append)
        left = Path(names[-1])
        left.write_bytes(b"half")
        os.utime(left, (time.time() - 2 * 24 * 3600,) * 2)
        if look == 0:
            path.unlink()
        else:
            path.write_bytes(CONTENT)
        find("MNIST", [file], tmp_path)
        assert not left.exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_what_is_no_file_is_refused(tmp_path):
    file = published("http://127.0.0.1:1/set.gz")
    for make in (os.mkdir, os.mkfifo):
        folder = tmp_path / make.__name__
        folder.mkdir()
        make(folder / "set.gz")
        with pytest.raises(ValueError, match=r"set\.gz' must be a file, it is a (folder|pipe)"):
            find("MNIST", [file], folder)


def test_what_is_too_long_is_not_read(tmp_path):
    path = tmp_path / "set.gz"
    with path.open("wb") as opened:
        opened.truncate(1 << 40)  # takes no place on the disk
    with pytest.raises(ValueError, match="the published file has 2,304,000 bytes"):
        find("MNIST", [published("http://127.0.0.1:1/set.gz")], tmp_path)
