/**
 * The server of `kexec-file ui`: on loopback, for one user. It answers GET for the page and for slices of the files that
 * it was given, below a path that nobody can guess, and nothing else.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { addServedFiles } from '../../view/inspector-page/inspector-page.js';
import { type FileSource, openFileSource } from '../files/file-source.js';

const LOOPBACK = '127.0.0.1';

/** As many as a key that is not guessed. */
const TOKEN_BYTES = 32;

/** What is read of a file at once, in bytes. */
const PIECE_BYTES = 1 << 20;

/** For each answer: no other page reads, frames or keeps it, and no other server learns its address. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The inspector, being served. */
export interface ServedInspector {
  /** Of the page, as long as this process runs. */
  readonly url: string;
  /**
   * Leads to the page once: for a browser that is started with it, because other users of the machine see the
   * arguments of a program.
   */
  readonly urlForOnce: string;
  close(): void;
}

/**
 * Serves the inspector with files.
 *
 * @param page - the inspector's page
 * @param paths - of files, which stay open; `-` is standard input, if that is a file
 * @throws KexecError, as {@link openFileSource}.
 */
export async function serveInspector(page: string, paths: readonly string[]): Promise<ServedInspector> {
  const sources = paths.map(openFileSource);
  const server = createServer();
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `${LOOPBACK}:${port}`;
  const [token, ticket] = [createToken(), createToken()];
  const url = `http://${host}/${token}/`;
  const address = `${url}files/`;
  const files = sources.map(({ size }, index) => ({
    name: basename(paths[index] ?? ''),
    size: Number(size),
    contents: `${address}${index}`,
  }));
  answer(server, { host, token, ticket, url, page: addServedFiles(page, { address, files }), sources });
  return {
    url,
    urlForOnce: `http://${host}/${ticket}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
      for (const source of sources) source.close();
    },
  };
}

function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What is served. */
interface Served {
  /** The only value of the header Host: a page elsewhere that resolves its own name to loopback sends another. */
  readonly host: string;
  readonly token: string;
  readonly ticket: string;
  readonly url: string;
  readonly page: string;
  readonly sources: readonly FileSource[];
}

function answer(server: Server, served: Served): void {
  let isTicketValid = true;
  server.on('request', async (request, response) => {
    const [, token = '', path] = /^\/([^/]*)\/(.*)$/.exec(request.url ?? '') ?? [];
    if (request.headers.host !== served.host) return end(response, 421);
    if (request.method !== 'GET') return end(response, 405, { Allow: 'GET' });
    if (isTicketValid && path === '' && isEqual(token, served.ticket)) {
      isTicketValid = false;
      return end(response, 303, { Location: served.url });
    }
    if (!isEqual(token, served.token)) return end(response, 404);
    if (path === '') return sendPage(response, served.page);
    const [, index] = /^files\/(\d{1,6})$/.exec(path ?? '') ?? [];
    const source = index === undefined ? undefined : served.sources[Number(index)];
    if (source === undefined) return end(response, 404);
    await sendSlice(request, response, source);
  });
}

/** Compares in a time that does not depend on how much is equal. */
function isEqual(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...HEADERS, ...headers }).end();
}

function sendPage(response: ServerResponse, page: string): void {
  response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' }).end(page);
}

/** Sends the bytes that the header Range names, which the page always sends: RFC 9110, section 14. */
async function sendSlice(
  { headers }: IncomingMessage,
  response: ServerResponse,
  source: FileSource,
): Promise<void> {
  const [, first = '', last = ''] = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(headers.range ?? '') ?? [];
  const [start, stop] = [BigInt(first), BigInt(last) + 1n];
  if (first === '' || start >= stop || stop > source.size)
    return end(response, 416, { 'Content-Range': `bytes */${source.size}` });
  response.writeHead(206, {
    ...HEADERS,
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(stop - start),
    'Content-Range': `bytes ${start}-${stop - 1n}/${source.size}`,
  });
  // A file that became shorter, or a reader that left, ends the answer early.
  await pipeline(Readable.from(readPieces(source, start, stop)), response).catch(() => response.destroy());
}

function* readPieces(source: FileSource, start: bigint, stop: bigint): Generator<Uint8Array> {
  for (let at = start; at < stop; at += BigInt(PIECE_BYTES)) {
    const left = stop - at;
    yield source.read(at, left < PIECE_BYTES ? Number(left) : PIECE_BYTES);
  }
}
