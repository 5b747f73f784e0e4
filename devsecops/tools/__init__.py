"""The tools room: every scanner's tool, locked and ready, or missing with its reason.

Scanner tools never share our environment, and no tool is ever asked for its version by running it.
"""

from devsecops.tools.interpreters import Interpreter, newest_python
from devsecops.tools.missing import ToolMissing
from devsecops.tools.supply import ready, sync

__all__ = ["Interpreter", "ToolMissing", "newest_python", "ready", "sync"]
