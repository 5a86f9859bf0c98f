import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveInspector } from '../../../src/node/ui/serve-inspector.js';
import { formatInspectorPage } from '../../../src/view/inspector-page/inspector-page.js';
import { makeTemporaryFolder } from '../../support/cli.js';

const TEXTS = { script: '', scriptHash: '', style: '', licences: '', version: '' };
const PAGE = formatInspectorPage({ ...TEXTS, styleHashes: [] });

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Asks a server as any program could, header Host included. */
function ask(
  url: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.on('error', reject).end();
  });
}

async function serve(...contents: readonly (string | Uint8Array)[]) {
  const folder = makeTemporaryFolder();
  const paths = contents.map((_, index) => join(folder, `file ${index}`));
  contents.forEach((bytes, index) => {
    writeFileSync(paths[index] ?? '', bytes);
  });
  const served = await serveInspector(PAGE, paths);
  onTestFinished(served.close);
  return { ...served, paths };
}

describe('serveInspector', () => {
  it('serves the page with its files, on loopback, below a path of 256 random bits', async () => {
    const { url } = await serve('abc', 'defg');
    const other = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/$/);
    expect(new URL(other.url).pathname).not.toBe(new URL(url).pathname);

    const { status, headers, body } = await ask(url);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(body.toString()).toContain(`connect-src ${url}files/;`);
    expect(body.toString()).toContain(`{"name":"file 1","size":4,"contents":"${url}files/1"}`);
  });

  it('serves slices of the files', async () => {
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => index * 7 + (index >> 8));
    const { url } = await serve(bytes);
    for (const [start, stop] of [
      [0, 1],
      [5, 2_500_000],
      [2_999_999, 3_000_000],
      [0, 3_000_000],
    ] as const) {
      const { status, headers, body } = await ask(`${url}files/0`, {
        headers: { Range: `bytes=${start}-${stop - 1}` },
      });
      expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${stop - 1}/3000000`]);
      expect(body.equals(bytes.subarray(start, stop))).toBe(true);
    }
  });

  it.each([
    '',
    'bytes=0-',
    'bytes=-1',
    'bytes=2-1',
    'bytes=0-3',
    'bytes=0-0,1-1',
    'bytes=9999999999999999-9999999999999999',
  ])('refuses the range "%s" of a file of 3 bytes', async (range) => {
    const { url } = await serve('abc');
    const { status, body } = await ask(`${url}files/0`, range === '' ? {} : { headers: { Range: range } });
    expect([status, body.length]).toEqual([416, 0]);
  });

  it('leads to the page once by the address for a browser', async () => {
    const { url, urlForOnce } = await serve();
    const { status, headers } = await ask(urlForOnce);
    expect([status, headers.location]).toEqual([303, url]);
    expect((await ask(urlForOnce)).status).toBe(404);
    expect((await ask(url)).status).toBe(200);
  });

  it('serves nothing else', async () => {
    const { url } = await serve('abc');
    const { origin, pathname } = new URL(url);
    const outside = [
      '/',
      '//',
      '/favicon.ico',
      '/files/0',
      pathname.slice(0, -1),
      `/x${pathname}`,
      `${pathname}x`,
    ];
    const inside = [
      'files/',
      'files/1',
      'files/00000000',
      'files/0/',
      'files/../',
      'files/%2e%2e',
      '../',
      '?',
      '#',
    ];
    const paths = [...outside, ...inside.map((path) => `${pathname}${path}`)];
    for (const path of paths) {
      const { status, body } = await new Promise<Answer>((resolve, reject) => {
        // As it is, not as a URL is normalised.
        const asked = request({
          ...new URL(origin),
          host: '127.0.0.1',
          port: new URL(url).port,
          path,
          agent: false,
        });
        asked.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode, headers: {}, body: Buffer.concat(chunks) }),
          );
        });
        asked.on('error', reject).end();
      });
      expect([path, status, body.length]).toEqual([path, 404, 0]);
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])('refuses %s', async (method) => {
    const { url } = await serve();
    expect((await ask(url, { method })).status).toBe(405);
  });

  it.each(['evil.example', 'localhost', '127.0.0.1', '127.0.0.1:1', '[::1]'])(
    'refuses the host %s, as after DNS rebinding',
    async (host) => {
      const { url } = await serve();
      const { status, body } = await ask(url, { headers: { Host: host } });
      expect([status, body.length]).toEqual([421, 0]);
    },
  );

  it('refuses a missing file and a folder before it serves', async () => {
    const folder = makeTemporaryFolder();
    await expect(serveInspector(PAGE, [folder])).rejects.toMatchObject({
      check: 'file-access',
      errno: 'EISDIR',
    });
    await expect(serveInspector(PAGE, [join(folder, 'x')])).rejects.toMatchObject({ errno: 'ENOENT' });
  });

  it('ends an answer whose file becomes shorter', async () => {
    const { url, paths } = await serve(new Uint8Array(3_000_000));
    writeFileSync(paths[0] ?? '', 'short');
    await expect(ask(`${url}files/0`, { headers: { Range: 'bytes=0-2999999' } })).rejects.toThrow();
    expect((await ask(url)).status).toBe(200);
  });
});
