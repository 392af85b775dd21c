"""The machine that a pickle is a program for, with those opcodes only that make values."""

import re
from struct import Struct
from typing import Any, BinaryIO

import numpy as np

__all__: list[str] = []

OPCODES = 10_000_000
CONTAINERS = 1_000_000  # and arrays
REFERENCES = 2_000_000
DEPTH = 100  # of containers in containers
# What stands in a file once can be referred to often: values and bytes, each reference counted.
EXPANSION = 10  # times the file's size
FREE_EXPANSION = 1_000_000
INTEGER_BYTES = 256
NAME_BYTES = 256
# Keys whose hashes collide make a dictionary slow. Those of texts are drawn anew by each process;
# whole numbers of so many bits are their own hashes; of tuples there may be only so many.
KEY_BITS = 60
TUPLE_KEYS = 10_000
NUMBERS = frozenset((int, float, bool, type(None)))
KEYS = NUMBERS | {str, bytes}
NUMBER_TYPE = re.compile(r"[<>=|]?(b1|[iu][1248]|f(2|4|8|12|16)|c(8|16|24|32))")


class _Name:
    """Stands in for a function or class that the file names, one of those below."""

    def __init__(self, name: str):
        self.name = name


class _Dtype:
    """Stands in for a pickled ``numpy.dtype``: numbers and truth values only."""

    def __init__(self, code: Any):
        code = code.decode("latin1") if isinstance(code, bytes) else code
        if not isinstance(code, str) or not NUMBER_TYPE.fullmatch(code):
            raise ValueError(f"it asks for entries of type {_short(code)}")
        self.dtype = np.dtype(code)


class _Array:
    """Stands in for a pickled ``numpy.ndarray``, until its shape, type and bytes are there."""

    array: np.ndarray | None = None


class _Arguments(tuple):
    """A tuple with stand-ins inside: good for making an array, no value of its own."""

    __slots__ = ()


# NumPy 1 and NumPy 2 have `_reconstruct` in different places.
KNOWN = {
    "numpy.ndarray": "ndarray",
    "numpy.dtype": "dtype",
    "numpy.core.multiarray._reconstruct": "array",
    "numpy._core.multiarray._reconstruct": "array",
    "collections.OrderedDict": "dict",
    "_codecs.encode": "encode",
    "builtins.bytes": "bytes",
    "__builtin__.bytes": "bytes",
}


