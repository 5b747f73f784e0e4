export function find(req: Request, res: Response): void {
  const term = req.query.term as string;
  // ruleid: js-regex-from-request
  const wanted: RegExp = new RegExp(term, "i");
  res.json(names.filter((name: string) => wanted.test(name)));
}

export function findSafe(req: Request, res: Response): void {
  const term: string = escapeRegExp(req.query.term as string);
  // ok: js-regex-from-request
  const wanted: RegExp = new RegExp(term, "i");
  res.json(names.filter((name: string) => wanted.test(name)));
}
