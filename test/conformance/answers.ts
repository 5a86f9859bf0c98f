import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ERRNO } from '../../src/base/error.js';
import type { OracleRelease } from '../support/oracle/oracle.js';
import type { Case } from './case.js';

/** The oracle's answers on the cases of a kind. */
export interface RecordedKind {
  /** Digest of the cases' files, which shows whether the answers belong to them. */
  readonly sha256: string;
  /** For each case the number of the errno with which the signature or the kernel was refused, or 0. */
  readonly signatures: readonly number[];
}

/** The recorded answers, by the names of kinds. */
export type RecordedAnswers = ReadonlyMap<string, RecordedKind>;

/** Those of Linux 7.3 belong to the selected cases of each kind (selection.ts). */
export const SIGNATURE_ANSWERS: Readonly<Record<OracleRelease, string>> = {
  '6.12': 'test/conformance/answers-6.12.json',
  '7.3': 'test/conformance/answers-7.3.json',
};

/** A kind in the file: names of errnos, or "ok", with `*N` for a run of equal ones. */
const FileSchema = z.record(
  z.string(),
  z.strictObject({ cases: z.number(), sha256: z.string(), signatures: z.string() }),
);

const ERRNO_NAMES = new Map<number, string>([
  [0, 'ok'],
  ...Object.entries(ERRNO).map(([name, number]) => [number, name] as const),
]);
const ERRNO_NUMBERS = new Map(Array.from(ERRNO_NAMES, ([number, name]) => [name, number] as const));

/** @param path - of a file with answers of a release */
export function readAnswers(path: string): RecordedAnswers {
  const file = FileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  return new Map(
    Object.entries(file).map(([kind, { sha256, cases, signatures }]) => {
      const numbers = expand(signatures);
      if (numbers.length !== cases)
        throw new Error(`${path}: ${kind} has ${numbers.length} answers, not ${cases}`);
      return [kind, { sha256, signatures: numbers }];
    }),
  );
}

export function writeAnswers(path: string, answers: RecordedAnswers): void {
  const kinds = Array.from(answers, ([kind, { sha256, signatures }]) => [
    kind,
    { cases: signatures.length, sha256, signatures: compact(signatures) },
  ]);
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(kinds), null, 2)}\n`);
}

/** The SHA-256 of the files of a kind, each with its length before it. */
export function hashOfKind({ cases }: { readonly cases: readonly Pick<Case, 'file'>[] }): string {
  const hash = createHash('sha256');
  for (const { file } of cases) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(file.length);
    hash.update(length).update(file);
  }
  return hash.digest('hex');
}

/** The name of an errno's number; "ok" for 0. */
export function errnoName(number: number): string {
  return ERRNO_NAMES.get(number) ?? String(number);
}

function compact(numbers: readonly number[]): string {
  const runs: { name: string; count: number }[] = [];
  for (const name of numbers.map(errnoName)) {
    const last = runs.at(-1);
    if (last?.name === name) last.count += 1;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${name}*${count}`)).join(' ');
}

function expand(runs: string): number[] {
  return runs.split(' ').flatMap((run) => {
    const [name = '', count = '1'] = run.split('*');
    const number = ERRNO_NUMBERS.get(name) ?? Number(name);
    return Array.from({ length: Number(count) }, () => number);
  });
}
