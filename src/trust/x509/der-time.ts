import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { GENERALIZED_TIME, UTC_TIME } from '../../formats/asn1-tags.js';

const FORMS: Readonly<Record<number, RegExp>> = {
  [UTC_TIME]: /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
  [GENERALIZED_TIME]: /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
};

/**
 * Decodes a UTCTime or GeneralizedTime by the rules of RFC 5280, section 4.1.2.5, as the kernel applies them
 * (`x509_decode_time()`): years from 1950 to 2049 are in UTCTime only; 24:00:00 and a 60th second are accepted, years
 * before 1970 are refused.
 *
 * @returns seconds since 1970
 *
 * @throws KexecError check `certificate-time`, `EBADMSG`.
 */
export function decodeTime(tag: number, contents: Uint8Array): bigint {
  const text = decodeLatin1(contents);
  const match = FORMS[tag]?.exec(text);
  const numbers = match?.slice(1).map(Number) ?? [];
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
  const year = tag === UTC_TIME ? written + (written >= 50 ? 1900 : 2000) : written;
  const isOfWrongForm = tag === GENERALIZED_TIME && year >= 1950 && year <= 2049;
  if (
    match == null ||
    isOfWrongForm ||
    year < 1970 ||
    !isDate(year, month, day) ||
    hour > 24 ||
    minute > 59 ||
    second > 60
  ) {
    refuse('certificate-time', 'EBADMSG', `the time ${JSON.stringify(text)}`);
  }
  // Date.UTC carries 24:00:00 and the 60th second over, as mktime64() does.
  return BigInt(Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
}

/** Formats seconds since 1970 as ISO 8601, for messages. */
export function formatSeconds(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
