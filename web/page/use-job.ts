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
 * @returns undefined until the outcome is known
 */
export function useJob<Name extends JobName>(
  name: Name,
  args: JobArguments<Name>,
): JobOutcome<JobResult<Name>> | undefined {
  const worker = useContext(WorkerContext);
  const [outcome, setOutcome] = useState<JobOutcome<JobResult<Name>>>();
  useEffect(() => {
    let isCurrent = true;
    setOutcome(undefined);
    worker.run(name, ...args).then((found) => {
      if (isCurrent) setOutcome(found);
    });
    return () => {
      isCurrent = false;
    };
  }, [worker, name, ...args]);
  return outcome;
}
