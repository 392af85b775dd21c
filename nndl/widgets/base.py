"""What all explorers share on the Python side: one schema, checked settings, HTML and a live twin.

How to write an explorer
------------------------
1. One class here in :mod:`nndl.widgets`::

       class Doubler(Explorer):
           '''Double a number.'''
           kind = "doubler"                             # its program is js/doubler.js
           title = ("Doubler", "加倍")                   # every text is (English, Chinese)
           schema = {
               "number": integer(3, 0, 9, ("Number", "数")),
               "position": integer(0, 0, 99),           # no label: state without a control
               "predict": switch(False),                # only if it asks for a guess first
           }
           strings = {"twice": ("Twice {n} is {m}", "{n} 的两倍是 {m}")}

           def describe(self):                          # the text where no program may run
               return ("Doubles a number.", "把一个数加倍。")

   `check(state)` may be overridden for rules that hold between settings; it returns the state.

2. One program `js/<kind>.js` that defines `mount(frame)`; see the top of `js/core.js`. It is joined
   after the files of `SHARED` (and after further files named in `parts`).

The same schema checks the arguments of the class, draws the controls and is part of the program
that the page loads; the page's own check (`checked` in `core.js`) follows the same rules.
"""

import copy
import difflib
import hashlib
import html
import inspect
import json
import os
import re
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nndl.widgets.schema import Text, check_value

_JS = Path(__file__).parent / "js"
# the files that every program begins with
SHARED = ("arithmetic", "style", "core", "frame_parts", "frame_fields", "frame_links")

# words of the parts that every explorer has
CORE_STRINGS: dict[str, Text] = {
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "back": ("Step back", "后退一步"),
    "forward": ("Step forward", "前进一步"),
    "scrub": ("Position", "位置"),
    "speed": ("Speed", "速度"),
    "of": ("{i} of {n}", "第 {i} 个，共 {n} 个"),
    "undo": ("Undo", "撤销"),
    "redo": ("Redo", "重做"),
    "undone": ("Undone.", "已撤销。"),
    "redone": ("Redone.", "已重做。"),
    "reset": ("Reset", "重置"),
    "link": ("Copy link", "复制链接"),
    "python": ("Copy as Python", "复制为 Python"),
    "svg": ("Save as SVG", "存为 SVG"),
    "copied": ("Copied.", "已复制。"),
    "copy_by_hand": ("Copy this text:", "请复制这段文字："),
    "was_reset": ("Back to the first settings.", "已回到最初的设置。"),
    "saved": ("Saved as {file}.", "已保存为 {file}。"),
    "refused": ("Not used: {message}", "未采用：{message}"),
    "predict": ("Predict first", "先猜再看"),
    "predict_off": ("Show the answer", "直接看答案"),
    "check": ("Check", "核对"),
    "right": ("Right.", "正确。"),
    "wrong": ("Not quite.", "不对。"),
    "need_number": ("Enter a whole number.", "请输入整数。"),
    "need_value": ("Enter a number.", "请输入一个数。"),
    "rows": ("rows", "行"),
    "columns": ("columns", "列"),
}


def _script_safe(text: str) -> str:
    """Escape what would end or hide an inline script."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def _json(value: object) -> str:
    """Write JSON that can stand inside a script; `<` cannot be part of a tag there."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _shorten(code: str) -> str:
    """Drop the indentation and the lines that are only comment, which a page need not carry."""
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.S)
    lines = (line.strip() for line in code.splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r"^export (?=function|const|let|class|async)", "", kept, flags=re.M)


def joined(explorer: type["Explorer"]) -> str:
    """Return the JavaScript of an explorer: the shared files, its own, and its schema as `SPEC`.

    Parameters
    ----------
    explorer : type
        A subclass of :class:`Explorer`.

    Returns
    -------
    str
        Declarations only; running it has no effect by itself.

    Examples
    --------
    >>> from nndl.widgets import ConvStepper
    >>> "function output_size(" in joined(ConvStepper)
    True
    """
    names = (*SHARED, *explorer.parts, explorer.kind)
    spec = {
        "kind": explorer.kind,
        "name": explorer.__name__,
        "title": explorer.title,
        "schema": explorer.schema,
        "strings": CORE_STRINGS | explorer.strings,
        "constants": explorer.constants,
    }
    body = "\n".join(_shorten((_JS / f"{name}.js").read_text("utf8")) for name in names)
    return f"{body}\nconst SPEC={_json(spec)};"


