"""A file is used only if it is whole and the right one; a download leaves all of it or nothing."""

import functools
import hashlib
import http.server
import threading

import pytest

from nndl.data import cache
from nndl.data.cache import PublishedFile, cache_folder, download, find
from nndl.device import paddle

CONTENT = bytes(range(256)) * 9000  # more than one block


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve a folder; of "short" promise more than comes."""

    def do_GET(self):
        if self.path == "/short":
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


@pytest.mark.parametrize("name", ["missing.gz", "short", "set.gz"])
def test_a_failed_download_leaves_nothing(server, tmp_path, name):
    # the third is there, but is not what was published
    file, folder = published(f"{server}/{name}", b"other"), tmp_path / "here"
    with pytest.raises(OSError):
        download(file, folder / name)
    assert left_in(tmp_path / "here") == []


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
                assert any(name.endswith(".part") for name in left_in(tmp_path / "here"))
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
    with pytest.raises(OSError, match="has MD5"):
        download(published(f"{server}/set.gz", b"other"), path)
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
