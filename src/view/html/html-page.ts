import { Html, html } from './html.js';

/** The beginning of a page. */
export interface HtmlHead {
  readonly title: string;
  /** The style sheet. */
  readonly style: string;
  /** The content security policy, with the style sheet and whatever else the page needs. */
  readonly policy: string;
}

/** What a page without scripts consists of. */
export interface HtmlPage extends Pick<HtmlHead, 'title' | 'style'> {
  readonly body: Html;
}

/** Allows the page's own style alone. */
const STYLE_ONLY = "default-src 'none'; style-src 'unsafe-inline'";

/** A page up to the start of its body. */
export function formatHtmlStart({ title, style, policy }: HtmlHead): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>`;
}

/** A page from the end of its body. */
export const HTML_END = new Html('</body>\n</html>\n');

/**
 * A whole HTML page that loads nothing and runs no script, whatever the texts in it contain: its content security
 * policy allows its own style alone.
 */
export function formatHtmlPage({ title, style, body }: HtmlPage): string {
  return html`${formatHtmlStart({ title, style, policy: STYLE_ONLY })}
${body}
${HTML_END}`.markup;
}
