import { toHex } from '../../src/base/bytes.js';
import { attemptAsync, KexecError } from '../../src/base/error.js';
import { Trail } from '../../src/base/trail.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import { requireKernel } from '../../src/kexec/file-load.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { openKernelFile } from '../../src/kexec/open-kernel-file.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { describeKernel, type PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { buildPreflightRowJson } from '../../src/preflight/preflight-json.js';
import { describeRefusal, type PreflightRow } from '../../src/preflight/preflight-machine.js';
import { verifyOnce } from '../../src/preflight/preflight-row.js';
import { fillRows, ShapeOutcomes } from '../../src/preflight/shapes/shape-outcomes.js';
import { computeDigest } from '../../src/trust/hashes.js';
import type { Policy } from '../../src/trust/policy.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';
import type { ChosenItem } from './chosen-folder.js';
import { readMachine } from './chosen-machine.js';
import { formatReportLine } from './report-line.js';
import { readLoadTrust } from './trust-files.js';

/** What is planned on many machines. */
export interface PreflightRequest extends Pick<LoadOptions, 'type' | 'commandLine'> {
  readonly kernel: ChosenFile;
  readonly initrd: ChosenFile | undefined;
  /** Given with `--keyring`. Without any, and without a policy, no signature is verified. */
  readonly keyrings: readonly ChosenFile[];
  readonly policy: Policy | undefined;
}

/** Some machines of a fleet. */
export interface PreflightBatch {
  readonly kernel: PreflightKernel;
  readonly hasInitrd: boolean;
  readonly machines: readonly PlannedMachine[];
}

/** A machine of a fleet. */
export interface PlannedMachine {
  readonly row: PreflightRow;
  /** What `preflight --json` prints of it. */
  readonly line: string;
}

/** A kernel that is planned on machines. */
interface OpenedPreflight extends Omit<PreflightBatch, 'machines'> {
  /** Verified, if signatures count. */
  readonly load: LoadRequest;
}

/** The request of the last batch, for the next: its kernel is opened and verified once, each shape is planned once. */
let opened: (OpenedPreflight & { readonly id: number; readonly shapes: ShapeOutcomes }) | undefined;

/**
 * Plans a kernel on machines, as `kexec-file preflight` does. A fleet comes in batches, so that its rows are shown as they
 * come, and other jobs are done between them.
 *
 * @param id - the same for all batches of a request, and for no other request
 */
export async function preflightChosen(
  id: number,
  request: PreflightRequest,
  machines: readonly ChosenItem[],
): Promise<PreflightBatch> {
  if (opened?.id !== id) {
    const preflight = await openPreflight(request);
    opened = { id, ...preflight, shapes: startShapes(preflight.load) };
  }
  const { kernel, hasInitrd, shapes } = opened;
  const planned: PlannedMachine[] = [];
  for await (const [item, machine] of readMachines(machines)) {
    const row = planMachine(item.path ?? item.name, machine, shapes);
    planned.push({ row, line: formatReportLine('preflight', buildPreflightRowJson(row)) });
  }
  return { kernel, hasInitrd, machines: planned };
}

/** Machines that are read at once have at most so many bytes together, unless it is one alone. */
const MAX_READ_BYTES = 4 << 20;

/** Reads machines in their order: some at once, and the next while these are planned. */
async function* readMachines(
  items: readonly ChosenItem[],
): AsyncGenerator<readonly [ChosenItem, Machine | KexecError]> {
  const read = (group: readonly ChosenItem[]) =>
    Promise.all(group.map(async (item) => [item, await attemptAsync(() => readMachine(item))] as const));
  let reading: ReturnType<typeof read> = Promise.resolve([]);
  for (const group of [...splitBySize(items), []]) {
    const machines = await reading;
    reading = read(group);
    yield* machines;
  }
}

function splitBySize(items: readonly ChosenItem[]): ChosenItem[][] {
  const groups: ChosenItem[][] = [];
  let left = 0;
  for (const item of items) {
    if (groups.length === 0 || item.size > left) {
      groups.push([]);
      left = MAX_READ_BYTES;
    }
    groups.at(-1)?.push(item);
    left -= item.size;
  }
  return groups;
}

function startShapes(load: LoadRequest): ShapeOutcomes {
  const digest = (data: string | Uint8Array): string => {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return toHex(computeDigest(portableHashes, 'sha256', bytes) ?? new Uint8Array(0));
  };
  const nameMark = `kexec-file-${toHex(crypto.getRandomValues(new Uint8Array(16)))}`;
  return new ShapeOutcomes([load], { hashes: portableHashes, digest, nameMark });
}

function planMachine(file: string, machine: Machine | KexecError, shapes: ShapeOutcomes): PreflightRow {
  if (machine instanceof KexecError) return { file, unreadable: describeRefusal(machine) };
  const [row] = fillRows(shapes.find(machine), file, machine.name);
  return row as PreflightRow;
}

/** Opens the kernel of a preflight. @throws KexecError in place of a refusal for each machine */
export async function openPreflight(request: PreflightRequest): Promise<OpenedPreflight> {
  const { kernel, initrd, keyrings, policy, type, commandLine } = request;
  const file = readChosenFile(kernel);
  const load = await openKernelFile(
    {
      kernel: file,
      initrd: initrd && readChosenFile(initrd),
      options: { type, commandLine },
      trust: readLoadTrust(keyrings, policy, undefined),
    },
    { decompress: portableDecompress, hashes: portableHashes },
    new Trail(),
  );
  requireKernel(load.kernel);
  const verified = verifyOnce(load);
  const sha256 = toHex(computeDigest(portableHashes, 'sha256', file) ?? new Uint8Array(0));
  return {
    kernel: { file: kernel.name, sha256, ...describeKernel(verified, portableHashes) },
    hasInitrd: load.initrd !== undefined,
    load: verified,
  };
}
