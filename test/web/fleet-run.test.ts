import { describe, expect, it } from 'vitest';
import type { ChosenFile } from '../../web/jobs/chosen-file.js';
import type { PlannedMachine, PreflightBatch, PreflightRequest } from '../../web/jobs/fleet-job.js';
import { FleetRun } from '../../web/page/fleet-run.js';

const request = {} as PreflightRequest;
const refusal = { errno: 'EINVAL', check: 'machine-schema', detail: 'not JSON' } as const;

function buildFiles(count: number): ChosenFile[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${index}.json`, size: 1, contents: '' }));
}

/** What the worker answers for a batch. */
function plan(batch: readonly { readonly name: string }[]): PreflightBatch {
  const machines = batch.map(
    ({ name }): PlannedMachine => ({ row: { file: name, unreadable: refusal }, line: name }),
  );
  return { kernel: { file: 'k', sha256: '', type: 'default' }, hasInitrd: true, machines };
}

function listNames(run: FleetRun): string[] {
  return run.list().map(({ line }) => line);
}

describe('a run over a fleet', () => {
  it('lists machines in the order of the fleet, whichever batch is planned first', () => {
    const run = new FleetRun(request);
    run.setMachines(buildFiles(5));
    const [first, second] = [run.take(2), run.take(2)];
    run.add(second, plan(second));
    expect(run.list()).toEqual([]);
    expect(run.kernel?.file).toBe('k');
    run.add(first, plan(first));
    expect(listNames(run)).toEqual(['0.json', '1.json', '2.json', '3.json']);
    expect(run.summary()).toMatchObject({
      machines: 4,
      unreadable: 4,
      causes: [{ count: 4, example: '0.json' }],
    });
    expect(run.countLeft()).toBe(1);
    expect(run.take(9)).toHaveLength(1);
    expect(run.take(9)).toEqual([]);
  });

  it('plans a machine once when the fleet grows and shrinks, and again what was given back', () => {
    const run = new FleetRun(request);
    const [a, b, c] = buildFiles(3) as [ChosenFile, ChosenFile, ChosenFile];
    run.setMachines([b]);
    const batch = run.take(9);
    run.setMachines([a, b, c]);
    run.add(batch, plan(batch));
    expect(run.list()).toEqual([]);
    const lost = run.take(9);
    expect(lost).toEqual([a, c]);
    run.giveBack(lost);
    expect(run.take(9)).toEqual([a, c]);
    run.add(lost, plan(lost));
    expect(listNames(run)).toEqual(['0.json', '1.json', '2.json']);
    run.setMachines([a, c]);
    expect(listNames(run)).toEqual(['0.json', '2.json']);
    expect(run.summary()).toMatchObject({ machines: 2 });
  });
});
