import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { joinLines } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { GUEST_PROGRAM, programForGuest } from './guest-program.js';
import { expectTries, KEXEC_LOAD_TRIES } from './kexec-load-tries.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';
import { refusals, reportOf, STEP, steps } from './steps.js';

/** Debian's kernel with one bit of its code changed. */
function tamperedKernel(): Uint8Array {
  const kernel = readFileSync(corpus.cloudKernel());
  const at = kernel.length >> 1;
  kernel[at] = (kernel[at] as number) ^ 1;
  return kernel;
}

describe("Debian's kernel, which has no kexec_file_load", { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('starts another kernel by load and exec, verified, after every refusal', async () => {
    const payload = Buffer.from('what the second kernel is to find');
    const { output, console } = await runGuest({
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/tampered': tamperedKernel(),
        '/boot/witness': 'test/witness/witness.Image',
        '/boot/initrd': buildSecondInitrd(payload),
        '/boot/shim': corpus.shim(),
      },
      commandLine: 'greeting=hello BOOT_IMAGE=/boot/first',
      script: `
        ${STEP}
        load="kexec-file load --initrd /boot/initrd --keyring /boot/shim"
        step 'exec of nothing' kexec-file exec
        step 'by file' kexec-file load /boot/witness --policy permissive --syscall file
        step 'alone' kexec-file load /boot/vmlinuz --keyring /boot/shim
        kexec-file unload
        step 'strict' kexec-file load /boot/vmlinuz --keyring /boot/shim --strict
        step 'nothing loaded' cat /sys/kernel/kexec_loaded
        step 'plan' kexec-file plan /boot/vmlinuz
        step 'load' $load /boot/vmlinuz --command-line quiet --json
        step 'tampered' $load /boot/tampered
        step 'status' kexec-file status
        step 'unload' kexec-file unload --json
        step 'piped' sh -c "cat /boot/vmlinuz | $load - --command-line quiet --json"
        step 'unload again' kexec-file unload
        step 'status after' cat /sys/kernel/kexec_loaded
        step 'record' kexec-file machine record -o /tmp/machine.json
        step 'load again' $load /boot/vmlinuz --machine /tmp/machine.json --dtb /sys/firmware/fdt --trail \\
          --reuse-cmdline --append 'farewell=goodbye' --mem-min 0x50000000
        step 'exec' kexec-file exec`,
    });
    const said = steps(output);
    expect(refusals(said)).toEqual({
      strict: expect.stringMatching(/^ENODATA \(command-line-present\): /),
      'exec of nothing': expect.stringMatching(/^EINVAL \(live-state\): .*no kernel is loaded/),
      'by file': expect.stringMatching(
        /^ENOSYS \(kexec-file-load\): kexec_file_load\(.* no CONFIG_KEXEC_FILE/,
      ),
      tampered: expect.stringMatching(/^EKEYREJECTED \(pe-digest\): .*changed after it was signed/),
    });
    for (const name of Object.keys(refusals(said))) expect(said.get(name)).toMatch(/^ended with 1$/m);

    expect(reportOf(said.get('load'))).toMatchObject({
      schema: 'kexec-file/load',
      version: 1,
      kernel: '/boot/vmlinuz',
      initrd: '/boot/initrd',
      syscall: 'segments',
      type: 'default',
      segments: [{ name: 'kernel' }, { name: 'initrd' }, { name: 'dtb' }, { name: 'purgatory' }],
      trail: expect.arrayContaining([{ check: 'kexec-load', verdict: 'ok', detail: expect.any(String) }]),
    });
    const alone = joinLines(said.get('alone') ?? '');
    expect(alone).toMatch(/kexec-file: warning: command-line-present: .* --reuse-cmdline /);
    expect(alone).toMatch(/kexec-file: warning: root-device: no root= and no initrd: .* \(--initrd\)/);
    expect(alone).toMatch(/kexec-file: warning: initrd-present: .*\(linux,initrd-start in its device tree\)/);
    expect(alone).toMatch(
      /loaded vmlinuz \(Linux 6\.12\S+, signed by .*Debian Secure Boot Signer .*\) without an initrd, [\d.]+ MiB, by kexec_load start it with: kexec-file exec ended with 0$/,
    );
    expect(said.get('nothing loaded')).toBe('0\nended with 0\n');
    expect(joinLines(said.get('plan') ?? '')).toMatch(
      /vmlinuz \(Linux 6\.12\S+, .*\) loads on this machine \(.+\): 3 segments/,
    );

    expect(said.get('status')).toBe(
      "kernel        loaded\ncrash kernel  not loaded\ncrash region  none\nKHO           unknown: the kernel's configuration cannot be read\nLUO           off\nended with 0\n",
    );
    expect(reportOf(said.get('unload'))).toEqual({
      schema: 'kexec-file/unload',
      version: 1,
      type: 'default',
    });
    expect(reportOf(said.get('piped'))).toMatchObject({ kernel: '-', syscall: 'segments' });
    expect(said.get('status after')).toBe('0\nended with 0\n');

    const again = said.get('load again');
    expect(again).toMatch(/^ {2}ok +trust +the chain leads to Debian Secure Boot CA/m);
    expect(again).toMatch(/^ {2}ok +purgatory-regions +purgatory verifies kernel, initrd, dtb by SHA-256$/m);
    expect(again).toMatch(
      /^loaded vmlinuz \(.*\) with initrd, .* by kexec_load\nstart it with: kexec-file exec\nended with 0\n/m,
    );
    expect(said.get('exec')).toBe('kexec-file: file systems are synced; starting the loaded kernel\n');

    expect(console).toMatch(
      /kexec-file: purgatory at EL1: verifying by SHA-256, with the CPU's .*, caches on/,
    );
    expect(console).toMatch(/kexec-file: \d+ bytes verified/);
    const second = secondKernel(console);
    expect(second?.commandLine).toBe('console=ttyAMA0 quiet panic=-1 greeting=hello farewell=goodbye');
    expect(second?.sha256.get(PAYLOAD)).toBe(createHash('sha256').update(payload).digest('hex'));
    expect(second?.chosen.has('linux,booted-from-kexec')).toBe(true);
    const start = Buffer.from(second?.chosen.get('linux,initrd-start') ?? []);
    expect(start.readBigUInt64BE()).toBeGreaterThanOrEqual(0x5000_0000n);
  });

  it('has a reason for every errno that kexec_load can be made to return', async () => {
    const { output } = await runGuest({
      program: 'node',
      commandLine: 'crashkernel=128M',
      files: {
        [GUEST_PROGRAM]: await programForGuest('kexec-load-errnos.ts'),
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/usr/bin/systemctl': Buffer.from('#!/bin/sh\necho "systemctl $*" > /tmp/told\n'),
      },
      script: `
        ${STEP}
        step 'nobody trusted' kexec-file load /boot/vmlinuz
        step 'hotplug' kexec-file load /boot/vmlinuz --panic --hotplug --policy permissive
        step 'unload of nothing' kexec-file unload --panic
        step 'tries' node ${GUEST_PROGRAM}
        step 'status' kexec-file status --json
        step 'disabled' kexec-file load /boot/vmlinuz --policy permissive
        mkdir -p /run/systemd/system
        step 'exec by systemd' kexec-file exec
        cat /tmp/told`,
    });
    const said = steps(output);
    expect(refusals(said)).toEqual({
      'nobody trusted': expect.stringMatching(
        /^ENOKEY \(trust\): no trusted certificate.*--policy permissive/,
      ),
      hotplug: expect.stringMatching(/^EOPNOTSUPP \(crash-hotplug\): .*no CONFIG_CRASH_HOTPLUG/),
      disabled: expect.stringMatching(/^EPERM \(live-permission\): kernel.kexec_load_disabled is 1/),
    });
    expect(said.get('unload of nothing')).toBe('ended with 0\n');
    expectTries(said.get('tries'), KEXEC_LOAD_TRIES);
    expect(said.get('exec by systemd')).toBe(
      'kexec-file: systemd stops this system and starts the loaded kernel (systemctl kexec)\n' +
        'ended with 0\nsystemctl kexec\n',
    );
    // The first load is in place during all tries.
    expect(reportOf(said.get('status'))).toEqual({
      schema: 'kexec-file/status',
      version: 1,
      loaded: true,
      crashLoaded: false,
      crashSize: '0x8000000',
      handover: 'unknown',
      liveUpdate: false,
    });
  });
});
