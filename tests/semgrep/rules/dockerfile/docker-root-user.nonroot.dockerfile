FROM golang:1.22.5 AS build
RUN go build -o /srv/shop ./cmd/shop

FROM gcr.io/distroless/static:nonroot
COPY --from=build /srv/shop /srv/shop
# ok: docker-root-user
CMD ["/srv/shop"]
