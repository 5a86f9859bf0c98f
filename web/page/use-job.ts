import { createContext } from 'preact';
import { useContext, useLayoutEffect, useState } from 'preact/hooks';
import type { JobOutcome } from '../jobs/job-answer.js';
import type { JobProgress } from '../jobs/job-progress.js';
import type { JobArguments, JobName, JobResult } from '../jobs/jobs.js';
import { JobWorker } from './job-worker.js';

/** The worker of the page. */
export const WorkerContext = createContext(new JobWorker(''));

/** A job as the page follows it. */
export interface FollowedJob<Result> {
  /** Undefined until the outcome for these very arguments is known. */
  readonly outcome: JobOutcome<Result> | undefined;
  /** Undefined until the job reports it. */
  readonly progress: JobProgress | undefined;
  readonly cancel: () => void;
  /** Does the job again. */
  readonly repeat: () => void;
}

/** One run of a job. */
interface Run<Args, Result> {
  /** How often the job was repeated before. */
  readonly repeated: number;
  readonly args: Args;
  readonly cancel: () => void;
  readonly progress?: JobProgress;
  readonly outcome?: JobOutcome<Result>;
}

/**
 * Does a job, and again when its arguments change. A job whose outcome nobody needs any more is cancelled.
 *
 * @param args - compared one by one
 */
export function useJob<Name extends JobName>(
  name: Name,
  args: JobArguments<Name>,
): FollowedJob<JobResult<Name>> {
  const worker = useContext(WorkerContext);
  const [repeated, setRepeated] = useState(0);
  const [run, setRun] = useState<Run<JobArguments<Name>, JobResult<Name>>>();
  // In the same turn as what made the job necessary, or the one before unnecessary.
  useLayoutEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const cancel = (): void => controller.abort();
    let isCurrent = true;
    const show = (state: Pick<Run<never, JobResult<Name>>, 'progress' | 'outcome'>): void => {
      if (isCurrent) setRun({ repeated, args, cancel, ...state });
    };
    show({});
    worker
      .run(name, args, { signal, onProgress: (progress) => show({ progress }) })
      .then((outcome) => show({ outcome }));
    return () => {
      isCurrent = false;
      cancel();
    };
  }, [worker, name, repeated, ...args]);
  const isSame = run?.repeated === repeated && run.args.every((arg, index) => arg === args[index]);
  const current = isSame ? run : undefined;
  return {
    outcome: current?.outcome,
    progress: current?.progress,
    cancel: () => current?.cancel(),
    repeat: () => setRepeated(repeated + 1),
  };
}
