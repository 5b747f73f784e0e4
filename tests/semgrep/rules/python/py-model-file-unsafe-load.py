import keras
import numpy as np
import pandas as pd
import torch
from torch import load as torch_load


def load_checkpoint(path, device):
    # ruleid: py-model-file-unsafe-load
    state = torch.load(path, map_location=device, weights_only=False)
    return state["model"]


def load_features(path):
    # ruleid: py-model-file-unsafe-load
    with np.load(path, allow_pickle=True) as archive:
        return archive["features"]


def load_network(path):
    # ruleid: py-model-file-unsafe-load
    return keras.models.load_model(path, compile=False, safe_mode=False)


def load_prices():
    # ruleid: py-model-file-unsafe-load
    return pd.read_pickle("https://data.example.org/prices.pkl")


def load_weights(path):
    # ok: py-model-file-unsafe-load
    return torch_load(path, weights_only=True)


def load_plain(path):
    # ok: py-model-file-unsafe-load
    return np.load(path, allow_pickle=False)


def load_default(path):
    # ok: py-model-file-unsafe-load
    return keras.models.load_model(path)


def store(path, array):
    # ok: py-model-file-unsafe-load
    np.save(path, array, allow_pickle=True)
