"""Mixed precision: most products in 16 bits on a GPU, where they are several times as fast."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from nndl.arithmetic.checks import choice
from nndl.device import paddle

__all__: list[str] = []


class Precision:
    """How precisely a run computes.

    Parameters
    ----------
    level : bool or str
        ``False`` for float32 throughout; ``"O1"`` for 16 bits where that is safe; ``"O2"`` for
        weights of 16 bits too, with a copy of 32 bits in the optimizer.
    dtype : str
        ``"float16"``, whose small gradients need a scaler, or ``"bfloat16"``.
    """

    def __init__(self, level: bool | str = False, dtype: str = "float16"):
        choice("amp", level, (False, "O1", "O2"))
        choice("amp_dtype", dtype, ("float16", "bfloat16"))
        self.level, self.dtype = level, dtype
        self.on_cpu = bool(level) and not on_accelerator()
        if self.on_cpu:
            warnings.warn(
                f"amp={level!r} has no effect on a CPU: Paddle computes in mixed precision on a "
                "GPU only, so this run computes in float32",
                RuntimeWarning,
                stacklevel=3,
            )
            self.level = False
        self.scaler: Any = None
        if self.level and dtype == "float16":
            self.scaler = paddle.amp.GradScaler()

    def prepare(self, model: Any, optimizer: Any) -> None:
        """Give model and optimizer weights of 16 bits where the level asks for them, once."""
        sixteen_bits = (paddle.float16, paddle.bfloat16)
        done = any(parameter.dtype in sixteen_bits for parameter in model.parameters())
        if self.level == "O2" and not done:
            # what state_dict() gives stays float32, so that a file fits every other run
            paddle.amp.decorate(
                model, optimizer, level="O2", dtype=self.dtype, save_dtype="float32"
            )

    def casting(self) -> Any:
        """Give a context in which a forward pass computes at this precision."""
        if not self.level:
            return nullcontext()
        return paddle.amp.auto_cast(level=self.level, dtype=self.dtype)

    def backward(self, loss: Any, optimizer: Any) -> None:
        """Make the gradients, of their true size."""
        if self.scaler is None:
            loss.backward()
            return
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(optimizer)

    def step(self, optimizer: Any) -> None:
        """Change the weights; with a scaler, not when a gradient has run over."""
        if self.scaler is None:
            optimizer.step()
            return
        self.scaler.step(optimizer)
        self.scaler.update()

    def words(self) -> str:
        """Say in what it computes, if that is unusual."""
        return f" Mixed precision {self.level} in {self.dtype}." if self.level else ""

    def state(self) -> dict[str, Any] | None:
        """Give the scaler's state, as plain values and arrays."""
        if self.scaler is None:
            return None
        state = self.scaler.state_dict()
        return {
            name: value.numpy() if isinstance(value, paddle.Tensor) else value
            for name, value in state.items()
        }

    def set_state(self, state: dict[str, Any] | None) -> None:
        """Go on from such a state."""
        if self.scaler is not None and state:
            self.scaler.load_state_dict(state)


def on_accelerator() -> bool:
    """Tell whether Paddle computes on something else than a CPU."""
    return not paddle.get_device().startswith("cpu")


@contextmanager
def words_for_lack_of_memory(run: Any) -> Iterator[None]:
    """Turn what Paddle says when memory runs out into an error that says what to turn down."""
    try:
        yield
    except (MemoryError, RuntimeError, OSError, SystemError) as error:
        text = str(error)
        if not isinstance(error, MemoryError) and not any(
            word in text for word in ("ResourceExhausted", "Out of memory", "out of memory")
        ):
            raise
        where = paddle.get_device()
        batch = f", with batches of {run.batch_samples} samples" if run.batch_samples else ""
        amp = "" if run.precision.level or where == "cpu" else "amp='O1', "
        reason = next((line.strip() for line in text.splitlines() if line.strip()), "")
        raise MemoryError(
            f"{where} ran out of memory in step {run.step + 1}{batch}: turn down the batch size "
            f"first (half of it needs about half); {amp}smaller inputs or a smaller model help "
            f"too. Paddle says: {reason}"
        ) from error
