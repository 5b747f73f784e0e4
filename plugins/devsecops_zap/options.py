"""ZAP's options: what is set is remembered, so that an attached ZAP gets its own back."""

from __future__ import annotations

from collections.abc import Callable

from devsecops_zap.adapter import Adapter
from devsecops_zap.capabilities import LACKING
from devsecops_zap.errors import ZapError

Value = bool | int | str
_PARAMETERS: dict[type, str] = {bool: "Boolean", int: "Integer", str: "String"}


class Options:
    """Sets options of one ZAP."""

    def __init__(self, zap: Adapter) -> None:
        self._zap = zap
        self._before: dict[tuple[str, str], tuple[str, Value]] = {}
        self._undo: list[Callable[[], object]] = []
        self._mode = zap.mode()

    def set(self, component: str, name: str, value: Value) -> None:
        """Set one: ``set("spider", "ThreadCount", 4)``. Raises the adapter's errors."""
        before = str(self._zap.view(component, f"option{name}"))
        self._before.setdefault((component, name), (before, value))
        self._write(component, name, value)

    def tries(self, component: str, name: str, value: Value) -> bool:
        """Set one that not every version has; return whether it has."""
        try:
            self.set(component, name, value)
        except ZapError as error:
            if error.code not in LACKING:
                raise
            return False
        return True

    def later(self, undo: Callable[[], object]) -> None:
        """Have something else undone when the options are put back."""
        self._undo.append(undo)

    def restore(self) -> None:
        """Put all back, and the mode. Raises the adapter's errors."""
        for (component, name), (before, value) in self._before.items():
            self._write(component, name, _like(before, value))
        for undo in self._undo:
            undo()
        self._zap.action("core", "setMode", mode=self._mode)

    def _write(self, component: str, name: str, value: Value) -> None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self._zap.action(component, f"setOption{name}", **{_PARAMETERS[type(value)]: text})


def _like(text: str, value: Value) -> Value:
    if isinstance(value, bool):
        return text == "true"
    return int(text) if isinstance(value, int) else text
