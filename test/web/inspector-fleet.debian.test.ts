import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { writeFleet } from '../support/fleet.js';
import {
  chooseInInspector,
  measureOverflow,
  openInspector,
  readSaved,
  readSavedText,
  readSection,
  sectionOf,
  waitForFiles,
} from '../support/inspector-page.js';
import { parseReports } from '../support/json-reports.js';
import { findX86Recording } from '../support/x86-machine.js';

/** A collector's tar, and the folder that it was packed from, of one recorded machine each. */
function makeCollected() {
  const folder = makeTemporaryFolder();
  const path = (name: string): string => join(folder, name);
  cpSync(findX86Recording('x86-64-seabios'), path('bios'), { recursive: true });
  execFileSync('tar', ['-czf', path('uefi.tar.gz'), '-C', findX86Recording('x86-64-ovmf'), '.']);
  return { path, machine: path('bios'), tar: path('uefi.tar.gz') };
}

/** The machine file that `machine record --from` makes. */
function record(from: string): unknown {
  return parseReports(runCli('machine', 'record', '--from', from, '--json').stdout)[0];
}

/** The preflight of a section has a row for each machine. */
const ROWS = "document.querySelectorAll('.windowed tbody tr').length";

describe('the inspector, with machines', () => {
  it('records them out of a dropped folder and a tar, as machine record does, and plans on them', async () => {
    const { machine, tar } = makeCollected();
    const kernel = corpus.x86CloudKernel();
    const page = await openInspector();
    await page.drop([machine, tar, kernel]);
    await waitForFiles(page, 3);

    expect(await readSaved(page, 'Machine: bios')).toEqual(record(machine));
    expect(await readSaved(page, 'Machine: uefi.tar.gz')).toEqual(record(tar));
    const text = await readSection(page, 'Machine: uefi.tar.gz');
    expect(text).toContain('kexec-file machine record --from=uefi.tar.gz -o uefi.json');
    expect(text).toMatch(/memory map \(e820\)[\s\S]+ACPI Tables[\s\S]+Resources of \/proc\/iomem/);
    const plan = await readSaved(page, `Plan: ${basename(kernel)}`);
    const recorded = join(makeTemporaryFolder(), 'bios.json');
    writeFileSync(recorded, JSON.stringify(record(machine)));
    expect(plan).toEqual(parseReports(runCli('plan', kernel, '--machine', recorded, '--json').stdout)[0]);

    const compared = await readSection(page, 'Comparison: bios, uefi.tar.gz');
    expect(compared).toMatch(/The RAM is 2 GiB .* in bios, and 4\.99 GiB .* in uefi\.tar\.gz\./);
    expect(compared).toContain(`${basename(kernel)}\trefused: ENODATA (running-purgatory)`);
    expect(page.complaints).toEqual([]);
  });

  it('says in place what is wrong with a tar', async () => {
    const { path, tar } = makeCollected();
    writeFileSync(path('cut.tar'), execFileSync('gunzip', ['-c', tar]).subarray(0, 15_000));
    const page = await openInspector();
    await chooseInInspector(page, [path('cut.tar')]);
    expect(await readSection(page, 'Machine: cut.tar')).toContain('EINVAL (machine-archive)');
  });

  it('compares two kernels, and what they mean for machines', async () => {
    const [old = '', fresh = ''] = corpus.x86Kernels().map(({ path }) => path);
    const page = await openInspector();
    await chooseInInspector(page, [old, fresh]);
    const text = await readSection(page, `Comparison: ${basename(old)}, ${basename(fresh)}`);
    expect(text).toMatch(/The build is 6\S+ .* in vmlinuz-\S+, and 6\S+ .* in vmlinuz-\S+\./);
    expect(text).toMatch(/qemu-q35\s+refused|qemu-q35\s+loads/);
    expect(text).toContain(`--against ${basename(old)}`);
  });

  it('compares device trees', async () => {
    const folder = makeTemporaryFolder();
    const [tree = '', other = ''] = corpus.deviceTrees();
    copyFileSync(tree, join(folder, 'a.dtb'));
    copyFileSync(other, join(folder, 'b.dtb'));
    const page = await openInspector();
    await chooseInInspector(page, [join(folder, 'a.dtb'), join(folder, 'b.dtb')]);
    const text = await readSection(page, 'Comparison: a.dtb, b.dtb');
    expect(text).toMatch(/Differences of the device trees[\s\S]+changed\s+\/\s+model/);
  });

  it('plans a kernel on a fleet, as preflight does; filters and sorts it', async () => {
    const folder = makeTemporaryFolder();
    const fleet = join(folder, 'fleet');
    writeFleet(fleet, 150);
    const hostile = '"><img src=x onerror=alert(1)>';
    const first = JSON.parse(readFileSync(join(fleet, readFirst(fleet)), 'utf8'));
    writeFileSync(join(fleet, 'hostile.json'), JSON.stringify({ ...first, name: hostile }));
    writeFileSync(join(fleet, 'broken.json'), '{ "kexecFileMachine": 1 }');
    const kernel = corpus.cloudKernel();
    const heading = `Preflight: ${basename(kernel)}`;
    const page = await openInspector({ width: 380 });
    await page.drop([fleet, kernel]);
    await vi.waitUntil(() => page.evaluate(`${sectionOf(heading)} !== undefined`), { timeout: 60_000 });
    const isIdle = () => page.evaluate<boolean>(`${sectionOf(heading)}.ariaBusy === 'false'`);
    await vi.waitUntil(isIdle, { timeout: 60_000 });

    const saved = parseReports(await readSavedText(page, heading, 'Save as JSON lines'));
    const printed = parseReports(runCli('preflight', kernel, fleet, '--json').stdout);
    const strip = (report: object) => JSON.parse(JSON.stringify(report).replaceAll(`${folder}/`, ''));
    expect(saved.slice(0, -1)).toEqual(printed.slice(0, -1).map(strip));
    expect(saved.at(-1)).toMatchObject({
      summary: { machines: 152, unreadable: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const withoutDate = (text: string) => text.replace(/<dt>Date<.*?<\/dd>/, '');
    const html = join(folder, 'report.html');
    runCli('preflight', kernel, fleet, '--html', html);
    const expected = readFileSync(html, 'utf8')
      .replaceAll(kernel, basename(kernel))
      .replaceAll(`${folder}/`, '');
    expect(withoutDate(await readSavedText(page, heading, 'Save as HTML'))).toBe(withoutDate(expected));
    expect(await page.evaluate(ROWS)).toBeLessThan(100);
    expect(await page.evaluate("document.querySelectorAll('img').length")).toBe(0);
    expect(await measureOverflow(page)).toMatchObject({ scroll: 0 });

    await page.type('.windowed + *, input[type="search"]', 'broken');
    await vi.waitUntil(async () => (await page.evaluate(ROWS)) === 1);
    await page.click("document.querySelector('.windowed tbody button')");
    expect(await readSection(page, heading)).toMatch(
      /broken\.json[\s\S]+EINVAL \(machine-schema\)[\s\S]+Cure:/,
    );
    expect(page.complaints).toEqual([]);
  });
});

/** The name of the first machine file of a fleet. */
function readFirst(fleet: string): string {
  return execFileSync('ls', [fleet], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
