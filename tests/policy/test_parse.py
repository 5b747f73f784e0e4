import pytest

from devsecops.config import Config, read_config, tighten
from devsecops.errors import UsageError
from devsecops.policy import GateRule, check_scanners, default_policy, parse_policy, with_fail_on
from devsecops.policy.file import orders


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[gate]\nfail_onn = 'low'", "unknown key gate.fail_onn; the nearest is fail_on"),
        ("[gatee]", "unknown key gatee; the nearest is gate"),
        ("extends = 'x'", "extends: what it extends is not at hand"),
        ("[waivers]\nmax_day = 1", "unknown key waivers.max_day; the nearest is max_days"),
        ("[waivers]\nmax_days = 0", "waivers.max_days"),
        ("[waivers]\nforbid_marks = ['noqa']", "waivers.forbid_marks"),
        ("[waivers]\nfile = '/etc/w'", "waivers.file"),
        ("[waivers]\nfile = 'a/../../w'", "waivers.file"),
        ("[baseline]\nfile = '..'", "baseline.file"),
        ("[coverage]\nfloor = 101", "coverage.floor"),
        ("[plugins]\nfiles = ['tools/x.py']", "plugins.files[0]: tools/x.py is not an absolute path"),
        ("[[gate.rule]]\nmaxx = 1", "unknown key gate.rule.maxx; the nearest is max"),
        ("[[gate.rule]]\nmax = -1", "gate.rule[0].max"),
        ("[[gate.rule]]\n[[gate.rule]]\nkind = []", "gate.rule[1].kind"),
        ("[[gate.rule]]\nstate = ['fixed']", "gate.rule[0].state"),
        ("[[gate.rule]]\nname = 'a\\nb'", "gate.rule[0].name"),
        ("[gate]\nfail_on = 'worst'", "gate.fail_on"),
        ("[gate]\nunknown = {secrets = 'pass'}", "a secret always fails"),
        ("[[coverage.accept]]\npaths = ['a']\nscanners = ['b']\nreason = 'c'", "`expires`"),
        ("[[coverage.accept]]\npath = ['a']", "unknown key coverage.accept.path; the nearest is paths"),
        ("[data]\nmax_age_days = 'old'", "data.max_age_days"),
        ("[scanners]\nbandit = true", "scanners"),
        ("schema = 2", "schema"),
        ("gate = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_file_and_key(text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_policy(text, "policy.toml")
    assert says in str(error.value)
    assert str(error.value).startswith("policy.toml")
    assert "\n" not in str(error.value)


def test_an_empty_policy_is_the_built_in_one() -> None:
    assert parse_policy("", "policy.toml") == default_policy()


def test_a_preset_gives_what_is_not_set() -> None:
    policy = parse_policy("preset = 'strict'\n[gate]\nfail_on = 'low'", "p")
    assert (policy.gate.fail_on, policy.gate.confidence) == ("low", "low")
    assert policy.coverage.unsupported == "incomplete"


def test_a_rule_counts_all_judged_kinds_that_are_new_unless_it_says_so() -> None:
    (rule,) = parse_policy("[[gate.rule]]", "p").gate.rule
    assert rule == GateRule()
    assert (rule.severity, rule.confidence, rule.state, rule.max) == ("info", "low", ("new", "updated"), 0)
    assert "quality" not in rule.kind
    text = "name = 'no debt'\nkind = ['sca', 'quality', 'sca']\nstate = ['unchanged', 'new']\nmax = 7"
    (rule,) = parse_policy(f"[[gate.rule]]\n{text}", "p").gate.rule
    assert rule == GateRule(name="no debt", kind=("quality", "sca"), state=("new", "unchanged"), max=7)


def test_presets_say_how_long_a_waiver_lives_and_which_marks_count() -> None:
    default, strict = parse_policy("", "p").waivers, parse_policy("preset = 'strict'", "p").waivers
    assert (default.max_days, default.warn_days, default.forbid_marks) == (180, 14, ())
    assert (strict.max_days, strict.warn_days, strict.forbid_marks) == (90, 14, ("nosec", "nosemgrep"))
    mine = parse_policy(
        "preset = 'strict'\n[waivers]\nforbid_marks = ['nosemgrep', 'devsecops']", "p"
    ).waivers
    assert mine.forbid_marks == ("devsecops", "nosemgrep")
    assert parse_policy("[waivers]\nfile = 'more/w.toml'", "p").waivers.file == "more/w.toml"


def test_the_repository_keeps_every_value_of_the_policy() -> None:
    policy = parse_policy("[[gate.rule]]\nmax = 3\n[coverage]\nfloor = 90\n[waivers]\nmax_days = 9", "p")
    tightened = tighten(policy, Config(fail_on="low", also_require=("zap",)))
    assert tightened.gate.rule == policy.gate.rule
    assert (tightened.coverage, tightened.waivers) == (policy.coverage, policy.waivers)


def test_a_scanners_own_options_stand_beside_ours_and_are_checked() -> None:
    policy = parse_policy("[scanners.bandit]\nrequired = 'yes'\ndeadline_s = 5\nskips = ['B1']", "p")
    assert policy.scanners["bandit"].options == {"skips": ["B1"]}
    check_scanners(policy, {"bandit": {"skips": ()}}, "p")
    with pytest.raises(UsageError, match=r"scanners\.bandit\.skips; the nearest is skip"):
        check_scanners(policy, {"bandit": {"skip": ()}}, "p")
    with pytest.raises(UsageError, match="expected int"):
        check_scanners(policy, {"bandit": {"skips": 1}}, "p")
    with pytest.raises(UsageError, match="unknown scanner bandi; the nearest is bandit"):
        check_scanners(parse_policy("[scanners.bandi]", "p"), {"bandit": {}}, "p")
    # A required one that is not installed is the verdict's business: missing.
    check_scanners(parse_policy("[scanners.zap]\nrequired = 'yes'", "p"), {"bandit": {}}, "p")


def test_every_key_says_which_way_is_stricter() -> None:
    assert set(orders()) == {
        "preset", "extends", "gate.fail_on", "gate.confidence", "gate.unknown", "gate.rule", "gate.rule.name",
        "gate.rule.kind", "gate.rule.severity", "gate.rule.confidence", "gate.rule.state", "gate.rule.max",
        "scope.exclude", "coverage.accept", "coverage.unsupported", "coverage.floor", "waivers.file",
        "waivers.max_days", "waivers.warn_days", "waivers.forbid_marks", "baseline.file",
        "scanners.*.required", "scanners.*.deadline_s", "scanners.*.memory_mb",
        "scanners.*.output_mb", "data.max_age_days", "data.unpinned", "plugins.allow", "plugins.files",
        "tool",
    }  # fmt: skip


def test_fail_on_sets_a_level_and_only_tightens_a_files() -> None:
    assert with_fail_on(default_policy(), "critical", in_a_file=False).gate.fail_on == "critical"
    assert with_fail_on(default_policy(), "low", in_a_file=True).gate.fail_on == "low"
    with pytest.raises(UsageError, match="looser"):
        with_fail_on(default_policy(), "critical", in_a_file=True)
    with pytest.raises(UsageError, match="the nearest is high"):
        with_fail_on(default_policy(), "hgih", in_a_file=False)


def test_a_repository_only_tightens() -> None:
    config = read_config(b"fail_on = 'low'\nalso_require = ['zap']\nreport = ['sarif']")
    assert config == Config(fail_on="low", also_require=("zap",), report=("sarif",))
    policy = tighten(parse_policy("[scanners.zap]\nrequired = 'off'", "p"), config)
    assert policy.gate.fail_on == "low"
    assert policy.required("zap") == "yes"
    assert tighten(default_policy(), read_config(None)) == default_policy()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[plugins]\nfiles = ['evil.py']", "only stand in the trusted policy"),
        (b"[[tool]]\ncommand = '/bin/sh'", "only stand in the trusted policy"),
        (b"[coverage]", "only stand in the trusted policy"),
        (b"extends = '../p.toml'", "extends may only stand in the trusted policy"),
        (b"[waivers]\nmax_days = 9999", "waivers may only stand in the trusted policy"),
        (b"[baseline]", "baseline may only stand in the trusted policy"),
        (b"forbid_marks = []", "forbid_marks may only stand in the trusted policy"),
        (b"floor = 0", "floor may only stand in the trusted policy"),
        (b"[dast]", "dast may only stand in the trusted policy"),
        (b"failon = 'low'", "the nearest is fail_on"),
        (b"report = ['../../x']", "never a path"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_repository_cannot_say_more(data: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_config(data)


def test_a_repository_cannot_loosen() -> None:
    with pytest.raises(UsageError, match="looser"):
        tighten(default_policy(), Config(fail_on="none"))


def test_a_scanner_that_is_off_by_default_is_on_once_it_has_a_table() -> None:
    policy = parse_policy("[scanners.named]\nrequired = 'yes'\n[scanners.tuned]\ndeadline_s = 5", "p")
    judged = policy.switching_off(["named", "tuned", "other"])
    words = {name: judged.required(name) for name in ("named", "tuned", "other", "bandit")}
    assert words == {"named": "yes", "tuned": "auto", "other": "off", "bandit": "auto"}
    asked = tighten(default_policy(), Config(also_require=("other",)))
    assert asked.switching_off(["other"]).required("other") == "yes"
