import { attempt, KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import {
  describeRefusal,
  type MachinePreflight,
  type Outcome,
  type PreflightRow,
  preflightMachine,
  type Refusal,
} from '../preflight-machine.js';

/** The row of any machine of a shape, but for file and name. */
export interface ShapeOutcome {
  readonly planned: Omit<MachinePreflight, 'machine'> | { readonly unreadable: Refusal };
  /** What stands for the machine's name in its texts; undefined if the name is not in them. */
  readonly nameMark: string | undefined;
}

/**
 * Plans a load on a machine for all machines of its shape.
 *
 * @param requestFor - returns the request as it is for a machine; it may refuse the machine's keys
 * @param nameMark - a name that none of the machine's other texts contains
 */
export function planShape(
  requestFor: (machine: Machine) => LoadRequest,
  machine: Machine,
  nameMark: string,
): ShapeOutcome {
  const marked: Machine = { ...machine, name: nameMark };
  const result = attempt(() => preflightMachine(requestFor(marked), marked));
  if (result instanceof KexecError) {
    const unreadable = describeRefusal(result);
    return { planned: { unreadable }, nameMark: hasMark(unreadable, nameMark) ? nameMark : undefined };
  }
  const { machine: _, ...planned } = result;
  const isNamed = listRefusals(planned).some((refusal) => hasMark(refusal, nameMark));
  const isInNote = planned.noDump?.includes(nameMark) === true;
  return { planned, nameMark: isNamed || isInNote ? nameMark : undefined };
}

/** The row of a machine of a shape. */
export function fillRow({ planned, nameMark }: ShapeOutcome, file: string, name: string): PreflightRow {
  const fill = (text: string): string => (nameMark === undefined ? text : text.split(nameMark).join(name));
  const fillRefusal = (refusal: Refusal): Refusal =>
    nameMark === undefined
      ? refusal
      : {
          ...refusal,
          detail: fill(refusal.detail),
          ...(refusal.cure === undefined ? {} : { cure: fill(refusal.cure) }),
        };
  const fillOutcome = (outcome: Outcome): Outcome =>
    nameMark === undefined || outcome.verdict === 'loads'
      ? outcome
      : { ...outcome, refusal: fillRefusal(outcome.refusal) };
  if ('unreadable' in planned) return { file, unreadable: fillRefusal(planned.unreadable) };
  const { outcome, crash, noDump, ...facts } = planned;
  return {
    file,
    machine: name,
    ...facts,
    outcome: fillOutcome(outcome),
    crash: crash && fillOutcome(crash),
    ...(noDump === undefined ? {} : { noDump: fill(noDump) }),
  };
}

function listRefusals({ outcome, crash }: Pick<MachinePreflight, 'outcome' | 'crash'>): Refusal[] {
  return [outcome, crash].flatMap((each) => (each?.verdict === 'refused' ? [each.refusal] : []));
}

function hasMark({ detail, cure }: Refusal, nameMark: string): boolean {
  return detail.includes(nameMark) || cure?.includes(nameMark) === true;
}
