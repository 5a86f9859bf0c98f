/** A thread of preflightFiles(). */
import { serve } from '../threads/pool.js';
import { startPreflightJob } from './preflight-files.js';

void serve(startPreflightJob);
