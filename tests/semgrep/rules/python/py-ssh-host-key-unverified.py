import subprocess

import asyncssh
import paramiko
import pysftp
from paramiko.client import AutoAddPolicy, SSHClient


def connect(host, user):
    client = paramiko.SSHClient()
    # ruleid: py-ssh-host-key-unverified
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host, username=user)
    return client


def connect_client(host):
    client = SSHClient()
    # ruleid: py-ssh-host-key-unverified
    client.set_missing_host_key_policy(AutoAddPolicy())
    client.connect(host)


async def connect_async(host):
    # ruleid: py-ssh-host-key-unverified
    async with asyncssh.connect(host, username="deploy", known_hosts=None) as connection:
        return await connection.run("uptime")


def upload(host, path):
    options = pysftp.CnOpts()
    # ruleid: py-ssh-host-key-unverified
    options.hostkeys = None
    with pysftp.Connection(host, cnopts=options) as server:
        server.put(path)


def by_program(host):
    # ruleid: py-ssh-host-key-unverified
    subprocess.run(["ssh", "-o", "StrictHostKeyChecking=no", host, "uptime"], check=True)


def connect_known(host):
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    # ok: py-ssh-host-key-unverified
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host)


async def connect_known_async(host):
    # ok: py-ssh-host-key-unverified
    return await asyncssh.connect(host, known_hosts="/etc/ssh/known_hosts")


def by_program_strict(host):
    # ok: py-ssh-host-key-unverified
    subprocess.run(["ssh", "-o", "StrictHostKeyChecking=yes", host, "uptime"], check=True)
