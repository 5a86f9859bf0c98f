/** Load, exec, unload and status on a PC: Debian's kernel for x86_64, which SeaBIOS booted. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MIB } from '../../src/base/u64.js';
import { joinLines } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, type GuestRun, runGuest } from './guest.js';
import { GUEST_PROGRAM, programForGuest } from './guest-program.js';
import { expectTries, KEXEC_LOAD_TRIES } from './kexec-load-tries.js';
import { PLATFORMS } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';
import { refusals, reportOf, STEP, steps } from './steps.js';

const CONTENT = Buffer.from('what the second kernel is to find');

/** `type_of_loader` of boot.rst, and what kexec writes there. */
const TYPE_OF_LOADER = 0x210;
const LOADED_BY_KEXEC = 0xd0;

/** Expects that the second kernel ran, with this initrd and command line. */
function expectSecondKernel({ console }: GuestRun, commandLine: string): void {
  const second = secondKernel(console);
  expect(second?.commandLine).toBe(commandLine);
  expect(second?.sha256.get(PAYLOAD)).toBe(createHash('sha256').update(CONTENT).digest('hex'));
  expect(second?.bootParams?.[TYPE_OF_LOADER]).toBe(LOADED_BY_KEXEC);
}

/** Debian's kernel with one bit changed in the middle. */
function tamperedKernel(): Uint8Array {
  const kernel = readFileSync(corpus.x86CloudKernel());
  const at = kernel.length >> 1;
  kernel[at] = (kernel[at] as number) ^ 1;
  return kernel;
}

const files = () => ({
  '/boot/vmlinuz': corpus.x86CloudKernel(),
  '/boot/initrd': buildSecondInitrd(CONTENT, [], PLATFORMS.x64),
  '/boot/shim': corpus.shim(),
});

