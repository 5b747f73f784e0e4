import * as fs from "fs";
import path from "path";

export function download(req: Request, res: Response): void {
  const name: string = req.params.name;
  // ruleid: js-path-traversal-fs
  fs.createReadStream(path.join("/srv/files", name)).pipe(res);
}

export function downloadSafe(req: Request, res: Response): void {
  const id = Number(req.params.id);
  // ok: js-path-traversal-fs
  fs.createReadStream(path.join("/srv/files", `${id}.pdf`)).pipe(res);
}
