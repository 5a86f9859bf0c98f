/** What kexec-file itself prints and writes: JSON, pictures, pages. */
import { decodeLatin1 } from '../base/bytes.js';
import type { Facts, Inspected } from './facts.js';

/** A report on a large fleet has more: then the lines at its start are inspected. */
const MAX_JSON_BYTES = 32 << 20;

/** Where texts at the start of a file are looked for. */
const HEAD_BYTES = 65_536;

/**
 * Inspects a file that kexec-file made.
 *
 * @returns undefined for other files
 */
export function inspectProduct(bytes: Uint8Array): Inspected | undefined {
  const head = decodeLatin1(bytes, 0, Math.min(bytes.length, HEAD_BYTES));
  if (/^\s*\{/.test(head)) return inspectJson(bytes);
  if (/^\s*(?:<\?xml[^>]*>\s*)?<svg\b/.test(head)) return { kind: 'SVG picture', facts: inspectMarkup(head) };
  if (/^\s*<!doctype html>/i.test(head) && /kexec-file/.test(head))
    return { kind: 'HTML page of kexec-file', facts: inspectMarkup(head) };
  return undefined;
}

/** The title of a picture or a page, and its size. */
function inspectMarkup(head: string): Facts {
  const text = new TextDecoder().decode(Uint8Array.from(head, (character) => character.charCodeAt(0)));
  const find = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.trim();
  const [tag = ''] = /<svg\b[^>]{0,4096}>/.exec(text) ?? [];
  const facts = {
    title: find(/<title>([^<]*)<\/title>/),
    description: find(/<desc>([^<]*)<\/desc>/),
    width: /\swidth="([^"]*)"/.exec(tag)?.[1],
    height: /\sheight="([^"]*)"/.exec(tag)?.[1],
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]])),
  );
}

type JsonObject = Readonly<Record<string, unknown>>;

function inspectJson(bytes: Uint8Array): Inspected | undefined {
  const isCut = bytes.length > MAX_JSON_BYTES;
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_JSON_BYTES));
  const whole = isCut ? undefined : parseObject(text);
  const lines = whole === undefined ? text.split('\n').filter((line) => line.trim() !== '') : [];
  if (isCut) lines.pop();
  const first = whole ?? parseObject(lines[0] ?? '');
  const report = first && nameReport(first);
  if (first === undefined || report === undefined) return undefined;
  const kind = `JSON of kexec-file ${report}`;
  if (whole !== undefined) return { kind, facts: describeReport(whole) };
  return {
    kind,
    facts: {
      lines: lines.length,
      ...(isCut ? { inspected: 'the first 32 MiB' } : {}),
      ...countVerdicts(lines),
      first: describeReport(first),
    },
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Reports from before they had a schema, by their fields. */
const SHAPES: readonly (readonly [report: string, ...fields: string[]])[] = [
  ['plan', 'entry', 'segments', 'trail'],
  ['plan', 'refusal', 'trail'],
  ['verify', 'file', 'verdict', 'detail'],
  ['preflight', 'machine', 'verdict'],
  ['doctor', 'findings'],
];

function nameReport(object: JsonObject): string | undefined {
  const { schema } = object;
  if (typeof schema === 'string' && schema.startsWith('kexec-file/'))
    return schema.slice('kexec-file/'.length);
  return SHAPES.find(([, ...fields]) => fields.every((field) => Object.hasOwn(object, field)))?.[0];
}

/** The fields of a report that are texts or numbers; of the others, how many they have. */
function describeReport(object: JsonObject): Facts {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]): [string, Facts[string]][] => {
      const key = RENAMED.get(name) ?? name;
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        return [[key, value]];
      if (Array.isArray(value)) return [[key, `${value.length} entries`]];
      return typeof value === 'object' && value !== null ? [[key, describeFields(value as JsonObject)]] : [];
    }),
  );
}

/** `inspect` has fields of these names of its own. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['schema', 'reportSchema'],
  ['version', 'reportVersion'],
  ['file', 'reportFile'],
  ['kind', 'reportKind'],
]);

function describeFields(object: JsonObject): Facts {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]): [string, string | number | boolean][] =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, value]]
        : [],
    ),
  );
}

function countVerdicts(lines: readonly string[]): Facts {
  const counts = new Map<string, number>();
  for (const text of lines) {
    const { verdict } = parseObject(text) ?? {};
    if (typeof verdict === 'string') counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return counts.size === 0 ? {} : { verdicts: Object.fromEntries(counts) };
}
