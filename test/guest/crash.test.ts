import { it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { disk, expectSavedCrash, type SavedCrash } from './saved-crash.js';

const CRASH: SavedCrash = {
  name: '1 CPU and 1 GiB, to a disk by its label',
  target: disk,
  kernel: 'cloud-6.12',
  guest: { cpus: 1, memory: '1G', commandLine: 'crashkernel=384M' },
  isHigh: false,
  says: [
    /^there is no room: the dump has \d+ MiB, \d+ MiB are free, \d+ MiB are missing$/,
    /^there is no file system with the label elsewhere, after 1 seconds$/,
    /^found: nvme.n1 \((2048 MiB, label crash|64 MiB, label small)\), nvme.n1 \(.*, label (crash|small)\)$/,
    /^saving to label=crash:\/var\/crash$/,
  ],
};

it(`a crash of a machine of ${CRASH.name}, is saved and can be read`, { timeout: GUEST_TEST_TIMEOUT }, () =>
  expectSavedCrash(CRASH),
);
