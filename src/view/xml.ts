import { escapeField } from '../base/escape-field.js';

/** Characters that XML 1.0 forbids, even escaped: most control characters, and halves of surrogate pairs. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes text for an element or a quoted attribute. Characters that XML forbids become U+FFFD; others that are not
 * shown are escaped as in text.
 */
export function escapeXml(text: string): string {
  return escapeField(text.replace(FORBIDDEN, '\ufffd')).replace(
    /[&<>"']/g,
    (character) => ENTITIES[character] ?? '',
  );
}

/** An element. @param content - markup; text must be escaped by {@link escapeXml} */
export function formatElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[] = [],
): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const start = `<${name}${pairs.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}
