FROM debian:12.5-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-passwordless-root
RUN echo "app ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/app
# ruleid: docker-passwordless-root
RUN echo 'root:toor' | chpasswd
# ruleid: docker-passwordless-root
RUN useradd app && passwd -d root
# ok: docker-passwordless-root
RUN useradd --system --uid 10001 app
# ok: docker-passwordless-root
RUN echo "app:$(cat /run/secrets/password)" | chpasswd
# ok: docker-passwordless-root
RUN passwd --lock root
USER app
