import io
import xml.sax
from xml.sax.handler import feature_external_ges

import defusedxml.ElementTree
from lxml import etree


def read_order(body):
    # ruleid: py-xml-external-entities
    parser = etree.XMLParser(resolve_entities=True)
    return etree.fromstring(body, parser)


def read_with_dtd(path):
    # ruleid: py-xml-external-entities
    parser = etree.XMLParser(load_dtd=True, no_network=False)
    return etree.parse(path, parser)


def read_events(handler, body):
    reader = xml.sax.make_parser()
    reader.setContentHandler(handler)
    # ruleid: py-xml-external-entities
    reader.setFeature(xml.sax.handler.feature_external_ges, True)
    reader.parse(io.BytesIO(body))


def read_events_imported_name(handler, body):
    reader = xml.sax.make_parser()
    reader.setContentHandler(handler)
    # ruleid: py-xml-external-entities
    reader.setFeature(feature_external_ges, 1)
    reader.parse(io.BytesIO(body))


def read_closed(body):
    # ok: py-xml-external-entities
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(body, parser)


def read_defaults(body):
    # ok: py-xml-external-entities
    parser = etree.XMLParser(remove_blank_text=True)
    return etree.fromstring(body, parser)


def read_events_closed(handler, body):
    reader = xml.sax.make_parser()
    reader.setContentHandler(handler)
    # ok: py-xml-external-entities
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.parse(io.BytesIO(body))


def namespaces(reader):
    # ok: py-xml-external-entities
    reader.setFeature(xml.sax.handler.feature_namespaces, True)


def read_defused(path):
    # ok: py-xml-external-entities
    return defusedxml.ElementTree.parse(path)
