// Link previews, webhooks and redirects.

import https from "node:https";
import axios from "axios";
import type { Request, Response } from "express";

const PARTNERS = new Set(["api.partner.example", "hooks.partner.example"]);
const PAGES: Record<string, string> = { terms: "https://legal.example/terms", help: "https://help.example/" };

export async function preview(req: Request, res: Response) {
  const answer = await fetch(String(req.query.url));
  res.json({ status: answer.status, head: (await answer.text()).slice(0, 500) });
}

export async function partnerPreview(req: Request, res: Response) {
  const url = new URL(String(req.query.url));
  if (url.protocol !== "https:" || !PARTNERS.has(url.hostname)) {
    return res.status(400).end();
  }
  const answer = await fetch(url, { redirect: "error" });
  return res.json({ status: answer.status, head: (await answer.text()).slice(0, 500) });
}

export async function testHook(req: Request, res: Response) {
  const { url, event } = req.body;
  const answer = await axios.post(url, { event, test: true }, { timeout: 5000 });
  res.json({ delivered: answer.status < 300 });
}

export async function testPartnerHook(req: Request, res: Response) {
  const { host, event } = req.body;
  if (!PARTNERS.has(host)) {
    return res.status(400).end();
  }
  const answer = await axios.post(`https://${host}/events`, { event }, { timeout: 5000 });
  return res.json({ delivered: answer.status < 300 });
}

export function regionStatus(req: Request, res: Response) {
  https.get("https://" + req.query.region + ".status.example/health", (answer) => answer.pipe(res));
}

export function itemStatus(req: Request, res: Response) {
  const id = encodeURIComponent(String(req.query.id));
  https.get(`https://items.example/v1/items/${id}`, (answer) => answer.pipe(res));
}

export async function asset(req: Request, res: Response) {
  const address = new URL(String(req.query.path), "https://assets.example/public/");
  const answer = await axios.get(address.href, { responseType: "arraybuffer" });
  res.send(answer.data);
}

export async function search(req: Request, res: Response) {
  const answer = await axios.get("https://search.example/v1", { params: { q: req.query.q, limit: 10 } });
  res.json(answer.data);
}

export function afterLogin(req: Request, res: Response) {
  const target = req.query.next;
  if (typeof target === "string" && target.startsWith("/")) {
    return res.redirect(target);
  }
  return res.redirect("/home");
}

export function afterLogout(req: Request, res: Response) {
  const page = PAGES[String(req.query.page)] ?? "https://help.example/";
  res.redirect(302, page);
}

export function leave(req: Request, res: Response) {
  const target = (req.query.to as string) || "/";
  res.redirect(303, target);
}

export function profile(req: Request, res: Response) {
  const name = encodeURIComponent(String(req.query.user));
  res.redirect(303, "/users/" + name);
}
