"""The ``[dast]`` table of the trusted policy, and what people bring along from ZAP's packaged scans.

For now the plugin reads the table itself; how it gets here is the core's affair.
"""

from __future__ import annotations

from devsecops_zap.config.errors import ConfigError
from devsecops_zap.config.logins import Basic, Cookie, Form, Header, Json, Login, OAuth2
from devsecops_zap.config.packaged import PackagedRules, read_packaged
from devsecops_zap.config.read import read_dast
from devsecops_zap.config.sources import Addon, Artifacts, Attach, Installed, Package, ZapSource
from devsecops_zap.config.values import Dast, Effort, Phase, TargetTable, VersionCheck

__all__ = [
    "Addon", "Artifacts", "Attach", "Basic", "ConfigError", "Cookie", "Dast", "Effort", "Form", "Header",
    "Installed", "Json", "Login", "OAuth2", "Package", "PackagedRules", "Phase", "TargetTable",
    "VersionCheck", "ZapSource", "read_dast", "read_packaged",
]  # fmt: skip
