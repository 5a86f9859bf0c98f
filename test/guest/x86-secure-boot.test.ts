/** A PC under Secure Boot: shim and GRUB start Debian's signed kernel, which locks itself down and verifies what it loads. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOOT_PARAMS_AT as AT } from '../../src/formats/boot-params-fields.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { PLATFORMS } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';
import { refusals, reportOf, STEP, steps } from './steps.js';

const CONTENT = Buffer.from('what the second kernel is to find');
const LOCKDOWN = '/sys/kernel/security/lockdown';
const LOCKED_DOWN = 'none [integrity] confidentiality\n';
/** `efi_secureboot_mode_enabled` of include/linux/efi.h. */
const SECURE_BOOT_ENABLED = 3;

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Debian's kernel with one bit changed in the middle, and without its signature. */
function buildRefused(): { tampered: Uint8Array; unsigned: string } {
  const tampered = readFileSync(corpus.x86CloudKernel());
  const at = tampered.length >> 1;
  tampered[at] = (tampered[at] as number) ^ 1;
  const unsigned = join(makeTemporaryFolder(), 'unsigned');
  expect(runCli('signature', 'remove', corpus.x86CloudKernel(), '-o', unsigned).status).toBe(0);
  return { tampered, unsigned };
}

it('under Secure Boot, the kernel loads and starts what Debian signed, and nothing else', {
  timeout: GUEST_TEST_TIMEOUT,
}, async () => {
  const { tampered, unsigned } = buildRefused();
  const vmlinuz = corpus.x86CloudKernel();
  const [release, config] = [vmlinuz.replace(/^.*vmlinuz-/, ''), vmlinuz.replace('vmlinuz-', 'config-')];
  const { output, console } = await runGuest({
    kernel: 'cloud-6.12:amd64',
    firmware: 'secure-boot',
    packages: ['kexec-tools:amd64'],
    files: {
      [`/boot/vmlinuz-${release}`]: vmlinuz,
      [`/boot/config-${release}`]: config,
      '/boot/tampered': tampered,
      '/boot/unsigned': unsigned,
      '/boot/initrd': buildSecondInitrd(CONTENT, [LOCKDOWN], PLATFORMS.x64),
      '/boot/shim': corpus.x86Shim(),
    },
    script: `
      # UEFI firmware prints to this port, too.
      echo
      ${STEP}
      vmlinuz=/boot/vmlinuz-${release}
      load="kexec-file load --initrd /boot/initrd --reuse-cmdline"
      step 'locked down' cat ${LOCKDOWN}
      step 'file' $load $vmlinuz --keyring /boot/shim --syscall file --json
      step 'segments' $load $vmlinuz --keyring /boot/shim --syscall segments
      step 'kexec-tools' kexec -c -l $vmlinuz --reuse-cmdline
      # With this policy, the kernel alone verifies them.
      by_kernel="$load --policy permissive --syscall file"
      step 'tampered' $by_kernel /boot/tampered
      step 'unsigned' $by_kernel /boot/unsigned
      step 'status' kexec-file status --json
      step 'unload' kexec-file unload
      step 'unloaded' cat /sys/kernel/kexec_loaded
      step 'auto' $load $vmlinuz --keyring /boot/shim --append greeting=hello --json
      step 'exec' kexec-file exec`,
  });
  const said = steps(output);
  expect(said.get('locked down'), console).toContain(LOCKED_DOWN);
  expect(refusals(said)).toEqual({
    segments: expect.stringMatching(/^EACCES \(ima-appraisal\): .*IMA refuses every kexec_load\(2\)/),
    // What was predicted, and what the kernel said.
    tampered: expect.stringMatching(/^EKEYREJECTED \(pe-digest\): .* = -1, EKEYREJECTED .*, as predicted$/),
    unsigned: expect.stringMatching(/^ENODATA \(pe-signed\): .* = -1, ENODATA .*, as predicted$/),
  });
  expect(said.get('kexec-tools')).toMatch(/^kexec_load failed: Permission denied$/m);
  for (const name of ['file', 'auto']) {
    expect(reportOf(said.get(name))).toMatchObject({
      syscall: 'file',
      trail: expect.arrayContaining([
        { check: 'trust', verdict: 'ok', detail: expect.stringContaining('Debian Secure Boot CA') },
        { check: 'kexec-file-load', verdict: 'ok', detail: 'the kernel accepted the files' },
      ]),
    });
  }
  // What was refused changed nothing.
  expect(reportOf(said.get('status'))).toMatchObject({ loaded: true, crashLoaded: false });
  expect(said.get('unloaded')).toBe('0\nended with 0\n');

  const second = secondKernel(console);
  expect(second?.sha256.get(PAYLOAD), console).toBe(sha256(CONTENT));
  expect(second?.commandLine).toBe('console=ttyS0 quiet panic=-1 no_timer_check greeting=hello');
  expect(second?.sha256.get(LOCKDOWN)).toBe(sha256(LOCKED_DOWN));
  expect(second?.bootParams?.[AT.secureBoot]).toBe(SECURE_BOOT_ENABLED);
});
