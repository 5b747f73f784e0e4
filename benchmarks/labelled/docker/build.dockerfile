FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl ca-certificates
RUN curl -fsSL https://get.example/tool/install.sh | sh
USER 1000:1000
ENTRYPOINT ["tool"]
