from pathlib import Path

import pytest

from devsecops.tools import installer


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_CONFIG_FILE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_uv_gets_what_reaches_an_index_and_no_credentials_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {
        "UV_DEFAULT_INDEX": "https://index.invalid/simple",
        "UV_INDEX_TEAM_PASSWORD": "p",
        "https_proxy": "http://proxy.invalid:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/ca.pem",
        "REQUESTS_CA_BUNDLE": "/ca.pem",
    }
    dropped = {
        "AWS_SECRET_ACCESS_KEY": "x", "CODEBUILD_BUILD_ID": "x", "GITHUB_TOKEN": "x", "PYTHONPATH": "/tree",
        "GIT_DIR": "/tree", "VIRTUAL_ENV": "/tree", "UV_PYTHON": "/tree/python", "UV_OVERRIDE": "/tree/o.txt",
        "UV_CONSTRAINT": "/tree/c.txt", "UV_PROJECT_ENVIRONMENT": "/tree", "UV_PYTHON_DOWNLOADS": "automatic",
        "LD_PRELOAD": "/tree/evil.so",
    }  # fmt: skip
    for name, value in (kept | dropped).items():
        monkeypatch.setenv(name, value)
    env = installer.child_environment()
    assert {name: env[name] for name in kept} == kept
    assert env["UV_PYTHON_DOWNLOADS"] == "never"
    assert not (dropped.keys() - {"UV_PYTHON_DOWNLOADS"}) & env.keys()


def test_what_pip_is_told_uv_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / ".config" / "pip"
    config.mkdir(parents=True)
    (config / "pip.conf").write_text(
        "[global]\nindex-url = https://a:b@index.invalid/simple\ncert = /ca.pem\n"
        "extra-index-url =\n  https://one.invalid/simple\n  https://two.invalid/simple\n"
    )
    env = installer.child_environment()
    assert env["UV_DEFAULT_INDEX"] == "https://a:b@index.invalid/simple"
    assert env["UV_INDEX"] == "https://one.invalid/simple https://two.invalid/simple"
    assert env["SSL_CERT_FILE"] == "/ca.pem"
    monkeypatch.setenv("PIP_INDEX_URL", "https://env.invalid/simple")
    assert installer.child_environment()["UV_DEFAULT_INDEX"] == "https://env.invalid/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.invalid/simple")
    assert installer.child_environment()["UV_DEFAULT_INDEX"] == "https://uv.invalid/simple"


def test_uvs_words_are_told_without_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "uv"
    fake.write_text(
        "#!/bin/sh\necho 'error: https://user:hunter2@index.invalid/ \033[31mfailed' >&2\nexit 2\n"
    )
    fake.chmod(0o755)
    monkeypatch.setattr(installer, "uv", lambda: str(fake))
    with pytest.raises(installer.InstallFailed) as failed:
        installer.make_environment(tmp_path / "env", "/usr/bin/python3")
    assert "hunter2" not in str(failed.value)
    assert "index.invalid" in str(failed.value)
    assert "\033" not in str(failed.value)
    assert not failed.value.unfit


def test_uv_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\nexec sleep 600\n")
    fake.chmod(0o755)
    monkeypatch.setattr(installer, "uv", lambda: str(fake))
    monkeypatch.setattr(installer, "INSTALL_WITHIN_S", 0.2)
    with pytest.raises(installer.InstallFailed, match="did not end"):
        installer.make_environment(tmp_path / "env", "/usr/bin/python3")
