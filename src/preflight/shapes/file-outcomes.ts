import { BoundedMap } from '../../base/bounded-map.js';
import { concatenate, encodeLatin1 } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { parseMachineFile } from '../../machine/parse-machine-file.js';
import type { PreflightRow } from '../preflight-machine.js';
import { splitAtName } from './machine-file-name.js';
import { fillRows, MAX_SHAPES, type Outcomes, type ShapeOutcomes } from './shape-outcomes.js';

/**
 * A machine of at most this many bytes of text is within all limits of checkMachine(), with a name of any length that
 * its text can have: 3 bytes at least are a value. A larger one is parsed each time.
 */
export const MAX_KNOWN_BYTES = 1 << 19;

/** A machine file whose text may be known. */
export interface NamedFile {
  readonly bytes: Uint8Array;
  readonly before: Uint8Array;
  readonly name: string;
  readonly after: Uint8Array;
}

/** The outcomes of loads on machine files. A file whose text is known but for its name is not parsed. */
export class FileOutcomes {
  readonly #shapes: ShapeOutcomes;
  readonly #files = new BoundedMap<string, Outcomes>(MAX_SHAPES);

  /** @param shapes - by which the machines of other texts are planned */
  constructor(shapes: ShapeOutcomes) {
    this.#shapes = shapes;
  }

  /** Splits a machine file around its name. @returns undefined if it is not worth the time to identify its text */
  split(bytes: Uint8Array): NamedFile | undefined {
    if (bytes.length > MAX_KNOWN_BYTES || !this.#shapes.isWorthSeeking) return undefined;
    const split = splitAtName(bytes);
    return split && { bytes, ...split };
  }

  /** Plans on the machine of a machine file. @returns rows; those of a file that is refused say why */
  plan(file: string, bytes: Uint8Array): PreflightRow[] {
    const machine = attempt(() => parseMachineFile(bytes));
    if (machine instanceof KexecError) return this.#shapes.refuse(file, machine);
    return fillRows(this.#shapes.find(machine), file, machine.name);
  }

  /**
   * Plans, as {@link plan}, on a machine file that was split.
   *
   * @param text - identifies its bytes before and after the name, such as by a SHA-256 of both
   */
  planNamed(file: string, { bytes, before, name, after }: NamedFile, text: string): PreflightRow[] {
    const known = this.#files.get(text);
    if (known !== undefined) {
      this.#shapes.countKnown();
      return fillRows(known, file, name);
    }
    const { nameMark } = this.#shapes;
    const marked = attempt(() => parseMachineFile(concatenate([before, encodeLatin1(nameMark), after])));
    // A file can have the field twice, and the last one counts; and a refusal may have the name.
    if (marked instanceof KexecError || marked.name !== nameMark) return this.plan(file, bytes);
    const outcomes = this.#shapes.find({ ...marked, name });
    this.#files.set(text, outcomes);
    return fillRows(outcomes, file, name);
  }
}
