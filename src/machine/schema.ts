import type * as z from 'zod';
import { refuse } from '../base/error.js';
import { ARM64_FILE, buildArm64File, buildArm64Machine } from './arm64/arm64-file.js';
import { checkMachine, MAX_CHARACTERS, MAX_VALUES } from './check-machine.js';
import type { Machine } from './machine-value.js';
import { buildX86File, buildX86Machine, X86_FILE } from './x86-64/x86-file.js';

const MAX_REPORTED_FAULTS = 20;
const MAX_FAULT_CHARACTERS = 200;

/**
 * The text of a machine file: JSON, addresses as "0x…", bytes in base64.
 *
 * @throws KexecError `EINVAL`, check `machine-schema`, for a machine that {@link parseMachine} would refuse.
 * @example
 * ```ts
 * writeFileSync('machine.json', formatMachine(machine));
 * ```
 */
export function formatMachine(machine: Machine): string {
  checkMachine(machine);
  const result =
    machine.architecture === 'x86_64'
      ? X86_FILE.safeEncode(buildX86File(machine))
      : ARM64_FILE.safeEncode(buildArm64File(machine));
  if (!result.success) refuseFaults(machine.name, result.error);
  return `${JSON.stringify(result.data, null, 2)}\n`;
}

/**
 * The machine in the text of a machine file.
 *
 * @throws KexecError `EINVAL`, check `machine-schema`, naming the fields that are wrong.
 */
export function parseMachine(text: string): Machine {
  return decodeMachine(parseJson(text));
}

/**
 * The machine in the value of a machine file, which JSON.parse() returned.
 *
 * @throws KexecError as {@link parseMachine}.
 */
export function decodeMachine(json: unknown): Machine {
  const machine = decodeFile(json);
  checkMachine(machine);
  return machine;
}

/** Each value but the first follows one of these, so that a text of more is refused before it takes memory. */
const BEFORE_VALUES = [',', '[', '{'].map((character) => character.charCodeAt(0));

/** Of those characters; texts may have commas, too. */
const MAX_BEFORE_VALUES = 2 * MAX_VALUES + MAX_CHARACTERS;

function parseJson(text: string): unknown {
  // Counting takes longer than parsing, and a real machine file has fewer characters than that in all.
  if (text.length > MAX_BEFORE_VALUES && countBeforeValues(text) > MAX_BEFORE_VALUES) refuseSize();
  try {
    return JSON.parse(text);
  } catch (cause) {
    refuse('machine-schema', 'EINVAL', `machine file: not JSON: ${(cause as Error).message}`, { cause });
  }
}

function countBeforeValues(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (BEFORE_VALUES.includes(text.charCodeAt(at))) count += 1;
  }
  return count;
}

function refuseSize(): never {
  refuse('machine-schema', 'EINVAL', `machine file: it has more than ${MAX_VALUES} values`);
}

function decodeFile(json: unknown): Machine {
  // The list of faults of a file with millions of values would take gigabytes.
  if (hasMoreValues(json, MAX_VALUES)) refuseSize();
  return isX86(json) ? buildX86Machine(decode(X86_FILE, json)) : buildArm64Machine(decode(ARM64_FILE, json));
}

/** A file without an architecture is an arm64 machine's; one of any other is refused as such. */
function isX86(json: unknown): boolean {
  return (
    typeof json === 'object' && json !== null && 'architecture' in json && json.architecture === 'x86_64'
  );
}

function decode<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  const result = schema.safeDecode(json as z.input<S>);
  return result.success ? result.data : refuseFaults('machine file', result.error);
}

function refuseFaults(what: string, error: z.ZodError): never {
  refuse('machine-schema', 'EINVAL', `${what}: ${describeFaults(error)}`, { cause: error });
}

function describeFaults({ issues }: z.ZodError): string {
  const fields = issues
    .slice(0, MAX_REPORTED_FAULTS)
    .map(({ path, message }) => `${path.join('.') || 'the file'}: ${message.slice(0, MAX_FAULT_CHARACTERS)}`);
  const unreported = issues.length - fields.length;
  return [...fields, ...(unreported > 0 ? [`and ${unreported} more`] : [])].join('; ');
}

/** Whether a JSON value holds more values than the limit. */
function hasMoreValues(json: unknown, limit: number): boolean {
  const left = [json];
  let count = 1;
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const values = Array.isArray(value) ? value : Object.values(value);
    count += values.length;
    if (count > limit) return true;
    for (const inner of values) left.push(inner);
  }
  return false;
}
