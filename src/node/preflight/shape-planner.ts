import { createHash, hash, randomUUID } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map.js';
import { attempt, KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { FileOutcomes, MAX_KNOWN_BYTES } from '../../preflight/shapes/file-outcomes.js';
import {
  fillRows,
  MAX_SHAPES,
  type Outcomes,
  type ShapeCache,
  ShapeOutcomes,
} from '../../preflight/shapes/shape-outcomes.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { type FleetMachine, type FleetTemplate, openFleetMachine } from '../fleet/fleet-reader.js';
import { identifyTemplate } from './template-key.js';

/** Plans loads on one machine after another: once for all machines of a shape. */
export class ShapePlanner {
  readonly #shapes: ShapeOutcomes;
  readonly #files: FileOutcomes;
  readonly #templates = new WeakMap<FleetTemplate, Outcomes>();
  readonly #templateKeys = new BoundedMap<string, Outcomes>(MAX_SHAPES);

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

  /** Plans on a machine of a fleet file. @returns rows; those of a machine that is refused say why */
  planFleetMachine(machine: FleetMachine): PreflightRow[] {
    const { file, name, template } = machine;
    const isSmall = template.size <= MAX_KNOWN_BYTES;
    const known = isSmall ? (this.#templates.get(template) ?? this.#findByTemplate(template)) : undefined;
    if (known !== undefined) return fillRows(known, file, name);
    const opened = attempt(() => openFleetMachine(machine));
    if (opened instanceof KexecError) return this.refuse(file, opened);
    if (!isSmall) return this.planMachine(file, opened);
    const outcomes = this.#shapes.find(opened);
    this.#templates.set(template, outcomes);
    const key = identifyTemplate(template);
    if (key !== undefined) this.#templateKeys.set(key, outcomes);
    return fillRows(outcomes, file, name);
  }

  /** The rows of a machine that cannot be read. */
  refuse(file: string, error: KexecError): PreflightRow[] {
    return this.#shapes.refuse(file, error);
  }

  #findByTemplate(template: FleetTemplate): Outcomes | undefined {
    const key = identifyTemplate(template);
    const known = key === undefined ? undefined : this.#templateKeys.get(key);
    if (known !== undefined) this.#templates.set(template, known);
    return known;
  }
}
