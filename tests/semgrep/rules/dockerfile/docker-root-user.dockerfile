FROM golang:1.22.5 AS build
# ok: docker-root-user
USER root
RUN go build -o /srv/shop ./cmd/shop
# ok: docker-root-user
CMD ["go", "test", "./..."]

FROM debian:12.5-slim
# ok: docker-root-user
USER root
RUN useradd --uid 10001 shop
USER shop
COPY --from=build /srv/shop /srv/shop
# ruleid: docker-root-user
USER root
CMD ["/srv/shop"]
