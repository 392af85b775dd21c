"""What the models of texts ask of their inputs."""

from nndl.device import paddle

__all__: list[str] = []


def check_ids(name: str, ids: paddle.Tensor) -> None:
    """Check that a batch of texts is a table of whole numbers."""
    if ids.dtype not in (paddle.int32, paddle.int64):
        raise TypeError(f"{name} must be int32 or int64, got {str(ids.dtype).split('.')[-1]}")
    if ids.ndim != 2:
        raise ValueError(f"{name} must have shape (batch, positions), got {tuple(ids.shape)}")
