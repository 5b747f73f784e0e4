import ldap
from flask import request
from ldap.filter import escape_filter_chars
from ldap3 import SUBTREE, Connection

connection = ldap.initialize("ldap://localhost")


def login():
    name = request.form["name"]
    # ruleid: py-ldap-injection
    return connection.search_s("dc=example", ldap.SCOPE_SUBTREE, f"(uid={name})")


def person(request):
    query = "(&(objectClass=person)(cn=%s))" % request.GET["cn"]
    # ruleid: py-ldap-injection
    return Connection("localhost").search("dc=example", query, SUBTREE)


def unit():
    # ruleid: py-ldap-injection
    return connection.search_s("ou=" + request.args["unit"] + ",dc=example", ldap.SCOPE_BASE)


def login_escaped():
    name = escape_filter_chars(request.form["name"])
    # ok: py-ldap-injection
    return connection.search_s("dc=example", ldap.SCOPE_SUBTREE, f"(uid={name})")


def constant():
    # ok: py-ldap-injection
    return connection.search_s("dc=example", ldap.SCOPE_SUBTREE, "(objectClass=person)")


def known():
    kind = request.args["kind"]
    if kind not in ("person", "group"):
        return []
    # ok: py-ldap-injection
    return connection.search_s("dc=example", ldap.SCOPE_SUBTREE, f"(objectClass={kind})")
