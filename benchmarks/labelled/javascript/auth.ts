// Sign-in of the API: tokens, cookies, sessions and origins.

import cors from "cors";
import express, { type Request, type Response } from "express";
import session from "express-session";
import jwt from "jsonwebtoken";

const ORIGINS = ["https://shop.example", "https://admin.example"];
const KEY = process.env.TOKEN_KEY as string;

function bearer(req: Request): string {
  return (req.headers.authorization ?? "").replace(/^Bearer /, "");
}

export function currentUser(req: Request) {
  const claims = jwt.decode(bearer(req)) as { sub: string };
  return claims.sub;
}

export function currentAccount(req: Request) {
  const claims = jwt.verify(bearer(req), KEY, { algorithms: ["HS256"], audience: "api" }) as { sub: string };
  return claims.sub;
}

export function currentTenant(req: Request) {
  const claims = jwt.verify(bearer(req), KEY, { algorithms: ["HS256", "none"] }) as { tenant: string };
  return claims.tenant;
}

export function currentDevice(req: Request) {
  const header = jwt.decode(bearer(req), { complete: true })?.header;
  const key = header?.kid === "b" ? (process.env.TOKEN_KEY_B as string) : KEY;
  return (jwt.verify(bearer(req), key, { algorithms: ["HS512"] }) as { device: string }).device;
}

export function currentPartner(req: Request) {
  const claims = jwt.verify(bearer(req), KEY, { algorithms: ["HS256"], ignoreExpiration: true });
  return (claims as { partner: string }).partner;
}

export function issueToken(user: string) {
  return jwt.sign({ sub: user }, "sh0p-token-key-2020", { algorithm: "HS256", expiresIn: "15m" });
}

export function renewToken(user: string) {
  return jwt.sign({ sub: user }, KEY, { algorithm: "HS256", expiresIn: "15m" });
}

export function remember(req: Request, res: Response) {
  res.cookie("session", req.body.session, { maxAge: 3600_000, httpOnly: false, secure: false });
  res.json({ saved: true });
}

export function keepSignedIn(req: Request, res: Response) {
  res.cookie("session", req.body.session, { maxAge: 3600_000, httpOnly: true, secure: true, sameSite: "lax" });
  res.json({ saved: true });
}

export function shopSessions() {
  return session({
    secret: process.env.SESSION_KEY as string,
    resave: false,
    saveUninitialized: false,
    cookie: { secure: false, httpOnly: false },
  });
}

export function adminSessions() {
  return session({
    secret: process.env.SESSION_KEY as string,
    resave: false,
    saveUninitialized: false,
    cookie: { secure: true, httpOnly: true, sameSite: "strict" },
  });
}

export function partnerSessions() {
  return session({
    secret: "partner sessions 7c1f",
    resave: false,
    saveUninitialized: false,
    cookie: { secure: true, httpOnly: true, sameSite: "lax" },
  });
}

export function openApi() {
  const app = express();
  app.use(cors({ origin: true, credentials: true }));
  return app;
}

export function adminApi() {
  const app = express();
  app.use(cors({ origin: ORIGINS, credentials: true, methods: ["GET", "POST"] }));
  return app;
}

export function allowOrigin(req: Request, res: Response) {
  res.setHeader("Access-Control-Allow-Origin", req.headers.origin ?? "*");
  res.setHeader("Access-Control-Allow-Credentials", "true");
  res.json({ ok: true });
}

export function shareOrigin(req: Request, res: Response) {
  const origin = req.headers.origin;
  if (origin !== undefined && ORIGINS.includes(origin)) {
    res.setHeader("Access-Control-Allow-Origin", origin);
    res.setHeader("Vary", "Origin");
  }
  res.json({ ok: true });
}
