"""Where ZAP comes from: attached, installed, the official package, or put together from artifacts."""
