import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS, type Check } from '../../../src/base/checks.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { openInChromium } from '../../support/chromium.js';
import { type CliRun, joinLines, makeTemporaryFolder, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildCrashMachine } from '../../support/crash.js';
import { writeFleet } from '../../support/fleet.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';
import { buildMachineFiles, writeRoot } from '../../support/machine-root.js';

const WITNESS = 'test/witness/witness.Image';
const MACHINES = 1000;
/** The machines that `plan` is run for, too. */
const SAMPLE = [0, 3, 5, 6, 82, 125, 255, 336, 500, 613, 777, 999];

interface Outcome {
  readonly verdict: 'loads' | 'refused' | 'unreadable';
  readonly entry?: string;
  readonly segments?: readonly Readonly<Record<'name' | 'mem' | 'memsz' | 'bufsz', string>>[];
  readonly refusal?: {
    readonly errno: string;
    readonly check: Check;
    readonly detail: string;
    readonly rule: string;
    /** If it fits this very case better than that of the check. */
    readonly cure?: string;
  };
}

interface Row extends Outcome {
  readonly file: string;
  readonly machine?: string;
  readonly crashRegion?: { readonly start: string; readonly end: string };
  readonly crash?: Outcome;
}

interface Causes {
  readonly causes: readonly { readonly errno: string; readonly check: Check; readonly count: number }[];
}

interface Summary extends Causes {
  readonly machines: number;
  readonly loads: number;
  readonly refused: number;
  readonly unreadable: number;
  readonly crash: Causes & { readonly regions: number; readonly loads: number; readonly refused: number };
}

/** The rows that `--json` prints, and the summary. */
function parseLines(stdout: string): { rows: Row[]; summary: Summary } {
  const values = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { rows: values.slice(0, -1), summary: values.at(-1).summary };
}

function preflight(...args: string[]) {
  const { status, stdout, stderr } = runCli('preflight', ...args, '--json');
  return { status, stderr, ...parseLines(stdout) };
}

