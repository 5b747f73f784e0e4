FROM python:3.13-slim
ARG BUILD_TOKEN_FILE=/run/secrets/build_token
ENV PASSWORD_FILE=/run/secrets/db_password
WORKDIR /app
COPY src ./src
RUN --mount=type=secret,id=build_token python -m src.prepare "$BUILD_TOKEN_FILE"
USER 1000:1000
CMD ["python", "-m", "src.export"]
