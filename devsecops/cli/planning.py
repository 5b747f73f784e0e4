"""Everything that is settled before the first tool starts: subject, policy, plugins, who looks at what."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from devsecops.accepting import waivers_beside
from devsecops.change import Change
from devsecops.cli.targeting import Aim, aim
from devsecops.config import read_config, tighten
from devsecops.errors import UsageError
from devsecops.findings.baseline import Baseline, read_baseline
from devsecops.model import Kind, Part
from devsecops.output import check_copy, default_folder
from devsecops.policy import Loaded, Policy, at_hand, check_scanners, in_ci, load_policy, with_fail_on
from devsecops.policy.load import names_head
from devsecops.policy.parse import nearest
from devsecops.policy.places import OnDisk
from devsecops.registry import Registry, discover
from devsecops.subject import Tree, no_tree, open_change, open_tree, read_at
from devsecops.subject.ledger import Assignment, assign
from devsecops.waivers.model import Waiver


@dataclass(frozen=True, slots=True)
class Wish:
    """One --report: a format, and where to. `path` None is the output folder, "-" is stdout."""

    name: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Base:
    """What a change is judged against: the tree where it left the base, and what differs."""

    tree: Tree
    change: Change
    assignment: Assignment
    """Of the base's side: what its scanners look at."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"commit {self.change.base[:10]}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The tree to judge and, when a change is judged, the one it came from; or no tree, only a target."""

    tree: Tree
    before: Tree | None = None
    change: Change | None = None
    target_only: bool = False

    def close(self) -> None:
        """End what reads for them."""
        self.tree.close()
        if self.before is not None:
            self.before.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is settled before the first tool starts."""

    args: argparse.Namespace
    tree: Tree
    loaded: Loaded
    registry: Registry
    wishes: tuple[Wish, ...]
    left_out: tuple[str, ...]
    assignment: Assignment
    today: str
    ci: bool
    base: Base | None = None
    waivers: tuple[Waiver, ...] = ()
    aim: Aim = field(default_factory=Aim)
    target_only: bool = False
    known: Baseline | None = None
    """The baseline in force: with `base` only its gaps are looked at."""

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.loaded.policy

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is judged."""
        source: tuple[Part, ...] = () if self.target_only else (self.tree.part,)
        return source if self.aim.target is None else (*source, self.aim.target)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The scanners that take part; one of running services only when there is one."""
        specs = self.registry.scanners.items()
        return {
            name: spec.kind
            for name, spec in specs
            if name in self.aim.asks or not (spec.unit == "remote" or self.target_only)
        }


def subject(args: argparse.Namespace) -> Subject:
    """Open what is to be judged."""
    if args.path is None and args.target is not None and args.base is None:
        return Subject(no_tree(Path.cwd()), target_only=True)
    path = Path(args.path or ".")
    if args.base is None:
        return Subject(open_tree(path, head=args.head, commit=args.head is not None or in_ci()))
    return Subject(*open_change(path, base=args.base, head=args.head))


def plan(args: argparse.Namespace, subject: Subject) -> Plan:
    """Settle the rest.

    Raises:
        UsageError: what is wrong in the arguments, the policy or the repository's configuration.
    """
    ci, tree = in_ci(), subject.tree
    loaded = load_policy(
        option=args.policy or os.environ.get("DEVSECOPS_POLICY") or None,
        base=args.base,
        tree_root=tree.root,
        ci=ci,
        read_at=read_at,
    )
    config = read_config(tree.read("devsecops.toml"))
    policy = tighten(loaded.policy, config)
    if args.fail_on is not None:
        policy = with_fail_on(policy, args.fail_on, in_a_file=loaded.in_a_file)
    loaded = loaded.judging_by(policy)
    free = not ci and not loaded.in_a_file
    registry = discover(None if free else policy.plugins.allow, policy.plugins.files, at_hand(policy.tool))
    known = {name: spec.options for name, spec in registry.scanners.items()}
    check_scanners(policy, known, loaded.in_force.source, registry.taken)
    # In a shell where no policy speaks, --only does. What the policy in force is called does not change.
    named = args.only if free else ()
    policy = policy.switching_off(name for name in registry.off_by_default() if name not in named)
    if subject.target_only:  # the question is about the service: no scanner of code is asked
        specs = registry.scanners.items()
        policy = policy.without(name for name, spec in specs if spec.unit != "remote")
    loaded = replace(loaded, policy=policy)
    today = _today(args.as_of)
    aimed = aim(args, registry, loaded, tree, today)
    left_out = _left_out(args, registry)
    assignment, base = _assign(subject, registry, policy, aimed)
    return Plan(
        args=args,
        tree=tree,
        loaded=loaded,
        registry=registry,
        wishes=_wishes(args, config.report, registry),
        left_out=left_out,
        assignment=assignment,
        today=today,
        ci=ci,
        base=base,
        aim=aimed,
        target_only=subject.target_only,
        waivers=waivers_beside(loaded),
        known=_known(args.baseline, loaded, tree),
    )


def _known(option: str | None, loaded: Loaded, tree: Tree) -> Baseline | None:
    """Return the baseline that was named, or the one beside the policy in force; None: there is none."""
    if option is None:
        name = loaded.policy.baseline.file
        data = loaded.beside(name)
        return None if data is None else read_baseline(data, name)
    rev, colon, path = option.partition(":")
    if colon and not option.startswith(("/", ".")):
        data = read_at(tree.root, rev, path)
        own = names_head(rev)
    else:
        place = OnDisk(Path(option), option, tree.root)
        data, own = place.read(), place.inside
    if own and loaded.tree != "own":
        raise UsageError(
            f"--baseline {option}: it comes from the tree that is judged, and the policy does not; "
            "name one from outside, such as origin/main:.devsecops/baseline.json."
        )
    if data is None:
        raise UsageError(f"--baseline {option}: no such file; give FILE or REV:PATH.")
    return read_baseline(data, option)


def _assign(
    subject: Subject, registry: Registry, policy: Policy, aimed: Aim
) -> tuple[Assignment, Base | None]:
    specs = [
        spec
        for name, spec in sorted(registry.scanners.items())
        if policy.required(name) != "off" and (spec.unit != "remote" or name in aimed.asks)
    ]
    exclude = policy.scope.exclude
    if subject.before is None or subject.change is None:
        return assign(subject.tree, specs, exclude), None
    paths = subject.change.paths
    # There is one service, which runs the head: what it shows is in no base, and never old.
    theirs = assign(subject.before, [spec for spec in specs if spec.unit != "remote"], exclude, paths)
    return assign(subject.tree, specs, exclude, paths), Base(subject.before, subject.change, theirs)


def _left_out(args: argparse.Namespace, registry: Registry) -> tuple[str, ...]:
    known = sorted(registry.scanners)
    for option, names in (("--only", args.only), ("--skip", args.skip)):
        for name in names:
            if name not in known:
                raise UsageError(f"{option} {name}: no such scanner; {nearest(name, known)}.")
    only = set(args.only) or set(known)
    return tuple(name for name in known if name not in only or name in args.skip)


def _wish(text: str) -> Wish:
    name, equals, path = text.partition("=")
    if equals and not path:
        raise UsageError(f"--report {text}: give a path after the =, or - for stdout.")
    return Wish(name, path or None)


def _wishes(args: argparse.Namespace, more: Sequence[str], registry: Registry) -> tuple[Wish, ...]:
    wishes = [_wish(text) for text in args.report] + [Wish(name, None) for name in more]
    if all(wish.name != "text" for wish in wishes):
        wishes.append(Wish("text", "-"))
    for wish in wishes:
        if wish.name != "text" and wish.name not in registry.reporters:
            known = sorted(registry.reporters)
            raise UsageError(f"--report {wish.name}: no such format; {nearest(wish.name, known)}.")
        if wish.path not in (None, "-"):
            check_copy(Path(str(wish.path)))
    if sum(wish.path == "-" and wish.name != "text" for wish in wishes) > 1:
        raise UsageError("Only one format can go to stdout; give the others a PATH.")
    return tuple(wishes)


def folder_of(plan: Plan) -> Path:
    """Return where the run is kept."""
    named = plan.args.output or os.environ.get("DEVSECOPS_OUTPUT")
    if named:
        return Path(named)
    if plan.ci:
        return Path("devsecops-out")
    if plan.target_only and plan.aim.target is not None:
        return default_folder(Path("/", *plan.aim.target.origins[0].split("://")))
    return default_folder(plan.tree.root)


def _today(as_of: str | None) -> str:
    if as_of is None:
        return datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        return datetime.date.fromisoformat(as_of).isoformat()
    except ValueError:
        raise UsageError(f"--as-of {as_of}: give a day as YYYY-MM-DD.") from None
