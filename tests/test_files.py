"""A file is written whole or not at all, through links, with the mode that others expect."""

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nndl.files import open_file, remove_leftovers, write_whole

needs_posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes of POSIX")


def writer(text="new"):
    return lambda name: Path(name).write_text(text)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@needs_posix
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path, umask, mask, mode):
    umask(mask)
    write_whole(tmp_path / "a", writer())
    assert mode_of(tmp_path / "a") == mode


@needs_posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_an_old_file_keeps_its_mode(tmp_path, umask, mode):
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(mode)
    write_whole(path, writer())
    assert (path.read_text(), mode_of(path)) == ("new", mode)


@needs_posix
def test_what_is_private_is_private_while_it_is_written(tmp_path, umask):
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o600)
    seen = []
    write_whole(path, lambda name: (seen.append(mode_of(Path(name))), Path(name).write_text("new")))
    assert seen == [0o600]


@needs_posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path, exists):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "target", tmp_path / "link"
    if exists:
        target.write_text("old")
    (tmp_path / "middle").symlink_to("far/target")
    link.symlink_to("middle")
    write_whole(link, writer())
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["target"]


@needs_posix
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_a_link_to_another_file_system(tmp_path):
    far = Path("/dev/shm") / f"nndl-test-{os.getpid()}"
    if os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
        pytest.skip("/dev/shm is the same file system")
    try:
        (tmp_path / "link").symlink_to(far)
        write_whole(tmp_path / "link", writer())
        assert far.read_text() == "new"
    finally:
        far.unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["字" * 80 + ".pdparams", "字" * 85, "a" * 255])
def test_the_longest_names(tmp_path, name):
    write_whole(tmp_path / name, writer())
    assert os.listdir(tmp_path) == [name]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")

    def fail(error):
        def write(name):
            Path(name).write_text("half")
            raise error

        return write

    with pytest.raises(OSError, match="make room") as caught:
        write_whole(path, fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    assert str(path) in str(caught.value) and caught.value.errno == errno.ENOSPC
    with pytest.raises(OSError, match="quite another") as caught:
        write_whole(path, fail(OSError("quite another")))
    assert str(path) in str(caught.value)
    for other in (KeyboardInterrupt, ValueError("of the writer")):
        with pytest.raises(type(other) if isinstance(other, ValueError) else other):
            write_whole(path, fail(other))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "no" / "a"
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(path, writer())
    assert caught.value.filename == str(path)
    assert not list(tmp_path.iterdir())


def test_only_files_are_written_and_read(tmp_path):
    with pytest.raises(ValueError, match="path must name a file, got the folder"):
        write_whole(tmp_path, writer())
    with pytest.raises(ValueError, match="must be a file, it is a folder"):
        open_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "nothing")


@needs_posix
def test_a_pipe_and_a_device_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, word in ((tmp_path / "pipe", "pipe"), (Path(os.devnull), "device")):
        with pytest.raises(ValueError, match=f"must be a file, it is a {word}"):
            open_file(path)
        with pytest.raises(ValueError, match=f"path must name a file, got the {word}"):
            write_whole(path, writer())


# Writes half a file, says so, and waits to be killed.
HALF = """
import sys, time
from pathlib import Path
from nndl.files import write_whole

def write(name):
    Path(name).write_text("half")
    print("written", flush=True)
    time.sleep(600)

write_whole(sys.argv[1], write)
"""


@pytest.fixture
def half_written(tmp_path):
    path = tmp_path / "weights"
    process = subprocess.Popen(
        [sys.executable, "-c", HALF, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "written\n"
    (name,) = os.listdir(tmp_path)
    yield process, path, tmp_path / name
    process.kill()
    process.wait()
    process.stdout.close()


@needs_posix
def test_what_another_process_is_writing_stays_until_it_is_dead(half_written):
    process, path, temporary = half_written
    remove_leftovers(path)
    assert temporary.exists()
    process.kill()
    process.wait()
    remove_leftovers(path.with_name("another"))
    write_whole(path.with_name("another"), writer())
    assert temporary.exists(), "it belongs to another file"
    remove_leftovers(path)
    assert not temporary.exists()


@needs_posix
def test_the_next_write_removes_what_a_dead_one_has_left(half_written):
    process, path, temporary = half_written
    write_whole(path, writer("mine"))
    assert temporary.exists()
    process.kill()
    process.wait()
    write_whole(path, writer("mine"))
    assert os.listdir(path.parent) == [path.name]
    assert path.read_text() == "mine"


@needs_posix
def test_what_another_machine_has_left_goes_after_a_day(half_written):
    process, path, temporary = half_written
    process.kill()
    process.wait()
    beginning, file, _, rest = temporary.name.split("-")
    elsewhere = temporary.with_name(f"{beginning}-{file}-abcdef-{rest}")
    temporary.rename(elsewhere)
    remove_leftovers(path)
    assert elsewhere.exists()
    os.utime(elsewhere, (time.time() - 2 * 24 * 3600,) * 2)
    remove_leftovers(path)
    assert not elsewhere.exists()


def test_many_threads_write_one_file_and_it_is_always_whole(tmp_path):
    path = tmp_path / "a"
    texts = [letter * 100_000 for letter in "abcd"]
    write_whole(path, writer(texts[0]))
    errors = []

    def work(text):
        try:
            for _ in range(20):
                write_whole(path, writer(text))
                remove_leftovers(path)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=[text]) for text in texts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert path.read_text() in texts
    assert not errors
    assert os.listdir(tmp_path) == ["a"]