describe("Debian's kernel for x86_64", { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('loads by kexec_load, verified by our purgatory, a crash kernel, too, and starts the next', async () => {
    const run = await runGuest({
      kernel: 'cloud-6.12:amd64',
      commandLine: 'crashkernel=256M greeting=hello BOOT_IMAGE=/boot/first',
      files: { ...files(), '/boot/tampered': tamperedKernel() },
      script: `
        ${STEP}
        load="kexec-file load --initrd /boot/initrd --keyring /boot/shim --syscall segments"
        step 'doctor' kexec-file doctor --json
        step 'plan' kexec-file plan /boot/vmlinuz --syscall segments
        step 'nobody trusted' kexec-file load /boot/vmlinuz --syscall segments
        step 'load' $load /boot/vmlinuz --reuse-cmdline --append farewell=goodbye --json
        step 'tampered' $load /boot/tampered
        step 'hotplug of none' $load /boot/vmlinuz --hotplug
        step 'crash' $load /boot/vmlinuz --panic --capture-cmdline
        step 'not updated' cat /sys/devices/system/cpu/crash_hotplug
        step 'updated crash' $load /boot/vmlinuz --panic --capture-cmdline --hotplug --trail
        step 'updated' cat /sys/devices/system/cpu/crash_hotplug
        step 'unload crash' kexec-file unload --panic
        step 'status' kexec-file status --json
        step 'exec' kexec-file exec`,
    });
    const said = steps(run.output);
    expect(said.has('exec'), `${run.output}${run.console}`).toBe(true);
    expect(refusals(said)).toEqual({
      'nobody trusted': expect.stringMatching(/^ENOKEY \(trust\): no trusted certificate/),
      tampered: expect.stringMatching(/^EKEYREJECTED \(pe-digest\): .*changed after it was signed/),
      'hotplug of none': 'EINVAL (live-option): --hotplug is for crash kernels',
    });
    expect(said.get('doctor')).not.toContain('live-platform');
    expect(joinLines(said.get('plan') ?? '')).toMatch(
      /^vmlinuz \(Linux 6\.12\S+, .*\) loads on this machine \(.+\) by kexec_load: 3 segments/,
    );
    expect(reportOf(said.get('load'))).toMatchObject({
      syscall: 'segments',
      type: 'default',
      segments: [{ name: 'purgatory' }, { name: 'boot-params' }, { name: 'kernel' }, { name: 'initrd' }],
      trail: expect.arrayContaining([
        expect.objectContaining({
          check: 'purgatory-regions',
          detail: 'purgatory verifies boot-params, kernel, initrd by SHA-256',
        }),
        expect.objectContaining({ check: 'kexec-load', verdict: 'ok' }),
      ]),
    });
    expect(said.get('not updated')).toBe('0\nended with 0\n');
    const updated = said.get('updated crash');
    expect(updated).toMatch(/^ {2}ok +purgatory-regions +purgatory verifies boot-params, kernel, initrd by/m);
    expect(updated).toMatch(/^ {2}ok +crash-hotplug +the kernel updates the ELF core header/m);
    expect(updated).toContain('ended with 0\n');
    expect(said.get('updated')).toBe('1\nended with 0\n');
    expect(reportOf(said.get('status'))).toMatchObject({
      loaded: true,
      crashLoaded: false,
      crashSize: `0x${(256n * MIB).toString(16)}`,
    });
    expect(run.console).toMatch(/kexec-file: purgatory: verifying by SHA-256/);
    expect(run.console).toMatch(/kexec-file: \d+ bytes verified; entering/);
    expectSecondKernel(
      run,
      'console=ttyS0 quiet panic=-1 no_timer_check crashkernel=256M greeting=hello farewell=goodbye',
    );
  });

  it('loads by kexec_file_load, which auto chooses, and starts the next', async () => {
    const run = await runGuest({
      kernel: 'cloud-6.12:amd64',
      files: files(),
      script: `
        ${STEP}
        ln -s vmlinuz "/boot/vmlinuz-$(uname -r)"
        load="kexec-file load --initrd /boot/initrd --policy as-kernel"
        step 'exec of nothing' kexec-file exec
        step 'option' $load /boot/vmlinuz --mem-min 0x1000000
        step 'load' $load /boot/vmlinuz --command-line 'console=ttyS0 no_timer_check' --json
        step 'status' kexec-file status
        step 'exec' kexec-file exec`,
    });
    const said = steps(run.output);
    expect(refusals(said)).toEqual({
      'exec of nothing': expect.stringMatching(/^EINVAL \(live-state\): .*no kernel is loaded/),
      option: expect.stringMatching(/^EINVAL \(live-option\): .*kexec_file_load.*--mem-min/),
    });
    expect(reportOf(said.get('load'))).toMatchObject({
      syscall: 'file',
      segments: [{ name: 'purgatory' }, { name: 'boot-params' }, { name: 'kernel' }, { name: 'initrd' }],
      trail: expect.arrayContaining([
        { check: 'kexec-file-load', verdict: 'ok', detail: 'the kernel accepted the files' },
      ]),
    });
    expect(said.get('status')).toMatch(/^kernel +loaded\ncrash kernel +not loaded\ncrash region +none\n/);
    expectSecondKernel(run, 'console=ttyS0 no_timer_check');
  });

  it('has a reason for every errno that kexec_load can be made to return', async () => {
    const { output } = await runGuest({
      kernel: 'cloud-6.12:amd64',
      program: 'node',
      commandLine: 'crashkernel=256M',
      files: { [GUEST_PROGRAM]: await programForGuest('kexec-load-errnos.ts') },
      script: `
        ${STEP}
        step 'tries' node ${GUEST_PROGRAM}
        step 'disabled' kexec-file unload`,
    });
    const said = steps(output);
    expectTries(said.get('tries'), { ...KEXEC_LOAD_TRIES, 'no kexec_file_load': /^0/ });
    expect(refusals(said)).toEqual({
      disabled: expect.stringMatching(/^EPERM \(live-permission\): kernel.kexec_load_disabled is 1/),
    });
  });

  it('does not start a kernel whose initrd is not what was verified', async () => {
    const { output, console, status } = await runGuest({
      kernel: 'cloud-6.12:amd64',
      program: 'node',
      files: { ...files(), [GUEST_PROGRAM]: await programForGuest('tampered-load.ts') },
      script: `
        kexec-file machine record -o /tmp/machine.json || exit 1
        node ${GUEST_PROGRAM} console=ttyS0 || exit 1
        kexec-file exec`,
    });
    expect(status, output).toBeUndefined();
    expect(console).toMatch(
      /kexec-file: initrd at 0x\w+, \d+ bytes, is not what was loaded\r\n.*expected \w{64}\r\n.*found {4}\w{64}\r\nkexec-file: resetting\r\n$/,
    );
  });
});
