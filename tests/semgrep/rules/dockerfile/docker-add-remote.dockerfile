FROM debian:12.5-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-add-remote
ADD https://example.org/tool.tar.gz /opt/
# ruleid: docker-add-remote
ADD --chown=app:app https://example.org/data.bin /srv/data.bin
# ruleid: docker-add-remote
ADD ["http://example.org/a.deb", "/tmp/a.deb"]
# ok: docker-add-remote
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/tool.tar.gz /opt/
# ok: docker-add-remote
ADD app.tar.gz /srv/
# ok: docker-add-remote
COPY https.conf /etc/app/https.conf
# ok: docker-add-remote
RUN echo "ADD https://example.org/x /y" > /srv/notes.txt
USER app
