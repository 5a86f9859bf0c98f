import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { rehearsePc } from './rehearse-pc.js';

it('crash rehearse saves a vmcore of a PC with UEFI and five levels', {
  timeout: GUEST_TEST_TIMEOUT,
}, async () => {
  const sizes = ['--memory', '768M', '--crashkernel', '224M'];
  const { report, console, vmcore } = await rehearsePc('--firmware', 'uefi', '--cpu', 'max', ...sizes);
  expect(report, console).toMatchObject({
    stage: 'vmcore',
    firmware: 'uefi',
    qemu: { machine: 'q35', cpu: 'max' },
  });
  const { vmcoreinfo, problems } = JSON.parse(runCli('vmcore', 'info', vmcore, '--json').stdout);
  expect([vmcoreinfo['NUMBER(pgtable_l5_enabled)'], problems]).toEqual(['1', []]);
  // The capture kernel has UEFI, too.
  expect(console.slice(console.indexOf('kexec-file: purgatory'))).toMatch(/efi: EFI v2/);
});
