import io

import yaml
from ruamel.yaml import YAML
from yaml import Loader, SafeLoader, load


def read_pipeline(path):
    with open(path) as stream:
        # ruleid: py-yaml-unsafe-loader
        return yaml.load(stream, Loader=yaml.Loader)


def read_documents(text):
    # ruleid: py-yaml-unsafe-loader
    for document in yaml.unsafe_load_all(text):
        yield document


def read_old_style(body):
    # ruleid: py-yaml-unsafe-loader
    return yaml.load(body)


def read_by_name(body):
    # ruleid: py-yaml-unsafe-loader
    return load(body, Loader=Loader)


def round_trip_unsafe(text):
    # ruleid: py-yaml-unsafe-loader
    parser = YAML(typ="unsafe")
    return parser.load(text)


def read_safe(path):
    with open(path) as stream:
        # ok: py-yaml-unsafe-loader
        return yaml.load(stream, Loader=yaml.SafeLoader)


def read_safe_positional(body):
    # ok: py-yaml-unsafe-loader
    return load(body, SafeLoader)


class UniqueKeyLoader(yaml.SafeLoader):
    pass


def read_with_subclass(body):
    # ok: py-yaml-unsafe-loader
    return yaml.load(body, Loader=UniqueKeyLoader)


def round_trip(text):
    yaml = YAML()
    # ok: py-yaml-unsafe-loader
    return yaml.load(io.StringIO(text))


def short(body):
    # ok: py-yaml-unsafe-loader
    return yaml.safe_load(body)
