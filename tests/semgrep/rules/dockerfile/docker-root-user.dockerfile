FROM python:3.12-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
USER app
RUN pip install --no-cache-dir shop
# ruleid: docker-root-user
USER root
