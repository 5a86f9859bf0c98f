/** What calls makedumpfile, and makedumpfile itself, with the drop-in. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { linkAs, runAs } from '../../../support/called-as.js';
import { makeTemporaryFolder } from '../../../support/cli.js';
import { corpus } from '../../../support/corpus.js';
import { runMakedumpfile, runMakedumpfileFrom, runMakedumpfileTo } from '../../../support/package-program.js';
import { readExpectedDmesg, readReducedVmcore } from '../../../support/vmcore.js';
import { DUMP_NAME, expectSameDump } from '../../../vmcore/save/same-dump.js';

let folder: string;
const file = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = makeTemporaryFolder();
  writeFileSync(file('vmcore'), readReducedVmcore(DUMP_NAME));
});

/** Runs lines of a script in the folder, where makedumpfile and vmcore-dmesg are the drop-ins. */
function runScript(script: string) {
  const path = ['makedumpfile', 'vmcore-dmesg'].map((name) => dirname(linkAs(name))).join(':');
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path}:${dirname(process.execPath)}:${process.env.PATH}` },
  });
  return { status, stdout, stderr };
}

describe('kdump-config of kdump-tools', () => {
  const script = readFileSync(join(corpus.debianPackage('kdump-tools'), 'usr/sbin/kdump-config'), 'utf8');
  /** Its assignments of MAKEDUMP_ARGS, and its first call for each purpose. */
  const find = (pattern: RegExp): string => pattern.exec(script)?.[0] ?? '';
  const args = find(/^MAKEDUMP_ARGS=.*$/m);
  const addFlatten = find(/^\[ "\$\{MAKEDUMP_ARGS#.*$/m);
  const dump = find(/(?<=^\t)makedumpfile \$MAKEDUMP_ARGS \$vmcore_file \| compress > .*$/m);
  const log = find(/(?<=if )makedumpfile --dump-dmesg .*(?=; then)/);
  const settings = `vmcore_file=vmcore vmcore=vmcore outfile=dmesg KDUMP_CORETEMP=dump-incomplete
    compress() { cat; }`;

  it('has the lines that are run here', () => {
    expect([args, addFlatten, dump, log].filter((line) => line === '')).toEqual([]);
  });

  it('gets a dump through its pipe', () => {
    const { status, stdout, stderr } = runScript(`${settings}\n${args}\n${addFlatten}\n${dump}`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('The dumpfile is saved to STDOUT.\nmakedumpfile Completed.\n');
    expectSameDump(readFileSync(file('dump-incomplete')));
  });

  it('gets a dump by arguments of the administrator', () => {
    const { status } = runScript(`${settings}\nMAKEDUMP_ARGS="-z -d 17"\n${args}\n${addFlatten}\n${dump}`);
    expect(status).toBe(0);
    expectSameDump(readFileSync(file('dump-incomplete')));
  });

  it('gets the log', () => {
    expect(runScript(`${settings}\n${log}`)).toMatchObject({ status: 0 });
    expect(readFileSync(file('dmesg'), 'latin1')).toBe(readExpectedDmesg(DUMP_NAME));
  });

  it('gets no dump where it loses the exit code of a failure', () => {
    const limited = `MAKEDUMP_ARGS="-c -d 31 -L 100K"\n${args}\n${addFlatten}\n${dump}`;
    expect(runScript(`${settings}\n${limited}`).status).toBe(0);
    const { status, stderr } = runAs('vmcore-dmesg', [file('dump-incomplete')]);
    expect(status).toBe(4);
    expect(stderr).toContain('refused');
  });
});

describe('kdump.sh and mkdumprd of kdump-utils', () => {
  const collector = 'makedumpfile -l --message-level 7 -d 31';

  it('save a dump into a file system', () => {
    const { status, stdout } = runScript(`${collector} --num-threads=4 vmcore ./vmcore-incomplete`);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '\nThe dumpfile is saved to ./vmcore-incomplete.\nmakedumpfile Completed.\n',
    });
    expect(readdirSync(folder).sort()).toEqual(['vmcore', 'vmcore-incomplete']);
    expectSameDump(readFileSync(file('vmcore-incomplete')));
  });

  it('save a dump by ssh, or to a disk', () => {
    const { status } = runScript(`${collector} -F vmcore | dd bs=512 of=vmcore-incomplete`);
    expect(status).toBe(0);
    expectSameDump(readFileSync(file('vmcore-incomplete')));
  });

  it('save the log', () => {
    expect(runScript('vmcore-dmesg vmcore >vmcore-dmesg-incomplete.txt').status).toBe(0);
    expect(readFileSync(file('vmcore-dmesg-incomplete.txt'), 'latin1')).toBe(readExpectedDmesg(DUMP_NAME));
  });

  it.each([
    ['-l --message-level 7 -d 31 vmcore dumpfile', 0],
    ['-F -l --message-level 7 -d 31 vmcore', 0],
    ['-l --message-level 7 -d 31 -F vmcore dumpfile', 1],
    ['-l --config erase.conf -x vmlinux vmcore dumpfile', 1],
  ])('check their configuration: --check-params %s', (line, status) => {
    const checked = runScript(`makedumpfile --check-params ${line}`);
    expect(checked.status).toBe(status);
    expect(checked.stderr === '').toBe(status === 0);
    expect(existsSync(file('dumpfile'))).toBe(false);
  });
});

describe('makedumpfile', () => {
  const save = (...args: readonly string[]): void => {
    expect(runAs('makedumpfile', args)).toMatchObject({ status: 0 });
  };

  it.each([['-c'], ['-E'], ['-l']])('filters our dump once more: %s', (how) => {
    save(how, '-d', '1', file('vmcore'), file('ours'));
    runMakedumpfile('-c', '-d', '1', file('ours'), file('theirs'));
    expectSameDump(readFileSync(file('theirs')));
  });

  it.each([['-c'], ['-l']])('has its dump filtered once more: %s', (how) => {
    runMakedumpfile(how, '-d', '0', file('vmcore'), file('theirs'));
    save('-z', '-d', '1', file('theirs'), file('ours'));
    expectSameDump(readFileSync(file('ours')));
  });

  it('puts the parts of our dump together, and we put its together', () => {
    const parts = [file('one'), file('two')];
    save('--split', '-c', '-d', '0', file('vmcore'), ...parts);
    runMakedumpfile('--reassemble', ...parts, file('theirs'));
    expectSameDump(readFileSync(file('theirs')));

    runMakedumpfile('-f', '--split', '-l', '-d', '0', file('vmcore'), ...parts);
    save('--reassemble', ...parts, file('ours'));
    expectSameDump(readFileSync(file('ours')));
  });

  it('-R reads our stream, and we read its', () => {
    writeFileSync(file('flat'), runAs('makedumpfile', ['-F', '-c', '-d', '1', file('vmcore')]).stdout);
    runMakedumpfileFrom(file('flat'), '-R', file('theirs'));
    expectSameDump(readFileSync(file('theirs')));

    runMakedumpfileTo(file('flat'), '-F', '-c', '-d', '1', file('vmcore'));
    runMakedumpfile('-c', '-d', '1', file('vmcore'), file('plain'));
    const { status } = runAs('makedumpfile', ['-R', file('ours')], readFileSync(file('flat')));
    expect(status).toBe(0);
    expect(readFileSync(file('ours'))).toEqual(readFileSync(file('plain')));
  });
});
