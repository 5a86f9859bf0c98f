import { toHex } from '../../base/bytes.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { IGNORED_SIGNATURE_WARNING, type ListedSignature, type ListedSigner } from '../../trust/sign/list.js';
import { formatTime } from '../time.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `signature list` prints: where each signature is, who made it, and whether the kernel uses it. */
export const formatSignatures: View<[signatures: readonly ListedSignature[], options?: ViewOptions]> =
  makeView((signatures, options) => {
    const layout = new Layout(options);
    const { yellow } = layout.colors;
    return signatures
      .flatMap(({ index, isFirst, certificate, content, signers, problem }) => [
        `  ${index}  ${formatBytes(certificate.length)} at ${hex(certificate.range.start)}, type ${certificate.type}`,
        ...signers.flatMap((signer) => formatSigner(signer, layout)),
        ...(content === undefined
          ? []
          : [layout.hang('     digest   ', `${content.hash} ${toHex(content.digest)}`)]),
        ...(problem === undefined
          ? []
          : [layout.hang(`     ${yellow('unread')}   `, `${problem.errno}: ${problem.seen}`)]),
        ...(isFirst ? [] : [layout.hang(`     ${yellow('warning')}  `, IGNORED_SIGNATURE_WARNING)]),
      ])
      .join('\n');
  });

function formatSigner({ hash, algorithm, signingTime, certificate }: ListedSigner, layout: Layout): string[] {
  const when = signingTime === undefined ? '' : `, ${formatTime(Number(signingTime))}`;
  return [
    ...(certificate === undefined
      ? ['     subject  unknown: the certificate is not in the signature']
      : [
          layout.hang('     subject  ', certificate.subject),
          layout.hang('     issuer   ', certificate.issuer),
          `     serial   ${toHex(certificate.serial)}`,
        ]),
    `     signed   ${algorithm} with ${hash}${when}`,
  ];
}
