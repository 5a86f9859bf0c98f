import { describe, expect, it } from 'vitest';
import type { ChosenFile } from '../../web/jobs/chosen-file.js';
import type { ChosenItem } from '../../web/jobs/chosen-folder.js';
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

/** The machines of the next task. */
function take(run: FleetRun, most: number): readonly ChosenItem[] {
  const task = run.take(most);
  if (task === undefined) return [];
  return 'batch' in task ? task.batch : [task.file];
}

describe('a run over a fleet', () => {
  it('lists machines in the order of the fleet, whichever batch is planned first', () => {
    const run = new FleetRun(request);
    run.setItems(buildFiles(5));
    const [first, second] = [take(run, 2), take(run, 2)];
    run.addBatch(second, plan(second));
    expect(run.list()).toEqual([]);
    expect(run.kernel?.file).toBe('k');
    run.addBatch(first, plan(first));
    expect(listNames(run)).toEqual(['0.json', '1.json', '2.json', '3.json']);
    expect(run.summary()).toMatchObject({
      machines: 4,
      unreadable: 4,
      causes: [{ count: 4, example: '0.json' }],
    });
    expect(run.countLeft()).toBe(1);
    expect(take(run, 9)).toHaveLength(1);
    expect(take(run, 9)).toEqual([]);
  });

  it('plans a machine once when the fleet grows and shrinks, and again what was given back', () => {
    const run = new FleetRun(request);
    const [a, b, c] = buildFiles(3) as [ChosenFile, ChosenFile, ChosenFile];
    run.setItems([b]);
    const batch = take(run, 9);
    run.setItems([a, b, c]);
    run.addBatch(batch, plan(batch));
    expect(run.list()).toEqual([]);
    const lost = take(run, 9);
    expect(lost).toEqual([a, c]);
    run.giveBack(lost);
    expect(take(run, 9)).toEqual([a, c]);
    run.addBatch(lost, plan(lost));
    expect(listNames(run)).toEqual(['0.json', '1.json', '2.json']);
    run.setItems([a, c]);
    expect(listNames(run)).toEqual(['0.json', '2.json']);
    expect(run.summary()).toMatchObject({ machines: 2 });
  });

  it('lists the machines of a file as they come, and the others behind them', () => {
    const run = new FleetRun(request);
    const file: ChosenFile = { name: 'fleet.ndjson', size: 8, contents: '' };
    const [before, after] = buildFiles(2) as [ChosenFile, ChosenFile];
    run.setItems([before, file, after]);
    expect(run.take(9)).toEqual({ batch: [before] });
    expect(run.take(9)).toEqual({ file });
    expect(run.take(9)).toEqual({ batch: [after] });
    run.addOfFile(file, { ...plan([{ name: 'x' }, { name: 'y' }]), read: 5, isEnd: false });
    expect(run.countPlanned(file)).toBe(2);
    run.addBatch([after], plan([after]));
    expect(run.list()).toEqual([]);
    run.addBatch([before], plan([before]));
    expect(listNames(run)).toEqual(['0.json', 'x', 'y']);
    expect([run.isComplete(), run.fraction()]).toEqual([false, 0.7]);
    run.addOfFile(file, { ...plan([{ name: 'z' }]), read: 8, isEnd: true });
    expect(listNames(run)).toEqual(['0.json', 'x', 'y', 'z', '1.json']);
    expect(run.isComplete()).toBe(true);
    expect(run.summary()).toMatchObject({ machines: 5 });
  });
});
