"""What can go wrong between us and ZAP, each as a type of its own. No text of them holds the key."""

from __future__ import annotations

from devsecops.api import ToolError


class ZapFault(ToolError):  # noqa: N818  # what came of it, told by its subclasses
    """Base of all."""


class ZapUnreachable(ZapFault):
    """Nothing answers there, or not in time."""


class ZapSilent(ZapUnreachable):
    """Nothing answered in the time that it was given."""


class ZapRefused(ZapFault):
    """Something answers, and does not take us for its user: the key is wrong, or the port is another's."""


class ZapError(ZapFault):
    """ZAP answered that it will not do it.

    `code` is ZAP's word, such as ``mode_violation``, ``url_not_found``, ``no_implementor``,
    ``does_not_exist``, ``illegal_parameter``, ``internal_error``.
    """

    def __init__(self, code: str, call: str, message: str = "") -> None:
        super().__init__(f"ZAP answered {code} to {call}" + (f" ({message})" if message else ""))
        self.code = code


class ZapEnded(ZapFault):
    """The daemon that we started is gone."""


class ZapBroken(ZapFault):
    """The daemon that we started runs and is not whole: an add-on of it did not load."""


class ZapLost(ZapFault):
    """The daemon that we started could not keep what it saw: no space in its home, or no memory.

    ZAP 2.17.0 goes on then, and its spider says that it is through.
    """
