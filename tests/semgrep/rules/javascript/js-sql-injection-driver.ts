import { Request, Response } from "express";
import { Pool } from "pg";

const pool: Pool = new Pool();

export async function byName(req: Request, res: Response): Promise<void> {
  const name = req.query.name as string;
  // ruleid: js-sql-injection-driver
  const found = await pool.query(`SELECT * FROM users WHERE name = '${name}'`);
  res.json(found.rows);
}

export async function byNameSafe(req: Request, res: Response): Promise<void> {
  const name: string = req.query.name as string;
  // ok: js-sql-injection-driver
  const found = await pool.query("SELECT * FROM users WHERE name = $1", [name]);
  res.json(found.rows);
}
