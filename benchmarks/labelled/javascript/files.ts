// File service: downloads, uploads and archives of a workspace.

import fs from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import AdmZip from "adm-zip";
import type { Request, Response } from "express";

const ROOT = "/srv/workspace";
const MANUALS: Record<string, string> = { en: "manual-en.pdf", de: "manual-de.pdf" };

function inside(name: string): string | undefined {
  const full = path.resolve(ROOT, name);
  return full.startsWith(ROOT + path.sep) ? full : undefined;
}

export async function download(req: Request, res: Response) {
  const name = String(req.query.file);
  const content = await readFile(path.join(ROOT, name));
  res.attachment(path.basename(name)).send(content);
}

export async function fetchFile(req: Request, res: Response) {
  const full = path.resolve(ROOT, String(req.query.file));
  if (!full.startsWith(ROOT + path.sep)) {
    return res.status(404).end();
  }
  return res.attachment(path.basename(full)).send(await readFile(full));
}

export function picture(req: Request, res: Response) {
  res.download(ROOT + "/pictures/" + req.query.name);
}

export function logo(req: Request, res: Response) {
  res.sendFile(String(req.query.name), { root: ROOT + "/logos", dotfiles: "deny" });
}

export function manual(req: Request, res: Response) {
  const name = MANUALS[String(req.query.lang)] ?? "manual-en.pdf";
  fs.createReadStream(path.join(ROOT, "manuals", name)).pipe(res);
}

export function note(req: Request, res: Response) {
  const file = path.normalize(`${ROOT}/notes/${req.query.note}`);
  fs.createReadStream(file, { encoding: "utf8" }).pipe(res);
}

export async function upload(req: Request, res: Response) {
  const { name, content } = req.body as { name: string; content: string };
  await writeFile(`${ROOT}/incoming/${name}`, Buffer.from(content, "base64"));
  res.status(201).end();
}

export async function uploadScan(req: Request, res: Response) {
  const { name, content } = req.body as { name: string; content: string };
  await writeFile(path.join(ROOT, "incoming", path.basename(name)), Buffer.from(content, "base64"));
  res.status(201).end();
}

export async function removeFile(req: Request, res: Response) {
  const target = path.join(ROOT, req.body.path.replace("../", ""));
  await rm(target, { recursive: true });
  res.json({ removed: true });
}

export async function removeDraft(req: Request, res: Response) {
  const target = inside(req.body.path);
  if (target === undefined) {
    return res.status(404).end();
  }
  await rm(target);
  return res.json({ removed: true });
}

export function unpackTheme(req: Request, res: Response) {
  const zip = new AdmZip(Buffer.from(req.body.theme, "base64"));
  for (const entry of zip.getEntries()) {
    fs.writeFileSync(path.join(ROOT, "theme", entry.entryName), entry.getData());
  }
  res.json({ entries: zip.getEntries().length });
}

export function unpackFonts(req: Request, res: Response) {
  const zip = new AdmZip(Buffer.from(req.body.fonts, "base64"));
  for (const entry of zip.getEntries()) {
    const target = path.resolve(ROOT, "fonts", entry.entryName);
    if (target.startsWith(path.join(ROOT, "fonts") + path.sep) && !entry.isDirectory) {
      fs.writeFileSync(target, entry.getData());
    }
  }
  res.json({ entries: zip.getEntries().length });
}
