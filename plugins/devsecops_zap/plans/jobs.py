"""The jobs that a plan may hold, with the keys that the add-on 0.60.0 knows (its own template, -autogenmax).

It leaves out without a word what it does not know, a job as well as a key: here nothing else is let in.
"""

from __future__ import annotations

import msgspec


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What a job may have: `parameters`, and `beside` them. `attacks`: the target must be attackable."""

    parameters: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    attacks: bool = False
    sends: bool = False


KINDS: dict[str, Kind] = {
    "spider": Kind(
        parameters=frozenset(
            {
                "context", "url", "maxDuration", "maxDepth", "maxChildren", "acceptCookies",
                "handleODataParametersVisited", "handleParameters", "maxParseSizeBytes", "parseComments",
                "parseGit", "parseDsStore", "parseRobotsTxt", "parseSitemapXml", "parseSVNEntries",
                "postForm", "processForm", "requestWaitTime", "sendRefererHeader", "threadCount", "userAgent",
            }
        ),
        sends=True,
    ),
    "activeScan": Kind(
        parameters=frozenset(
            {
                "context", "url", "policy", "maxRuleDurationInMins", "maxScanDurationInMins", "addQueryParam",
                "defaultPolicy", "delayInMs", "handleAntiCSRFTokens", "injectPluginIdInHeader",
                "scanHeadersAllRequests", "threadPerHost", "maxAlertsPerRule",
            }
        ),
        beside=frozenset({"policyDefinition"}),
        attacks=True,
        sends=True,
    ),
    "activeScan-config": Kind(
        parameters=frozenset(
            {
                "maxRuleDurationInMins", "maxScanDurationInMins", "maxAlertsPerRule", "defaultPolicy",
                "handleAntiCSRFTokens", "injectPluginIdInHeader", "threadPerHost",
            }
        ),
        beside=frozenset({"inputVectors", "excludePaths"}),
    ),
    "activeScan-policy": Kind(parameters=frozenset({"name"}), beside=frozenset({"policyDefinition"})),
    "requestor": Kind(beside=frozenset({"requests"}), sends=True),
    "passiveScan-config": Kind(
        parameters=frozenset(
            {
                "maxAlertsPerRule", "scanOnlyInScope", "maxBodySizeInBytesToScan", "enableTags",
                "disableAllRules",
            }
        ),
        beside=frozenset({"rules"}),
    ),
    "passiveScan-wait": Kind(parameters=frozenset({"maxDuration"})),
    "delay": Kind(parameters=frozenset({"time"})),
}  # fmt: skip

DROPPED = {
    "exitStatus": "the verdict is not ZAP's to give",
    "tests": "they have no say in the verdict",
}
"""What is left out, and said so."""

REFUSED = {
    **dict.fromkeys(("report", "outputSummary", "export"), "it writes files"),
    **dict.fromkeys(("script", "sequence-import", "sequence-activeScan"), "it runs scripts"),
    **dict.fromkeys(("spiderAjax", "spiderClient"), "its browser is outside of the fence"),
    **dict.fromkeys(("import", "openapi", "graphql", "soap", "postman"), "it reads addresses of its own"),
    "addOns": "it installs what nobody checked",
    "replacer": "it changes requests behind the fence",
    "alertFilter": "findings are accepted by waivers",
}
"""Known jobs that are not let in, and why."""

REQUEST = frozenset({"url", "name", "method", "httpVersion", "headers", "data", "responseCode"})
CONTEXT = frozenset({"name", "urls", "includePaths", "excludePaths", "technology", "structure"})
ENV = frozenset({"contexts", "vars", "parameters"})
OURS = {"authentication", "sessionManagement", "users"}
"""Of a context: a login is a table of the policy."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
