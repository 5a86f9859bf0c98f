import type { KernelFacts } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { DECIDING_VALUES, FACTS_OUTSIDE } from './shape-facts.js';

/** Identifies bytes: equal texts are of equal bytes alone. */
export type IdentifyBytes = (bytes: Uint8Array) => string;

/**
 * Writes the facts of a machine that decide a load as one text, which two machines have in common only if every load
 * has the same outcome on both, apart from the machine's name.
 *
 * @param identifyBytes - stands for bytes in the text, such as their SHA-256
 */
export function buildShapeKey(machine: Machine, identifyBytes: IdentifyBytes): string {
  const { kernel, ...facts } = machine;
  const parts = {
    ...dropFacts(facts, FACTS_OUTSIDE.machine),
    ...(kernel === undefined
      ? {}
      : { kernel: dropFacts(kernel, [...FACTS_OUTSIDE.kernel, ...listIdle(kernel)]) }),
    ...(machine.architecture === 'arm64'
      ? { arm64: dropFacts(machine.arm64, FACTS_OUTSIDE.arm64) }
      : { x86: dropFacts(machine.x86, FACTS_OUTSIDE.x86) }),
  };
  return encode(parts, identifyBytes);
}

/** Names the facts whose value is not the one that decides. */
function listIdle(kernel: KernelFacts): string[] {
  return Object.entries(DECIDING_VALUES)
    .filter(([name, value]) => kernel[name as keyof KernelFacts] !== value)
    .map(([name]) => name);
}

function dropFacts(facts: object, names: readonly string[]): object {
  const kept: Record<string, unknown> = { ...facts };
  for (const name of names) delete kept[name];
  return kept;
}

/** Writes a value so that texts of different values differ: as JSON with sorted keys, and its own marks for the rest. */
function encode(value: unknown, identifyBytes: IdentifyBytes): string {
  if (typeof value === 'bigint') return `${value.toString(16)}n`;
  if (value instanceof Uint8Array) return `b${identifyBytes(value)}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'u';
  if (Array.isArray(value)) return `[${value.map((item) => encode(item, identifyBytes)).join()}]`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${encode((value as Record<string, unknown>)[key], identifyBytes)}`);
  return `{${fields.join()}}`;
}
