import { createHash, hash, randomUUID } from 'node:crypto';
import type { KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { FleetItem } from '../../machine/fleet/fleet-items.js';
import type { Machine } from '../../machine/machine-value.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { FileOutcomes } from '../../preflight/shapes/file-outcomes.js';
import { FleetOutcomes } from '../../preflight/shapes/fleet-outcomes.js';
import { fillRows, type ShapeCache, ShapeOutcomes } from '../../preflight/shapes/shape-outcomes.js';
import { nodeHashes } from '../codecs/node-hashes.js';

/** Plans loads on one machine after another: once for all machines of a shape. */
export class ShapePlanner {
  readonly #shapes: ShapeOutcomes;
  readonly #files: FileOutcomes;
  readonly #fleets: FleetOutcomes;

  /**
   * @param requests - as MachineTrustCache takes them
   * @param cache - where the outcomes of shapes are kept for later runs
   */
  constructor(requests: readonly LoadRequest[], cache?: ShapeCache) {
    this.#shapes = new ShapeOutcomes(requests, {
      hashes: nodeHashes,
      digest: (data) => hash('sha256', data),
      nameMark: `kexec-file-${randomUUID()}`,
      cache,
    });
    this.#files = new FileOutcomes(this.#shapes);
    this.#fleets = new FleetOutcomes(this.#shapes);
  }

  /** Number of shapes that were planned, and not known. */
  get planned(): number {
    return this.#shapes.planned;
  }

  /** Plans on a machine. @returns a row for each request */
  planMachine(file: string, machine: Machine): PreflightRow[] {
    return fillRows(this.#shapes.find(machine), file, machine.name);
  }

  /** Plans on the machine of a machine file. @returns rows; those of a file that is refused say why */
  planFile(file: string, bytes: Uint8Array): PreflightRow[] {
    const named = this.#files.split(bytes);
    if (named === undefined) return this.#files.plan(file, bytes);
    const { before, after } = named;
    const text = createHash('sha256').update(before).update('\0').update(after).digest('base64');
    return this.#files.planNamed(file, named, text);
  }

  /** Plans on what a stream has in place of a machine. @returns rows; those of a machine that is refused say why */
  planItem(item: FleetItem): PreflightRow[] {
    return this.#fleets.planItem(item);
  }

  /** The rows of a machine that cannot be read. */
  refuse(file: string, error: KexecError): PreflightRow[] {
    return this.#shapes.refuse(file, error);
  }
}
