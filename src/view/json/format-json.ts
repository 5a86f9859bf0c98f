import { escapeUnshown } from '../../base/escape-field.js';
import type { Printable } from '../text/printable.js';

/**
 * Formats a value as JSON. Characters in its strings that a terminal would obey, or that no one would see, are escapes
 * of JSON, also where JSON itself allows them raw.
 *
 * @param layout - `lines`: indented by two columns; `line`: for JSON Lines
 */
export function formatJson(value: unknown, layout: 'lines' | 'line'): Printable {
  return escapeJson(JSON.stringify(value, null, layout === 'lines' ? 2 : undefined));
}

/** Escapes what {@link formatJson} escapes in a JSON text. Its value stays the same. */
export function escapeJson(json: string): Printable {
  return escapeUnshown(json, (character) =>
    character === '\n' ? character : escapeCodeUnits(character),
  ) as Printable;
}

function escapeCodeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
