import axios from "axios";

export async function proxy(req: Request, res: Response): Promise<void> {
  const target = req.query.target as string;
  // ruleid: js-ssrf
  const answer = await axios.get<string>(target);
  res.json(answer.data);
}

export async function proxySafe(req: Request, res: Response): Promise<void> {
  const id: string = req.params.id;
  // ok: js-ssrf
  const answer = await axios.get<string>("https://api.example.org/users/" + id);
  res.json(answer.data);
}
