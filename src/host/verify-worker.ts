/** A thread that takes files from the same list as its starter: see verify-files.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { takeFiles, type VerifyJob } from './verify-files.js';

for await (const verdict of takeFiles(workerData as VerifyJob)) parentPort?.postMessage(verdict);