/** The number of outcomes for each cause. */
function countCauses(outcomes: readonly (Outcome | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const refusal of outcomes.flatMap((outcome) => outcome?.refusal ?? [])) {
    const key = `${refusal.errno} ${refusal.check}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function causesOf({ causes }: Causes): Record<string, number> {
  return Object.fromEntries(causes.map(({ errno, check, count }) => [`${errno} ${check}`, count]));
}

function writeMachine(folder: string, name: string, facts: Parameters<typeof buildMachine>[0] = {}): string {
  const path = join(folder, name);
  writeFileSync(path, formatMachine(buildMachine(facts)));
  return path;
}

/** The page's cell for a crash kernel. */
const CRASH_CELLS = {
  loads: /^fits in \d+ MiB$/,
  refused: /^refused in \d+ MiB\nE/,
  unreadable: /^$/,
  none: /^no crash region$/,
};

function placeOf({ segments = [] }: Outcome, segment: string): string | undefined {
  return segments.find(({ name }) => name === segment)?.mem;
}

/** Compares a row with the output of `plan --json` for the same machine. */
function expectPlan(outcome: Outcome, { status, stdout, stderr }: CliRun): void {
  const plan = JSON.parse(stdout);
  if (outcome.refusal !== undefined) {
    const { rule, cure = '', ...refusal } = outcome.refusal;
    expect(plan.refusal).toEqual(refusal);
    expect(stderr).toContain(rule);
    expect(stderr).toContain(cure);
    expect(status).toBe(1);
    return;
  }
  expect(status).toBe(0);
  expect({ entry: outcome.entry, segments: outcome.segments }).toEqual({
    entry: plan.entry,
    segments: plan.segments,
  });
}

describe('kexec-file preflight, on a thousand machines', () => {
  let folder: string;
  let page: string;
  let status: number | null;
  let rows: Row[];
  let summary: Summary;
  const kernel = corpus.cloudKernel();
  const initrd = () => join(folder, 'initrd');
  const load = () => ['--initrd', initrd(), '--command-line', 'console=ttyAMA0'];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kexec-file-fleet-'));
    writeFleet(join(folder, 'fleet'), MACHINES);
    writeFileSync(initrd(), new Uint8Array(5_000_000));
    page = join(folder, 'page.html');
    const run = preflight(
      kernel,
      join(folder, 'fleet'),
      ...load(),
      '--html',
      page,
      '--keyring',
      corpus.shim(),
    );
    expect(run.stderr).toMatch(/^\S+page\.html: a report on 1,000 machines, [\d.]+ KiB\n$/);
    ({ status, rows, summary } = run);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('prints a row for each, in the order of the files, and a summary that counts them', () => {
    expect(status).toBe(1);
    expect(rows.map(({ file }) => basename(file))).toEqual(readdirSync(join(folder, 'fleet')).sort());
    expect(rows).toHaveLength(MACHINES);
    const { machines, loads, refused, unreadable, crash } = summary;
    expect({ machines, loads, refused, unreadable }).toEqual({
      machines: MACHINES,
      loads: rows.filter(({ verdict }) => verdict === 'loads').length,
      refused: rows.filter(({ verdict }) => verdict === 'refused').length,
      unreadable: 0,
    });
    expect(loads).toBeGreaterThan(refused);
    expect(causesOf(summary)).toEqual(countCauses(rows));
    expect(causesOf(crash)).toEqual(countCauses(rows.map((row) => row.crash)));
    expect(crash.regions).toBe(rows.filter(({ crashRegion }) => crashRegion !== undefined).length);
    expect(crash.loads + crash.refused).toBe(crash.regions);
    expect(Object.keys(causesOf(summary))).toEqual(
      expect.arrayContaining(['EADDRNOTAVAIL segment-hole', 'EINVAL image-granule']),
    );
    for (const { refusal } of rows) if (refusal) expect(refusal.rule).toBe(CHECKS[refusal.check].rule);
  });

  it('agrees with a plan for each', () => {
    for (const row of SAMPLE.map((index) => rows[index] as Row)) {
      expectPlan(row, runCli('plan', kernel, '--machine', row.file, ...load(), '--json'));
      const crash = runCli('plan', kernel, '--machine', row.file, ...load(), '--panic', '--json');
      if (row.crash === undefined)
        expect(JSON.parse(crash.stdout).refusal.check).toMatch(/crash-region|image-/);
      else expectPlan(row.crash, crash);
    }
  });

  it('has the same rows with one thread and with three, and the same crash loads with --panic', () => {
    for (const jobs of ['1', '3']) {
      const again = preflight(kernel, join(folder, 'fleet'), ...load(), '-j', jobs);
      expect(again.rows).toEqual(rows);
    }
    const panic = preflight(kernel, join(folder, 'fleet'), ...load(), '--panic');
    expect(panic.status).toBe(1);
    for (const [index, { crash }] of rows.entries()) {
      const row = panic.rows[index] as Row;
      expect(row.crash).toBeUndefined();
      expect(row).toMatchObject(crash ?? { verdict: 'refused' });
    }
  });

  it('writes a self-contained page with the same rows', async () => {
    const chromium = await openInChromium(page);
    const seen = () =>
      chromium.evaluate<string[][]>(`[...document.querySelectorAll('#machines tbody tr')]
        .filter((row) => row.checkVisibility()).map((row) => [...row.cells].map((cell) => cell.innerText))`);
    const shown = () => chromium.evaluate<string>(`document.querySelector('#controls output').innerText`);

    expect(await chromium.evaluate('document.title')).toBe(`${basename(kernel)} on 1,000 machines`);
    const counts = await chromium.evaluate<string>(`document.querySelector('.counts').innerText`);
    expect(joinLines(counts)).toBe(`${summary.loads} load it ${summary.refused} refuse it 0 cannot be read`);
    const first = await seen();
    expect(first).toHaveLength(MACHINES);
    for (const [index, [machine, verdict, , ...rest]] of first.entries()) {
      const row = rows[index] as Row;
      expect(machine).toBe(`${row.machine}\n${row.file}`);
      expect(verdict).toBe(row.verdict);
      if (row.refusal)
        expect(rest[0]).toContain(`${row.refusal.errno} (${row.refusal.check}) ${row.refusal.detail}`);
      else expect(rest.slice(0, 3)).toEqual(['kernel', 'initrd', 'dtb'].map((name) => placeOf(row, name)));
      expect(rest.at(-1)).toMatch(CRASH_CELLS[row.crash?.verdict ?? 'none']);
    }
    expect(await shown()).toBe('1,000 of 1,000 shown');

    await chromium.type('#controls input', 'RPI');
    const raspberries = rows.filter(({ file }) => file.includes('rpi')).map(({ machine }) => machine);
    expect(raspberries.length).toBeGreaterThan(0);
    expect((await seen()).map(([name]) => name?.split('\n')[0])).toEqual(raspberries);

    await chromium.click(`document.querySelector('.causes .cause button')`);
    const [most] = summary.causes;
    const cause = `${most?.errno} (${most?.check})`;
    expect(await chromium.evaluate(`document.querySelector('#controls input').value`)).toBe(cause);
    const withCause = (outcome: Outcome | undefined) =>
      outcome?.refusal?.errno === most?.errno && outcome?.refusal?.check === most?.check;
    expect(await seen()).toHaveLength(rows.filter((row) => withCause(row) || withCause(row.crash)).length);

    await chromium.evaluate(`(() => {
      const { search, state } = document.querySelector('#controls').elements;
      search.value = ''; state.value = 'refused'; state.dispatchEvent(new Event('input'));
    })()`);
    expect(await shown()).toBe(`${summary.refused} of 1,000 shown`);
    expect((await seen()).every(([, verdict]) => verdict === 'refused')).toBe(true);

    await chromium.evaluate(`(() => {
      const { state } = document.querySelector('#controls').elements;
      state.value = ''; state.dispatchEvent(new Event('input'));
    })()`);
    await chromium.click(`document.querySelectorAll('#machines thead button')[3]`);
    const kernels = (await seen())
      .filter(([, verdict]) => verdict === 'loads')
      .map((cells) => BigInt(cells[3] as string));
    expect(kernels).toHaveLength(summary.loads);
    expect(kernels.every((address, at) => at === 0 || (kernels[at - 1] as bigint) <= address)).toBe(true);
    expect(await chromium.evaluate(`document.querySelectorAll('#machines thead th')[3].ariaSort`)).toBe(
      'ascending',
    );

    expect(chromium.complaints).toEqual([]);
    expect(chromium.requests).toEqual([`file://${page}`]);
  });
});

