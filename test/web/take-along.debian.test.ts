import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { buildCpio } from '../../src/formats/cpio.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import {
  chooseInInspector,
  openInspector,
  readSaved,
  readSavedText,
  readSection,
  sectionOf,
  waitForFiles,
} from '../support/inspector-page.js';

const HEADING = 'Plan: vmlinuz';

it('saves the page and the picture that plan writes', async () => {
  const folder = makeTemporaryFolder();
  const path = (name: string): string => join(folder, name);
  copyFileSync(corpus.cloudKernel(), path('vmlinuz'));
  const page = await openInspector();
  await chooseInInspector(page, [path('vmlinuz')]);
  const args = ['plan', path('vmlinuz'), '--machine', 'qemu-virt'] as const;
  expect(runCli(...args, '--html', path('html'), '--svg', path('svg')).status).toBe(0);

  expect(await readSavedText(page, HEADING, 'Save as SVG')).toBe(readFileSync(path('svg'), 'utf8'));
  // The command names the kernel's file with its folder.
  const expected = readFileSync(path('html'), 'utf8').replaceAll(path('vmlinuz'), 'vmlinuz');
  expect(await readSavedText(page, HEADING, 'Save as HTML')).toBe(expected);
});

it('has a link that holds the options of a plan', async () => {
  const folder = makeTemporaryFolder();
  const kernel = join(folder, 'vmlinuz');
  copyFileSync(corpus.cloudKernel(), kernel);
  const init = { name: 'init', type: 'file', permissions: 0o755, bytes: new Uint8Array(9) } as const;
  writeFileSync(join(folder, 'initrd.img'), buildCpio([init]));
  const page = await openInspector();
  const address = () => page.evaluate<string>('location.hash');
  await page.evaluate(`location.hash = 'machine=qemu-virt&initrd=none&command-line=quiet+%C3%A4%26&panic='`);
  await chooseInInspector(page, [kernel, join(folder, 'initrd.img')]);
  const command = 'kexec-file plan vmlinuz --machine qemu-virt --command-line';
  expect(await readSection(page, HEADING)).toContain(`${command} 'quiet ä&' --panic`);
  expect(await readSaved(page, HEADING)).toHaveProperty('refusal');

  await page.click(`${sectionOf(HEADING)}.querySelector('input[type=checkbox]')`);
  await page.type('input[type="text"]', 'console=ttyAMA0');
  await page.evaluate("document.querySelector('input[type=text]').blur()");
  await waitForFiles(page, 2);
  await page.click(`${sectionOf(HEADING)}.querySelector('a')`);
  expect(await address()).toBe('#machine=qemu-virt&initrd=none&command-line=console%3DttyAMA0');
  expect(await readSection(page, HEADING)).toContain(`${command} console=ttyAMA0\n`);

  // Another address, in the same page.
  await page.evaluate(`location.hash = 'initrd=initrd.img'`);
  const other = 'plan vmlinuz --initrd initrd.img --machine qemu-virt';
  await vi.waitUntil(async () => (await readSection(page, HEADING)).includes(other));
  expect(page.complaints).toEqual([]);
});
