/** As output-faults.debian.test.ts, with what takes the same way: a disk that fails, no more descriptors, a write that writes half. */
import { describeFaults } from './describe-faults.js';

describeFaults(['EIO', 'EMFILE', 'short']);
