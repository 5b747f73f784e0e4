FROM debian:12-slim
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://downloads.example/probe/2.0/probe /usr/local/bin/probe
RUN chmod 0755 /usr/local/bin/probe
USER nobody
ENTRYPOINT ["probe"]
