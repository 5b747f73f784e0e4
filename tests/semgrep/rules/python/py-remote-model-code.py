import torch
from datasets import load_dataset
from transformers import AutoModel, AutoTokenizer, pipeline

COMMIT = "3f1c0e5f7a2b9d8c4e6f0a1b2c3d4e5f6a7b8c9d"


def model(name):
    # ruleid: py-remote-model-code
    return AutoModel.from_pretrained(name, trust_remote_code=True)


def summarise():
    # ruleid: py-remote-model-code
    return pipeline("summarization", model="acme/short", trust_remote_code=True)


def data():
    # ruleid: py-remote-model-code
    return load_dataset("acme/reviews", split="train", trust_remote_code=True)


def vision():
    # ruleid: py-remote-model-code
    return torch.hub.load("acme/vision", "resnet", trust_repo=True)


def tokens(name):
    # ok: py-remote-model-code
    return AutoTokenizer.from_pretrained(name)


def model_without(name):
    # ok: py-remote-model-code
    return AutoModel.from_pretrained(name, trust_remote_code=False)


def model_pinned():
    # ok: py-remote-model-code
    return AutoModel.from_pretrained("acme/short", revision=COMMIT, trust_remote_code=True)
