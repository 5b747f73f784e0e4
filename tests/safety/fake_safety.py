"""Stands where the Python of safety's environment stands: what it was started with, and a report.

It answers as safety 3.8.1 does with a key; the file ``mode`` beside it says how it misbehaves.
"""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
MODE = (HERE / "mode").read_text() if (HERE / "mode").exists() else ""
(HERE / "seen.json").write_text(json.dumps({"argv": sys.argv[1:], "env": dict(os.environ)}))
if MODE == "leak":
    key = os.environ["SAFETY_API_KEY"]
    print("invalid key", key, file=sys.stderr)
    print("key:", key)
    sys.exit(65)
words = sys.argv[1:]
pins = Path(words[words.index("--file") + 1]).read_text().split()
KNOWN: dict[str, list[tuple[str, str | None, list[str]]]] = {
    "jinja2==2.10": [("70612", "CVE-2019-10906", ["2.10.1"])],
    "django==3.2.23": [("SFTY-20240101-00001", "CVE-2024-24680", []), ("66055", None, ["3.2.30", "4.0"])],
}
if MODE == "silent":
    KNOWN = {}
packages: dict[str, list[dict[str, str]]] = {}
found = []
for pin in pins:
    name, _, version = pin.partition("==")
    packages.setdefault(name, []).append({"name": name, "specifier": f"=={version}"})
    for number, cve, fixed in KNOWN.get(pin, []):
        hit = {"package_name": name, "analyzed_version": version, "vulnerability_id": number}
        found.append({**hit, "CVE": cve, "fixed_versions": fixed})
meta = {
    "safety_version": "3.8.1",
    "api_key": MODE != "ours",
    "local_database_path": None,
    "packages_found": len(packages),
    "vulnerabilities_found": len(found),
    "vulnerabilities_ignored": 0,
}
report = {
    "report_meta": meta,
    "scanned_packages": {name: {"requirements": wanted} for name, wanted in packages.items()},
    "vulnerabilities": found,
    "ignored_vulnerabilities": [],
}
Path(words[words.index("--save-json") + 1]).write_text(json.dumps(report))
sys.exit(64 if found else 0)
