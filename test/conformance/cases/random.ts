import { createHash } from 'node:crypto';
import { sequence, utcTime } from '../../support/der.js';
import { ATTRIBUTE_OIDS, attachMessage, attribute, signedFile, signedMessage } from '../authenticode.js';
import type { Case } from '../case.js';
import { issue } from '../certificates.js';
import { intermediate, leaf, rsaKey, secondSigner, trustedSigner } from '../identities.js';
import { buildImage } from '../image.js';
import { concat } from '../mutations.js';

/** Bytes with a meaning in DER, and values next to them. */
const TELLING_BYTES = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0xa0, 0xff,
];

/** Numbers derived from a seed, the same on every machine. */
class Random {
  readonly #seed: string;
  #block = Buffer.alloc(0);
  #blocks = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** A number from 0 to below `limit`. */
  below(limit: number): number {
    if (this.#block.length < 4) {
      this.#block = createHash('sha256').update(`${this.#seed} ${this.#blocks}`).digest();
      this.#blocks += 1;
    }
    const number = this.#block.readUInt32LE(0);
    this.#block = this.#block.subarray(4);
    return number % limit;
  }
}

/** Changes of a message at an offset. */
type Edit = (message: Uint8Array, at: number, random: Random) => Uint8Array;

const EDITS: readonly Edit[] = [
  (message, at, random) => overwritten(message, at, [(message[at] ?? 0) ^ (1 << random.below(8))]),
  (message, at, random) => overwritten(message, at, [TELLING_BYTES[random.below(TELLING_BYTES.length)] ?? 0]),
  (message, at, random) => overwritten(message, at, [random.below(256)]),
  (message, at, random) => overwritten(message, at, [(message[at] ?? 0) + 1 - 2 * random.below(2)]),
  (message, at, random) => concat(message.subarray(0, at), message.subarray(at + 1 + random.below(8))),
  (message, at, random) => {
    const from = random.below(message.length);
    return concat(
      message.subarray(0, at),
      message.subarray(from, from + 1 + random.below(16)),
      message.subarray(at),
    );
  },
  (message, at, random) => {
    const from = random.below(message.length);
    return overwritten(message, at, [...message.subarray(from, from + 1 + random.below(8))]);
  },
];

function overwritten(message: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const copy = new Uint8Array(message);
  copy.set(bytes.slice(0, message.length - at), at);
  return copy;
}

/** One to three changes at random places. */
function edited(bytes: Uint8Array, random: Random): Uint8Array {
  let changed = bytes;
  for (let edits = 1 + random.below(3); edits > 0 && changed.length > 0; edits -= 1) {
    const edit = EDITS[random.below(EDITS.length)];
    changed = edit?.(changed, random.below(changed.length), random) ?? changed;
  }
  return changed;
}

/** The parts of a file that are changed, before or after it is signed. */
function layers(): readonly ((edit: (bytes: Uint8Array) => Uint8Array) => Uint8Array)[] {
  const image = buildImage();
  const messages = [
    signedMessage({ signer: leaf() }),
    signedMessage({ signer: leaf(), certificates: [leaf().certificate.der, intermediate().certificate.der] }),
    signedMessage({ signer: trustedSigner(), certificates: [] }),
    signedMessage({
      certificates: [leaf().certificate.der],
      signers: [{ signer: leaf() }, { signer: secondSigner() }],
    }),
  ];
  const good = signedFile({ signer: leaf() });
  const inHeaders = (file: Uint8Array, edit: (bytes: Uint8Array) => Uint8Array) =>
    concat(edit(file.subarray(0, HEADERS_END)), file.subarray(HEADERS_END));
  return [
    ...messages.map(
      (message) => (edit: (bytes: Uint8Array) => Uint8Array) => attachMessage(image, edit(message)),
    ),
    (edit) => signedFile({ signer: leaf(), change: edit }),
    (edit) => signedFile({ signer: leaf(), indirectData: edit }),
    (edit) =>
      signedFile({
        signer: leaf(),
        attributes: (ordinary) => [...ordinary, ...rareAttributes()],
        change: edit,
      }),
    (edit) => signedFile({ signer: issue('leaf', rsaKey('leaf'), intermediate(), { change: edit }) }),
    (edit) =>
      signedFile({
        signer: { ...leaf(), certificate: { ...leaf().certificate, der: edit(leaf().certificate.der) } },
      }),
    (edit) => inHeaders(good, edit),
    (edit) => concat(good.subarray(0, image.length), edit(good.subarray(image.length))),
  ];
}

/** The end of the headers of an ordinary image. */
const HEADERS_END = 0x180;

function rareAttributes(): Uint8Array[] {
  return [
    attribute(ATTRIBUTE_OIDS.signingTime, utcTime('270101000000Z')),
    attribute(ATTRIBUTE_OIDS.opusInfo, sequence()),
    attribute(ATTRIBUTE_OIDS.smimeCapabilities, sequence()),
  ];
}

/** Files with a few changes, made before or after they were signed, derived from a seed. */
export function randomCases(seed: string, count: number): Case[] {
  const all = layers();
  return Array.from({ length: count }, (_, index) => {
    const random = new Random(`${seed} ${index}`);
    const layer = all[index % all.length];
    return {
      name: `number ${index}`,
      file: layer?.((bytes) => edited(bytes, random)) ?? new Uint8Array(),
    };
  });
}
