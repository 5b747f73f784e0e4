export function GET(request: NextRequest): Response {
  const to = request.nextUrl.searchParams.get("to") as string;
  // ruleid: js-open-redirect
  return NextResponse.redirect(to);
}

export function back(req: Request, res: Response): void {
  // ok: js-open-redirect
  res.redirect(`/orders/${req.params.id}`);
}
