export const onError: ErrorRequestHandler = (err: Error, _req, res, _next) => {
  // ruleid: js-error-stack-leak
  res.status(500).json({ error: err.stack });
};

export const onErrorSafe: ErrorRequestHandler = (err: Error, _req, res, _next) => {
  // ok: js-error-stack-leak
  res.status(500).json({ error: err.name });
};
