import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAjv } from '../../support/json-reports.js';
import { buildVectorsSchema, type Vectors } from './vectors-schema.js';
import { writeVectors } from './write-vectors.js';

/** In milliseconds: making RSA keys takes seconds. */
const TIMEOUT = 120_000;

describe('kexec-limbo', () => {
  const parent = mkdtempSync(join(tmpdir(), 'kexec-limbo-test-'));
  const folder = join(parent, 'limbo');
  let written: Vectors;
  afterAll(() => rmSync(parent, { recursive: true }));
  beforeAll(() => {
    writeVectors(folder, ['ordinary', 'ML-DSA']);
    written = JSON.parse(readFileSync(join(folder, 'vectors.json'), 'utf8'));
  }, TIMEOUT);

  it('has the form of vectors/schema.json', () => {
    const schema = readFileSync('vectors/schema.json', 'utf8');
    expect(schema).toBe(buildVectorsSchema());
    const validate = loadAjv().compile(JSON.parse(schema));
    expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
  });

  it('has the files that it lists', () => {
    for (const { file, sha256 } of written.vectors) {
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      ).toBe(sha256);
    }
    for (const certificates of Object.values(written.keyrings)) {
      for (const file of certificates) expect(readFileSync(join(folder, file))[0]).toBe(0x30);
    }
  });

  it('has the recorded answers, and a reason for each refusal of Linux 6.12', () => {
    const unsigned = written.vectors.find(({ name }) => name === 'unsigned');
    expect(unsigned).toMatchObject({
      verdicts: { '6.12': 'ENODATA', '7.3': 'ENODATA' },
      reason: expect.stringMatching(/^pe-signed: .*not signed/),
    });
    for (const { verdicts, reason } of written.vectors) {
      expect(reason === undefined).toBe(verdicts['6.12'] === 'ok');
    }
  });

  it('has the answers of a release to the vectors that it was asked about alone', () => {
    const ofKind = (wanted: string) => written.vectors.filter(({ kind }) => kind === wanted);
    expect(ofKind('ordinary').filter(({ verdicts }) => verdicts['7.3'] === undefined)).not.toEqual([]);
    expect(ofKind('ML-DSA').every(({ verdicts }) => verdicts['7.3'] !== undefined)).toBe(true);
  });

  it('does not write into a folder that exists', () => {
    expect(() => writeVectors(folder, ['ordinary'])).toThrow(/EEXIST/);
  });
});
