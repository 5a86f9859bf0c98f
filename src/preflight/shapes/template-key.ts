import { COMMON_FIELDS } from '../../machine/file-fields.js';
import type { FleetTemplate } from '../../machine/fleet/fleet-reader.js';
import { FACTS_OUTSIDE } from './shape-facts.js';

/** The fields of a machine file that no load reads, but for the name, which a template has not. */
type OutsideField = Exclude<(typeof FACTS_OUTSIDE.machine)[number], 'name'> & keyof typeof COMMON_FIELDS;
const OUTSIDE = FACTS_OUTSIDE.machine.filter((field): field is OutsideField => field !== 'name');

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts of such fields that were checked are remembered, up to this many. */
const MAX_CHECKED = 16_384;
const checked = new Set<string>();

/**
 * Writes the fields of a machine of a fleet file that decide a load as one text: facts by their digests. It takes less
 * than parsing the machine; templates of one shape may have several texts.
 *
 * @returns undefined if a field that no load reads is malformed, which parsing the machine reports
 */
export function identifyTemplate({ fields, facts }: FleetTemplate): string | undefined {
  const parts: string[] = [];
  for (const [field, { digest, text }] of facts) {
    if (!isOutside(field)) parts.push(`${JSON.stringify(field)}#${digest}`);
    else if (!isValid(field, digest, () => JSON.parse(UTF8.decode(text)))) return undefined;
  }
  for (const [field, value] of Object.entries(fields)) {
    const text = JSON.stringify(value);
    if (!isOutside(field)) parts.push(`${JSON.stringify(field)}:${text}`);
    else if (!isValid(field, text, () => value)) return undefined;
  }
  return parts.sort().join();
}

function isOutside(field: string): field is OutsideField {
  return (OUTSIDE as readonly string[]).includes(field);
}

function isValid(field: OutsideField, id: string, read: () => unknown): boolean {
  const key = `${field} ${id}`;
  if (checked.has(key)) return true;
  const isFine = COMMON_FIELDS[field].safeDecode(read() as never).success;
  if (isFine) {
    if (checked.size >= MAX_CHECKED) checked.clear();
    checked.add(key);
  }
  return isFine;
}
