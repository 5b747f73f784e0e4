export function hello(req: Request, res: Response): void {
  const who = req.query.who as string;
  // ruleid: js-xss-response-html
  res.send(`<h1>${who}</h1>`);
}

export function helloSafe(req: Request, res: Response): void {
  const who = req.query.who as string;
  // ok: js-xss-response-html
  res.send(`<h1>${escapeHtml(who)}</h1>`);
}
