import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { type PrintedReport, parseReports } from '../support/json-reports.js';
import { baseArchive } from './base.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { GuestTree } from './tree.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

/** The PATH of root, which includes the folder of e2fsprogs. */
const SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

const DISK = '/dev/nvme0n1';

const SETTINGS = `
[load]
keyrings = ["/boot/shim"]
[kdump]
initrd = "/boot/initrd"
syscall = "segments"
keep = 2
`;

/** What stands for systemctl in the capture kernel, and says with what it was called. */
const SYSTEMCTL = '#!/bin/sh\necho "systemctl $*" >/dev/console\n';

/**
 * An initrd for the capture kernel in place of a system's own: it mounts the disk as the root file system would be, and
 * does what the unit does. The executable is in it, as in every guest.
 */
function buildCaptureInitrd(path: string): void {
  const tree = new GuestTree();
  tree.addFile('/usr/bin/systemctl', Buffer.from(SYSTEMCTL));
  tree.addFile('/etc/kexec-file.conf', Buffer.from(SETTINGS), 0o644);
  tree.addFile('/guest/marker', Buffer.from('capture'));
  tree.addFile(
    '/guest/script',
    Buffer.from(`
      mkdir -p /var/crash
      mount -t ext4 ${DISK} /var/crash
      kexec-file kdump save --finish >/dev/console 2>&1
      echo "save ended with $?" >/dev/console
      umount /var/crash
      sleep 1`),
  );
  copyFileSync(baseArchive('executable'), path);
  appendFileSync(path, tree.toCpio());
}

/** The part of a guest's output behind a line `== NAME`. */
function findSection(output: string, name: string): string {
  return new RegExp(`^== ${name}\\n([\\s\\S]*?)(?=^== |$(?![\\s\\S]))`, 'm').exec(output)?.[1] ?? '';
}

/** A command's report. */
function findReport(output: string, name: string): PrintedReport | undefined {
  return parseReports(findSection(output, name))[0];
}

