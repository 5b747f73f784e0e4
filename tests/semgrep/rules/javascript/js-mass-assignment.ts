export async function create(req: Request, res: Response): Promise<void> {
  // ruleid: js-mass-assignment
  const account = await prisma.account.create({ data: req.body });
  res.json(account);
}

export async function createSafe(req: Request, res: Response): Promise<void> {
  const data: NewAccount = accountSchema.parse(req.body);
  // ok: js-mass-assignment
  const account = await prisma.account.create({ data });
  res.json(account);
}
