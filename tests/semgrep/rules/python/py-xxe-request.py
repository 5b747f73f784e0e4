import json

from defusedxml import ElementTree as SafeTree
from flask import request
from lxml import etree

PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def order():
    # ruleid: py-xxe-request
    return etree.fromstring(request.data)


def upload(request):
    # ruleid: py-xxe-request
    return etree.parse(request.FILES["feed"])


def style():
    text = request.get_data()
    # ruleid: py-xxe-request
    return etree.XML(text)


def order_safely():
    # ok: py-xxe-request
    return etree.fromstring(request.data, PARSER)


def order_defused():
    # ok: py-xxe-request
    return SafeTree.fromstring(request.data)


def local():
    # ok: py-xxe-request
    return etree.parse("catalogue.xml"), json.loads(request.data)
