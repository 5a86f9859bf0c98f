/** A thread that verifies files for verify-files.ts. */
import { serve } from '../threads/pool.js';
import { createVerifyWork } from './verify-files.js';

void serve(createVerifyWork);
