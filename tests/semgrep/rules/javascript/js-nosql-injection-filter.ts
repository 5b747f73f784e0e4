import { MongoClient } from "mongodb";

const client: MongoClient = new MongoClient(process.env.MONGO_URL!);

export async function remove(req: Request, res: Response): Promise<void> {
  const email = req.body.email as string;
  // ruleid: js-nosql-injection-filter
  await client.db("app").collection("users").deleteOne({ email });
  res.sendStatus(204);
}

export async function removeSafe(req: Request, res: Response): Promise<void> {
  const email: string = String(req.body.email);
  // ok: js-nosql-injection-filter
  await client.db("app").collection("users").deleteOne({ email });
  res.sendStatus(204);
}
