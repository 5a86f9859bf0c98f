import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { CHECKS, type Check } from '../../src/base/checks.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { makeInspectorFiles } from '../support/inspector-files.js';
import {
  chooseInInspector,
  measureOverflow,
  openInspector,
  readSaved,
  readSection,
  sectionOf,
  waitForFiles,
} from '../support/inspector-page.js';
import { runForReport } from '../support/run-for-report.js';

/** What `verify --trail` reports of a refusal. */
interface FailedReport {
  readonly trail: readonly { readonly check: Check; readonly cure?: string }[];
}

describe('the inspector, with files that belong together', () => {
  it('plans a kernel on a machine, as plan does', async () => {
    const { machine, initrd } = makeInspectorFiles();
    const kernel = corpus.cloudKernel();
    const heading = `Plan: ${basename(kernel)}`;
    const page = await openInspector();
    await chooseInInspector(page, [kernel, machine, initrd]);

    const args = [kernel, '--machine', machine, '--initrd', initrd] as const;
    expect(await readSaved(page, heading)).toEqual(runForReport('plan', ...args));
    const text = await readSection(page, heading);
    expect(text).toMatch(/\) loads on qemu-virt: \d segments, entry 0x/);
    expect(text).toContain(`kexec-file plan ${basename(kernel)} --initrd initrd.img --machine server.json`);
    expect(text).toContain('Changes of the device tree');
    expect(
      await page.evaluate(`${sectionOf(heading)}.querySelectorAll('svg.wide rect').length`),
    ).toBeGreaterThan(9);

    await page.type(`input[type="text"]`, 'console=ttyAMA0 quiet');
    await page.evaluate("document.querySelector('input[type=text]').blur()");
    await vi.waitUntil(async () => (await readSection(page, heading)).includes("--command-line 'console"));
    await page.click("document.querySelector('input[type=checkbox]')");
    await waitForFiles(page, 3);
    const crash = runForReport('plan', ...args, '--command-line', 'console=ttyAMA0 quiet', '--panic');
    expect(crash).toHaveProperty('refusal');
    expect(await readSaved(page, heading)).toEqual(crash);
    expect(await readSection(page, heading)).toMatch(/Refused: \w+ \([\w-]+\)\s+Seen/);
    expect(page.complaints).toEqual([]);
  });

  it('plans a bzImage on a preset', async () => {
    const kernel = corpus.x86CloudKernel();
    const page = await openInspector();
    await chooseInInspector(page, [kernel]);
    await page.evaluate(`(() => {
      const select = document.querySelector('select');
      select.value = [...select.options].find(({ text }) => text === 'qemu-q35').value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
    await waitForFiles(page, 1);
    const report = runForReport('plan', kernel, '--machine', 'qemu-q35');
    expect(await readSaved(page, `Plan: ${basename(kernel)}`)).toEqual(report);
    expect(page.complaints).toEqual([]);
  });

  it('verifies kernels against certificates, as verify does, the failing check first', async () => {
    const folder = makeTemporaryFolder();
    const kernel = corpus.cloudKernel();
    const heading = `Signature: ${basename(kernel)}`;
    const stranger = join(folder, 'stranger.pem');
    copyFileSync('test/cases/attack/01-pkcs7-quadratic/good.pem', stranger);
    const page = await openInspector();
    await chooseInInspector(page, [kernel, stranger]);
    const refused = await readSection(page, heading);
    const { trail } = runForReport('verify', kernel, '--keyring', stranger, '--trail') as FailedReport;
    const last = trail.at(-1);
    expect(refused).toContain(`Cure: ${last?.cure ?? CHECKS[last?.check ?? 'trust'].cure}`);
    expect(refused).toMatch(/Refused: ENOKEY \(trust\): .+\n+Rule: .+\n+From: .+\n+Cure: .+\n+Checks/);
    expect(await readSaved(page, heading)).toEqual({
      ...(runForReport('verify', kernel, '--keyring', stranger) as object),
      file: basename(kernel),
    });

    await chooseInInspector(page, [corpus.shim()]);
    expect(await readSection(page, heading)).toContain('Trusted: signed by Debian Secure Boot Signer');
    expect(await readSaved(page, heading)).toEqual({
      ...(runForReport('verify', kernel, '--keyring', stranger, '--keyring', corpus.shim()) as object),
      file: basename(kernel),
    });
    expect(page.complaints).toEqual([]);
  });

  it("verifies IMA's signatures, too", async () => {
    const folder = makeTemporaryFolder();
    const kernel = corpus.cloudKernel();
    const heading = `Signature: ${basename(kernel)}`;
    const [keys, value] = [join(folder, 'keys.pem'), join(folder, 'vmlinuz.ima')];
    copyFileSync('test/cases/attack/01-pkcs7-quadratic/good.pem', keys);
    // Of type IMA_XATTR_DIGEST_NG, with SHA-256.
    writeFileSync(value, Buffer.from(`0404${'11'.repeat(32)}`, 'hex'));
    const page = await openInspector();
    await chooseInInspector(page, [kernel, keys, value]);
    const verify = ['verify', kernel, '--keyring', keys];
    for (const [label, ...words] of [
      ['appended', '--appended'],
      ['security.ima', '--ima-xattr', value],
    ]) {
      await page.evaluate(`(() => {
        const select = ${sectionOf(heading)}.querySelector('select');
        select.value = [...select.options].find(({ text }) => text.startsWith('${label}')).value;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      })()`);
      await waitForFiles(page, 3);
      const expected = runForReport(...verify, ...words) as object;
      expect(await readSaved(page, heading)).toEqual({ ...expected, file: basename(kernel) });
    }
    expect(await readSection(page, heading)).toContain('Refused: EINVAL (ima-signature)');
    expect(page.complaints).toEqual([]);
  });

  it('explains a kernel log, as explain does', async () => {
    const { log } = makeInspectorFiles();
    const page = await openInspector();
    await chooseInInspector(page, [log]);
    expect(await readSaved(page, 'Log: dmesg.txt')).toEqual(runForReport('explain', '--log', log));
    expect(await readSection(page, 'Log: dmesg.txt')).toContain('Unsigned PE binary');
  });

  it('shows the log of a dump of 6 GiB, which it reads in pieces, and searches it', async () => {
    const { vmcore, log } = makeInspectorFiles();
    truncateSync(vmcore, 6 * 2 ** 30);
    const page = await openInspector();
    await chooseInInspector(page, [vmcore]);
    const shown = "document.querySelector('textarea').value";
    expect(`${await page.evaluate(shown)}\n`).toBe(readFileSync(log, 'utf8'));
    expect(await readSaved(page, 'Crash: vmcore')).toEqual(runForReport('vmcore', 'info', vmcore));
    await page.type('input[type="search"]', 'kernel PANIC');
    await vi.waitUntil(async () => (await page.evaluate<string>(shown)).split('\n').length < 5);
    expect(await page.evaluate(shown)).toContain('Kernel panic - not syncing');
    expect(page.complaints).toEqual([]);
  });

  it('shows the bytes that are selected in the tree', async () => {
    const kernel = corpus.cloudKernel();
    const name = basename(kernel);
    const page = await openInspector();
    await chooseInInspector(page, [kernel]);
    const bytes = readFileSync(kernel);
    const shown = "document.querySelector('.hex pre').textContent";
    const formatRow = (at: number): string => {
      const row = [...bytes.subarray(at, at + 16)];
      const letters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
      const digits = row.map((byte) => byte.toString(16).padStart(2, '0'));
      return `${at.toString(16).padStart(8, '0')}  ${digits.join(' ')}  ${letters.join('')}\n`;
    };

    await page.click(
      `[...${sectionOf(name)}.querySelectorAll('button')].find(({ textContent }) => textContent === 'Show bytes')`,
    );
    await waitForFiles(page, 1);
    expect((await page.evaluate<string>(shown)).startsWith(formatRow(0) + formatRow(16))).toBe(true);
    // The last offset in the tree is that of the certificate table, at the end of the file.
    await page.click(`[...${sectionOf(name)}.querySelectorAll('button.range')].at(-1)`);
    await waitForFiles(page, 1);
    const start = Number(
      await page.evaluate(`[...document.querySelectorAll('button.range')].at(-1).textContent`),
    );
    expect(start).toBe(bytes.length - 0x5c0);
    expect((await page.evaluate<string>(shown)).startsWith(formatRow(start))).toBe(true);
    expect(await page.evaluate("document.querySelectorAll('.hex mark').length")).toBe(64);
    await page.click(
      `[...document.querySelectorAll('.hex button')].find(({ textContent }) => textContent === 'Before')`,
    );
    await waitForFiles(page, 1);
    expect((await page.evaluate<string>(shown)).endsWith(formatRow(start - 16))).toBe(true);
    expect(await page.evaluate("document.querySelectorAll('.hex mark').length")).toBe(0);
    expect(page.complaints).toEqual([]);
  });

  it('keeps names text in every view, and fits 380 pixels', async () => {
    const { machine, vmcore, path } = makeInspectorFiles();
    const hostile = '"><img src=x onerror=alert(1)><script>alert(1)<_script>';
    const parsed = JSON.parse(readFileSync(machine, 'utf8'));
    writeFileSync(path(`${hostile}.json`), JSON.stringify({ ...parsed, name: hostile }));
    copyFileSync(corpus.cloudKernel(), path(`${hostile} kernel`));
    copyFileSync('test/cases/attack/01-pkcs7-quadratic/good.pem', path(`${hostile}.pem`));
    writeFileSync(
      path(`${hostile}.log`),
      `[    1.000000] kexec_core: ${hostile}\n[    1.0] kexec: PEFILE: Unsigned PE binary ${hostile}\n`,
    );
    const names = ['.json', ' kernel', '.pem', '.log'].map((end) => path(`${hostile}${end}`));
    const page = await openInspector({ width: 380 });
    await chooseInInspector(page, [...names, vmcore]);
    expect(await readSection(page, `Plan: ${hostile} kernel`)).toContain(`on ${hostile}`);
    expect(await page.evaluate("document.querySelectorAll('img, body script:not(:last-child)').length")).toBe(
      0,
    );
    expect(await measureOverflow(page)).toEqual({ scroll: 0, wide: [] });
    expect(page.complaints).toEqual([]);
  });
});
