import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { INSPECTOR, openInspector, readSection, waitForFiles } from '../support/inspector-page.js';
import { startUi } from '../support/running-ui.js';

describe('kexec-file ui', () => {
  it('shows files in a browser, which connects to nothing else', async () => {
    const folder = makeTemporaryFolder();
    const hostile = join(folder, `<img src=x onerror=alert(1)>`);
    writeFileSync(hostile, 'CONFIG_KEXEC=y\nCONFIG_A=y\nCONFIG_B=y\n');
    const { url } = await startUi(['--no-open', corpus.cloudKernel(), hostile]);
    const page = await openInspector({ address: url });
    await waitForFiles(page, 2);

    expect(await readSection(page, basename(corpus.cloudKernel()))).toContain('arm64 Image');
    expect(await readSection(page, '<img src=x onerror=alert(1)>')).toContain('kernel configuration');
    const refused = await page.evaluate(
      `fetch(location.origin + '/').then(() => 'connected', ({ name }) => name)`,
    );
    expect(refused).toBe('TypeError');
    expect(page.complaints.filter((text) => !text.includes('Content Security Policy'))).toEqual([]);
    expect(page.requests.length).toBeGreaterThan(1);
    for (const request of page.requests)
      expect(request).toMatch(new RegExp(`^(${url}|blob:${new URL(url).origin}/)`));
  });

  it('opens the browser by an address that is good once', async () => {
    const folder = makeTemporaryFolder();
    const opener = join(folder, 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\necho "$1" > '${folder}/opened'\n`);
    chmodSync(opener, 0o755);
    const { url } = await startUi([], `${folder}:${process.env.PATH}`);
    const read = () => readFileSync(join(folder, 'opened'), 'utf8').trim();
    await vi.waitFor(() => expect(read()).toMatch(/^http:/), { timeout: 60_000 });
    const opened = read();
    expect(opened).not.toBe(url);
    expect((await fetch(opened)).url).toBe(url);
    expect((await fetch(opened)).status).toBe(404);
  });

  it('ends with Ctrl-C', async () => {
    const { process: ui, url } = await startUi(['--no-open']);
    expect((await fetch(url)).status).toBe(200);
    ui.kill('SIGINT');
    expect(await once(ui, 'exit')).toEqual([null, 'SIGINT']);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('writes the page that the build makes', () => {
    const path = join(makeTemporaryFolder(), 'page.html');
    expect(runCli('ui', '--output', path)).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(path, 'utf8')).toBe(readFileSync(INSPECTOR, 'utf8'));
    expect(runCli('ui', '-o', path)).toMatchObject({ status: 1 });
    expect(runCli('ui', '-o', path, 'x')).toMatchObject({ status: 2 });
    expect(runCli('ui', 'no such file').stderr).toContain('no such file');
  });
});
