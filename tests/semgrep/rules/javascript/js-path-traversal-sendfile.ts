export const attachment = (req: Request, res: Response): void => {
  // ruleid: js-path-traversal-sendfile
  res.sendFile(`/srv/files/${req.params.name}`);
};

export const attachmentSafe = (req: Request, res: Response): void => {
  // ok: js-path-traversal-sendfile
  res.sendFile(`${Number(req.params.id)}.pdf`, { root: "/srv/files" });
};
