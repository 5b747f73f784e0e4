FROM python:3.12.4-slim
# ok: docker-root-user
USER root
RUN pip install --no-cache-dir shop && useradd --uid 10001 shop
# ok: docker-root-user
USER 10001:10001
# ok: docker-root-user
ENTRYPOINT ["shop"]
