# ruff: noqa: E501
"""Alerts and messages in the shapes of ZAP's API, of 2.11.1 and of 2.17.0."""

from __future__ import annotations

from typing import Any

from devsecops_zap.addresses import Origin

TARGET = Origin(scheme="http", host="127.0.0.1", port=8080)


def old(**values: str) -> dict[str, Any]:
    """An alert as core/view/alerts of 2.11.1 gives it."""
    return {
        "sourceid": "1",
        "other": "",
        "method": "GET",
        "evidence": "unrecognized token",
        "pluginId": "40018",
        "cweid": "89",
        "confidence": "Medium",
        "wascid": "19",
        "description": "SQL injection may be possible. It was seen in version 1.0 too.",
        "messageId": "17",
        "url": f"{TARGET}/users?name=bob%27",
        "reference": "https://example.org/sql\nhttps://example.org/more",
        "solution": "Bind parameters.",
        "alert": "SQL Injection",
        "param": "name",
        "attack": "bob'",
        "name": "SQL Injection",
        "risk": "High",
        "id": "5",
        "alertRef": "40018",
        **values,
    }


def new(**values: str) -> dict[str, Any]:
    """An alert as core/view/alerts of 2.17.0 gives it."""
    more = {
        "nodeName": f"{TARGET}/users (name)",
        "inputVector": "querystring",
        "sourceMessageId": "4",
        "tags": {"CWE-89": "https://example.org/89"},
    }
    return {**old(), **more, **values}


def message(**values: str) -> dict[str, str]:
    """A message as core/view/message gives it."""
    request = (
        f"POST {TARGET}/login?next=/&token=abc123def456 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: x\r\n"
        "Cookie: session=0123456789abcdef\r\nContent-Type: application/json\r\nAuthorization: Bearer s3cr3t\r\n\r\n"
    )
    response = (
        "HTTP/1.1 500 INTERNAL SERVER ERROR\r\nDate: Wed, 25 Nov 2026 01:02:03 GMT\r\nServer: Werkzeug\r\n"
        "Set-Cookie: session=fedcba9876543210; Path=/\r\nX-Request-Id: 7c9e6679\r\nContent-Type: text/html\r\n\r\n"
    )
    return {
        "id": "17",
        "timestamp": "1795568523000",
        "rtt": "3",
        "requestHeader": request,
        "requestBody": '{"user": "bob\'", "password": "hunter2-and-more"}',
        "responseHeader": response,
        "responseBody": '<html>\nfirst line 1795568523\n<b>unrecognized token: "\'"</b>\nlast line\n</html>',
        **values,
    }
