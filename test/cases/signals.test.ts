import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/cli/terminal/exit-codes.js';
import { ET_EXEC, PF_RWX, PT_LOAD } from '../../src/formats/elf/format.js';
import { writeHeaders } from '../../src/formats/elf/program-headers.js';
import { buildQemuVirt } from '../../src/machine/presets/qemu-virt.js';
import { formatMachine } from '../../src/machine/schema.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildElfVmcore, buildFlatCrashedKernel } from '../support/crashed-kernel.js';
import { startCli } from '../support/running-cli.js';

const WITNESS = 'test/witness/witness.Image';

/** Where p_filesz and p_memsz of the dump's PT_LOAD are: the second program header. */
const SIZES_OF_LOAD = [64 + 56 + 32, 64 + 56 + 40];
/** More memory, all of it zero, than is saved in the time that a test takes to send a signal. */
const DUMP_BYTES = 6 * 2 ** 30;

/** A sparse dump that takes seconds to save, and how it is saved. */
function makeLargeDump(): { folder: string; args: readonly string[] } {
  const folder = makeTemporaryFolder();
  const bytes = buildElfVmcore(
    buildFlatCrashedKernel({ kind: 'log_buf', size: 4096, first: 0, records: [] }),
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const at of SIZES_OF_LOAD) view.setBigUint64(at, BigInt(DUMP_BYTES), true);
  writeFileSync(join(folder, 'vmcore'), bytes);
  truncateSync(join(folder, 'vmcore'), DUMP_BYTES + bytes.length);
  const output = ['-o', join(folder, 'copy'), '--filter', 'none'];
  return { folder, args: ['vmcore', 'save', join(folder, 'vmcore'), ...output] };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends vmcore save, which says how it is resumed: %s', async (signal, status) => {
    const { folder, args } = makeLargeDump();
    const incomplete = join(folder, 'copy.incomplete');
    const run = startCli(args);
    await run.waitUntil(() => existsSync(incomplete) && statSync(incomplete).size > 1 << 16);
    run.child.kill(signal);
    expect(await run.end).toBe(signal);
    expect(joinLines(run.stderr())).toMatch(
      new RegExp(
        `stopped by ${signal}: \\S+copy\\.incomplete has [\\d.]+ [KM]iB .*of the copy; run the same command again to resume it$`,
      ),
    );
    expect(readdirSync(folder).sort()).toEqual(['copy.incomplete', 'vmcore']);

    // As a shell sees it.
    const script = `"$@" & child=$!; while [ ! -e "$0" ]; do sleep 0.01; done; kill -${signal.slice(3)} $child; wait $child`;
    const other = makeLargeDump();
    const shell = spawnSync('bash', [
      ...['-c', script, join(other.folder, 'copy.incomplete')],
      ...(signal === 'SIGINT' ? ['env', '--default-signal=INT'] : []),
      ...[process.execPath, 'bin/kexec-file.js', ...other.args],
    ]);
    expect(shell.status).toBe(status);
  });

  it('ends makedumpfile, which says what it leaves', async () => {
    const { folder } = makeLargeDump();
    const makedumpfile = join(folder, 'makedumpfile');
    symlinkSync(resolve('bin/kexec-file.js'), makedumpfile);
    const incomplete = join(folder, 'copy.incomplete');
    const args = ['-d', '0', join(folder, 'vmcore'), join(folder, 'copy')];
    const run = startCli(args, {}, makedumpfile);
    await run.waitUntil(() => existsSync(incomplete) && statSync(incomplete).size > 1 << 16);
    run.child.kill('SIGTERM');
    expect(await run.end).toBe('SIGTERM');
    expect(run.stderr()).toMatch(
      /^makedumpfile: stopped by SIGTERM: \S+copy\.incomplete has [\d.]+ [KM]iB of the dump$/m,
    );
    expect(existsSync(join(folder, 'copy'))).toBe(false);
  });

  it('before there is anything to say ends the command without a word', async () => {
    const [folder, fleet] = [makeTemporaryFolder(), makeTemporaryFolder()];
    const machine = formatMachine(buildQemuVirt());
    for (let index = 0; index < 3000; index += 1) writeFileSync(join(fleet, `${index}.json`), machine);
    const run = startCli(['preflight', WITNESS, fleet, '--jobs', '1'], { TMPDIR: folder });
    await setTimeout(500);
    run.child.kill('SIGTERM');
    expect([await run.end, run.stderr()]).toEqual(['SIGTERM', '']);
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** A QEMU that ignores signals, and where it says which process it is. */
function makeQemu(ignored: string): { env: NodeJS.ProcessEnv; folder: string; pid: () => number } {
  const [bin, folder] = [makeTemporaryFolder(), makeTemporaryFolder()];
  const file = join(bin, 'pid');
  const script = `#!/bin/sh\ntrap '' ${ignored}\necho booting\necho $$ > '${file}.new'\nmv '${file}.new' '${file}'\nexec sleep 60\n`;
  writeFileSync(join(bin, 'qemu-system-aarch64'), script, { mode: 0o755 });
  const pid = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  return { env: { PATH: `${bin}:${process.env.PATH}`, TMPDIR: folder }, folder, pid };
}

/** Whether a process runs: one that has ended, and that nobody has waited for, does not. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe('a guest', () => {
  const boot = ['boot', WITNESS, '--machine', 'qemu-virt'];

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends before the command does: %s', async (signal) => {
    // The command asks it to end by SIGTERM.
    const qemu = makeQemu('INT HUP');
    const run = startCli(boot, qemu.env);
    await run.waitUntil(() => qemu.pid() > 0);
    run.child.kill(signal);
    expect(await run.end).toBe(signal);
    expect(isRunning(qemu.pid())).toBe(false);
    expect(joinLines(run.stderr())).toContain(
      `stopped by ${signal}: nothing is left of the guest; run the same command`,
    );
    expect(readdirSync(qemu.folder)).toEqual([]);
  });

  it('is killed by a second signal, which ends the command at once', async () => {
    const qemu = makeQemu('INT TERM HUP');
    const run = startCli(boot, qemu.env);
    await run.waitUntil(() => qemu.pid() > 0);
    run.child.kill('SIGTERM');
    await setTimeout(100);
    expect(isRunning(qemu.pid())).toBe(true);
    run.child.kill('SIGINT');
    // Else the first one would end the command, in order.
    expect(await run.end).toBe('SIGINT');
    expect(readdirSync(qemu.folder)).toEqual([]);
  });

  it('ends with a command that is killed', async () => {
    const qemu = makeQemu('INT TERM HUP');
    const run = startCli(boot, qemu.env);
    await run.waitUntil(() => qemu.pid() > 0);
    run.child.kill('SIGKILL');
    expect(await run.end).toBe('SIGKILL');
    while (isRunning(qemu.pid())) await setTimeout(5);
  });
});

describe('a rehearsal that a signal ends', () => {
  const KEPT = /stopped by SIGTERM: \S+log has the console output so far, 8 B, .*again with --force/;

  it('says that its log is kept, and how to start over', async () => {
    const folder = makeTemporaryFolder();
    const [busybox, log] = [join(folder, 'busybox'), join(folder, 'log')];
    const nothing = { offset: 0n, virtualAddress: 0n, physicalAddress: 0n, fileSize: 0n, memorySize: 0n };
    const programHeaders = [{ ...nothing, type: PT_LOAD, flags: PF_RWX, alignment: 0n }];
    writeFileSync(busybox, writeHeaders({ type: ET_EXEC, entry: 0n, programHeaders }, 4096));
    const rehearse = [
      ...['crash', 'rehearse', '--machine', 'qemu-virt', '--kernel', WITNESS, '--crashkernel', '128M'],
      ...['--memory', '1G', '--busybox', busybox, '--console', log],
    ];
    for (const force of [[], ['--force']]) {
      const qemu = makeQemu('INT HUP');
      const run = startCli([...rehearse, ...force], qemu.env);
      await run.waitUntil(
        () => existsSync(log) && readFileSync(log, 'utf8') === 'booting\n' && qemu.pid() > 0,
      );
      run.child.kill('SIGTERM');
      expect(await run.end).toBe('SIGTERM');
      expect(joinLines(run.stderr())).toMatch(KEPT);
      expect(isRunning(qemu.pid())).toBe(false);
      expect(readdirSync(qemu.folder)).toEqual([]);
      expect(readdirSync(folder).sort()).toEqual(['busybox', 'log']);
      expect(runCli(...rehearse)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('EEXIST (file-access)'),
      });
    }
  });
});

describe('a reader that is gone', () => {
  /** Runs a command in a pipe whose other end is closed at once. */
  function pipeToNobody(command: string): { status: number | null; stderr: string } {
    const script = `{ sleep 0.1; ${process.execPath} bin/kexec-file.js ${command}; } | exec 0<&-; exit "\${PIPESTATUS[0]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  }

  it('ends the command without a word, and not as a success', () => {
    for (const command of [
      `plan ${WITNESS} --machine qemu-virt`,
      `plan ${WITNESS} --machine qemu-virt --json`,
      `plan ${WITNESS} --machine qemu-virt --svg -`,
      'machine collector',
    ])
      expect(pipeToNobody(command), command).toMatchObject({ status: 141, stderr: '' });
  });

  it('does not keep files from being written, nor a refusal from being one', () => {
    const folder = makeTemporaryFolder();
    const svg = join(folder, 'map.svg');
    expect(pipeToNobody(`plan ${WITNESS} --machine qemu-virt --json --svg ${svg}`).status).toBe(141);
    expect(readFileSync(svg, 'utf8')).toMatch(/<\/svg>\s*$/);
    const { status, stderr } = pipeToNobody('plan package.json --machine qemu-virt 2>&1');
    expect([status === 1 || status === 141, stderr]).toEqual([true, '']);
  });
});

describe('the exit codes', () => {
  it('are listed by --help and docs/command-line.md', () => {
    const help = joinLines(runCli('--help').stdout);
    const page = readFileSync('docs/command-line.md', 'utf8');
    for (const { term, text } of EXIT_CODES) {
      expect(help).toContain(` ${term} ${text}`);
      expect(page).toContain(`| ${term} | ${text} |`);
    }
  });
});
