import * as z from 'zod';
import { refuse } from '../base/error.js';
import { ARM64_FILE, type Arm64File, buildArm64File, buildArm64Machine } from './arm64/arm64-file.js';
import type { Machine } from './machine-value.js';

/** A machine has hundreds of values. The list of faults of a file with millions would take gigabytes. */
const MAX_VALUES = 1 << 16;

const MAX_REPORTED_FAULTS = 20;
const MAX_FAULT_CHARACTERS = 200;

/**
 * The text of a machine file: JSON, addresses as "0x…", bytes in base64.
 *
 * @example
 * ```ts
 * writeFileSync('machine.json', formatMachine(machine));
 * ```
 */
export function formatMachine(machine: Machine): string {
  return `${JSON.stringify(z.encode(ARM64_FILE, buildArm64File(machine)), null, 2)}\n`;
}

/**
 * The machine in the text of a machine file.
 *
 * @throws KexecError `EINVAL`, check `machine-schema`, naming the fields that are wrong.
 */
export function parseMachine(text: string): Machine {
  return buildArm64Machine(decodeFile(parseJson(text)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    refuse('machine-schema', 'EINVAL', `machine file: not JSON: ${(cause as Error).message}`, { cause });
  }
}

function decodeFile(json: unknown): Arm64File {
  if (hasMoreValues(json, MAX_VALUES)) {
    refuse('machine-schema', 'EINVAL', `machine file: it has more than ${MAX_VALUES} values`);
  }
  const result = ARM64_FILE.safeDecode(json as z.input<typeof ARM64_FILE>);
  if (result.success) return result.data;
  refuse('machine-schema', 'EINVAL', `machine file: ${describeFaults(result.error)}`, {
    cause: result.error,
  });
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
    left.push(...values);
  }
  return false;
}
