async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  // ruleid: js-cors-any-origin-credentials
  app.enableCors({ origin: true, credentials: true });
  await app.listen(3000);
}

async function bootstrapSafe(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  // ok: js-cors-any-origin-credentials
  app.enableCors({ origin: "https://shop.example.org", credentials: true });
  await app.listen(3000);
}
