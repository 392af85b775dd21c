"""Files from the network, kept on this machine: checked before use, and never half a file."""

import hashlib
import http.client
import os
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nndl.files import check_path, open_file, remove_leftovers, write_whole

__all__ = ["PublishedFile", "cache_folder", "download", "find", "md5"]

VARIABLE = "NNDL_DATA"
TIMEOUT = 30  # seconds without a byte
BLOCK = 1 << 20


class PublishedFile(NamedTuple):
    """A file as its publisher describes it.

    Parameters
    ----------
    url : str
        Where it is; the last part is its name.
    md5 : str
        The checksum of its content.
    size : int
        Bytes.

    Examples
    --------
    >>> PublishedFile("https://example.org/set/train.gz", "0cc175b9c0f1b6a8", 1).name
    'train.gz'
    """

    url: str
    md5: str
    size: int

    @property
    def name(self) -> str:
        """The file's name, as Paddle too calls it in its cache."""
        return self.url.rsplit("/", 1)[-1]


def cache_folder(folder: str | os.PathLike | None = None) -> Path:
    """Name the folder that holds the published sets, one folder in it for each.

    Parameters
    ----------
    folder : path, optional
        Taken if given; else the environment variable ``NNDL_DATA``; else the folder in the user's
        cache that Paddle's own data sets use, so that nothing is downloaded twice.

    Returns
    -------
    pathlib.Path
        It need not exist.

    Examples
    --------
    >>> cache_folder("sets").name
    'sets'
    """
    chosen = os.environ.get(VARIABLE) if folder is None else check_path("folder", folder)
    if not chosen:
        from nndl.device import paddle

        chosen = paddle.dataset.common.DATA_HOME
    return Path(chosen).expanduser()


def md5(path: Path) -> str:
    """Return the MD5 checksum of a file.

    It tells a damaged file from a whole one. It is no protection against somebody who means harm.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "empty"
    ...     path.touch()
    ...     print(md5(path))
    d41d8cd98f00b204e9800998ecf8427e
    """
    digest = hashlib.md5(usedforsecurity=False)
    with open_file(path) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check(path: Path, file: PublishedFile) -> Path:
    """Return `path` if its content is the published one.

    Parameters
    ----------
    path : pathlib.Path
        The file here.
    file : PublishedFile
        What it should be.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        If the checksum differs, or it is no file but a folder or a pipe.
    """
    open_file(path).close()  # a folder or a pipe has no content to speak of
    length = path.stat().st_size
    # what is longer is another one, and may be too long to be read
    found = f"MD5 {md5(path)}" if length <= file.size else f"{length:,} bytes"
    if found != f"MD5 {file.md5}":
        published = f"MD5 {file.md5}" if length <= file.size else f"{file.size:,} bytes"
        raise ValueError(
            f"{path} has {found}, the published file has {published}: it is damaged or another "
            "one. Move it away to download it anew, or pass verify=False to use it as it is"
        )
    return path


def download(file: PublishedFile, path: Path) -> Path:
    """Download a file to `path`: all of it, with the right checksum, or nothing.

    The bytes go to a temporary file beside `path`, which gets its name only when it is whole. What
    is longer than promised is not taken to its end.

    Parameters
    ----------
    file : PublishedFile
        What to download.
    path : pathlib.Path
        Where to put it; missing folders are made.

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    OSError
        If there is no connection, it breaks off, what comes is longer or has another checksum, or
        it can't be written.
    """
    try:
        with urllib.request.urlopen(file.url, timeout=TIMEOUT) as response:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda name: _receive(response, file, name))
    except (http.client.HTTPException, ValueError) as error:  # no answer, a part, a wrong address
        words = str(error) if isinstance(error, _NotReceivedError) else repr(error)
        raise OSError(f"{file.url}: {words}") from error
    return path


class _NotReceivedError(http.client.HTTPException):
    """What came is not what was asked for. No OSError: that is one of the file to be written."""


def _receive(response: Any, file: PublishedFile, name: str) -> None:
    """Write what comes to a file, if it is the published content."""
    from tqdm.auto import tqdm

    digest = hashlib.md5(usedforsecurity=False)
    left = file.size
    with (
        open(name, "wb") as out,
        tqdm(total=file.size, unit="B", unit_scale=True, desc=file.name) as bar,
    ):
        while block := _read(response, min(BLOCK, left + 1)):
            left -= len(block)
            if left < 0:
                raise _NotReceivedError(f"more came than the {file.size:,} bytes of the file")
            out.write(block)
            digest.update(block)
            bar.update(len(block))
    if digest.hexdigest() != file.md5:
        raise _NotReceivedError(f"what came has MD5 {digest.hexdigest()}, not {file.md5}")


def _read(response: Any, length: int) -> bytes:
    try:
        return response.read(length)
    except OSError as error:
        raise _NotReceivedError(f"the connection broke off: {error}") from error


def find(
    title: str,
    files: Sequence[PublishedFile],
    folder: Path,
    verify: bool = True,
    instead: str = "load_digits",
) -> list[Path]:
    """Find the files of a set in a folder; download what is missing.

    Parameters
    ----------
    title : str
        The set's name, for messages.
    files : sequence of PublishedFile
        What it consists of.
    folder : pathlib.Path
        Where the files are or should be.
    verify : bool
        Whether to use the published content only.
    instead : str
        The function of :mod:`nndl.data` that needs no network.

    Returns
    -------
    list of pathlib.Path
        In the order of `files`.

    Raises
    ------
    FileNotFoundError
        If a file is missing and can't be downloaded; the message says what to put where.
    ValueError
        If a file that is there has another checksum, and ``verify`` is true.
    """
    paths = []
    for file in files:
        path = folder / file.name
        if path.exists():
            remove_leftovers(path)
            paths.append(check(path, file) if verify else path)
            continue
        try:
            paths.append(download(file, path))
        except OSError as error:
            raise FileNotFoundError(_what_to_do(title, files, folder, instead, error)) from error
    return paths


def _what_to_do(
    title: str, files: Sequence[PublishedFile], folder: Path, instead: str, error: OSError
) -> str:
    """Say which files to put where, for a reader without a network."""
    missing = [file for file in files if not (folder / file.name).exists()]
    lines = [
        f"{title} is not on this machine and could not be downloaded ({error}).",
        f"Put what is missing into {folder}:",
        *(f"  {file.name}  {file.size:,} bytes  MD5 {file.md5}  {file.url}" for file in missing),
        f"(Another place for the folder {folder.name} is named by folder= or the environment "
        f"variable {VARIABLE}.)",
        f"Without a network, nndl.data.{instead}() gives real data all the same.",
    ]
    return "\n".join(lines)
