/** A thread that plans for machines beside its starter: see preflight-files.ts. */
import { serve } from '../threads/pool.js';
import { startPreflightJob } from './preflight-files.js';

void serve(startPreflightJob);
