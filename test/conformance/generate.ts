import type { Case, CaseKind, Keyrings } from './case.js';
import {
  authorityElementCases,
  certificateCases,
  certificateOidCases,
  extensionCases,
  fieldCases,
  manyCertificateCases,
  selfSignedCases,
  tbsCases,
  validityCases,
} from './cases/certificate.js';
import { authorityCases, chainCases, sharedChainCases } from './cases/chain.js';
import { ecKeyCases, ecSignatureCases, rsaKeyCases, rsaSignatureCases } from './cases/key.js';
import {
  attributeCases,
  attributeElementCases,
  indefiniteCases,
  indirectDataCases,
  messageCases,
  oidCases,
  rareMessageCases,
  signedDataCases,
  signerCases,
  signingTimeCases,
} from './cases/message.js';
import { mlDsaCases } from './cases/ml-dsa.js';
import { digestCases, keyCases, ordinaryCases, tamperedCases } from './cases/ordinary.js';
import {
  boundaryCases,
  lengthCases,
  peFieldCases,
  repeatedSectionCases,
  sectionCases,
  sectionOrderCases,
} from './cases/pe.js';
import { randomCases } from './cases/random.js';
import { wrapperCases } from './cases/wrapper.js';
import { type Stricter, stricterOn } from './stricter.js';

/** The seed of the recorded random cases. */
export const RECORDED_SEED = 'kexec-file conformance';
const RECORDED_RANDOM_CASES = 800;

/** A case that this project refuses and the oracle does not, and the reason. */
export interface StricterCase extends Case {
  readonly kind: Stricter;
}

/** The kinds of cases, each with the oracle's keyrings for it. */
const KINDS: readonly (readonly [name: string, keyrings: Keyrings, cases: () => Case[]])[] = [
  ['ordinary', 'builtin', ordinaryCases],
  ['digests', 'builtin', digestCases],
  ['keys', 'builtin', keyCases],
  ['tampered', 'builtin', tamperedCases],
  ['PE fields', 'builtin', peFieldCases],
  ['sections', 'builtin', sectionCases],
  ['order of sections', 'builtin', sectionOrderCases],
  ['boundaries', 'builtin', boundaryCases],
  ['repeated sections', 'builtin', repeatedSectionCases],
  ['lengths', 'builtin', lengthCases],
  ['wrapper', 'builtin', wrapperCases],
  ['chains', 'builtin', chainCases],
  ['shared chains', 'builtin', sharedChainCases],
  ['authorities', 'builtin', authorityCases],
  ['self-signed', 'builtin', selfSignedCases],
  ['signers, the CA alone trusted', 'builtin', signerCases],
  ['chains with trusted leaves', 'extended', chainCases],
  ['message elements', 'extended', messageCases],
  ['rare messages', 'extended', rareMessageCases],
  ['content elements', 'extended', indirectDataCases],
  ['attribute elements', 'extended', attributeElementCases],
  ['attributes', 'extended', attributeCases],
  ['indefinite lengths', 'extended', indefiniteCases],
  ['signing times', 'extended', signingTimeCases],
  ['SignedData', 'extended', signedDataCases],
  ['signers', 'extended', signerCases],
  ['OIDs in messages', 'extended', oidCases],
  ['certificate elements', 'extended', tbsCases],
  ['certificates', 'extended', certificateCases],
  ['certificate fields', 'extended', fieldCases],
  ['validity', 'extended', validityCases],
  ['extensions', 'extended', extensionCases],
  ['authority elements', 'extended', authorityElementCases],
  ['OIDs in certificates', 'extended', certificateOidCases],
  ['many certificates', 'extended', manyCertificateCases],
  ['RSA keys', 'extended', rsaKeyCases],
  ['RSA signatures', 'extended', rsaSignatureCases],
  ['ECDSA keys', 'extended', ecKeyCases],
  ['ECDSA signatures', 'extended', ecSignatureCases],
  ['random', 'extended', () => randomCases(RECORDED_SEED, RECORDED_RANDOM_CASES)],
  ['ML-DSA', 'builtin', mlDsaCases],
];

/** The names of the kinds, in the order of generation. */
export const KIND_NAMES = KINDS.map(([name]) => name);

/** Generates all cases of a kind for the oracle: the same bytes each time, on every machine. */
export function generateKind(wanted: string): CaseKind {
  const { name, keyrings, cases } = kindNamed(wanted);
  return { name, keyrings, cases: cases.filter(({ file }) => stricterOn(file) === undefined) };
}

/** The cases of a kind that this project refuses on purpose; they are not for the oracle. */
export function stricterCases(wanted: string): StricterCase[] {
  return kindNamed(wanted).cases.flatMap((one) => {
    const kind = stricterOn(one.file);
    return kind === undefined ? [] : [{ ...one, kind }];
  });
}

/** Generates random cases in addition to the recorded ones. */
export function freshKind(seed: string, count: number): CaseKind {
  const cases = randomCases(seed, count).filter(
    ({ file }) => isImage(file) && stricterOn(file) === undefined,
  );
  return { name: `random, seed ${seed}`, keyrings: 'extended', cases };
}

/** All cases of a kind; kept, because making keys and signatures takes seconds. */
function kindNamed(wanted: string): CaseKind {
  const kept = generated.get(wanted) ?? buildKind(wanted);
  generated.set(wanted, kept);
  return kept;
}

const generated = new Map<string, CaseKind>();

function buildKind(wanted: string): CaseKind {
  const kind = KINDS.find(([name]) => name === wanted);
  if (kind === undefined) throw new Error(`unknown kind of cases: ${wanted}`);
  const [name, keyrings, cases] = kind;
  return { name, keyrings, cases: cases().filter(({ file }) => isImage(file)) };
}

/** The kernel's probe: a file that is not an arm64 Image is refused before its signature is verified. */
function isImage(file: Uint8Array): boolean {
  return file.length >= 64 && Buffer.from(file.subarray(56, 60)).toString('latin1') === 'ARM\x64';
}
