import * as child from "child_process";
import childProcess from "child_process";
import { execSync } from "node:child_process";
import type { Request, Response } from "express";

export function build(req: Request, res: Response): void {
  const target: string = req.body.target as string;
  // ruleid: js-os-command-injection
  execSync(`make ${target}`);
  // ruleid: js-os-command-injection
  childProcess.exec(`make ${target}`);
  // ruleid: js-os-command-injection
  child.exec(`make ${target}`);
  res.sendStatus(200);
}

export function buildSafe(req: Request, res: Response): void {
  // ok: js-os-command-injection
  child.execFileSync("make", [req.body.target as string]);
  res.sendStatus(200);
}