class Reader:
    """Read one pickle.

    Parameters
    ----------
    file : file object
        Gives the bytes.
    size : int
        How many there are.
    """

    def __init__(self, file: BinaryIO, size: int):
        self.file, self.left = file, size
        self.bytes_to_make = 2 * size  # of arrays, and of bytes that are stored as texts
        self.most_weight = FREE_EXPANSION + EXPANSION * size
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []  # the stacks below each mark
        self.memo: dict[int, Any] = {}
        # of each container, by its id: itself, so that the id stays its own; what it expands to;
        # how deep it is
        self.containers: dict[int, tuple[Any, int, int]] = {}
        self.closed: set[int] = set()  # containers that are in others, and so are full
        self.tuple_keys = self.calls = 0

    def read(self) -> Any:
        for _ in range(OPCODES):
            code = self.take(1)
            if code == b".":
                return self.result()
            try:
                method, argument = _OPCODES[code]
            except KeyError:
                raise ValueError(
                    f"it is no pickle of protocol 2, 3 or 4, or asks for more than values: "
                    f"byte {code!r}"
                ) from None
            method(self, argument)
        raise ValueError(f"it has more than {OPCODES:,} parts")

    def result(self) -> Any:
        value = self.stack.pop()
        self.measure(value)
        if self.left or self.stack or self.outer:
            raise ValueError("it is damaged: more follows after its end")
        return value

    def take(self, length: int) -> bytes:
        if not 0 <= length <= self.left:
            raise ValueError(f"it is cut off: {length:,} bytes should follow, {self.left:,} do")
        self.left -= length
        content = self.file.read(length)
        if len(content) != length:
            raise ValueError("it is cut off")
        return content

    def unpack(self, form: Struct) -> Any:
        return form.unpack(self.take(form.size))[0]

    # --- values

    def pass_over(self, length: int) -> None:
        self.take(length)

    def constant(self, value: Any) -> None:
        self.stack.append(value)

    def number(self, form: Struct) -> None:
        self.stack.append(self.unpack(form))

    def long(self, form: Struct) -> None:
        length = self.unpack(form)
        if length > INTEGER_BYTES:
            raise ValueError(f"it asks for a whole number of {length:,} bytes")
        self.stack.append(int.from_bytes(self.take(length), "little", signed=True))

    def text(self, form: Struct) -> None:
        self.stack.append(self.take(self.unpack(form)).decode("utf-8", "surrogatepass"))

    def byte_string(self, form: Struct) -> None:
        self.stack.append(self.take(self.unpack(form)))

    # --- containers

    def empty(self, kind: type) -> None:
        self.stack.append(self.known(kind()))

    def mark(self, _: None) -> None:
        self.outer.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.outer.pop()
        return items

    def make_tuple(self, length: int | None) -> None:
        if length is None:
            items = self.since_mark()
        else:
            items = [self.stack.pop() for _ in range(length)][::-1]
        if any(isinstance(item, (_Name, _Dtype)) for item in items):
            self.stack.append(_Arguments(items))
        else:
            self.stack.append(self.known(tuple(items)))
            self.join(self.stack[-1], items)

    def append(self, several: bool) -> None:
        items = self.since_mark() if several else [self.stack.pop()]
        self.join(self.filled(list), items)
        self.stack[-1].extend(items)

    def set_items(self, several: bool) -> None:
        items = self.since_mark() if several else [self.stack.pop(), self.stack.pop()][::-1]
        keys, values = items[::2], items[1::2]
        for key in keys:
            self.check_key(key)
        self.join(self.filled(dict), items)
        self.stack[-1].update(zip(keys, values, strict=True))

    def filled(self, kind: type) -> Any:
        """Give the container on top of the stack, if it may be filled."""
        container = self.stack[-1]
        if type(container) is not kind or id(container) in self.closed:
            raise ValueError("it is damaged: it fills what is no open container")
        return container

    def known(self, container: Any) -> Any:
        if len(self.containers) > CONTAINERS:
            raise ValueError(f"it has more than {CONTAINERS:,} containers")
        self.containers[id(container)] = container, 1, 1
        return container

    def join(self, container: Any, items: list[Any]) -> None:
        """Count what a container gets, by all that it expands to."""
        _, weight, depth = self.containers[id(container)]
        for item in items:
            if type(item) in NUMBERS:  # as most are: measure() would say no more
                weight += 1
                continue
            more, below = self.measure(item)
            weight, depth = weight + more, max(depth, below + 1)
            if item is container:
                raise ValueError("it holds a container inside itself")
            if below:
                self.closed.add(id(item))
        if depth > DEPTH:
            raise ValueError(f"its containers are nested more than {DEPTH} deep")
        if weight > self.most_weight:
            raise ValueError("it expands to a multiple of its size")
        self.containers[id(container)] = container, weight, depth

    def measure(self, value: Any) -> tuple[int, int]:
        """Give what a value expands to and how deep it is; refuse what is no value."""
        kind = type(value)
        if kind in NUMBERS:
            return 1, 0
        if kind is str or kind is bytes:
            return 1 + len(value), 0
        if kind is np.ndarray:
            return 1 + value.nbytes, 0
        if kind in (dict, list, tuple):
            return self.containers[id(value)][1:]
        raise ValueError(f"it holds a {kind.__name__.strip('_')} that is no value")

    def check_key(self, key: Any) -> None:
        self.tuple_keys += type(key) is tuple
        for part in key if type(key) is tuple else (key,):
            if type(part) not in KEYS or (type(part) is int and part.bit_length() > KEY_BITS):
                raise ValueError(f"it holds a {type(part).__name__} as a key, or too large a one")
        if self.tuple_keys > TUPLE_KEYS:
            raise ValueError(f"it has more than {TUPLE_KEYS:,} tuples as keys")

    # --- references

    def put(self, form: Struct) -> None:
        self.refer(self.unpack(form))

    def memoize(self, _: None) -> None:
        self.refer(len(self.memo))

    def refer(self, number: int) -> None:
        if len(self.memo) >= REFERENCES:
            raise ValueError(f"it has more than {REFERENCES:,} references")
        self.memo[number] = self.stack[-1]

    def get(self, form: Struct) -> None:
        value = self.memo[self.unpack(form)]
        if isinstance(value, _Array):
            if value.array is None:
                raise ValueError("it is damaged: it refers to an array before it is there")
            value = value.array
        self.stack.append(value)

    # --- arrays

    def line_name(self, _: None) -> None:
        lines = [b"", b""]
        for place in range(2):
            while (byte := self.take(1)) != b"\n":
                lines[place] += byte
                if len(lines[place]) > NAME_BYTES:
                    raise ValueError("it asks for a name that is too long")
        self.name(*(line.decode("utf-8") for line in lines))

    def stack_name(self, _: None) -> None:
        attribute, module = self.stack.pop(), self.stack.pop()
        self.name(module, attribute)

    def name(self, module: Any, attribute: Any) -> None:
        both = f"{module}.{attribute}" if type(module) is type(attribute) is str else ""
        if both not in KNOWN:
            asked = _short(both)[1:-1]
            raise ValueError(
                f"it asks for {asked}, and only arrays and plain containers are admitted"
            )
        self.stack.append(_Name(KNOWN[both]))

    def reduce(self, _: None) -> None:
        self.calls += 1
        if self.calls > CONTAINERS:
            raise ValueError(f"it has more than {CONTAINERS:,} arrays")
        arguments, function = self.stack.pop(), self.stack.pop()
        name = function.name if isinstance(function, _Name) else None
        if not isinstance(arguments, tuple):
            name = None
        if name == "array":
            self.stack.append(_Array())
        elif name == "dtype":
            self.stack.append(_Dtype(arguments[0]))
        elif name == "encode":
            self.stack.append(self.encode(*arguments))
        elif name == "dict" and not arguments:
            self.empty(dict)
        elif name == "bytes" and not arguments:
            self.stack.append(b"")
        else:
            raise ValueError("it asks for a call that makes no array")

    def encode(self, text: str, encoding: str) -> bytes:
        """Give the bytes that protocol 2, which has none of its own, stores as text."""
        if encoding != "latin1" or not isinstance(text, str):
            raise ValueError(f"it asks for the encoding {_short(encoding)}")
        self.spend(len(text))
        return text.encode("latin1")

    def build(self, _: None) -> None:
        state, made = self.stack.pop(), self.stack[-1]
        if isinstance(made, _Dtype):
            self.set_byte_order(made, state)
        elif isinstance(made, _Array) and made.array is None:
            made.array = self.stack[-1] = self.array(state)
        else:
            raise ValueError("it changes what is no array")

    @staticmethod
    def set_byte_order(made: _Dtype, state: Any) -> None:
        order, *parts = state[1:5]
        if any(part is not None for part in parts):
            raise ValueError("it asks for entries made of parts")
        order = order.decode("latin1") if isinstance(order, bytes) else order
        if order in ("<", ">"):
            made.dtype = made.dtype.newbyteorder(order)

    def array(self, state: Any) -> np.ndarray:
        _, shape, made, fortran, content = state
        if not isinstance(made, _Dtype) or type(content) is not bytes:
            raise ValueError("it holds an array that is not made of bytes")
        size = made.dtype.itemsize
        if type(shape) is not tuple or len(shape) > 32:
            raise ValueError(f"it asks for an array of shape {_short(shape)}")
        for length in shape:
            if type(length) is not int or length < 0:
                raise ValueError(f"it asks for an array of shape {_short(shape)}")
            size = min(size * length, 1 << 62)  # with a zero to come, it may be too large for now
        if size != len(content):
            raise ValueError(
                f"it asks for {_short(shape)} entries of {made.dtype} in {len(content):,} bytes"
            )
        self.spend(size)
        flat = np.frombuffer(content, made.dtype)
        return flat.reshape(shape, order="F" if fortran else "C").copy()

    def spend(self, size: int) -> None:
        self.bytes_to_make -= size
        if self.bytes_to_make < 0:
            raise ValueError("it expands to a multiple of its size")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else text[:100] + "..."


