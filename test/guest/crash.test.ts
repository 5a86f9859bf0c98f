import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { disk, expectSavedCrash, type SavedCrash, share } from './saved-crash.js';

const CASES: readonly SavedCrash[] = [
  {
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
  },
  {
    name: '4 CPUs and 5 GiB, at EL2, crash regions above and below 4 GiB, to a share by another kernel',
    target: share,
    kernel: 'standard-6.1',
    guest: { cpus: 4, memory: '5G', el: 2, commandLine: 'crashkernel=1536M,high crashkernel=64M,low' },
    isHigh: true,
    says: [/^saving to 9p=dumps:\/crash$/],
  },
];

describe('a crash of a machine', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each(CASES)('of $name, is saved and can be read', expectSavedCrash);
});
