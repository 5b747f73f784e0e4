import pytest

from devsecops.config import Config, read_config, tighten
from devsecops.errors import UsageError
from devsecops.policy import check_scanners, default_policy, parse_policy, with_fail_on
from devsecops.policy.file import orders


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[gate]\nfail_onn = 'low'", "unknown key gate.fail_onn; the nearest is fail_on"),
        ("[gatee]", "unknown key gatee; the nearest is gate"),
        ("extends = 'x'", "extends is not there yet"),
        ("[waivers]", "waivers is not there yet"),
        ("[dast]", "dast is not there yet"),
        ("[[gate.rule]]", "gate.rule is not there yet"),
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
        "preset", "gate.fail_on", "gate.confidence", "gate.unknown", "scope.exclude", "coverage.accept",
        "coverage.unsupported", "scanners.*.required", "scanners.*.deadline_s", "scanners.*.memory_mb",
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
