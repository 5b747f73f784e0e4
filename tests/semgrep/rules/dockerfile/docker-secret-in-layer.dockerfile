FROM node:20.11-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-secret-in-layer
ENV DB_PASSWORD=Gr8-Tiger-42
# ruleid: docker-secret-in-layer
ARG NPM_TOKEN=npm_8sJd72kLmQ
# ruleid: docker-secret-in-layer
ENV APP_PORT=8000 API_KEY="a81bc81b-dead"
# ruleid: docker-secret-in-layer
ENV AWS_SECRET_ACCESS_KEY wJ7zKq0bPx9RfiCYab31
# ok: docker-secret-in-layer
ARG NPM_TOKEN
# ok: docker-secret-in-layer
ENV DB_PASSWORD_FILE=/run/secrets/db
# ok: docker-secret-in-layer
ENV API_KEY=${API_KEY}
# ok: docker-secret-in-layer
ENV DB_PASSWORD=changeme
# ok: docker-secret-in-layer
RUN --mount=type=secret,id=npm npm ci
USER node
