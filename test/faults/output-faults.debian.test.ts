/** Commands whose output cannot be written, at each call in turn: the disk is full, or the process is killed. */
import { describeFaults } from './describe-faults.js';

describeFaults(['ENOSPC', 'kill']);
