import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';

/** A report that `--json` printed. */
export interface PrintedReport {
  readonly schema: string;
  readonly version: number;
}

/** Loaded by the tests that read reports; by the others not at all. */
let ajv: Ajv2020 | undefined;
const validators = new Map<string, ValidateFunction>();

/**
 * Parses what a command printed with `--json`: one object, or one a line. Each is held against its schema in the
 * package; a field that the schema does not name is a fault here.
 */
export function parseReports(stdout: string): PrintedReport[] {
  const reports = splitReports(stdout);
  if (reports.length === 0) throw new Error('--json printed nothing');
  for (const report of reports) requireSchema(report);
  return reports;
}

function splitReports(stdout: string): PrintedReport[] {
  const isPretty = stdout.startsWith('{\n');
  const texts = isPretty ? [stdout] : stdout.split('\n').filter((text) => text !== '');
  return texts.map((text) => JSON.parse(text) as PrintedReport);
}

function requireSchema(report: PrintedReport): void {
  const [first, second] = Object.keys(report);
  if (first !== 'schema' || second !== 'version') throw new Error(`a report begins with ${first}, ${second}`);
  const { schema } = report;
  const validate = findValidator(schema.replace('kexec-file/', ''));
  if (validate(report)) return;
  const faults = validate.errors?.map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
  throw new Error(`not by the schema ${schema}:\n${faults?.join('\n')}\n${JSON.stringify(report)}`);
}

function findValidator(name: string): ValidateFunction {
  const known = validators.get(name);
  if (known !== undefined) return known;
  ajv ??= loadAjv();
  const validate = ajv.compile(closeObjects(readSchema(name)) as object);
  validators.set(name, validate);
  return validate;
}

/** Parses a schema of the package. */
export function readSchema(name: string): object {
  return JSON.parse(readFileSync(`schemas/${name}.json`, 'utf8')) as object;
}

export function loadAjv(): Ajv2020 {
  const { Ajv2020: Validator } = createRequire(import.meta.url)('ajv/dist/2020.js') as {
    Ajv2020: typeof Ajv2020;
  };
  // The formats (base64) are for readers; machine files are read by their own schema.
  return new Validator({ strict: true, allErrors: true, validateFormats: false });
}

/** The same schema, for objects that have no fields but those in it. */
function closeObjects(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closeObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closeObjects(value)]));
  const isObject = closed.type === 'object' && 'properties' in closed;
  return isObject ? { additionalProperties: false, ...closed } : closed;
}
