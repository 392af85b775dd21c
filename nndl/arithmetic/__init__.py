"""Output sizes, parameters, multiply-accumulates and receptive fields (being written)."""


def output_size(input_size, kernel_size, stride=1, padding=0, dilation=1):
    """Return the number of positions of a window along one axis."""
    return (input_size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1
