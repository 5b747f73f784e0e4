FROM python:3.13-slim
ENV REPORTS_DB_PASSWORD=Qu4rterly-Reports
WORKDIR /app
COPY src ./src
USER 1000:1000
CMD ["python", "-m", "src.reports"]
