import { attemptAsync, KexecError } from '../../src/base/error.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { plan } from '../../src/kexec/plan-kernel.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { buildMachine } from './machine.js';

const OPENING = { decompress: nodeDecompress, hashes: nodeHashes };

/** What `plan` says of a file: the refusal if any, the kernel's segment, and the trail as lines. */
export interface PlanTrial {
  readonly refusal: KexecError | undefined;
  readonly kernel: Uint8Array | undefined;
  readonly lines: readonly string[];
}

export async function tryPlan(file: Uint8Array, machine: Machine = buildMachine()): Promise<PlanTrial> {
  const result = await plan(file, { machine, ...OPENING });
  const lines = result.trail.map(({ verdict, check, detail }) => `${verdict} ${check} ${detail}`);
  if ('refusal' in result) return { refusal: result.refusal, kernel: undefined, lines };
  const kernel = result.kimage.segments.find(({ name }) => name === 'kernel')?.bytes;
  return { refusal: undefined, kernel, lines };
}

/** What `inspect` says of a file: its kind and facts as JSON, or the refusal. */
export async function tryInspect(file: Uint8Array): Promise<string | KexecError> {
  const inspected = await attemptAsync(() => inspect(file, OPENING));
  return inspected instanceof KexecError ? inspected : JSON.stringify(inspected);
}
