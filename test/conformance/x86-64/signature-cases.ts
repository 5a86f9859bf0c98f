import type { OracleRelease } from '../../support/oracle/oracle.js';
import type { Case } from '../case.js';
import { generateKind, KIND_NAMES } from '../generate.js';
import type { BriefKind } from './brief-case.js';
import { firmwareKeyCases } from './firmware-key-cases.js';

/** These differ from other kinds only in the arm64 oracle's keyrings; here, the same keys are trusted for all. */
const REPEATED: readonly string[] = ['chains', 'signers, the CA alone trusted'];

/** Of a kind, at least so many cases are asked or, if it is large, this part of them. */
const AT_LEAST = 16;
const PART = 1 / 32;

/** In Debian's Linux 7.3, SHA-3 is a module, and these guests have no modules. */
const SHA3 = 'sha3-';

/** Some cases of every kind that the arm64 oracles are asked about, and all of the firmware's keys. */
export function generateX86Signatures(release: OracleRelease): readonly BriefKind[] {
  const isAsked = ({ name, file }: Case): boolean =>
    isBzImage(file) && (release === '6.12' || !name.includes(SHA3));
  const kinds = KIND_NAMES.filter((name) => !REPEATED.includes(name)).map((name) =>
    kindOf(name, select(generateKind(name).cases.filter(isAsked))),
  );
  return [
    ...kinds.filter(({ cases }) => cases.length > 0),
    kindOf('keys of the firmware', firmwareKeyCases()),
  ];
}

function kindOf(name: string, cases: readonly Case[]): BriefKind {
  return { name, cases: cases.map((one) => ({ ...one, type: 'default' })) };
}

/** Equally far apart, the first among them. */
function select(cases: readonly Case[]): Case[] {
  const step = Math.max(1, cases.length / Math.max(AT_LEAST, cases.length * PART));
  const picked = new Set(cases.map((_, index) => Math.round(index * step)));
  return cases.filter((_, index) => picked.has(index));
}

/** Whether the kernel verifies the signature of a file: it knows no other files. */
function isBzImage(file: Uint8Array): boolean {
  return file.length >= 1024 && Buffer.from(file.subarray(0x202, 0x206)).toString('latin1') === 'HdrS';
}
