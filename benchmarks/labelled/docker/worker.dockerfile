FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt \
 && useradd --system worker
COPY src ./src
USER worker
CMD ["python", "-m", "src.worker"]
