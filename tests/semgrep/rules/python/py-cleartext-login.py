import ftplib
import smtplib
import ssl
import telnetlib

import boto3
import requests


def upload(host, user, secret, path):
    with ftplib.FTP(host) as server:
        # ruleid: py-cleartext-login
        server.login(user, secret)
        with open(path, "rb") as stream:
            server.storbinary("STOR report.csv", stream)


def mail(settings, message):
    server = smtplib.SMTP(settings.host, 25)
    # ruleid: py-cleartext-login
    server.login(settings.user, settings.secret)
    server.send_message(message)


def switch(host):
    # ruleid: py-cleartext-login
    return telnetlib.Telnet(host, 23, timeout=5)


def price(user, secret):
    # ruleid: py-cleartext-login
    return requests.get("http://prices.partner.net/today", auth=(user, secret), timeout=5)


def bucket():
    # ruleid: py-cleartext-login
    return boto3.client("s3", use_ssl=False)


def upload_tls(host, user, secret):
    with ftplib.FTP_TLS(host) as server:
        # ok: py-cleartext-login
        server.login(user, secret)


def mirror(host):
    with ftplib.FTP(host) as server:
        # ok: py-cleartext-login
        server.login()
        return server.nlst()


def mail_tls(settings, message):
    with smtplib.SMTP(settings.host, 587) as server:
        server.starttls(context=ssl.create_default_context())
        # ok: py-cleartext-login
        server.login(settings.user, settings.secret)
        server.send_message(message)


def relay(message):
    # ok: py-cleartext-login
    with smtplib.SMTP("localhost") as server:
        server.send_message(message)


def local_price(user, secret):
    # ok: py-cleartext-login
    return requests.get("http://localhost:8000/today", auth=(user, secret), timeout=5)
