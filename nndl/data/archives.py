"""Read packed files: all of them to their end, with their checksums, and never more than expected.

A packed file of a few bytes can unpack to any number of them. What a set may hold is known, and so
no more is unpacked. The standard library's :mod:`tarfile` takes a damaged header for the end of an
archive, and memory as large as a header says; here an archive is whole or an error.
"""

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nndl.files import open_file

__all__: list[str] = []

GZIP = b"\x1f\x8b"
BLOCK = 512  # bytes: of an archive's header, and what its members are filled up to
PIECE = 1 << 20
EXTRA_BYTES = 1 << 20  # that may describe a member, such as a long name
OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
PAX_NAME = re.compile(rb"\d+ path=([^\n]*)\n")


class Unpacked:
    """The bytes of a file, unpacked where gzip has packed it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    most : int
        The most bytes that it may unpack to.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no file but, for example, a pipe; while it is read, also if it is damaged or
        unpacks to more. All messages name it.
    """

    def __init__(self, path: Path, most: int):
        self.path, self.most = path, most
        self.left = most
        self._file = open_file(path)
        packed = self._file.peek(2)[:2] == GZIP  # type: ignore[attr-defined]
        self._stream: Any = self._file
        if packed:  # in large pieces, of which the many small reads are served
            self._stream = io.BufferedReader(gzip.GzipFile(fileobj=self._file), PIECE)  # type: ignore[arg-type]

    def __enter__(self) -> "Unpacked":
        return self

    def __exit__(self, *exception: Any) -> None:
        self._file.close()

    def read(self, length: int) -> bytes:
        """Read so many bytes, fewer only at the end; at the end of all the checksum is compared."""
        try:
            # one more than there may be, to see whether there is more
            content = self._stream.read(min(length, self.left + 1))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise self.error(f"is no whole gzip file: {error}") from error
        self.left -= len(content)
        if self.left < 0:
            raise self.error(f"unpacks to more than {self.most:,} bytes, all that it may hold")
        return content

    def error(self, words: str) -> ValueError:
        """Give an error that begins with the file's name."""
        return ValueError(f"{self.path} {words}")


def read_members(
    path: Path, is_wanted: Callable[[str], Any], most_each: int, most: int
) -> Iterator[tuple[str, bytes]]:
    """Read files out of a tar archive, packed by gzip or not, and the archive to its end.

    Parameters
    ----------
    path : pathlib.Path
        The archive.
    is_wanted : callable
        Tells from a name in the archive whether that file is wanted.
    most_each, most : int
        The most bytes of a wanted file, and of all that the archive unpacks to.

    Yields
    ------
    (str, bytes)
        Name and content.

    Raises
    ------
    FileNotFoundError
        If there is no such archive.
    ValueError
        If it is none, or is damaged anywhere, or something in it is larger than expected.
    """
    with Unpacked(path, most) as stream:
        long_name = None
        while (block := _exactly(stream, BLOCK)).strip(b"\0"):
            name, length, kind = _header(stream, block)
            if kind in (b"x", b"L"):  # describes the next one
                if length > EXTRA_BYTES:
                    raise stream.error(f"has a name of {length:,} bytes")
                long_name = _long_name(stream, kind, _exactly(stream, length)) or long_name
            elif kind == b"S":
                raise stream.error(f"stores {name!r} with holes, as no published archive does")
            else:
                name, long_name = long_name or name, None
                if kind in (b"0", b"\0", b"7") and is_wanted(name):
                    if length > most_each:
                        raise stream.error(
                            f"should hold files of at most {most_each:,} bytes, "
                            f"{name!r} has {length:,}"
                        )
                    yield name, _exactly(stream, length)
                else:
                    _pass_over(stream, length)
            _pass_over(stream, -length % BLOCK)
        while piece := stream.read(PIECE):
            if piece.strip(b"\0"):
                raise stream.error("is damaged: more follows after the archive's end")


def _exactly(stream: Unpacked, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise stream.error("is no whole tar archive: it is cut off")
    return content


def _pass_over(stream: Unpacked, length: int) -> None:
    if length > stream.left:  # before unpacking what can't be all
        raise stream.error("is no whole tar archive: it should go on for longer than it may")
    while length:
        length -= len(_exactly(stream, min(length, PIECE)))


def _header(stream: Unpacked, block: bytes) -> tuple[str, int, bytes]:
    """Give name, length and kind of the member that a header describes."""
    length, checksum = (OCTAL.fullmatch(block[a:b]) for a, b in ((124, 136), (148, 156)))
    # the checksum is that of the header with spaces in its own place
    found = sum(block[:148]) + 8 * ord(" ") + sum(block[156:])
    if checksum is None or int(checksum[1] or b"0", 8) != found:
        raise stream.error("is no whole tar archive: a header has another checksum")
    if length is None:
        raise stream.error("is no whole tar archive: a header has no length")
    name = block[:100].split(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0")[0]):
        name = prefix + b"/" + name
    return _text(name), int(length[1] or b"0", 8), block[156:157]


def _long_name(stream: Unpacked, kind: bytes, content: bytes) -> str | None:
    if kind == b"L":
        return _text(content.rstrip(b"\0"))
    if b" GNU.sparse." in content:
        raise stream.error("stores a file with holes, as no published archive does")
    found = PAX_NAME.search(content)
    return _text(found[1]) if found else None


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
