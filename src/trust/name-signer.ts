import { quoteName } from '../base/quote-name.js';

/** Names a signer, or another certificate, within a sentence. @param unknown - what stands for one without a name */
export function nameSigner(subject: string | undefined, unknown = 'a trusted key'): string {
  return subject === undefined ? unknown : quoteName(subject);
}
