import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatMachine } from '../../../src/machine/schema.js';
import { runCli } from '../../support/cli.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';
import { buildVariedMachine, listRecordedMachines } from '../../support/varied-machines.js';

const WITNESS = 'test/witness/witness.Image';
const MACHINES = 60;
let folder: string;
let report: string;

function preflight(...args: string[]) {
  const { status, stdout, stderr } = runCli('preflight', WITNESS, ...args, '--json');
  return { status, stderr, stdout };
}

/** A report with other paths of files. */
function rename(text: string, edit: (file: string) => string): string {
  return text.replaceAll(/"(file|example)":"([^"]*)"/g, (_, field, file) => `"${field}":"${edit(file)}"`);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
  const recorded = listRecordedMachines();
  for (let index = 0; index < MACHINES; index += 1) {
    const rack = join(folder, 'fleet', `rack${index % 3}`);
    mkdirSync(rack, { recursive: true });
    const text = formatMachine(buildVariedMachine(recorded, index));
    writeFileSync(join(rack, `host${String(index).padStart(2, '0')}.json`), text);
  }
  report = preflight(join(folder, 'fleet')).stdout;
  const packed = runCli('machine', 'pack', join(folder, 'fleet'), '-o', join(folder, 'fleet.ndjson.zst'));
  expect(packed.status).toBe(0);
  expect(packed.stderr).toMatch(/fleet\.ndjson\.zst: 60 machines, \d+ large facts, [\d.]+ KiB/);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a fleet file', () => {
  const path = () => join(folder, 'fleet.ndjson.zst');

  it('has the report of the files, also in shards and with a cache', () => {
    const whole = preflight(path());
    expect(whole.stdout).toBe(report);
    expect(whole.status).toBe(1);
    for (let time = 0; time < 2; time += 1)
      expect(preflight(path(), '--cache', join(folder, 'cache')).stdout).toBe(report);
    const shards = [1, 2, 3, 4].map((index) => {
      const shard = join(folder, `${index}.jsonl`);
      writeFileSync(shard, preflight(path(), '--shard', `${index}/4`).stdout);
      return shard;
    });
    const merged = runCli('preflight', 'merge', ...[...shards].reverse());
    expect(merged.stdout).toBe(report);
    expect(merged.status).toBe(1);
    expect(runCli('preflight', 'merge', ...shards.slice(1)).stderr).toMatch(/is shard 2\/4, and 3 reports/);
    const twice = [shards[0] as string, ...shards.slice(0, 3)];
    expect(runCli('preflight', 'merge', ...twice).stderr).toMatch(/is shard 1\/4, as/);
    const [first = '', ...others] = shards;
    const rows = readFileSync(first, 'utf8');
    writeFileSync(first, rows.slice(0, rows.indexOf('\n') + 1) + rows);
    expect(runCli('preflight', 'merge', first, ...others).stderr).toMatch(
      /has more machines than its last line says/,
    );
    expect(preflight(path(), '--shard', '5/4').status).toBe(2);
  });

  it('is unpacked into the files that were packed', () => {
    const target = join(folder, 'unpacked');
    expect(runCli('machine', 'unpack', path(), '-o', target).status).toBe(0);
    execFileSync('diff', ['-r', join(target, folder, 'fleet'), join(folder, 'fleet')]);
  });

  it('may come by standard input', () => {
    const fromPipe = execFileSync(
      'sh',
      ['-c', `node bin/kexec-file.js preflight ${WITNESS} - --json <${path()}; true`],
      { encoding: 'utf8' },
    );
    expect(fromPipe).toBe(report);
  });

  it('may be packed again into another, plain, and beside a machine that cannot be read', () => {
    const plain = join(folder, 'plain.ndjson');
    writeFileSync(join(folder, 'bad.json'), '{}');
    const { status, stderr } = runCli('machine', 'pack', path(), join(folder, 'bad.json'), '-o', plain);
    expect(status).toBe(1);
    expect(stderr).toMatch(/bad\.json: not packed: machine file: /);
    expect(readFileSync(plain, 'utf8').startsWith('{"kexecFileFleet":1}\n')).toBe(true);
    expect(preflight(plain).stdout).toBe(report);
  });
});

describe('a tar of machines', () => {
  it('has the rows of its members', () => {
    const tar = join(folder, 'fleet.tar.gz');
    execFileSync('tar', ['-czf', tar, '--sort=name', '-C', folder, 'fleet']);
    const expected = rename(report, (file) => file.replace(`${folder}/`, `${tar}/`));
    expect(preflight(tar).stdout).toBe(expected);
  });

  it('that is cut short has a row for that', () => {
    const tar = join(folder, 'cut.tar');
    execFileSync('tar', ['-cf', tar, '-C', folder, 'fleet']);
    writeFileSync(tar, readFileSync(tar).subarray(0, 100_000));
    const { stdout } = preflight(tar);
    expect(stdout).toMatch(/cut\.tar is cut short in a file/);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) as string).summary.unreadable).toBe(1);
  });
});

describe('a comparison of a fleet file', () => {
  it('prints a row for each group of machines, what gets worse first', () => {
    const small = join(folder, 'small.ndjson');
    const old = join(folder, 'old.json');
    const names = Array.from({ length: 9 }, (_, index) => `m${index}`);
    const machine = buildMachine({ memory: [{ start: GIB, end: GIB + 512n * MIB }] });
    const line = (name: string, tiny: boolean) =>
      JSON.stringify(
        JSON.parse(
          formatMachine({
            ...machine,
            name,
            ...(tiny ? { reserved: machine.memory } : {}),
          }),
        ),
      );
    writeFileSync(small, `${names.map((name) => line(name, false)).join('\n')}\n`);
    writeFileSync(old, preflight(small).stdout);
    writeFileSync(small, `${names.map((name, index) => line(name, index > 1)).join('\n')}\n`);
    const { stdout, status } = runCli('preflight', WITNESS, small, '--against', old);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^MACHINE .*\n7 like small\.ndjson:3 +loads +refused/);
    expect(stdout.match(/refused/g)).toHaveLength(1);
  });
});
