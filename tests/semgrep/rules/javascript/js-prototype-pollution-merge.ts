import _ from "lodash";

export function patch(req: Request, res: Response): void {
  const changes = req.body as Partial<Settings>;
  // ruleid: js-prototype-pollution-merge
  _.merge(settings, changes);
  res.json(settings);
}

export function patchSafe(req: Request, res: Response): void {
  const changes: Settings = settingsSchema.parse(req.body);
  // ok: js-prototype-pollution-merge
  _.merge(settings, changes);
  res.json(settings);
}
