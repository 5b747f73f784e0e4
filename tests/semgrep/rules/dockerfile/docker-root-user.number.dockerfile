FROM python:3.12.4-slim
RUN pip install --no-cache-dir shop
# ruleid: docker-root-user
USER 0:0
ENTRYPOINT ["shop"]
