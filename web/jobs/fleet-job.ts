import { BoundedMap } from '../../src/base/bounded-map.js';
import { toHex } from '../../src/base/bytes.js';
import { KexecError } from '../../src/base/error.js';
import { Trail } from '../../src/base/trail.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import { requireKernel } from '../../src/kexec/file-load.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { openKernelFile } from '../../src/kexec/open-kernel-file.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import { describeKernel, type PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { buildPreflightRowJson } from '../../src/preflight/preflight-json.js';
import type { PreflightRow } from '../../src/preflight/preflight-machine.js';
import { verifyOnce } from '../../src/preflight/preflight-row.js';
import type { FileOutcomes } from '../../src/preflight/shapes/file-outcomes.js';
import type { FleetOutcomes } from '../../src/preflight/shapes/fleet-outcomes.js';
import { fillRows, ShapeOutcomes } from '../../src/preflight/shapes/shape-outcomes.js';
import { computeDigest } from '../../src/trust/hashes.js';
import type { Policy } from '../../src/trust/policy.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';
import type { ChosenItem } from './chosen-folder.js';
import { type FleetRead, readFleetFiles } from './fleet-files.js';
import { identifyText } from './identify-text.js';
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

/** A kernel that is planned on a fleet, and what was planned before. */
interface RunningPreflight extends OpenedPreflight {
  readonly shapes: ShapeOutcomes;
  readonly files: FileOutcomes;
  readonly fleets: FleetOutcomes;
}

/** A page with more kernels plans them in turn, and each is opened again now and then. */
const MAX_OPENED = 4;

/** The requests of the last batches, for the next: their kernels are opened and verified once, each shape is planned once. */
const opened = new BoundedMap<number, RunningPreflight>(MAX_OPENED);

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
  const preflight = await findPreflight(id, request);
  const { kernel, hasInitrd } = preflight;
  const planned: PlannedMachine[] = [];
  for await (const group of readFleetFiles(machines)) {
    const rows = await Promise.all(group.map((read) => planMachine(read, preflight)));
    planned.push(...rows.map(printRow));
  }
  return { kernel, hasInitrd, machines: planned };
}

export function printRow(row: PreflightRow): PlannedMachine {
  return { row, line: formatReportLine('preflight', buildPreflightRowJson(row)) };
}

/** Opens the kernel of a request, unless that was done for the last ones. @param id - of the request */
export async function findPreflight(id: number, request: PreflightRequest): Promise<RunningPreflight> {
  const known = opened.get(id);
  const preflight = known ?? (await startPreflight(request));
  if (known === undefined) opened.set(id, preflight);
  return preflight;
}

async function startPreflight(request: PreflightRequest): Promise<RunningPreflight> {
  const preflight = await openPreflight(request);
  const shapes = startShapes(preflight.load);
  // With the schemas of machine files, which the worker alone builds.
  const { FileOutcomes } = await import('../../src/preflight/shapes/file-outcomes.js');
  const { FleetOutcomes } = await import('../../src/preflight/shapes/fleet-outcomes.js');
  return { ...preflight, shapes, files: new FileOutcomes(shapes), fleets: new FleetOutcomes(shapes) };
}

function startShapes(load: LoadRequest): ShapeOutcomes {
  const digest = (data: string | Uint8Array): string => {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return toHex(computeDigest(portableHashes, 'sha256', bytes) ?? new Uint8Array(0));
  };
  const nameMark = `kexec-file-${toHex(crypto.getRandomValues(new Uint8Array(16)))}`;
  return new ShapeOutcomes([load], { hashes: portableHashes, digest, nameMark });
}

async function planMachine(
  [item, read]: readonly [ChosenItem, FleetRead],
  { shapes, files }: RunningPreflight,
): Promise<PreflightRow> {
  const [row] = await planRead(item.path ?? item.name, read, shapes, files);
  return row as PreflightRow;
}

async function planRead(file: string, read: FleetRead, shapes: ShapeOutcomes, files: FileOutcomes) {
  if (read instanceof KexecError) return shapes.refuse(file, read);
  if (!(read instanceof Uint8Array)) return fillRows(shapes.find(read), file, read.name);
  const named = files.split(read);
  return named === undefined
    ? files.plan(file, read)
    : files.planNamed(file, named, await identifyText(named));
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
