FROM debian:12.5-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-world-writable
RUN mkdir /srv/app && chmod 777 /srv/app
# ruleid: docker-world-writable
RUN chmod -R a+rwx /var/lib/app
# ruleid: docker-world-writable
COPY --chmod=0666 settings.ini /etc/app/settings.ini
# ok: docker-world-writable
RUN chmod 755 /usr/local/bin/start
# ok: docker-world-writable
RUN chmod 1777 /var/tmp/shared
# ok: docker-world-writable
RUN chmod a+rx /usr/local/bin/start
# ok: docker-world-writable
COPY --chmod=0640 settings.ini /etc/app/other.ini
USER app
