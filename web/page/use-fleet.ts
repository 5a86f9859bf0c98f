import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { type PreflightSummary, PreflightTally } from '../../src/preflight/tally.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { PlannedMachine, PreflightRequest } from '../jobs/fleet-job.js';
import type { JobFailure } from '../jobs/job-answer.js';
import { WorkerContext } from './use-job.js';

/** Machines that the worker plans before it does other jobs. */
const BATCH = 256;

/** A kernel on many machines, as far as it is planned. */
export interface Fleet {
  readonly machines: readonly PlannedMachine[];
  readonly summary: PreflightSummary;
  /** Undefined until the first machines are planned. */
  readonly kernel: PreflightKernel | undefined;
  readonly hasInitrd: boolean;
  /** Why the rest is not planned. */
  readonly failure: JobFailure | undefined;
  readonly cancel: () => void;
  /** Goes on after a failure. */
  readonly repeat: () => void;
}

/** What one request has found so far. */
interface Run {
  readonly id: number;
  readonly request: PreflightRequest;
  readonly planned: Map<ChosenItem, PlannedMachine>;
  /** The whole fleet, which can grow meanwhile. */
  machines: readonly ChosenItem[];
  kernel: PreflightKernel | undefined;
  hasInitrd: boolean;
  failure: JobFailure | undefined;
  isRunning: boolean;
}

let lastId = 0;

function startRun(request: PreflightRequest, machines: readonly ChosenItem[]): Run {
  lastId += 1;
  const nothing = { planned: new Map(), kernel: undefined, hasInitrd: false, failure: undefined };
  return { id: lastId, request, machines, ...nothing, isRunning: false };
}

/** Plans a kernel on a fleet, batch by batch; machines that are added later are planned then. */
export function useFleet(request: PreflightRequest, machines: readonly ChosenItem[]): Fleet {
  const worker = useContext(WorkerContext);
  const current = useRef<Run | undefined>(undefined);
  const [version, setVersion] = useState(0);
  if (current.current?.request !== request) current.current = startRun(request, machines);
  const run = current.current;
  const show = (): void => setVersion((before) => before + 1);

  const plan = async (): Promise<void> => {
    if (run.isRunning) return;
    run.isRunning = true;
    for (;;) {
      const batch = takeMissing(run);
      if (batch.length === 0 || run.failure !== undefined || current.current !== run) break;
      const outcome = await worker.run('preflight', [run.id, request, batch]);
      if ('result' in outcome) {
        Object.assign(run, { kernel: outcome.result.kernel, hasInitrd: outcome.result.hasInitrd });
        for (const [index, planned] of outcome.result.machines.entries())
          run.planned.set(batch[index] as ChosenItem, planned);
      } else run.failure = outcome;
      if (current.current === run) show();
    }
    run.isRunning = false;
  };

  useEffect(() => {
    run.machines = machines;
    void plan();
  }, [run, machines]);
  useEffect(
    () => () => {
      current.current = undefined;
    },
    [],
  );

  const planned = useMemo(
    () => machines.flatMap((item) => run.planned.get(item) ?? []),
    [run, machines, version],
  );
  const summary = useMemo(() => {
    const tally = new PreflightTally();
    for (const { row } of planned) tally.add(row);
    return tally.summary();
  }, [planned]);
  const { kernel, hasInitrd, failure } = run;
  return {
    machines: planned,
    summary,
    kernel,
    hasInitrd,
    failure,
    cancel: () => {
      run.failure = { isCancelled: true };
      show();
    },
    repeat: () => {
      run.failure = undefined;
      void plan();
      show();
    },
  };
}

/** The next machines of a fleet that are not planned yet. */
function takeMissing({ machines, planned }: Run): ChosenItem[] {
  const batch: ChosenItem[] = [];
  for (const item of machines) {
    if (!planned.has(item)) batch.push(item);
    if (batch.length === BATCH) break;
  }
  return batch;
}
