FROM debian:12.5-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-remote-shell-port
EXPOSE 22
# ruleid: docker-remote-shell-port
EXPOSE 8080 22/tcp
# ruleid: docker-remote-shell-port
EXPOSE 3389/tcp
# ok: docker-remote-shell-port
EXPOSE 8080
# ok: docker-remote-shell-port
EXPOSE 2222 8022
# ok: docker-remote-shell-port
EXPOSE 443/tcp 443/udp
USER app