@cache
def program(explorer: type["Explorer"]) -> tuple[str, str]:
    """Return the tag `kind@hash` of an explorer's program and the program as a plain script.

    Parameters
    ----------
    explorer : type
        A subclass of :class:`Explorer`.

    Returns
    -------
    tuple of str
        The tag and the script. The script enters the program in `globalThis.__nndl` under its tag,
        once: copies that a page repeats, and cells run with another release, do not clash.

    Examples
    --------
    >>> from nndl.widgets import ConvStepper
    >>> program(ConvStepper)[0].split("@")[0]
    'convolution_stepper'
    """
    body = joined(explorer)
    tag = f"{explorer.kind}@{hashlib.sha256(body.encode()).hexdigest()[:10]}"
    script = (
        f'(globalThis.__nndl||={{}})["{tag}"]||=(()=>{{"use strict";\n{body}\n'
        "return (el,config,onChange)=>"
        f'openExplorer(el,{{...SPEC,tag:"{tag}"}},mount,config,onChange)}})();'
    )
    return tag, _script_safe(script)


def esm(explorer: type["Explorer"]) -> str:
    """Return the same program as an ES module for anywidget, with one synced value, `state`.

    Parameters
    ----------
    explorer : type
        A subclass of :class:`Explorer`.

    Returns
    -------
    str
        The module's text.

    Examples
    --------
    >>> from nndl.widgets import ConvStepper
    >>> "export default" in esm(ConvStepper)
    True
    """
    tag, script = program(explorer)
    return script + (
        "\nexport default { render({ model, el }) {\n"
        f'const view = globalThis.__nndl["{tag}"](el, {{ state: model.get("state"), id: "" }},\n'
        '(state) => { model.set("state", state); model.save_changes(); });\n'
        'const follow = () => view.set(model.get("state"));\n'
        'model.on("change:state", follow);\n'
        'return () => { model.off("change:state", follow); view.stop(); };\n'
        "} };\n"
    )


