#!/usr/bin/env node
/**
 * Asks programs that verify signed PE files about kexec-limbo, and compares their answers with those of Linux. Needs only Node and
 * the programs; those that are not installed are named and left out.
 *
 *     node vectors/compare.mjs FOLDER [--release 6.12] [--kind NAME…] [--program NAME…] [--list]
 *
 * --list prints each file about which a program and the kernel disagree, or on which the program crashes or hangs, as JSON lines.
 */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** A file that takes a program longer counts as refused, and is counted on its own. */
const TIMEOUT_MS = 10_000;

/** Answers of a program that gives none. */
const FAILURES = ['crashes', 'hangs'];

/** How each program is called: with a file, and the trusted certificates as DER and PEM files. */
const PROGRAMS = {
  sbverify: (file, { pems }) => [...pems.flatMap((pem) => ['--cert', pem]), file],
  osslsigncode: (file, { bundle }) => [
    ...['verify', '-CAfile', bundle, '-ignore-timestamp', '-ignore-cdp', '-ignore-crl', '-in', file],
  ],
  pesigcheck: (file, { ders }) => [
    '--no-system-db',
    '1',
    '-q',
    ...ders.flatMap((der) => ['-c', der]),
    '-i',
    file,
  ],
};

const { values, positionals } = parseArgs({
  options: {
    release: { type: 'string', default: '6.12' },
    kind: { type: 'string', multiple: true },
    program: { type: 'string', multiple: true },
    list: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error('name the folder that npm run vectors wrote');
const { vectors, keyrings } = JSON.parse(readFileSync(join(folder, 'vectors.json'), 'utf8'));
const asked = vectors.filter(
  ({ verdicts, kind }) => verdicts[values.release] !== undefined && (values.kind?.includes(kind) ?? true),
);

const work = mkdtempSync(join(tmpdir(), 'kexec-limbo-'));
try {
  const trusted = Object.fromEntries(
    Object.entries(keyrings).map(([name, files]) => [name, convertCertificates(name, files)]),
  );
  for (const program of values.program ?? Object.keys(PROGRAMS)) await compare(program, trusted);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Writes certificates as PEM, one by one and in one file. */
function convertCertificates(name, files) {
  const ders = files.map((file) => join(folder, file));
  const texts = ders.map((der) => {
    const body = readFileSync(der).toString('base64').replace(/.{64}/g, '$&\n');
    return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  });
  const pems = texts.map((text, index) => {
    const pem = join(work, `${name}-${index}.pem`);
    writeFileSync(pem, text);
    return pem;
  });
  const bundle = join(work, `${name}.pem`);
  writeFileSync(bundle, texts.join(''));
  return { ders, pems, bundle };
}

async function compare(program, trusted) {
  if (spawnSync(program, ['--version']).error !== undefined) {
    process.stdout.write(`${program}: not installed\n`);
    return;
  }
  const queue = asked.values();
  const results = [];
  const work = async () => {
    for (const vector of queue) {
      const args = PROGRAMS[program](join(folder, vector.file), trusted[vector.keyrings]);
      results.push({ vector, answer: await run(program, args) });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  report(program, results);
}

/** `accepts`, `refuses`, `crashes` or `hangs`. */
function run(program, args) {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error) => {
      if (error === null) resolve('accepts');
      else if (error.killed) resolve('hangs');
      else resolve(error.signal === null ? 'refuses' : 'crashes');
    });
  });
}

function report(program, results) {
  const isLax = ({ vector, answer }) => answer === 'accepts' && vector.verdicts[values.release] !== 'ok';
  const isStrict = ({ vector, answer }) => answer !== 'accepts' && vector.verdicts[values.release] === 'ok';
  const count = (matches) => results.filter(matches).length;
  process.stdout.write(
    `${program}: ${results.length} files; accepts what Linux ${values.release} refuses: ${count(isLax)}; ` +
      `refuses what it accepts: ${count(isStrict)}; crashes: ${count(({ answer }) => answer === 'crashes')}; ` +
      `hangs: ${count(({ answer }) => answer === 'hangs')}\n`,
  );
  if (!values.list) return;
  const isListed = (result) => isLax(result) || isStrict(result) || FAILURES.includes(result.answer);
  for (const { vector, answer } of results.filter(isListed)) {
    const { kind, name, verdicts, file } = vector;
    process.stdout.write(
      `${JSON.stringify({ program, answer, linux: verdicts[values.release], kind, name, file })}\n`,
    );
  }
}
