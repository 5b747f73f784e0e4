FROM debian:12-slim
ADD https://downloads.example/agent/latest/agent /usr/local/bin/agent
RUN chmod 0755 /usr/local/bin/agent
USER nobody
ENTRYPOINT ["agent"]
