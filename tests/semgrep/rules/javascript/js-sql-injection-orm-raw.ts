import { PrismaClient } from "@prisma/client";

const prisma: PrismaClient = new PrismaClient();

export async function GET(request: NextRequest) {
  const slug: string | null = request.nextUrl.searchParams.get("slug");
  // ruleid: js-sql-injection-orm-raw
  const posts = await prisma.$queryRawUnsafe(`SELECT * FROM posts WHERE slug = '${slug}'`);
  return Response.json(posts);
}

export async function POST(request: NextRequest) {
  const { slug } = (await request.json()) as { slug: string };
  // ok: js-sql-injection-orm-raw
  const posts = await prisma.$queryRawUnsafe("SELECT * FROM posts WHERE slug = $1", slug);
  return Response.json(posts);
}
