import { createHash, hash, randomUUID } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map.js';
import { attempt, KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import { describeRefusal, type PreflightRow } from '../../preflight/preflight-machine.js';
import {
  fillRows,
  MAX_SHAPES,
  type Outcomes,
  type ShapeCache,
  ShapeOutcomes,
} from '../../preflight/shapes/shape-outcomes.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { parseMachineFile } from '../collect/machine-file.js';
import { type FleetMachine, type FleetTemplate, openFleetMachine } from '../fleet/fleet-reader.js';
import { splitAtName } from './machine-file-name.js';
import { identifyTemplate } from './template-key.js';

/**
 * A machine of at most this many bytes of text is within all limits of checkMachine(), with a name of any length that
 * its text can have: 3 bytes at least are a value. A larger one is parsed each time.
 */
export const MAX_KNOWN_BYTES = 1 << 19;

/** The outcomes on a machine file, by its text without the name. */
interface KnownFile {
  readonly outcomes: Outcomes;
  /** Whether that text has the name where it is replaced, and nowhere else. Not known before the text comes again. */
  isNamed: boolean | undefined;
}

/** Plans loads on one machine after another: once for all machines of a shape. */
export class ShapePlanner {
  readonly #requests: readonly LoadRequest[];
  readonly #shapes: ShapeOutcomes;
  readonly #templates = new WeakMap<FleetTemplate, Outcomes>();
  readonly #templateKeys = new BoundedMap<string, Outcomes>(MAX_SHAPES);
  readonly #files = new BoundedMap<string, KnownFile>(MAX_SHAPES);
  /** No text of a machine has it. */
  readonly #nameMark = `kexec-file-${randomUUID()}`;

  /**
   * @param requests - as MachineTrustCache takes them
   * @param cache - where the outcomes of shapes are kept for later runs
   */
  constructor(requests: readonly LoadRequest[], cache?: ShapeCache) {
    this.#requests = requests;
    this.#shapes = new ShapeOutcomes(requests, {
      hashes: nodeHashes,
      digest: (data) => hash('sha256', data),
      nameMark: this.#nameMark,
      cache,
    });
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
  planFile(file: string, bytes: Buffer): PreflightRow[] {
    const split =
      bytes.length <= MAX_KNOWN_BYTES && this.#shapes.isWorthSeeking ? splitAtName(bytes) : undefined;
    if (split === undefined) return this.#planParsed(file, () => parseMachineFile(bytes));
    const { before, name, after } = split;
    const key = createHash('sha256').update(before).update('\0').update(after).digest('base64');
    const known = this.#files.get(key);
    if (known !== undefined) this.#shapes.countKnown();
    if (known === undefined) {
      const machine = attempt(() => parseMachineFile(bytes));
      if (machine instanceof KexecError) return this.refuse(file, machine);
      const outcomes = this.#shapes.find(machine);
      this.#files.set(key, { outcomes, isNamed: undefined });
      return fillRows(outcomes, file, machine.name);
    }
    known.isNamed ??=
      parseMachineFile(Buffer.concat([before, Buffer.from(this.#nameMark), after])).name === this.#nameMark;
    if (known.isNamed) return fillRows(known.outcomes, file, name);
    return this.#planParsed(file, () => parseMachineFile(bytes));
  }

  /** Plans on a machine of a fleet file. @returns rows; those of a machine that is refused say why */
  planFleetMachine(machine: FleetMachine): PreflightRow[] {
    const { file, name, template } = machine;
    if (template.size > MAX_KNOWN_BYTES) return this.#planParsed(file, () => openFleetMachine(machine));
    const known = this.#templates.get(template) ?? this.#findByTemplate(template);
    if (known !== undefined) return fillRows(known, file, name);
    const opened = attempt(() => openFleetMachine(machine));
    if (opened instanceof KexecError) return this.refuse(file, opened);
    const outcomes = this.#shapes.find(opened);
    this.#templates.set(template, outcomes);
    const key = identifyTemplate(template);
    if (key !== undefined) this.#templateKeys.set(key, outcomes);
    return fillRows(outcomes, file, name);
  }

  /** The rows of a machine that cannot be read. */
  refuse(file: string, error: KexecError): PreflightRow[] {
    return this.#requests.map(() => ({ file, unreadable: describeRefusal(error) }));
  }

  #findByTemplate(template: FleetTemplate): Outcomes | undefined {
    const key = identifyTemplate(template);
    const known = key === undefined ? undefined : this.#templateKeys.get(key);
    if (known !== undefined) this.#templates.set(template, known);
    return known;
  }

  #planParsed(file: string, parse: () => Machine): PreflightRow[] {
    const machine = attempt(parse);
    return machine instanceof KexecError ? this.refuse(file, machine) : this.planMachine(file, machine);
  }
}
