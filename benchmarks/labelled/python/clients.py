"""Clients of other systems: billing, mail, file drops, message brokers."""

import ftplib
import http.client
import imaplib
import os
import smtplib
import socket
import ssl
import telnetlib
import urllib.request

import aiohttp
import httpx
import paramiko
import psycopg
import requests
import urllib3

CA_BUNDLE = os.environ.get("CA_BUNDLE", "/etc/ssl/certs/internal-ca.pem")
BILLING = "https://billing.internal/api"


class Billing:
    def __init__(self):
        self._session = requests.Session()
        self._session.verify = CA_BUNDLE

    def invoice(self, number):
        answer = requests.get(f"{BILLING}/invoices/{int(number)}", verify=False, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def receipt(self, number):
        answer = self._session.get(f"{BILLING}/receipts/{int(number)}", timeout=10)
        answer.raise_for_status()
        return answer.json()

    def statement(self, year):
        with requests.Session() as session:
            session.verify = False
            return session.get(f"{BILLING}/statements/{int(year)}", timeout=10).json()

    async def balance(self):
        async with httpx.AsyncClient(verify=False, timeout=10) as client:
            return (await client.get(f"{BILLING}/balance")).json()

    async def limits(self):
        context = ssl.create_default_context(cafile=CA_BUNDLE)
        async with httpx.AsyncClient(verify=context, timeout=10) as client:
            return (await client.get(f"{BILLING}/limits")).json()

    async def rates(self):
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{BILLING}/rates", ssl=False) as answer:
                return await answer.json()


def status_page(host):
    context = ssl._create_unverified_context()
    with urllib.request.urlopen("https://status.internal/summary", context=context, timeout=5) as answer:
        return host, answer.read()


def health_page(host):
    context = ssl.create_default_context()
    context.load_verify_locations(CA_BUNDLE)
    connection = http.client.HTTPSConnection("health.internal", context=context, timeout=5)
    connection.request("GET", "/summary")
    return host, connection.getresponse().read()


def broker_context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def queue_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context


def pool():
    return urllib3.PoolManager(cert_reqs="CERT_NONE", maxsize=4)


def verified_pool():
    return urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=CA_BUNDLE, maxsize=4)


def legacy_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    context.load_verify_locations(CA_BUNDLE)
    return context


def gateway_context():
    context = ssl.create_default_context(cafile=CA_BUNDLE)
    context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def upload_context():
    context = ssl.create_default_context(cafile=CA_BUNDLE)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def client_context():
    context = ssl.create_default_context(cafile=CA_BUNDLE)
    context.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
    return context


def drop_file(path):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("drop.partner.example", username="shop", key_filename="/etc/shop/id_drop")
    with client.open_sftp() as sftp:
        sftp.put(path, "/incoming/" + os.path.basename(path))


def collect_file(path):
    client = paramiko.SSHClient()
    client.load_host_keys("/etc/shop/known_hosts")
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect("drop.partner.example", username="shop", key_filename="/etc/shop/id_drop")
    with client.open_sftp() as sftp:
        sftp.get("/outgoing/" + os.path.basename(path), path)


def send_mail(message):
    with smtplib.SMTP("mail.partner.example", 25) as server:
        server.login("shop", os.environ["MAIL_PASSWORD"])
        server.send_message(message)


def send_notice(message):
    with smtplib.SMTP("mail.partner.example", 587) as server:
        server.starttls(context=ssl.create_default_context())
        server.login("shop", os.environ["MAIL_PASSWORD"])
        server.send_message(message)


def fetch_prices(target):
    with ftplib.FTP("ftp.partner.example") as server, open(target, "wb") as file:
        server.login("shop", os.environ["FTP_PASSWORD"])
        server.retrbinary("RETR prices.csv", file.write)


def fetch_offers(target):
    with ftplib.FTP_TLS("ftp.partner.example") as server, open(target, "wb") as file:
        server.login("shop", os.environ["FTP_PASSWORD"])
        server.prot_p()
        server.retrbinary("RETR offers.csv", file.write)


def switch_state(name):
    with telnetlib.Telnet("switch.internal", 23, timeout=5) as console:
        console.write(b"show state " + name.encode("ascii") + b"\n")
        return console.read_until(b">", timeout=5)


def inbox_size():
    with imaplib.IMAP4_SSL("mail.partner.example", ssl_context=ssl.create_default_context()) as mail:
        mail.login("shop", os.environ["MAIL_PASSWORD"])
        return mail.select("INBOX")


def submit_payment(card):
    answer = requests.post("http://payments.partner.example/charge", json={"card": card}, timeout=10)
    return answer.status_code


def local_metrics(name):
    answer = requests.get(f"http://127.0.0.1:9100/metrics/{int(name)}", timeout=2)
    return answer.text


def warehouse():
    return psycopg.connect(host="warehouse.internal", user="shop", sslmode="verify-full", sslrootcert=CA_BUNDLE)


def port_open(host, port):
    with socket.create_connection((host, port), timeout=2) as plain:
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=host) as secured:
            return secured.version()
