import { Html, html } from './html.js';

/** What a page consists of. */
export interface HtmlPage {
  readonly title: string;
  /** The style sheet. */
  readonly style: string;
  readonly body: Html;
}

/**
 * A whole HTML page that loads nothing and runs no script: its content security policy allows its own style alone,
 * whatever the texts in it contain.
 */
export function formatHtmlPage({ title, style, body }: HtmlPage): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return page.markup;
}
