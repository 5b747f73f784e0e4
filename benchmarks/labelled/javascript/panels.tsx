// Panels of the account pages.

import DOMPurify from "dompurify";
import { useSearchParams } from "next/navigation";

type Props = { title: string; body?: string };

const LEGAL = "<p>Prices include <abbr>VAT</abbr>.</p>";

export function Banner({ title }: Props) {
  const params = useSearchParams();
  const text = params.get("banner") ?? title;
  return <div className="banner" dangerouslySetInnerHTML={{ __html: text }} />;
}

export function Headline({ title }: Props) {
  const params = useSearchParams();
  const text = params.get("headline") ?? title;
  return <h1 className="headline">{text}</h1>;
}

export function Article({ title, body = "" }: Props) {
  const clean = DOMPurify.sanitize(body);
  return (
    <article title={title}>
      <div dangerouslySetInnerHTML={{ __html: clean }} />
    </article>
  );
}

export function Legal({ title }: Props) {
  return <footer title={title} dangerouslySetInnerHTML={{ __html: LEGAL }} />;
}
