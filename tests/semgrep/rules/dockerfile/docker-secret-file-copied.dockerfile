FROM node:20.11-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ruleid: docker-secret-file-copied
COPY .env /srv/app/
# ruleid: docker-secret-file-copied
COPY --chown=node:node deploy/id_rsa /srv/app/.ssh/id_rsa
# ruleid: docker-secret-file-copied
ADD package.json .npmrc ./
# ruleid: docker-secret-file-copied
COPY certs/server.key /etc/nginx/
# ok: docker-secret-file-copied
COPY .env.example /srv/app/
# ok: docker-secret-file-copied
COPY id_rsa.pub /srv/.ssh/authorized_keys
# ok: docker-secret-file-copied
COPY certs/ca.pem /etc/ssl/certs/
# ok: docker-secret-file-copied
COPY --from=build /srv/app /srv/app
# ok: docker-secret-file-copied
COPY package.json package-lock.json ./
USER node
