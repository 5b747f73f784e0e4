"""Write what the pages say that the code says: cli.md, hooks.md, rules/, parts of plugins and policy.md."""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from devsecops.cli.main import parser as command_line
from devsecops.cli.plugin_new import files_of
from devsecops.hookspecs import Hooks
from devsecops.testing import conformance

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import policy_page, rule_pages

FOLDER = Path(__file__).resolve().parents[1] / "docs"
_CLI = """\
# Commands

Written by `scripts/make_docs.py` from the commands themselves. The exit codes are a contract:
[contracts.md](contracts.md#exit-codes).
"""
_HOOKS = """\
# Hooks

Written by `scripts/make_docs.py` from `devsecops/hookspecs.py`, which is the contract. How to write a plugin:
[plugins.md](plugins.md).
"""


def cli() -> str:
    """Return docs/cli.md."""
    return _CLI + "".join(f"\n{section}" for section in _sections(command_line(), 2))


def _sections(parser: argparse.ArgumentParser, level: int, summary: str = "") -> Iterator[str]:
    own = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    words = [_word(action) for action in own if not action.option_strings]
    usage = " ".join([parser.prog, *words, *(["COMMAND"] if below else [])])
    lines = [f"{'#' * level} {parser.prog}", ""]
    said = parser.description or summary
    lines += [f"{said[0].upper()}{said[1:].rstrip('.')}.", ""] if said else []
    lines += ["```", usage, "```", ""]
    rows = [f"| {_name(action)} | {_cell(action.help or '')} |" for action in own if action.dest != "help"]
    if rows:
        lines += ["| argument | what |", "|---|---|", *rows, ""]
    lines += [parser.epilog[0].upper() + parser.epilog[1:] + ".", ""] if parser.epilog else []
    yield "\n".join(lines)
    for action in below:
        summaries = {choice.dest: choice.help for choice in action._choices_actions}
        for name, choice in action.choices.items():
            yield from _sections(choice, level + 1, summaries.get(name) or "")


def _word(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest)
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def _name(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{_word(action)}`"
    value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 else ""
    text = ", ".join(f"`{option}{value}`" for option in action.option_strings).replace("|", "\\|")
    return f"{text} (required)" if action.required else text


def _cell(text: str) -> str:
    return text.replace("%%", "%").replace("|", "\\|")


def hooks() -> str:
    """Return docs/hooks.md."""
    return _HOOKS + "".join(f"\n{_hook(name)}" for name in hook_names())


def hook_names() -> list[str]:
    """Return the names of all hooks, in the order of their source."""
    return [name for name in vars(Hooks) if name.startswith("devsecops_")]


def _hook(name: str) -> str:
    hook = getattr(Hooks, name)
    text, _, example = inspect.cleandoc(hook.__doc__).partition("Example:")
    code = [line.strip()[4:] for line in example.splitlines() if line.strip().startswith((">>>", "..."))]
    signature = inspect.signature(hook)
    arguments = ", ".join(word for word in signature.parameters if word != "self")
    heading = f"## {name}({arguments}) -> {signature.return_annotation}"
    return f"{heading}\n\n{text.strip()}\n\n```python\n{_formatted(code)}```\n"


def _formatted(code: list[str]) -> str:
    """Return the code as the formatter wants it, which reads the pages too."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "example.py", "-"]
    text = "\n".join(code)
    done = subprocess.run(
        command, cwd=FOLDER.parent, input=text, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def plugins() -> str:
    """Return docs/plugins.md with its generated parts as they have to be: the template and the checks."""
    page = (FOLDER / "plugins.md").read_text(encoding="utf-8")
    for name, text in files_of("debug-ini").items():
        page = _between(page, f"<!-- {name} -->\n```python\n", text, "```\n")
    return _between(page, "<!-- checks -->\n", _checks(), "<!-- end of checks -->\n")


def policy() -> str:
    """Return docs/policy.md with the table of its keys as it has to be."""
    page = (FOLDER / "policy.md").read_text(encoding="utf-8")
    return _between(page, "<!-- keys -->\n", policy_page.table(), "<!-- end of keys -->\n")


def _between(page: str, start: str, text: str, end: str) -> str:
    """Return the page with `text` between two marks; as it is when it does not have them."""
    head, mark, rest = page.partition(start)
    return f"{head}{start}{text}{end}{rest.partition(end)[2]}" if mark else page


def _checks() -> str:
    groups: dict[str, Mapping[str, Callable[..., Iterable[str]]]] = {
        "every scanner": conformance.ALWAYS,
        "a scanner of files": conformance.AT_WORK,
        "a scanner in process": conformance.IN_PROCESS,
        "a scanner with a tool": conformance.OWN_TOOL | conformance.WITH_TOOL,
        "a scanner of services": conformance.AT_A_SERVICE,
        "a scanner that installs": conformance.WITH_INSTALL,
        "a scanner with data": conformance.WITH_DATA,
        "every format": conformance.OF_FORMATS,
        "every check": conformance.OF_CHECKS,
    }
    rows = [
        f"| {name} | {whose} | {_cell(inspect.cleandoc(check.__doc__ or ''))} |"
        for whose, checks in groups.items()
        for name, check in checks.items()
    ]
    return "\n".join(["| check | of | what it holds the plugin to |", "|---|---|---|", *rows, ""])


def pages() -> dict[str, str]:
    """Return the text of every page by its path under docs/."""
    made = {"cli.md": cli(), "hooks.md": hooks(), "plugins.md": plugins(), "policy.md": policy()}
    return made | rule_pages.pages()


def main() -> int:
    """Write all pages, and remove those of rules that are gone."""
    texts = pages()
    for page in FOLDER.glob("rules/*.md"):
        if str(page.relative_to(FOLDER)) not in texts:
            page.unlink()
    for name, text in texts.items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
