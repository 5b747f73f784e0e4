FROM golang:1.22.5 AS build
RUN go build -o /srv/shop ./cmd/shop

FROM debian:12.5-slim
COPY --from=build /srv/shop /srv/shop
# ruleid: docker-root-user
CMD ["/srv/shop"]
