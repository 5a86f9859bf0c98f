/** What test/guest/x86-live.test.ts shows, by UEFI firmware, on Linux 7.3, and after a crash. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, type GuestOptions, runGuest } from './guest.js';
import { findGuestKernel, PLATFORMS } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, type SecondKernel, secondKernel } from './second-kernel.js';
import { refusals, reportOf, STEP, steps } from './steps.js';

const UEFI = ['-bios', '/usr/share/ovmf/OVMF.fd'];

/** A kernel with EFI's runtime services says so. */
const EFI_SIZE = '/sys/firmware/efi/fw_platform_size';
const EFI_IS_64 = sha256('64\n');

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Loads by a system call and starts what was loaded by a command. @returns the steps, and the second kernel's report */
async function loadAndStart(
  options: Partial<GuestOptions>,
  load: string,
  start: string,
): Promise<{ said: ReadonlyMap<string, string>; second: SecondKernel | undefined; console: string }> {
  const { kernel = 'cloud-6.12:amd64' } = options;
  const { output, console } = await runGuest({
    ...options,
    kernel,
    files: {
      '/boot/vmlinuz': findGuestKernel(kernel),
      '/boot/initrd': buildSecondInitrd(Buffer.from('payload'), [EFI_SIZE], PLATFORMS.x64),
      '/boot/shim': corpus.shim(),
    },
    script: `
      # UEFI firmware prints to this port, too.
      echo
      ${STEP}
      ln -s vmlinuz "/boot/vmlinuz-$(uname -r)"
      step 'load' kexec-file load /boot/vmlinuz --initrd /boot/initrd ${load} --json
      echo '== start'
      ${start}`,
  });
  const said = steps(output);
  expect(refusals(said)).toEqual({});
  const second = secondKernel(console);
  expect(second?.sha256.get(PAYLOAD)).toBe(sha256('payload'));
  return { said, second, console };
}

const TRUSTED = '--keyring /boot/shim';

describe('a PC with UEFI firmware', { timeout: 2 * GUEST_TEST_TIMEOUT }, () => {
  it.each([
    ['segments', TRUSTED],
    ['file', '--policy as-kernel'],
  ])("by --syscall %s starts a kernel that finds EFI's runtime services", async (call, trust) => {
    const load = `--syscall ${call} ${trust} --reuse-cmdline`;
    const { said, second } = await loadAndStart({ qemu: UEFI, memory: '5G' }, load, 'kexec-file exec');
    expect(reportOf(said.get('load'))).toMatchObject({ syscall: call });
    expect(second?.sha256.get(EFI_SIZE)).toBe(EFI_IS_64);
  });
});

describe('a crash', { timeout: 2 * GUEST_TEST_TIMEOUT }, () => {
  it.each([
    ['segments', TRUSTED],
    ['file', '--policy as-kernel'],
  ])('starts the kernel that --syscall %s loaded', async (call, trust) => {
    const load = `--syscall ${call} ${trust} --panic --capture-cmdline --hotplug`;
    const { second } = await loadAndStart(
      { commandLine: 'crashkernel=256M' },
      load,
      'echo c > /proc/sysrq-trigger',
    );
    expect(second?.commandLine).toMatch(/^elfcorehdr=0x\w+ console=ttyS0 /);
  });
});

describe('Linux 7.3', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('gets KEXEC_FILE_NO_CMA, and has a CMA area', async () => {
    const { said } = await loadAndStart(
      { kernel: 'oracle-7.3:amd64', commandLine: 'cma=64M' },
      '--policy as-kernel --reuse-cmdline',
      'kexec-file exec',
    );
    expect(reportOf(said.get('load'))).toMatchObject({
      syscall: 'file',
      trail: expect.arrayContaining([
        {
          check: 'kexec-file-load',
          verdict: 'ok',
          detail: expect.stringContaining('KEXEC_FILE_NO_CMA'),
        },
      ]),
    });
  });
});
