FROM debian:12.5-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-pipe-to-shell
RUN curl -fsSL https://example.org/install.sh | sh
# ruleid: docker-pipe-to-shell
RUN apt-get update && wget -qO- https://example.org/setup | sudo -E bash -
# ruleid: docker-pipe-to-shell
RUN bash -c "$(curl -fsSL https://example.org/install.sh)"
# ruleid: docker-pipe-to-shell
RUN curl -sSL https://example.org/get.py | python3 -
# ok: docker-pipe-to-shell
RUN curl -fsSLo /tmp/install.sh https://example.org/install.sh && echo "9f86d081884c7d65  /tmp/install.sh" | sha256sum -c && sh /tmp/install.sh
# ok: docker-pipe-to-shell
RUN curl -fsSL https://example.org/tool.tar.gz | tar -xz -C /opt
# ok: docker-pipe-to-shell
RUN echo "make install" | sh
# ok: docker-pipe-to-shell
RUN curl -fsS https://example.org/health | grep shape
USER app
