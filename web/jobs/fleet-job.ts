import { toHex } from '../../src/base/bytes.js';
import { attemptAsync } from '../../src/base/error.js';
import { Trail } from '../../src/base/trail.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import { requireKernel } from '../../src/kexec/file-load.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { openKernelFile } from '../../src/kexec/open-kernel-file.js';
import { describeKernel, type PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { MachineTrustCache } from '../../src/preflight/machine-trust-cache.js';
import { buildPreflightRowJson } from '../../src/preflight/preflight-json.js';
import type { PreflightRow } from '../../src/preflight/preflight-machine.js';
import { preflightRow, verifyOnce } from '../../src/preflight/preflight-row.js';
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

interface OpenedPreflight extends Omit<PreflightBatch, 'machines'> {
  readonly id: number;
  readonly cache: MachineTrustCache;
}

/** The request of the last batch, for the next: its kernel is opened and verified once. */
let opened: OpenedPreflight | undefined;

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
  if (opened?.id !== id) opened = { id, ...(await openPreflight(request)) };
  const { kernel, hasInitrd, cache } = opened;
  const planned: PlannedMachine[] = [];
  for (const item of machines) {
    const machine = await attemptAsync(() => readMachine(item));
    const row = preflightRow(item.path ?? item.name, machine, cache);
    planned.push({ row, line: formatReportLine('preflight', buildPreflightRowJson(row)) });
  }
  return { kernel, hasInitrd, machines: planned };
}

/** Opens the kernel of a preflight. @throws KexecError in place of a refusal for each machine */
export async function openPreflight(request: PreflightRequest): Promise<Omit<OpenedPreflight, 'id'>> {
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
    cache: new MachineTrustCache(verified, portableHashes),
  };
}
