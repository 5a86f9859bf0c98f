import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { FactWindow } from '../../../src/machine/fleet/fact-window.js';
import { FLEET_LINES } from '../../../src/machine/fleet/fleet-lines.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { compressFrames, packFleet } from '../../../src/node/fleet/pack-fleet.js';
import { readMachines } from '../../../src/node/fleet/read-machines.js';
import { unpackMachine } from '../../../src/node/fleet/unpack-fleet.js';
import { loadAjv, readSchema } from '../../support/json-reports.js';
import { buildVariedMachine, listRecordedMachines } from '../../support/varied-machines.js';

const recorded = listRecordedMachines();
const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const machines = Array.from({ length: 60 }, (_, index) => ({
  file: `rack${index % 3}/host${index}.json`,
  machine: buildVariedMachine(recorded, index),
}));

async function* listed(from: number, to: number) {
  yield* machines.slice(from, to);
}

async function packText(from: number, to: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of packFleet(listed(from, to), { machines: 0, facts: 0 })) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function compress(bytes: Buffer): Promise<Buffer> {
  const frames: Uint8Array[] = [];
  const source = async function* () {
    yield bytes;
  };
  for await (const frame of compressFrames(source())) frames.push(frame);
  return Buffer.concat(frames);
}

let count = 0;

/** Reads a fleet file of these bytes. @returns machines as files, and errors as messages */
async function read(bytes: Uint8Array, suffix = '.ndjson') {
  count += 1;
  const path = join(folder, `fleet${count}${suffix}`);
  writeFileSync(path, bytes);
  const found: { file: string; text: string }[] = [];
  const errors: string[] = [];
  for await (const { file, machine } of readMachines([path], new Set([path]))) {
    if (machine instanceof KexecError)
      errors.push(`${machine.check} ${machine.errno} ${machine.seen.replaceAll(path, 'FLEET')}`);
    else found.push({ file, text: formatMachine(machine) });
  }
  return { found, errors };
}

const expected = machines.map(({ file, machine }) => ({ file, text: formatMachine(machine) }));
const whole = await packText(0, 60);
const lines = whole.toString().trimEnd().split('\n');
const join_ = (list: readonly string[]) => Buffer.from(`${list.join('\n')}\n`);

it('each line of a fleet file fits its JSON Schema', async () => {
  const validate = loadAjv().compile(readSchema('fleet'));
  const lines = (await packText(0, 5)).toString('utf8').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(7);
  for (const text of lines) expect(validate(JSON.parse(text)), text.slice(0, 200)).toBe(true);
  expect(validate({ end: { machines: '5' } })).toBe(false);
});

describe('a fleet file', () => {
  it('gives back the machines, plain, gzip or zstd', async () => {
    expect(await read(whole)).toEqual({ found: expected, errors: [] });
    expect(await read(gzipSync(whole), '.ndjson.gz')).toEqual({ found: expected, errors: [] });
    expect(await read(await compress(whole), '.ndjson.zst')).toEqual({ found: expected, errors: [] });
  });

  it('may be two fleet files, one behind the other', async () => {
    const parts = await Promise.all([packText(0, 20), packText(20, 60)]);
    expect(await read(Buffer.concat(parts))).toEqual({ found: expected, errors: [] });
    const frames = await Promise.all(parts.map(compress));
    expect(await read(Buffer.concat(frames), '.zst')).toEqual({ found: expected, errors: [] });
  });

  it('has lines of the schema, large facts once, and machines of at most 2 KiB', () => {
    const facts = lines.filter((line) => line.startsWith('{"fact":'));
    expect(new Set(facts).size).toBe(facts.length);
    for (const line of lines) {
      const value = JSON.parse(line);
      const kinds = Object.values(FLEET_LINES).filter((schema) => schema.safeParse(value).success);
      expect(kinds).toHaveLength(1);
      if ('machine' in value) expect(line.length).toBeLessThan(2048);
    }
  });

  it('may be JSON Lines of machine files', async () => {
    const bytes = join_(machines.map(({ machine }) => JSON.stringify(JSON.parse(formatMachine(machine)))));
    const { found, errors } = await read(bytes);
    expect(errors).toEqual([]);
    expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
    expect(found[6]?.file).toMatch(/\.ndjson:7$/);
  });

  it('is unpacked into the files', async () => {
    const target = join(folder, 'unpacked');
    for (const machine of machines) await unpackMachine(target, machine, false);
    for (const { file, text } of expected) expect(readFileSync(join(target, file), 'utf8')).toBe(text);
    const [{ machine }] = machines as [(typeof machines)[0]];
    const again = unpackMachine(target, { file: 'rack0/host0.json', machine }, false);
    await expect(again).rejects.toMatchObject({ errno: 'EEXIST' });
    for (const file of ['../x', 'a/../../x', '/', '.'])
      await expect(unpackMachine(target, { file, machine }, false)).rejects.toMatchObject({
        check: 'fleet-file',
        errno: 'EINVAL',
      });
  });
});

