import { element, encodeLength, integer, oid, set } from '../../support/der.js';
import { digestAlgorithm } from '../../support/test-keys.js';
import { attachMessage, CONTENT_OIDS, signedFile, signedMessage } from '../authenticode.js';
import { attach, buildImage, filler, layoutOf, ordinarySections } from '../image.js';
import { concat } from '../mutations.js';
import type { Stricter } from '../stricter.js';

/** A file, and the oracle's reaction to it. */
export interface StricterFile {
  readonly file: Uint8Array;
  readonly oracle: 'crashes' | 'accepts';
}

/** A file of each kind that this project refuses and the kernel does not. */
export function stricterFiles(): Record<Stricter, StricterFile> {
  const withoutSections = buildImage({ sections: [] });
  const crashes = (file: Uint8Array): StricterFile => ({ file, oracle: 'crashes' });
  return {
    'no-sections': crashes(attachMessage(withoutSections, signedMessage({ image: withoutSections }))),
    'section-outside-file': crashes(signedFile({ image: sectionFarAway() })),
    'headers-end-early': crashes(attachMessage(shortHeaders(), signedMessage())),
    'signature-outside-file': crashes(attach(buildImage(), [{ bytes: endlessMessage(), length: 4 }])),
    'repeated-sections': { file: signedFile({ image: repeatedSections(40) }), oracle: 'accepts' },
  };
}

/** Sections over the same bytes, which begin after the certificate directory entry. */
export function repeatedSections(count: number): Uint8Array {
  const sections = Array.from({ length: count }, (_, index) => ({
    name: `.s${index}`,
    bytes: filler(`repeated ${index}`, index === 0 ? 0x600 : 0x10),
    header: { pointer: 0x100, size: 0x500 },
  }));
  return buildImage({ sections });
}

function sectionFarAway(): Uint8Array {
  const sections = ordinarySections().map((section, index) =>
    index === 1 ? { ...section, header: { pointer: 0x40000000 } } : section,
  );
  return buildImage({ sections });
}

/** Four data directories, and headers that end in the middle of the place of the fifth. */
function shortHeaders(): Uint8Array {
  const { directoryCount } = layoutOf(buildImage());
  return buildImage({ directories: 4, sections: [], headerSize: directoryCount + 4 + 4 * 8 + 4 });
}

/** A message whose content claims to be longer than the file, so that the next element would be after its end. */
function endlessMessage(): Uint8Array {
  const long = (tag: number, length: number, contents: Uint8Array) =>
    concat([tag], encodeLength(length, 2), contents);
  const content = long(
    0x30,
    0xd000,
    concat(oid(CONTENT_OIDS.indirectData), long(0xa0, 0xcff0, long(0x30, 0xcfec, element(5)))),
  );
  const signedData = long(0x30, 0xe000, concat(integer(1), set(digestAlgorithm('sha256')), content));
  return long(0x30, 0xf000, concat(oid(CONTENT_OIDS.signedData), long(0xa0, 0xe004, signedData)));
}
