export function formula(req: Request, res: Response): void {
  const text = req.query.formula as string;
  // ruleid: js-code-injection
  const result: number = eval(text);
  res.json({ result });
}

export function formulaSafe(req: Request, res: Response): void {
  const value = Number(req.query.value);
  // ok: js-code-injection
  const result: number = eval(`${value} * 2`);
  res.json({ result });
}
