# ruleid: docker-mutable-base
FROM python
# ruleid: docker-mutable-base
FROM node:latest AS build
# ruleid: docker-mutable-base
FROM --platform=linux/amd64 registry.example.org:5000/team/base
# ok: docker-mutable-base
FROM python:3.12.4-slim
# ok: docker-mutable-base
FROM node@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
# ok: docker-mutable-base
FROM build AS test
# ok: docker-mutable-base
FROM scratch
# ok: docker-mutable-base
FROM ${BASE}
# ok: docker-mutable-base
FROM registry.example.org:5000/team/base:1.4
USER app