describe('the kdump service', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('loads a crash kernel once, reports it, and saves the dump of a crash', async () => {
    const folder = makeTemporaryFolder();
    const disk = join(folder, 'disk');
    execFileSync('mke2fs', ['-q', '-t', 'ext4', disk, '2G'], { env: SBIN });
    const initrd = join(folder, 'initrd');
    buildCaptureInitrd(initrd);
    const release = corpus.cloudKernel().replace(/^.*vmlinuz-/, '');

    const { output, console } = await runGuest({
      memory: '3G',
      commandLine: 'crashkernel=1G loglevel=8',
      qemu: [
        ...['-drive', `if=none,id=disk,format=raw,cache=unsafe,file=${disk}`],
        ...['-device', 'nvme,serial=disk,drive=disk'],
      ],
      files: {
        [`/boot/vmlinuz-${release}`]: corpus.cloudKernel(),
        '/boot/initrd': initrd,
        '/boot/shim': corpus.shim(),
        '/etc/kexec-file.conf': Buffer.from(SETTINGS),
      },
      script: `
        mkdir -p /var/crash
        mount -t ext4 ${DISK} /var/crash
        mkdir /var/crash/20200101-000000 /var/crash/20210101-000000
        echo '== before'; kexec-file kdump status
        echo "exit $?"
        echo '== question'; kexec-file kdump test --crash </dev/null 2>&1
        echo "exit $?"
        echo '== crash'; kexec-file kdump test --crash --yes 2>&1
        echo '== first'; kexec-file kdump reload
        echo '== again'; kexec-file kdump reload --json
        echo '== ready'; kexec-file kdump status --json
        echo '== show'; kexec-file kdump show
        echo '== refused'
        cp /etc/kexec-file.conf /tmp/good
        sed '/initrd/a kernel = "/boot/shim"' /tmp/good >/etc/kexec-file.conf
        kexec-file kdump reload >/tmp/reload 2>&1
        echo "exit $?, loaded $(cat /sys/kernel/kexec_crash_loaded)"
        cp /tmp/good /etc/kexec-file.conf
        echo '== changed'
        echo 'append = "udev.log_level=3"' >>/etc/kexec-file.conf
        kexec-file kdump reload
        echo '== unloaded'
        kexec-file unload --panic
        ls /run/kexec-file
        kexec-file kdump reload
        echo '== status'; kexec-file kdump status
        echo "exit $?"
        kexec-file kdump test --json --crash --yes >/var/crash/test.json`,
    });
    const kernel = `/boot/vmlinuz-${release}`;
    const loaded = `loaded the crash kernel ${kernel} (Linux ${release}), with /boot/initrd: `;
    expect(findSection(output, 'before')).toMatch(/^problem +no crash kernel is loaded$[\s\S]*^exit 1$/m);
    expect(findSection(output, 'question')).toMatch(/^error: --crash asks on a terminal.*$[\s\S]*^exit 2$/m);
    expect(findSection(output, 'crash')).toMatch(
      /^refused: ENOENT \(kdump-crash\)$[\s\S]*no crash kernel is loaded/m,
    );
    expect(findSection(output, 'first')).toBe(`${loaded}no crash kernel was loaded\n`);
    expect(findReport(output, 'again')).toMatchObject({ action: 'kept', reasons: [] });
    expect(findReport(output, 'ready')).toMatchObject({
      captures: true,
      reserved: '0x40000000',
      loaded: { release, kernel: { path: kernel }, syscall: 'segments' },
      problems: [],
    });
    const [, command = ''] = /^(kexec-file load .*)$/m.exec(findSection(output, 'show')) ?? [];
    expect(command).toContain(
      `load ${kernel} --panic --policy enforce --initrd /boot/initrd --syscall segments`,
    );
    // What is no kernel is refused before the kernel is asked, which would have freed the loaded one first.
    expect(findSection(output, 'refused')).toBe('exit 1, loaded 1\n');
    expect(findSection(output, 'changed')).toBe(`${loaded}the command line has changed\n`);
    expect(findSection(output, 'unloaded')).toBe(`${loaded}no crash kernel was loaded\n`);
    expect(findSection(output, 'status')).toMatch(/^kdump +a crash would be captured$[\s\S]*^exit 0$/m);

    const said = [...console.matchAll(/^kexec-file kdump: (.*)\r$/gm)].map(([, sentence]) => sentence);
    expect(said[0]).toMatch(
      /^a dump of [\d.]+ GiB, to be saved in \/var\/crash\/\d{8}-\d{6}; [\d.]+ GiB are free$/,
    );
    expect(said).toContainEqual(expect.stringMatching(/^the log is in .*\/dmesg\.txt$/));
    expect(said).toContainEqual(expect.stringMatching(/^[\d.]+ .iB of [\d.]+ .iB saved(, \d+ s left)?$/));
    expect(said.at(-1)).toBe('the end: reboot');
    expect(console).toMatch(/^systemctl --force reboot\r$[\s\S]*^save ended with 0\r$/m);

    const root = join(folder, 'saved');
    mkdirSync(root);
    execFileSync('debugfs', ['-R', `rdump / ${root}`, disk], { env: SBIN, stdio: 'pipe' });
    expect(parseReports(readFileSync(join(root, 'test.json'), 'utf8'))[0]).toMatchObject({
      captures: true,
      steps: expect.arrayContaining([
        { part: 'dump', verdict: 'fine', detail: expect.stringMatching(/would now take [\d.]+ MiB/) },
      ]),
    });
    const dumps = readdirSync(root).filter((name) => name.startsWith('20'));
    expect(dumps).toEqual(['20210101-000000', expect.stringMatching(/^20\d{6}-\d{6}$/)]);
    const dump = join(root, dumps[1] ?? '');
    expect(readdirSync(dump).sort()).toEqual(['dmesg.txt', 'info.json', 'vmcore', 'vmcore.sha256']);
    expect(readFileSync(join(dump, 'dmesg.txt'), 'utf8')).toContain(PANIC);
    const info = JSON.parse(runCli('vmcore', 'info', join(dump, 'vmcore'), '--json').stdout);
    expect(info).toMatchObject({ release, panic: PANIC, problems: [] });
    // No more than was estimated before the crash.
    const [, estimate = ''] = /at most ([\d.]+) MiB/.exec(findSection(output, 'status')) ?? [];
    expect(statSync(join(dump, 'vmcore')).size).toBeLessThan(Number(estimate) * 2 ** 20);
  });
});
