import os
import shlex
import subprocess

SERVICE = "web"


def unpack(archive, folder):
    # ruleid: py-os-command-built
    os.system("tar xf %s -C /srv" % archive)


def clone(url):
    # ruleid: py-os-command-built
    subprocess.run(f"git clone {url}", shell=True, check=True)


class Host:
    def ping(self, name, count=1):
        # ruleid: py-os-command-built
        return subprocess.check_output("ping -c {} {}".format(count, name), shell=True)


def size(path):
    # ruleid: py-os-command-built
    return os.popen("du -s " + path).read()


def unpack_list(archive):
    # ok: py-os-command-built
    subprocess.run(["tar", "xf", archive], check=True)


def restart():
    # ok: py-os-command-built
    os.system(f"systemctl restart {SERVICE}")


def clone_quoted(url):
    # ok: py-os-command-built
    subprocess.run(f"git clone {shlex.quote(url)}", shell=True, check=True)


def no_shell(url):
    # ok: py-os-command-built
    subprocess.run(f"git clone {url}", check=True)