_BYTE, _SHORT, _INT, _LONG = Struct("<B"), Struct("<H"), Struct("<I"), Struct("<Q")
_SIGNED, _FLOAT = Struct("<i"), Struct(">d")
# The names are those of the module `pickletools`.
_OPCODES: dict[bytes, tuple[Any, Any]] = {
    b"\x80": (Reader.pass_over, 1),  # PROTO
    b"\x95": (Reader.pass_over, 8),  # FRAME
    b"N": (Reader.constant, None),  # NONE
    b"\x88": (Reader.constant, True),  # NEWTRUE
    b"\x89": (Reader.constant, False),  # NEWFALSE
    b"K": (Reader.number, _BYTE),  # BININT1
    b"M": (Reader.number, _SHORT),  # BININT2
    b"J": (Reader.number, _SIGNED),  # BININT
    b"G": (Reader.number, _FLOAT),  # BINFLOAT
    b"\x8a": (Reader.long, _BYTE),  # LONG1
    b"\x8b": (Reader.long, _SIGNED),  # LONG4
    b"\x8c": (Reader.text, _BYTE),  # SHORT_BINUNICODE
    b"X": (Reader.text, _INT),  # BINUNICODE
    b"\x8d": (Reader.text, _LONG),  # BINUNICODE8
    b"C": (Reader.byte_string, _BYTE),  # SHORT_BINBYTES
    b"B": (Reader.byte_string, _INT),  # BINBYTES
    b"\x8e": (Reader.byte_string, _LONG),  # BINBYTES8
    b"U": (Reader.byte_string, _BYTE),  # SHORT_BINSTRING
    b"T": (Reader.byte_string, _SIGNED),  # BINSTRING
    b"]": (Reader.empty, list),  # EMPTY_LIST
    b"}": (Reader.empty, dict),  # EMPTY_DICT
    b")": (Reader.make_tuple, 0),  # EMPTY_TUPLE
    b"\x85": (Reader.make_tuple, 1),  # TUPLE1
    b"\x86": (Reader.make_tuple, 2),  # TUPLE2
    b"\x87": (Reader.make_tuple, 3),  # TUPLE3
    b"t": (Reader.make_tuple, None),  # TUPLE
    b"(": (Reader.mark, None),  # MARK
    b"a": (Reader.append, False),  # APPEND
    b"e": (Reader.append, True),  # APPENDS
    b"s": (Reader.set_items, False),  # SETITEM
    b"u": (Reader.set_items, True),  # SETITEMS
    b"q": (Reader.put, _BYTE),  # BINPUT
    b"r": (Reader.put, _INT),  # LONG_BINPUT
    b"\x94": (Reader.memoize, None),  # MEMOIZE
    b"h": (Reader.get, _BYTE),  # BINGET
    b"j": (Reader.get, _INT),  # LONG_BINGET
    b"c": (Reader.line_name, None),  # GLOBAL
    b"\x93": (Reader.stack_name, None),  # STACK_GLOBAL
    b"R": (Reader.reduce, None),  # REDUCE
    b"b": (Reader.build, None),  # BUILD
}