describe('kexec-file preflight', () => {
  it('exits with 0 if every machine loads the kernel, and prints a table', () => {
    const folder = makeTemporaryFolder();
    writeMachine(folder, 'plain.json', { name: 'plain' });
    writeFileSync(
      join(folder, 'crash.json'),
      formatMachine(buildCrashMachine({ name: 'with a crash region' })),
    );
    const { status, stdout, stderr } = runCli('preflight', WITNESS, folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`\
MACHINE  VERDICT     CRASH    KERNEL           DTB              WHY
crash    loads       fits     0x40000000       0x7fe00000
plain    loads       -        0x40000000       0x7fe00000

2 machines: 2 load it, 0 refuse it; as a crash kernel it loads into 1 of 1 crash regions
`);
  });

  it('reads machine files, tars, and folders of collected files, at any depth', () => {
    const folder = makeTemporaryFolder();
    for (const name of ['rack1/server1', 'rack1/empty']) mkdirSync(join(folder, name), { recursive: true });
    const files = buildMachineFiles();
    writeRoot(join(folder, 'rack1/server1'), {
      fdt: files['/sys/firmware/fdt'] ?? '',
      iomem: files['/proc/iomem'] ?? '',
    });
    writeMachine(folder, 'b.json', { name: 'b' });
    writeMachine(folder, 'README.md');
    spawnSync('tar', [
      '-C',
      join(folder, 'rack1/server1'),
      '-czf',
      join(folder, 'rack1/server2.tar.gz'),
      '.',
    ]);
    const { status, rows } = preflight(WITNESS, folder);
    expect(rows.map(({ file, machine, verdict }) => [file.slice(folder.length), machine, verdict])).toEqual([
      ['/b.json', 'b', 'loads'],
      ['/rack1/server1', 'server1', 'loads'],
      ['/rack1/server2.tar.gz', 'server2', 'loads'],
    ]);
    expect(status).toBe(0);
  });

  it('continues if a machine cannot be read, and says why in its row', () => {
    const folder = makeTemporaryFolder();
    const path = (name: string) => join(folder, name);
    mkdirSync(path('none'));
    writeMachine(folder, 'good.json', { name: 'same' });
    writeMachine(folder, 'again.json', { name: 'same' });
    writeFileSync(path('broken.json'), '{');
    writeFileSync(path('other.json'), '{"name": "x"}');
    writeFileSync(path('empty.json'), '');
    writeFileSync(path('deep.json'), '['.repeat(1_000_000));
    writeFileSync(path('wide.json'), `{"memory": [${'1,'.repeat(1_000_000)}1]}`);
    // One byte more than a machine file may have.
    writeFileSync(path('long.json'), 'x'.repeat((32 << 20) + 1));
    writeFileSync(path('kernel.json'), readFileSync(WITNESS));
    writeFileSync(path('bad.tar'), 'no tar');
    symlinkSync('loop.json', path('loop.json'));
    const { status, stderr, rows, summary } = preflight(WITNESS, folder, path('none'), path('nowhere'));
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(
      rows.map(({ file, machine, refusal }) => [
        basename(file),
        machine ?? `${refusal?.errno} ${refusal?.check}`,
      ]),
    ).toEqual([
      ['again.json', 'same'],
      ['bad.tar', 'EINVAL machine-archive'],
      ['broken.json', 'EINVAL machine-schema'],
      ['deep.json', 'EINVAL machine-schema'],
      ['empty.json', 'EINVAL machine-schema'],
      ['good.json', 'same'],
      ['kernel.json', 'EINVAL machine-schema'],
      ['long.json', 'EFBIG machine-archive'],
      ['loop.json', 'ELOOP file-access'],
      ['other.json', 'EINVAL machine-schema'],
      ['wide.json', 'EINVAL machine-schema'],
      ['none', 'ENODATA machine-facts'],
      ['nowhere', 'ENOENT file-access'],
    ]);
    expect(summary).toMatchObject({ machines: 13, loads: 2, refused: 0, unreadable: 11 });
    for (const { refusal } of rows) expect(refusal?.detail.length ?? 0).toBeLessThan(5000);
  });

  it('verifies the kernel once, and lets each machine decide under as-kernel', () => {
    const folder = makeTemporaryFolder();
    writeMachine(folder, 'checked.json', { kexecSignature: 'checked' });
    writeMachine(folder, 'force.json', { kexecSignature: 'force' });
    writeMachine(folder, 'locked.json', { kexecSignature: 'checked', lockdown: 'integrity' });
    writeMachine(folder, 'none.json', { kexecSignature: 'none', lockdown: 'integrity' });
    const verdicts = (...args: string[]) =>
      preflight(corpus.cloudKernel(), folder, ...args).rows.map(({ refusal }) => refusal?.errno ?? 'loads');
    expect(verdicts()).toEqual(['loads', 'loads', 'loads', 'loads']);
    expect(verdicts('--policy', 'as-kernel')).toEqual(['loads', 'ENOKEY', 'EPERM', 'loads']);
    expect(verdicts('--policy', 'enforce')).toEqual(['ENOKEY', 'ENOKEY', 'ENOKEY', 'ENOKEY']);
    expect(verdicts('--keyring', corpus.shim())).toEqual(['loads', 'loads', 'loads', 'loads']);
    expect(verdicts('--keyring', corpus.shim(), '--policy', 'as-kernel')).toEqual([
      'loads',
      'loads',
      'loads',
      'loads',
    ]);
  });

  it('names the signer in the summary, with what was verified', () => {
    const folder = makeTemporaryFolder();
    writeMachine(folder, 'one.json');
    const signerOf = (kernel: string, ...args: string[]) =>
      (preflight(kernel, join(folder, 'one.json'), ...args).summary as { signer?: string }).signer;
    const signer = (...args: string[]) => signerOf(corpus.cloudKernel(), ...args);
    const name = 'Debian Secure Boot Signer 2022 - linux';
    expect(signer('--keyring', corpus.shim())).toBe(name);
    expect(signer('--policy', 'enforce')).toBe(`${name} (not trusted by the given keys: ENOKEY)`);
    expect(signer()).toBe(`${name} (not verified)`);
    const damaged = join(folder, 'damaged');
    const bytes = readFileSync(corpus.cloudKernel());
    bytes[0x10000] = ~(bytes[0x10000] as number);
    writeFileSync(damaged, bytes);
    expect(signerOf(damaged, '--keyring', corpus.shim())).toBe(`${name} (signature refused: EKEYREJECTED)`);
  });

  it('opens a compressed kernel, and shows the command line on the page', () => {
    const folder = makeTemporaryFolder();
    const machine = writeMachine(folder, 'one.json');
    const page = join(folder, 'page.html');
    const gzip = join(folder, 'vmlinuz.gz');
    writeFileSync(gzip, gzipSync(readFileSync(WITNESS)));
    expect(preflight(gzip, machine).rows).toEqual(preflight(WITNESS, machine).rows);
    expect(runCli('preflight', gzip, machine, '--command-line', 'a <b>', '--html', page).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('<dt>Command line</dt><dd><code>a &lt;b&gt;</code></dd>');
  });

  it('escapes the names of machines', async () => {
    const folder = makeTemporaryFolder();
    const names = ['<script>alert(1)</script>', '<img src="http://127.0.0.1/x">', '"><b>&amp;\u001b[31m'];
    for (const [index, name] of names.entries()) writeMachine(folder, `${index}<i>.json`, { name });
    const page = join(folder, 'page.html');
    const { status, stdout } = runCli('preflight', WITNESS, folder, '--html', page);
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001b');
    const chromium = await openInChromium(page);
    expect(
      await chromium.evaluate(
        `[...document.querySelectorAll('tbody th')].map((cell) => cell.innerText.split('\\n'))`,
      ),
    ).toEqual(
      names.map((name, index) => [name.replace('\u001b', '\\x1b'), join(folder, `${index}<i>.json`)]),
    );
    expect(chromium.complaints).toEqual([]);
    expect(chromium.requests).toEqual([pathToFileURL(page).href]);
  });

  it('writes a page that shows everything without scripts, too', async () => {
    const folder = makeTemporaryFolder();
    writeMachine(folder, 'small.json', { name: 'small', memory: [{ start: GIB, end: GIB + MIB }] });
    writeMachine(folder, 'large.json', { name: 'large' });
    const page = join(folder, 'page.html');
    expect(runCli('preflight', WITNESS, folder, '--html', page).status).toBe(1);
    const chromium = await openInChromium(page, { scripts: false });
    const text = await chromium.evaluate<string>('document.body.innerText');
    expect(joinLines(text)).toMatch(
      /Machines .* large .* loads .* small .* refused .* EADDRNOTAVAIL \(segment-hole\) no hole for dtb/,
    );
    expect(text).not.toContain('shown');
    expect(text).not.toContain('all machines');
  });

  it('writes a page without a line that is wider than the window', async () => {
    const folder = makeTemporaryFolder();
    const name = `a-machine-with-a-long-name-${'0123456789'.repeat(8)}`;
    writeMachine(folder, `${name}.json`, { name, memory: [{ start: GIB, end: GIB + MIB }] });
    writeFileSync(join(folder, 'crash.json'), formatMachine(buildCrashMachine({ name: 'crash' })));
    const page = join(folder, 'page.html');
    const args = [WITNESS, folder, 'qemu-virt', '--against', corpus.cloudKernel(), '--initrd', WITNESS];
    expect(runCli('preflight', ...args, '--html', page).status).toBe(0);
    for (const width of [420, 700, 1100, 1400])
      for (const scripts of [true, false]) {
        const chromium = await openInChromium(page, { scripts, width });
        const wide = await chromium.evaluate<string[]>(
          `[...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > ${width})
          .map((element) => element.outerHTML.slice(0, 200))`,
        );
        expect(wide, `${width} pixels`).toEqual([]);
        const scrollWidth = await chromium.evaluate('document.documentElement.scrollWidth');
        expect(scrollWidth, `${width} pixels`).toBeLessThanOrEqual(width);
        expect(chromium.complaints).toEqual([]);
      }
  });

  it('writes its page if standard output is closed, and to a device, but not over collected files', async () => {
    const folder = makeTemporaryFolder();
    const collected = join(folder, 'collected');
    mkdirSync(collected);
    writeFileSync(join(collected, 'iomem'), 'RAM');
    const page = join(folder, 'page.html');
    const command = `${process.execPath} bin/kexec-file.js preflight "$@" | head -c 1`;
    const args = [corpus.cloudKernel(), collected, '--json', '--html', page];
    execFileSync('sh', ['-c', command, 'sh', ...args]);
    expect(readFileSync(page, 'utf8')).toContain('</html>');

    const device = runCli('preflight', corpus.cloudKernel(), collected, '--html', '/dev/null');
    expect(device.status).toBe(1);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);

    const within = runCli('preflight', corpus.cloudKernel(), collected, '--html', join(collected, 'iomem'));
    expect(within.stderr).toContain('EEXIST (file-access)');
    expect(readFileSync(join(collected, 'iomem'), 'utf8')).toBe('RAM');
  });

  it('never overwrites a machine file, and leaves nothing behind if the page cannot be written', () => {
    const folder = makeTemporaryFolder();
    const machine = writeMachine(folder, 'one.json');
    const before = readFileSync(machine);
    for (const [page, errno] of [
      [machine, 'EEXIST'],
      [join(folder, 'nowhere/page.html'), 'ENOENT'],
    ] as const) {
      const { status, stderr } = runCli('preflight', WITNESS, folder, '--html', page);
      expect(status).toBe(1);
      expect(stderr).toContain(`${errno} (file-access)`);
    }
    expect(readFileSync(machine)).toEqual(before);
    expect(readdirSync(folder)).toEqual(['one.json']);
  });

  it('reports an unreadable kernel before it reads machines', () => {
    const { status, stdout, stderr } = runCli('preflight', '/no/such/kernel', makeTemporaryFolder());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('ENOENT (file-access)');
  });

  it.each([
    ['no machine', [WITNESS]],
    ['no threads', [WITNESS, 'x.json', '-j', '0']],
    ['half a thread', [WITNESS, 'x.json', '-j', '1.5']],
    ['an unknown policy', [WITNESS, 'x.json', '--policy', 'maybe']],
  ])('exits with 2 for %s', (_, args) => {
    const { status, stdout, stderr } = runCli('preflight', ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/error:/);
  });
});
