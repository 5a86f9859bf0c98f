import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KexecError } from '../../../src/base/error.js';
import type { TrustStore } from '../../../src/trust/keyrings/keyring.js';
import { ORACLE_RELEASES } from '../../support/oracle/oracle.js';
import { errnoName, readAnswers, SIGNATURE_ANSWERS } from '../answers.js';
import type { CaseKind, Keyrings } from '../case.js';
import { generateKind, KIND_NAMES } from '../generate.js';
import { readCaCertificate, secondaryCertificates } from '../identities.js';
import { isSelected } from '../selection.js';
import { trustStore, verifyBy } from '../verdict.js';
import type { Vectors } from './vectors-schema.js';

/** The release by whose rules a reason is given: it answered every case. */
const REASON_RELEASE = '6.12';

/**
 * Writes the cases of the conformance harness as a data set: the files, the trusted certificates, and vectors.json with the
 * recorded answers of the kernels.
 *
 * @param folder - is made, and must not exist
 * @param kinds - names of kinds; all, if left out
 */
export function writeVectors(folder: string, kinds: readonly string[] = KIND_NAMES): Vectors {
  mkdirSync(folder);
  mkdirSync(join(folder, 'files'));
  const vectors: Vectors = {
    schema: 'kexec-limbo',
    version: 1,
    keyrings: writeCertificates(folder),
    vectors: kinds.flatMap((kind) => writeKind(folder, generateKind(kind))),
  };
  writeFileSync(join(folder, 'vectors.json'), `${JSON.stringify(vectors, null, 1)}\n`);
  return vectors;
}

function writeCertificates(folder: string): Record<Keyrings, string[]> {
  const write = (der: Uint8Array, name: string) => {
    writeFileSync(join(folder, name), der);
    return name;
  };
  const builtin = [write(readCaCertificate(), 'ca.der')];
  const secondary = secondaryCertificates().map((der, index) => write(der, `secondary-${index}.der`));
  return { builtin, extended: [...builtin, ...secondary] };
}

function writeKind(folder: string, { name: kind, keyrings, cases }: CaseKind): Vectors['vectors'] {
  const store = trustStore(keyrings, REASON_RELEASE);
  const verdicts = ORACLE_RELEASES.map((release) => ({
    release,
    answers: answersOf(kind, release, cases.length),
  }));
  return cases.map(({ name, file }, index) => {
    const sha256 = createHash('sha256').update(file).digest('hex');
    const path = `files/${sha256}.efi`;
    // Cases of two kinds may be the same file.
    writeFileSync(join(folder, path), file);
    return {
      file: path,
      sha256,
      kind,
      name,
      keyrings,
      verdicts: Object.fromEntries(
        verdicts.flatMap(({ release, answers }) => {
          const answer = answers[index];
          return answer === undefined ? [] : [[release, errnoName(answer)]];
        }),
      ),
      ...findReason(file, store),
    };
  });
}

/** The recorded answers to the cases of a kind; undefined where a release was not asked. */
function answersOf(kind: string, release: (typeof ORACLE_RELEASES)[number], count: number) {
  const recorded = [...(readAnswers(SIGNATURE_ANSWERS[release]).get(kind)?.signatures ?? [])];
  return Array.from({ length: count }, (_, index) =>
    isSelected(kind, index, release) ? recorded.shift() : undefined,
  );
}

function findReason(file: Uint8Array, store: TrustStore): { reason?: string } {
  try {
    verifyBy(store, file);
    return {};
  } catch (error) {
    if (error instanceof KexecError) return { reason: `${error.check}: ${error.seen}` };
    throw error;
  }
}
