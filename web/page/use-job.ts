import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { JobOutcome } from '../jobs/job-answer.js';
import type { JobArguments, JobName, JobResult } from '../jobs/jobs.js';
import { JobWorker } from './job-worker.js';

/** The worker of the page. */
export const WorkerContext = createContext(new JobWorker(''));

/**
 * Does a job, and again when its arguments change.
 *
 * @param args - compared one by one
 * @returns undefined until the outcome for these very arguments is known
 */
export function useJob<Name extends JobName>(
  name: Name,
  args: JobArguments<Name>,
): JobOutcome<JobResult<Name>> | undefined {
  const worker = useContext(WorkerContext);
  const [done, setDone] = useState<{ args: JobArguments<Name>; outcome: JobOutcome<JobResult<Name>> }>();
  useEffect(() => {
    let isCurrent = true;
    worker.run(name, ...args).then((outcome) => {
      if (isCurrent) setDone({ args, outcome });
    });
    return () => {
      isCurrent = false;
    };
  }, [worker, name, ...args]);
  return done?.args.every((arg, index) => arg === args[index]) ? done.outcome : undefined;
}
