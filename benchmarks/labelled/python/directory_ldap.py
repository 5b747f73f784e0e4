"""Staff directory: search, sign-in and groups over LDAP."""

import os

import ldap
import ldap.dn
import ldap.filter
import ldap3
from flask import Flask, abort, jsonify, request
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

app = Flask(__name__)
BASE = "ou=people,dc=example,dc=com"
KINDS = {"staff": "(objectClass=person)", "rooms": "(objectClass=room)"}


def directory():
    connection = ldap.initialize("ldaps://directory.internal")
    connection.simple_bind_s(os.environ["LDAP_READER"], os.environ["LDAP_READER_SECRET"])
    return connection


def search(filter_text):
    return directory().search_s(BASE, ldap.SCOPE_SUBTREE, filter_text, ["cn", "mail"])


@app.get("/people")
def people():
    name = request.args.get("name", "")
    found = directory().search_s(BASE, ldap.SCOPE_SUBTREE, f"(&(objectClass=person)(cn=*{name}*))", ["mail"])
    return jsonify(people=[dn for dn, _ in found])


@app.get("/colleagues")
def colleagues():
    name = ldap.filter.escape_filter_chars(request.args.get("name", ""))
    found = directory().search_s(BASE, ldap.SCOPE_SUBTREE, f"(&(objectClass=person)(cn=*{name}*))", ["mail"])
    return jsonify(people=[dn for dn, _ in found])


@app.get("/kinds/<kind>")
def kinds(kind):
    if kind not in KINDS:
        abort(404)
    return jsonify(entries=[dn for dn, _ in search(KINDS[kind])])


@app.post("/sign-in")
def sign_in():
    user, password = request.form["user"], request.form["password"]
    connection = ldap3.Connection(ldap3.Server("directory.internal", use_ssl=True), auto_bind=True)
    connection.search(BASE, "(&(uid=%s)(userPassword=%s))" % (user, password), attributes=["cn"])
    return jsonify(found=len(connection.entries) == 1)


@app.post("/verify")
def verify():
    user = escape_rdn(request.form["user"])
    server = ldap3.Server("directory.internal", use_ssl=True)
    connection = ldap3.Connection(server, user=f"uid={user},{BASE}", password=request.form["password"])
    return jsonify(verified=bool(request.form["password"]) and connection.bind())


@app.get("/groups/<user>")
def groups(user):
    filter_text = "(memberUid=" + user + ")"
    return jsonify(groups=[dn for dn, _ in search(filter_text)])


@app.get("/manager/<user>")
def manager(user):
    connection = ldap3.Connection(ldap3.Server("directory.internal", use_ssl=True), auto_bind=True)
    connection.search(BASE, "(uid=" + escape_filter_chars(user) + ")", attributes=["manager"])
    return jsonify(managers=[str(entry.manager) for entry in connection.entries])