class Explorer:
    """Base of all explorers; see the top of this file for how to write one.

    Parameters
    ----------
    **settings : object
        Settings named in the class's `schema`; the rest keep their defaults.

    Raises
    ------
    TypeError
        If a setting's name is unknown; the message names the nearest known one.
    ValueError
        If a value breaks its rule.

    Examples
    --------
    >>> from nndl.widgets import ConvStepper
    >>> ConvStepper(sride=2)
    Traceback (most recent call last):
        ...
    TypeError: ConvStepper has no setting 'sride'; did you mean 'stride'?
    """

    kind: str = ""
    title: Text = ("", "")
    parts: tuple[str, ...] = ()
    schema: dict[str, dict] = {}  # noqa: RUF012 - a class's constant
    strings: dict[str, Text] = {}  # noqa: RUF012 - a class's constant
    constants: dict = {}  # noqa: RUF012 - tables that the program needs, as SPEC.constants

    def __init_subclass__(cls, **options: object) -> None:
        """Show the settings and their defaults in the class's signature."""
        super().__init_subclass__(**options)
        keyword = inspect.Parameter.KEYWORD_ONLY
        cls.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, keyword, default=entry["value"])
                for name, entry in cls.schema.items()
            ]
        )

    def __init__(self, **settings: object) -> None:
        self._state = self.validated(settings)

    @property
    def state(self) -> dict:
        """All settings, as JSON holds them (a copy)."""
        return copy.deepcopy(self._state)

    @classmethod
    def validated(cls, settings: dict, current: dict | None = None) -> dict:
        """Return the whole state that some settings lead to.

        Parameters
        ----------
        settings : dict
            The settings given.
        current : dict, optional
            What the other settings are now; their defaults if left out.

        Returns
        -------
        dict
            Every setting of the schema, as JSON holds it.

        Raises
        ------
        TypeError, ValueError
            If a name is unknown or a value breaks its rule.

        Examples
        --------
        >>> from nndl.widgets import ConvStepper
        >>> ConvStepper.validated({"stride": 3})["stride"]
        3
        """
        if not isinstance(settings, Mapping):
            raise TypeError(f"settings must be a dict of settings, got {type(settings).__name__}")
        if current is not None and not (
            isinstance(current, Mapping) and current.keys() <= cls.schema.keys()
        ):
            raise TypeError(f"current must be the state of a {cls.__name__}, got {current!r}")
        for name in settings:
            if name not in cls.schema:
                near = difflib.get_close_matches(str(name), cls.schema, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(cls.schema)}"
                raise TypeError(f"{cls.__name__} has no setting {name!r}; {hint}")
        state = {name: entry["value"] for name, entry in cls.schema.items()} | (current or {})
        for name, value in cls.complete(settings).items():
            state[name] = check_value(name, value, cls.schema[name])
        return copy.deepcopy(cls.check(state))

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Return the settings given and those that follow from them (a shape from a matrix)."""
        return settings

    @classmethod
    def check(cls, state: dict) -> dict:
        """Return the state after the rules that hold between settings, or raise ValueError."""
        return state

    def describe(self) -> Text:
        """Return the text that stands where no program may run, in English and Chinese."""
        raise NotImplementedError(f"{type(self).__name__} must say what it shows")

    def __repr__(self) -> str:
        """Return Python that makes the same explorer; defaults go unsaid, long data are `...`."""
        changed = {k: v for k, v in self._state.items() if v != self.schema[k]["value"]}
        shown = {k: "..." if self.schema[k].get("page") else repr(v) for k, v in changed.items()}
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in shown.items())})"

    def link_name(self) -> str:
        """Return the name by which a link finds this explorer on its page.

        It follows from the settings, not from the place: an explorer that is put before it, or on
        another page, leaves it as it is. Where it is found no more, a link opens the first of its
        kind.

        Returns
        -------
        str
            The kind and six digits.

        Examples
        --------
        >>> from nndl.widgets import ConvStepper
        >>> ConvStepper(stride=2).link_name() == ConvStepper(stride=2).link_name()
        True
        >>> ConvStepper(stride=2).link_name() == ConvStepper(stride=3).link_name()
        False
        """
        digits = hashlib.sha256(repr(self).encode()).hexdigest()[:6]
        return f"{self.kind}-{digits}"

    def _repr_html_(self) -> str:
        """Return the explorer as one output: words, program, state; nothing is fetched."""
        tag, script = program(type(self))
        # on the site an explorer has a name that links find it by; a notebook may show one twice
        site = os.environ.get("NNDL_SITE") == "1"
        name = self.link_name() if site else f"{self.kind}-{uuid.uuid4().hex[:8]}"
        config = _json({"state": self._state, "id": name if site else ""})
        english, chinese = (html.escape(text) for text in self.describe())
        words = (
            f'<p lang="en">{english} <code>{html.escape(repr(self))}</code></p>'
            f'<p lang="zh">{chinese}</p>'
        )
        # JupyterLab may show an output twice, hence "every copy that is not mounted yet"; Colab may
        # attach the words after the script ran, hence the retries
        mount = (
            "(function go(n){"
            f"const all=document.querySelectorAll('[data-nw=\"{name}\"]:not([data-on])');"
            "if(!all.length&&n)return void setTimeout(go,50,n-1);"
            "all.forEach((el)=>{el.dataset.on=1;"
            f"globalThis.__nndl['{tag}'](el,{config})}})}})(40)"
        )
        return (
            f'<div class="nw-mount" data-nw="{name}">{words}</div>'
            f'<script data-nndl="{tag}">{script}</script>'
            f"<script>{mount}</script>"
        )

    def live(self) -> object:
        """Return the twin that Python can read back and move.

        Returns
        -------
        anywidget.AnyWidget
            A widget with a synced `state`: what the reader sets with the mouse is in
            ``live.state``; assigning ``live.state = {"stride": 2}`` moves the explorer (settings
            left out stay as they are). ``live.explorer`` is a plain explorer at that state.

        Raises
        ------
        ImportError
            If anywidget is not installed.

        Examples
        --------
        >>> from nndl.widgets import ConvStepper
        >>> live = ConvStepper().live()  # doctest: +SKIP
        >>> live.state["stride"]  # doctest: +SKIP
        1
        """
        from nndl.widgets.live import live_twin

        return live_twin(self)
