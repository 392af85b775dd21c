"""The channels explorer: which input maps an output map reads, and what that costs."""

from nndl import arithmetic
from nndl.widgets.base import Explorer
from nndl.widgets.channels_words import STRINGS
from nndl.widgets.schema import Text, choice, integer, switch


def channel_stages(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    size: int,
    groups: int = 1,
    separable: bool = False,
    bias: bool = True,
) -> list[dict]:
    """Return the convolutions that a layer is made of, with what each costs.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, groups : int
        As for a convolution layer.
    size : int
        Rows and columns of every map: the convolutions keep the size.
    separable : bool
        Whether the layer is a depthwise convolution and a 1 x 1 convolution after it.
    bias : bool
        Whether each output map has a bias.

    Returns
    -------
    list of dict
        For each convolution "shape" (of its weight), "groups", "weights", "parameters", "macs"
        and "activations" (numbers in its output).

    Raises
    ------
    ValueError
        If the groups do not divide the channels.

    Examples
    --------
    >>> [stage["shape"] for stage in channel_stages(4, 6, 3, 16, separable=True)]
    [[4, 1, 3, 3], [6, 4, 1, 1]]
    """
    one = [(in_channels, out_channels, kernel_size, groups)]
    two = [(in_channels, in_channels, kernel_size, in_channels), (in_channels, out_channels, 1, 1)]
    return [
        {
            "shape": [n_out, n_in // g, k, k],
            "groups": g,
            "weights": arithmetic.conv_parameters(n_in, n_out, k, g, bias=False),
            "parameters": arithmetic.conv_parameters(n_in, n_out, k, g, bias),
            "macs": arithmetic.conv_macs(n_in, n_out, k, size, g),
            "activations": n_out * size * size,
        }
        for n_in, n_out, k, g in (two if separable else one)
    ]


def channels_read(in_channels: int, out_channels: int, groups: int, output: int) -> list[int]:
    """Return the input maps that an output map reads.

    Parameters
    ----------
    in_channels, out_channels, groups : int
        As for a convolution layer.
    output : int
        Which output map, counted from 0.

    Returns
    -------
    list of int

    Examples
    --------
    >>> channels_read(4, 6, groups=2, output=3)
    [2, 3]
    """
    share = in_channels // groups
    first = output // (out_channels // groups) * share
    return list(range(first, first + share))


class ConvChannels(Explorer):
    """Show which input maps each output map of a convolution reads, and what it costs.

    Parameters
    ----------
    in_channels, out_channels : int
        Number of input and output maps, 1 to 8.
    kernel_size : int
        Rows and columns of a kernel, 1 to 7.
    groups : int
        Into how many independent parts the maps are split; divides both numbers of maps.
    separable : bool
        A depthwise convolution with a 1 x 1 convolution after it.
    size : int
        Rows and columns of every map, 4 to 64.
    bias : bool
        Whether each output map has a bias.
    side : str
        Which side the shown map is on: "input", "middle" (of a separable one) or "output".
    channel : int
        Which map is shown, counted from 0.
    predict : bool
        Whether the numbers are hidden until the reader has guessed the number of weights.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule.

    Examples
    --------
    >>> ConvChannels(in_channels=4, out_channels=6, groups=2).totals()["weights"]
    108
    >>> ConvChannels(groups=3)
    Traceback (most recent call last):
        ...
    ValueError: groups must divide in_channels and out_channels, got 3 with 4 and 8
    """

    kind = "channels"
    title = ("Channels and groups", "通道与分组")
    parts = ("grid", "facts", "channels_model")
    schema = {  # noqa: RUF012 - a class's constant
        "in_channels": integer(4, 1, 8, ("Input maps", "输入通道")),
        "out_channels": integer(8, 1, 8, ("Output maps", "输出通道")),
        "kernel_size": integer(3, 1, 7, ("Kernel", "卷积核")),
        "groups": integer(1, 1, 8, ("Groups", "分组数")),
        "separable": switch(False),
        "size": integer(16, 4, 64, ("Map size", "特征图大小")),
        "bias": switch(True, ("Bias", "偏置")),
        "side": choice(
            "output",
            {
                "input": ("input", "输入"),
                "middle": ("middle", "中间"),
                "output": ("output", "输出"),
            },
        ),
        "channel": integer(0, 0, 7),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold the groups to what divides the channels."""
        maps, groups = (state["in_channels"], state["out_channels"]), state["groups"]
        if any(count % groups for count in maps):
            raise ValueError(
                f"groups must divide in_channels and out_channels, got {groups} with "
                f"{maps[0]} and {maps[1]}"
            )
        if state["separable"] and groups != 1:
            raise ValueError(f"groups must be 1 when separable is True, got {groups}")
        return state

    def stages(self) -> list[dict]:
        """Return the convolutions the layer is made of; see `channel_stages`.

        Returns
        -------
        list of dict

        Examples
        --------
        >>> ConvChannels(groups=4).stages()[0]["shape"]
        [8, 1, 3, 3]
        """
        names = ("in_channels", "out_channels", "kernel_size", "size", "groups", "separable")
        return channel_stages(*(self._state[name] for name in names), self._state["bias"])

    def totals(self) -> dict[str, int]:
        """Return the sums of "weights", "parameters", "macs" and "activations".

        Returns
        -------
        dict

        Examples
        --------
        >>> ConvChannels(separable=True).totals()["weights"]
        68
        """
        stages = self.stages()
        names = ("weights", "parameters", "macs", "activations")
        return {name: sum(stage[name] for stage in stages) for name in names}

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        state, sums = self._state, self.totals()
        shapes = [str(stage["shape"]) for stage in self.stages()]
        size = f"{state['in_channels']} → {state['out_channels']}"
        return (
            f"Channels and groups: a convolution {size} maps, weight {' and '.join(shapes)}, "
            f"{sums['parameters']:,} parameters, {sums['macs']:,} multiply-accumulates. "
            "Interactive on the website and in a running notebook.",
            f"通道与分组：卷积 {size} 个通道，权重 {'、'.join(shapes)}，参数 "
            f"{sums['parameters']:,} 个，乘加 {sums['macs']:,} 次。"
            "在网站上或运行中的 notebook 里可以操作。",
        )
