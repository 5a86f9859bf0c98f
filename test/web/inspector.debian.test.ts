import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { listCaseFiles } from '../support/case-files.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { HOSTILE_FILES } from '../support/hostile-files.js';
import {
  chooseInInspector,
  countFiles,
  INSPECTOR,
  measureOverflow,
  openInspector,
  readSaved,
  readSection,
  sectionOf,
  waitForFiles,
} from '../support/inspector-page.js';
import { parseReports } from '../support/json-reports.js';
import { expectSavedJson } from './saved-json.js';

/** The most bytes of the page, compressed by gzip. */
const MAX_COMPRESSED_BYTES = 600 << 10;

describe("the inspector's file", () => {
  const page = readFileSync(INSPECTOR, 'utf8');

  it('has at most 600 KiB, compressed', () => {
    expect(gzipSync(page).length).toBeLessThan(MAX_COMPRESSED_BYTES);
  });

  it('allows its own script, worker and style, and nothing else', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hash = /'sha256-[\w+/=]{44}'/g;
    expect(policy.replaceAll(hash, 'HASH')).toBe(
      "default-src 'none'; script-src HASH; style-src HASH HASH; worker-src blob:; base-uri 'none'; form-action 'none'",
    );
    const markup = page.replace(/<script>.*<\/script>/s, '');
    expect(/<script| (?:src|href)=|@import|\burl\((?!#)/.exec(markup)).toBeNull();
  });

  it('has the licences of the packages in it', () => {
    for (const name of ['preact 11', '@noble/curves 2', '@noble/hashes 2', 'zod 4'])
      expect(page).toContain(`\n${name}`);
  });
});

describe('the inspector, from its file', () => {
  it('shows a signed kernel as inspect does, and requests nothing', async () => {
    const { path } = corpus.kernels()[0] ?? { path: '' };
    const page = await openInspector();
    await chooseInInspector(page, [path]);

    const section = await readSection(page, basename(path));
    const [report = {}] = parseReports(runCli('inspect', path, '--json').stdout);
    expect(section).toMatch(/^Linux [\d.]+-[\w-]+, compiled by /m);
    expect(section).toContain('signed by Debian Secure Boot Signer');
    expect(section).toMatch(/certificates 1\noffset\tlength/);
    expect(await readSaved(page, basename(path))).toEqual({ ...report, file: basename(path) });
    expect(page.complaints).toEqual([]);
    expect(page.requests.map((url) => new URL(url).protocol)).toEqual(['file:', 'blob:']);
  });

  it('saves the same JSON as the command prints, for files of all kinds', () =>
    expectSavedJson(listCaseFiles().filter((_, index) => index % 4 === 0)));

  it('takes dropped files and folders', async () => {
    const folder = makeTemporaryFolder();
    const config = 'CONFIG_KEXEC=y\nCONFIG_A=y\nCONFIG_B=y\n';
    mkdirSync(join(folder, 'boot/deeper'), { recursive: true });
    writeFileSync(join(folder, 'boot/deeper/config-6.12'), config);
    writeFileSync(join(folder, 'other'), 'what?');
    const page = await openInspector();
    await page.drop([join(folder, 'boot'), join(folder, 'other')]);
    await waitForFiles(page, 2);
    expect(await readSection(page, 'config-6.12')).toContain('kernel configuration');
    expect(await readSection(page, 'other')).toContain('ENOEXEC (file-kind)');
  });

  it('explains in place what it cannot read, and continues', async () => {
    const folder = makeTemporaryFolder();
    const whole = readFileSync(corpus.cloudKernel());
    const files = { empty: new Uint8Array(0), cut: whole.subarray(0, 100_000), 'no-kind': Buffer.from('?!') };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const page = await openInspector();
    await chooseInInspector(page, [...Object.keys(files).map((name) => join(folder, name)), 'package.json']);

    expect(await readSection(page, 'empty')).toMatch(
      /ENOEXEC \(file-kind\): the file is empty\s+Rule: .+\s+Cure: /,
    );
    expect(await readSection(page, 'cut')).toMatch(/Rule: .+\s+Cure: fetch/);
    await page.click(`${sectionOf('empty')}.querySelector('button')`);
    expect(await countFiles(page)).toBe(3);
    await chooseInInspector(page, [corpus.cloudKernel()]);
    expect(await readSection(page, basename(corpus.cloudKernel()))).toContain('arm64 Image');
    expect(page.complaints).toEqual([]);
  });

  it('keeps names out of files text', async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>alert(1)</script><style>*{}</style>'&amp;\u202e`;
    const folder = makeTemporaryFolder();
    const build = (text: string): string[] =>
      Object.values(HOSTILE_FILES).map((make, index) => {
        mkdirSync(join(folder, text.slice(0, 1)), { recursive: true });
        const path = join(folder, text.slice(0, 1), `${index} ${text.replaceAll('/', '_')}`);
        writeFileSync(path, make(text));
        return path;
      });
    const shapes = `[...new Set([...document.querySelectorAll('body *')].map((element) =>
      [element.tagName, ...element.getAttributeNames()].join(' ')))].sort()`;
    const [plain, page] = [await openInspector(), await openInspector()];
    await chooseInInspector(plain, build('plain text'));
    await chooseInInspector(page, build(hostile));

    expect(await page.evaluate(shapes)).toEqual(await plain.evaluate(shapes));
    const text = await page.evaluate<string>('document.querySelector("main").innerText');
    expect(text).toContain(hostile.replace('\u202e', '\\u202e'));
    expect(text).not.toMatch(/\p{Cf}|[^\P{Cc}\n\t]/u);
    expect(page.complaints).toEqual([]);
  });

  it.each([380, 1200, 3840])('fits %i pixels, light and dark, with long names', async (width) => {
    const folder = makeTemporaryFolder();
    const long = join(folder, `vmlinuz-${'6.12.117+deb12-'.repeat(12)}`);
    writeFileSync(long, 'x'.repeat(3000));
    const page = await openInspector({ width });
    const scheme = (value: string) =>
      page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await scheme('light');
    await chooseInInspector(page, [corpus.cloudKernel(), corpus.shim(), long]);
    expect(await background()).toBe('rgb(255, 255, 255)');
    expect(await measureOverflow(page)).toEqual({ scroll: 0, wide: [] });
    await scheme('dark');
    expect(await background()).toBe('rgb(13, 17, 23)');
  });
});