describe('a damaged fleet file', () => {
  const factAt = lines.findIndex((line) => line.startsWith('{"fact":'));
  const machineAt = lines.findIndex((line) => line.startsWith('{"file":'));
  const change = (at: number, edit: (line: string) => string) =>
    join_(lines.map((line, index) => (index === at ? edit(line) : line)));

  it('that is cut short is said to be so', async () => {
    const half = await read(whole.subarray(0, whole.length - 9000));
    expect(half.found.length).toBeGreaterThan(40);
    expect(half.errors.at(-1)).toMatch(
      /^fleet-file EBADMSG FLEET, line 1: the part that begins here has no end/,
    );
    const atLine = await read(join_(lines.slice(0, -3)));
    expect(atLine.errors).toEqual([
      'fleet-file EBADMSG FLEET, line 1: the part that begins here has no end: the file is cut short',
    ]);
    const packed = await compress(whole);
    const inFrame = await read(packed.subarray(0, packed.length - 100), '.zst');
    expect(inFrame.errors).toEqual(['fleet-file EBADMSG FLEET is cut short in frame 1 of zstd']);
    const gzip = gzipSync(whole);
    const inGzip = await read(gzip.subarray(0, gzip.length - 100), '.ndjson.gz');
    expect(inGzip.errors.at(-1)).toMatch(/its gzip data is damaged or cut short/);
  });

  it('with a fact whose digest does not fit names the line, and the machines that name it', async () => {
    const { found, errors } = await read(
      change(factAt, (line) => line.replace(/"value":(.)/, '"value":$1 ')),
    );
    expect(errors[0]).toMatch(
      new RegExp(
        `^fleet-file EBADMSG FLEET, line ${factAt + 1}: the value of fact [0-9a-f]{16}… has the digest`,
      ),
    );
    expect(errors[1]).toMatch(
      /^fleet-file ENODATA FLEET, line \d+: its \w+ is the fact [0-9a-f]{16}…, which no line/,
    );
    expect(found.length).toBeLessThan(60);
    expect(found.length + errors.length).toBe(61);
  });

  it('with an unknown digest, a line that is too long, or no JSON names the line, and goes on', async () => {
    const line = machineAt + 1;
    const unknown = await read(
      change(machineAt, (text) => text.replace(/("facts":\{"\w+":")[0-9a-f]{64}/, `$1${'0'.repeat(64)}`)),
    );
    expect(unknown.errors).toEqual([
      expect.stringMatching(
        new RegExp(`^fleet-file ENODATA FLEET, line ${line}: .* the fact 0000000000000000…`),
      ),
    ]);
    const long = await read(change(machineAt, (text) => `${text}${' '.repeat(9 << 20)}`));
    expect(long.errors[0]).toBe(`fleet-file EFBIG FLEET, line ${line} has more than 8 MiB (0x800000)`);
    expect(long.found).toHaveLength(59);
    const noJson = await read(change(machineAt, (text) => text.slice(0, -5)));
    expect(noJson.errors).toEqual([
      expect.stringMatching(new RegExp(`^fleet-file EINVAL FLEET, line ${line}: it is not JSON`)),
    ]);
    expect(noJson.found).toHaveLength(59);
  });

  it.each([
    [
      'another order',
      (text: string) => text.replace(/^\{("file":"[^"]*"),("name":"[^"]*")/, '{$1, $2'),
      /in this order/,
    ],
    [
      'a field twice',
      (text: string) => text.replace('"machine":{', '"machine":{"name":"x",'),
      /the field name twice/,
    ],
    ['a second file', (text: string) => text.replace(/\}$/, ',"file":"x"}'), /Unrecognized key: "file"/],
    ['no file', (text: string) => text.replace(/"file":"[^"]*"/, '"file":""'), /1 to 4096 characters/],
  ])('refuses a machine with %s', async (_, edit, message) => {
    const { errors } = await read(change(machineAt, edit));
    expect(errors).toEqual([expect.stringMatching(message)]);
  });

  it('misses lines, or has them twice', async () => {
    const missing = await read(join_(lines.filter((_, index) => index !== lines.length - 2)));
    expect(missing.errors[0]).toMatch(/it ends a part of 60 machines, and 59 are there/);
    const twoHeaders = await read(Buffer.concat([join_(lines.slice(0, 9)), whole]));
    expect(twoHeaders.errors[0]).toBe(
      'fleet-file EBADMSG FLEET, line 1: the part that begins here has no end before line 10',
    );
    expect(twoHeaders.found.slice(-60)).toEqual(expected);
    const other = await read(join_(['{"kexecFileFleet":2}']));
    expect(other.errors[0]).toMatch(/line 1: the header is of a version/);
    const noHeader = await read(join_(['{"end":{"machines":0}}']));
    expect(noHeader.errors).toEqual(['fleet-file EBADMSG FLEET, line 1: it ends a part that has no header']);
  });

  it('has damaged frames, or frames that are too large', async () => {
    const packed = await compress(whole);
    const damaged = Buffer.from(packed);
    damaged[packed.length >> 1] = (damaged[packed.length >> 1] as number) ^ 0xff;
    const { errors } = await read(damaged, '.zst');
    expect(errors.length).toBeGreaterThan(0);
    // Magic, descriptor of a single segment with a size of 4 bytes, and 16 MiB.
    const large = Buffer.from('28b52ffda0000000010100000000000000000000000000', 'hex');
    expect((await read(large, '.zst')).errors).toEqual([
      'fleet-file EFBIG FLEET: frame 1 of zstd has 16 MiB (0x1000000)',
    ]);
  });
});

it('keeps the last facts up to a number of bytes, in the order in which they were defined', () => {
  const facts = new FactWindow<string>(10);
  facts.define('a', 4, 'a');
  facts.define('b', 4, 'b');
  const a = facts.find('a');
  facts.define('a', 4, 'a');
  facts.define('c', 4, 'c');
  expect(['a', 'b', 'c'].filter((digest) => facts.find(digest) !== undefined)).toEqual(['a', 'c']);
  facts.define('d', 9, 'd');
  expect(a?.isKept).toBe(false);
});
