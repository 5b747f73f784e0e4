from lxml import etree
from flask import request

tree = etree.parse("users.xml")


def user():
    name = request.args["name"]
    # ruleid: py-xpath-injection
    return tree.xpath(f"//user[@name='{name}']")


def password(request):
    # ruleid: py-xpath-injection
    return tree.xpath("//user[@id='" + request.GET["id"] + "']/password")


def compiled():
    # ruleid: py-xpath-injection
    return etree.XPath("//item[@key='%s']" % request.form["key"])(tree)


def user_variable():
    # ok: py-xpath-injection
    return tree.xpath("//user[@name=$name]", name=request.args["name"])


def number():
    index = int(request.args["index"])
    # ok: py-xpath-injection
    return tree.xpath(f"//user[{index}]")


def text_find():
    # ok: py-xpath-injection
    return "a,b".find(request.args["x"])
