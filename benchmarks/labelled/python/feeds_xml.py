"""Product feeds of suppliers: parsing, querying and transforming XML."""

import io
import xml.etree.ElementTree as ElementTree
import xml.sax
from xml.dom import minidom

import defusedxml.ElementTree
import defusedxml.minidom
from flask import Blueprint, abort, jsonify, request
from lxml import etree

bp = Blueprint("feeds", __name__)

PRICES = etree.parse("/srv/feeds/prices.xml")
NAMESPACES = {"p": "urn:example:prices"}
BY_SKU = etree.XPath("//p:price[@sku = $sku]/text()", namespaces=NAMESPACES)
SAMPLE = "<feed><item sku='1'/></feed>"


class ItemHandler(xml.sax.ContentHandler):
    def __init__(self):
        super().__init__()
        self.names = []

    def startElement(self, name, attrs):
        self.names.append(name)


def strict_parser():
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@bp.post("/feeds")
def import_feed():
    parser = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False)
    root = etree.fromstring(request.data, parser)
    return jsonify(items=[item.get("sku") for item in root.iter("item")])


@bp.post("/feeds/check")
def check_feed():
    root = etree.fromstring(request.data, strict_parser())
    return jsonify(items=[item.get("sku") for item in root.iter("item")])


@bp.post("/feeds/inventory")
def import_inventory():
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    tree = etree.parse(io.BytesIO(request.get_data()), parser)
    return jsonify(items=len(tree.findall(".//item")))


@bp.post("/feeds/catalogue")
def import_catalogue():
    upload = request.files["catalogue"]
    parser = etree.XMLParser(dtd_validation=True, load_dtd=True, resolve_entities=True, huge_tree=True)
    tree = etree.parse(upload.stream, parser)
    return jsonify(title=tree.findtext("title"))


@bp.post("/feeds/events")
def import_events():
    handler = ItemHandler()
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    parser.setContentHandler(handler)
    parser.parse(io.BytesIO(request.data))
    return jsonify(elements=len(handler.names))


@bp.post("/feeds/orders")
def import_orders():
    root = defusedxml.ElementTree.fromstring(request.data)
    return jsonify(orders=[order.get("id") for order in root.iter("order")])


@bp.post("/feeds/stock")
def import_stock():
    document = defusedxml.minidom.parseString(request.data)
    return jsonify(rows=len(document.getElementsByTagName("row")))


@bp.get("/feeds/sample")
def sample_feed():
    root = ElementTree.fromstring(SAMPLE)
    document = minidom.parseString(SAMPLE)
    root.set("language", request.args.get("language", "en"))
    return jsonify(items=len(root), pretty=document.toprettyxml())


@bp.get("/prices/<sku>")
def price(sku):
    found = PRICES.xpath("//p:price[@sku = '" + sku + "']/text()", namespaces=NAMESPACES)
    if not found:
        abort(404)
    return jsonify(price=found[0])


@bp.get("/prices/<sku>/latest")
def latest_price(sku):
    found = PRICES.xpath("//p:price[@sku = $sku]/text()", namespaces=NAMESPACES, sku=sku)
    if not found:
        abort(404)
    return jsonify(price=found[-1])


@bp.get("/suppliers/login")
def supplier_login():
    user, pin = request.args["user"], request.args["pin"]
    expression = f"//supplier[name/text() = '{user}' and pin/text() = '{pin}']"
    supplier = PRICES.getroot().find(".") if PRICES.xpath(expression) else None
    return jsonify(known=supplier is not None)


@bp.get("/suppliers/price")
def supplier_price():
    position = request.args.get("position", 1, type=int)
    found = PRICES.xpath(f"//p:price[position() = {position}]/text()", namespaces=NAMESPACES)
    checked = BY_SKU(PRICES, sku=request.args.get("sku", ""))
    return jsonify(price=found, checked=checked)
