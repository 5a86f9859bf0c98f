import { Worker } from 'node:worker_threads';
import { executable } from '../program/single-executable.js';

/**
 * Starts a thread.
 *
 * @param module - of the npm package; the executable has it under its last name
 * @param workerData - values that can be cloned
 */
export function startThread(module: URL, workerData: unknown): Worker {
  if (executable === undefined) return new Worker(module, { workerData });
  const name = module.pathname.slice(module.pathname.lastIndexOf('/') + 1);
  return new Worker(executable.threadScript(name), { eval: true, workerData });
}
