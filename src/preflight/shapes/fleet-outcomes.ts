import { BoundedMap } from '../../base/bounded-map.js';
import { attempt, KexecError } from '../../base/error.js';
import type { FleetItem } from '../../machine/fleet/fleet-items.js';
import { type FleetMachine, type FleetTemplate, openFleetMachine } from '../../machine/fleet/fleet-reader.js';
import type { PreflightRow } from '../preflight-machine.js';
import { MAX_KNOWN_BYTES } from './file-outcomes.js';
import { fillRows, MAX_SHAPES, type Outcomes, type ShapeOutcomes } from './shape-outcomes.js';
import { identifyTemplate } from './template-key.js';

/** The outcomes of loads on the machines of fleet files. A machine whose line is known but for its name is not parsed. */
export class FleetOutcomes {
  readonly #shapes: ShapeOutcomes;
  readonly #templates = new WeakMap<FleetTemplate, Outcomes>();
  readonly #templateKeys = new BoundedMap<string, Outcomes>(MAX_SHAPES);

  /** @param shapes - by which the machines of other lines are planned */
  constructor(shapes: ShapeOutcomes) {
    this.#shapes = shapes;
  }

  /** Plans on what a stream has in place of a machine. @returns rows; those of a machine that is refused say why */
  planItem({ file, machine }: FleetItem): PreflightRow[] {
    if (machine instanceof KexecError) return this.#shapes.refuse(file, machine);
    if ('template' in machine) return this.plan(machine);
    return fillRows(this.#shapes.find(machine), file, machine.name);
  }

  /** Plans on a machine of a fleet file. @returns rows; those of a machine that is refused say why */
  plan(machine: FleetMachine): PreflightRow[] {
    const { file, name, template } = machine;
    const isSmall = template.size <= MAX_KNOWN_BYTES;
    const known = isSmall ? (this.#templates.get(template) ?? this.#findByTemplate(template)) : undefined;
    if (known !== undefined) return fillRows(known, file, name);
    const opened = attempt(() => openFleetMachine(machine));
    if (opened instanceof KexecError) return this.#shapes.refuse(file, opened);
    const outcomes = this.#shapes.find(opened);
    if (isSmall) this.#remember(template, outcomes);
    return fillRows(outcomes, file, name);
  }

  #remember(template: FleetTemplate, outcomes: Outcomes): void {
    this.#templates.set(template, outcomes);
    const key = identifyTemplate(template);
    if (key !== undefined) this.#templateKeys.set(key, outcomes);
  }

  #findByTemplate(template: FleetTemplate): Outcomes | undefined {
    const key = identifyTemplate(template);
    const known = key === undefined ? undefined : this.#templateKeys.get(key);
    if (known !== undefined) this.#templates.set(template, known);
    return known;
  }
}
