import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMachine } from '../../src/machine/schema.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';

const WITNESS = 'test/witness/witness.Image';

/** A folder with machines that all have the same name of their own. */
function writeFleet(...files: string[]): string {
  const folder = makeTemporaryFolder();
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), formatMachine(buildMachine({ name: 'same' })));
  }
  return folder;
}

describe('preflight names machines by their files', () => {
  it('and takes presets among them', () => {
    const fleet = writeFleet('rack1/server.json', 'rack2/server.json', 'db.json');
    const { status, stdout } = runCli('preflight', WITNESS, 'qemu-virt', fleet);
    const names = stdout
      .split('\n')
      .slice(0, 5)
      .map((row) => row.split(' ')[0]);
    expect([status, names]).toEqual([0, ['MACHINE', 'qemu-virt', 'db', 'rack1/server', 'rack2/server']]);
  });

  it('and says of a mistyped preset that there is none', () => {
    const { status, stdout } = runCli('preflight', WITNESS, 'qemu-vrt', 'no/qemu-virt', '--json');
    const details = stdout
      .trim()
      .split('\n')
      .slice(0, -1)
      .map((row) => JSON.parse(row).refusal.detail);
    expect(status).toBe(1);
    expect(details[0]).toMatch(/^qemu-vrt is no preset \(.*qemu-virt.*\), and there is no machine file/);
    expect(details[1]).toMatch(/^cannot read no\/qemu-virt/);
  });
});

describe('preflight --against', () => {
  /** A fleet of which one machine loses most of its RAM after a report, one is new, and one is gone. */
  function changeFleet(): { readonly fleet: string; readonly report: string } {
    const fleet = writeFleet('a.json', 'b.json', 'gone.json');
    const { stdout } = runCli('preflight', WITNESS, fleet, '--json');
    const report = join(makeTemporaryFolder(), 'report.jsonl');
    writeFileSync(report, stdout);
    rmSync(join(fleet, 'gone.json'));
    const small = buildMachine({ memory: [{ start: GIB, end: GIB + MIB }] });
    writeFileSync(join(fleet, 'b.json'), formatMachine(small));
    writeFileSync(join(fleet, 'new.json'), formatMachine(small));
    return { fleet, report };
  }

  it('says what has changed since a report, in a table, in JSON, on the page, and by the exit code', () => {
    const { fleet, report } = changeFleet();
    const page = join(fleet, 'page.html');
    const text = runCli('preflight', WITNESS, fleet, '--against', report, '--html', page);
    expect([text.status, text.stderr]).toEqual([
      1,
      expect.stringMatching(/^\S+page.html: a report on 3 machines, .*\n$/),
    ]);
    expect(text.stdout).toMatch(/^MACHINE +BEFORE +NOW +CHANGE\nb +loads +refused +EADDR/);
    expect(text.stdout).toMatch(/^new +- +refused +new in the fleet: EADDR[\s\S]*^gone +loads +- +not in/m);
    expect(joinLines(text.stdout)).toContain(': 1 no longer loads it, 1 new, 1 gone, 1 unchanged');
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<tr data-verdict="refused" data-change="stopped">');
    expect(html).toContain('<li class="stopped"><strong>1</strong> no longer loads it</li>');

    const { status, stdout } = runCli('preflight', WITNESS, fleet, '--against', report, '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect([status, lines.slice(0, -1).map(({ change }) => change)]).toEqual([
      1,
      ['unchanged', 'stopped', 'new', 'gone'],
    ]);
    expect(lines[1]).toMatchObject({
      verdict: 'refused',
      before: { verdict: 'loads', entry: expect.stringMatching(/^0x/) },
    });
    expect(lines[3]).toMatchObject({ file: join(fleet, 'gone.json'), before: { verdict: 'loads' } });
    expect(lines[3].verdict).toBeUndefined();
    expect(lines.at(-1).summary).toMatchObject({
      against: report,
      changes: { stopped: 1, started: 0, new: 1, gone: 1, unchanged: 1 },
    });

    // A report that compares is compared with in its turn, and what was refused before is no change.
    writeFileSync(report, stdout);
    const again = runCli('preflight', WITNESS, fleet, '--against', report);
    expect(again.status).toBe(0);
    expect(joinLines(again.stdout)).toMatch(/^Compared with \S+: 0 no longer load it, 3 unchanged/);
  });

  it('compares with another kernel', () => {
    const fleet = writeFleet('a.json', 'b.json');
    const large = join(fleet, 'large');
    const image = readFileSync(WITNESS);
    // image_size of the header: 64 GiB are more than the machines have.
    image.writeBigUInt64LE(64n * GIB, 16);
    writeFileSync(large, image);
    const worse = runCli('preflight', large, fleet, '--against', WITNESS, '--json');
    const better = runCli('preflight', WITNESS, fleet, '--against', large, '--json');
    const changes = ({ stdout }: { stdout: string }) =>
      JSON.parse(stdout.trim().split('\n').at(-1) as string).summary.changes;
    expect([worse.status, changes(worse).stopped]).toEqual([1, 2]);
    expect([better.status, changes(better).started]).toEqual([0, 2]);
  });

  it.each([
    [
      'a file that is neither',
      'neither a kernel nor a report, but more than the 64 bytes of a header that an Image has',
      'image-magic',
    ],
    [
      'a report that is cut short',
      '{"file": "a", "verdict": "unreadable", "refusal": {"errno": "ENOENT", "check": "x", "detail": ""}}',
      'preflight-report',
    ],
    [
      'a report with --panic',
      '{"summary": {"kernel": "k", "machines": 0, "type": "crash"}}',
      'preflight-report',
    ],
  ])('refuses %s, and names it', (_, content, check) => {
    const fleet = writeFleet('a.json');
    const other = join(fleet, 'other');
    writeFileSync(other, content);
    const { status, stdout, stderr } = runCli('preflight', WITNESS, fleet, '--against', other);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`(${check})`);
    expect(stderr).toContain('--against /');
  });
});

describe('the page of preflight', () => {
  it('says which kernel was planned when, by what, on how many machines', () => {
    const fleet = writeFleet('a.json', 'b.json');
    const page = join(fleet, 'page.html');
    expect(runCli('preflight', WITNESS, fleet, '--html', page).status).toBe(0);
    const facts = [...readFileSync(page, 'utf8').matchAll(/<dt>(.*?)<\/dt><dd><code>(.*?)<\/code>/g)];
    const sha256 = createHash('sha256').update(readFileSync(WITNESS)).digest('hex');
    expect(Object.fromEntries(facts.map(([, name, value]) => [name, value]))).toMatchObject({
      Date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
      'kexec-file': expect.stringMatching(/^\d+\.\d+\.\d+/),
      Kernel: WITNESS,
      Release: 'unknown',
      'SHA-256': sha256,
      'Signed by': 'nobody',
      Policy: 'none: signatures do not count',
      Machines: '2',
    });
  });
});

describe('preflight of a file that is no kernel', () => {
  it.each([
    [
      'text',
      'no kernel, but a text of more than the 64 bytes that the header of an Image has',
      'image-magic',
    ],
    ['nothing', '', 'file-size'],
  ])('prints one refusal for %s, whatever the machines are', (_, content, check) => {
    const fleet = writeFleet('a.json', 'b.json');
    const file = join(fleet, 'text');
    writeFileSync(file, content);
    const { status, stdout, stderr } = runCli('preflight', file, fleet);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split(`(${check})`)).toHaveLength(2);
  });
});
