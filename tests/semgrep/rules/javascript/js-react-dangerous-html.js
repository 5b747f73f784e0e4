function Comment({ comment }) {
  // ruleid: js-react-dangerous-html
  return <p dangerouslySetInnerHTML={{ __html: comment.body }} />;
}

function Page({ title, html }) {
  return (
    <article className="page">
      {/* ruleid: js-react-dangerous-html */}
      <div className="text" dangerouslySetInnerHTML={{ __html: html }}></div>
    </article>
  );
}

function Note(props) {
  const text = marked(props.text);
  // ruleid: js-react-dangerous-html
  return React.createElement("p", { dangerouslySetInnerHTML: { __html: text } });
}

function Clean({ comment }) {
  // ok: js-react-dangerous-html
  return <p dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(comment.body) }} />;
}

function Assigned({ comment }) {
  const body = DOMPurify.sanitize(comment.body);
  // ok: js-react-dangerous-html
  return <p dangerouslySetInnerHTML={{ __html: body }} />;
}

function Constant() {
  // ok: js-react-dangerous-html
  return <p dangerouslySetInnerHTML={{ __html: "<b>Hello</b>" }} />;
}

function Data({ article }) {
  // ok: js-react-dangerous-html
  return <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: JSON.stringify(article) }} />;
}

function Child({ comment }) {
  // ok: js-react-dangerous-html
  return <p>{comment.body}</p>;
}
