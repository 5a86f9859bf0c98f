import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import type { PreflightKernel } from '../../src/preflight/kernel-facts.js';
import type { PreflightSummary } from '../../src/preflight/tally.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { PlannedMachine, PreflightRequest } from '../jobs/fleet-job.js';
import type { JobFailure } from '../jobs/job-answer.js';
import { FleetLanes } from './fleet-lanes.js';
import { FleetRun } from './fleet-run.js';
import { WorkerContext } from './use-job.js';

/** A kernel on many machines, as far as it is planned. */
export interface Fleet {
  /** In the order of the fleet, from its first machine on. */
  readonly machines: readonly PlannedMachine[];
  readonly summary: PreflightSummary;
  /** Whether these are all. */
  readonly isComplete: boolean;
  /** How much of the fleet's files is read: 0 to 1. */
  readonly fraction: number;
  /** Undefined until the first machines are planned. */
  readonly kernel: PreflightKernel | undefined;
  readonly hasInitrd: boolean;
  /** Why the rest is not planned. */
  readonly failure: JobFailure | undefined;
  readonly cancel: () => void;
  /** Goes on after a failure. */
  readonly repeat: () => void;
}

/** The least time between two views of a fleet that grows, in milliseconds: the page has other things to do. */
const INTERVAL = 250;

/** Plans a kernel on a fleet; machines that are added later are planned then. */
export function useFleet(request: PreflightRequest, items: readonly ChosenItem[]): Fleet {
  const worker = useContext(WorkerContext);
  const [attempt, setAttempt] = useState(0);
  const showSoon = useThrottledUpdate();
  const run = useMemo(() => new FleetRun(request), [request]);
  run.setItems(items);
  const lanes = useMemo(() => new FleetLanes(run, worker, showSoon), [run, worker, showSoon, attempt]);
  useEffect(() => () => lanes.stop(), [lanes]);
  useEffect(() => void lanes.start(), [lanes, items]);

  const list = run.list();
  const summary = useMemo(() => run.summary(), [run, list]);
  const { kernel, hasInitrd, failure } = run;
  return {
    machines: list,
    summary,
    isComplete: run.isComplete(),
    fraction: run.fraction(),
    kernel,
    hasInitrd,
    failure,
    cancel: () => {
      run.failure = { isCancelled: true };
      lanes.stop();
      showSoon();
    },
    repeat: () => {
      run.failure = undefined;
      setAttempt(attempt + 1);
    },
  };
}

/** @returns a function, always the same, after which the component is shown again soon, however often it is called */
function useThrottledUpdate(): () => void {
  const [, setVersion] = useState(0);
  return useMemo(() => {
    let isWaiting = false;
    return () => {
      if (isWaiting) return;
      isWaiting = true;
      setTimeout(() => {
        isWaiting = false;
        setVersion((before) => before + 1);
      }, INTERVAL);
    };
  }, []);
}
