import ssl

from OpenSSL import SSL
from requests.adapters import HTTPAdapter
from urllib3.poolmanager import PoolManager


def context():
    # ruleid: py-tls-old-version
    return ssl.SSLContext(ssl.PROTOCOL_TLSv1)


def lowered():
    ctx = ssl.create_default_context()
    # ruleid: py-tls-old-version
    ctx.minimum_version = ssl.TLSVersion.TLSv1_1
    return ctx


class OldAdapter(HTTPAdapter):
    def init_poolmanager(self, connections, maxsize, block=False):
        # ruleid: py-tls-old-version
        self.poolmanager = PoolManager(num_pools=connections, ssl_version=ssl.PROTOCOL_SSLv3)


def old_library():
    # ruleid: py-tls-old-version
    return SSL.Context(SSL.TLSv1_METHOD)


def weak_ciphers(ctx):
    # ruleid: py-tls-old-version
    ctx.set_ciphers("RC4:AES128-SHA")


def current():
    # ok: py-tls-old-version
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # ok: py-tls-old-version
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    return ctx


def current_library():
    # ok: py-tls-old-version
    return SSL.Context(SSL.TLS_METHOD)


def strong_ciphers(ctx):
    # ok: py-tls-old-version
    ctx.set_ciphers("ECDHE+AESGCM:!aNULL:!RC4")


def label(connection):
    # ok: py-tls-old-version
    return "old" if connection.version() == "TLSv1" else "new"
