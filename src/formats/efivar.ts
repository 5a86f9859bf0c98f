import { BoundedBytes } from '../base/bytes.js';
import { readGuid } from './efi-signature-list.js';

/** A variable as efivarfs shows it. */
export interface EfiVariable {
  /** EFI_VARIABLE_* bits: 1 non-volatile, 2 boot services, 4 run time, 0x20 authenticated by time. */
  readonly attributes: number;
  /** The variable's value, shared with the file. */
  readonly data: Uint8Array;
}

/** An update of an authenticated variable: EFI_VARIABLE_AUTHENTICATION_2 and the new value. */
export interface EfiVariableUpdate {
  /** PKCS#7 SignedData, which is not verified here: the firmware does that. */
  readonly signature: Uint8Array;
  /** The value, shared with the file. */
  readonly data: Uint8Array;
}

const ATTRIBUTES_SIZE = 4;

/** UEFI defines the lowest eight bits of the attributes. */
const MAX_ATTRIBUTES = 0xff;

const TIME_SIZE = 16;
/** dwLength, wRevision, wCertificateType, CertType. */
const CERTIFICATE_HEADER_SIZE = 24;
const REVISION = 0x0200;
const WIN_CERT_TYPE_EFI_GUID = 0x0ef1;
const EFI_CERT_TYPE_PKCS7 = '4aafd29d-68df-49ee-8aa9-347d375665a7';

/** Whether the first bytes of a file can be a variable's attributes. */
export function isEfiVariable(file: Uint8Array): boolean {
  return file.length >= ATTRIBUTES_SIZE && boundedBytes(file).u32le(0) <= MAX_ATTRIBUTES;
}

/**
 * Parses a file of efivarfs, or a copy of one (Documentation/filesystems/efivarfs.rst): four bytes of attributes, then
 * the variable's value.
 *
 * @throws KexecError EBADMSG, `efi-variable`: there are no attributes.
 */
export function parseEfiVariable(file: Uint8Array): EfiVariable {
  const bytes = boundedBytes(file);
  const attributes = bytes.u32le(0);
  if (attributes > MAX_ATTRIBUTES) bytes.fail('no attributes of a variable', 0);
  return { attributes, data: file.subarray(ATTRIBUTES_SIZE) };
}

/** Whether a file begins as an update of an authenticated variable does. */
export function isEfiVariableUpdate(file: Uint8Array): boolean {
  if (file.length < TIME_SIZE + CERTIFICATE_HEADER_SIZE) return false;
  const bytes = boundedBytes(file);
  return (
    bytes.u16le(TIME_SIZE + 4) === REVISION &&
    bytes.u16le(TIME_SIZE + 6) === WIN_CERT_TYPE_EFI_GUID &&
    readGuid(bytes, TIME_SIZE + 8) === EFI_CERT_TYPE_PKCS7
  );
}

/**
 * Parses an update of an authenticated variable, such as `dbxupdate.bin` or the output of sign-efi-sig-list (UEFI
 * Specification 2.10, section 8.2.2): time, WIN_CERTIFICATE_UEFI_GUID, and the variable's value.
 *
 * @throws KexecError EBADMSG, `efi-variable`: it is no update, or its signature does not lie within the file.
 */
export function parseEfiVariableUpdate(file: Uint8Array): EfiVariableUpdate {
  const bytes = boundedBytes(file);
  if (!isEfiVariableUpdate(file)) bytes.fail('no time and signature of an authenticated variable', 0);
  const length = bytes.u32le(TIME_SIZE);
  if (length < CERTIFICATE_HEADER_SIZE)
    bytes.fail(`a signature of ${length} bytes, its header included`, TIME_SIZE);
  const certificate = bytes.slice(TIME_SIZE, length, 'the signature');
  return {
    signature: certificate.subarray(CERTIFICATE_HEADER_SIZE),
    data: file.subarray(TIME_SIZE + length),
  };
}

function boundedBytes(file: Uint8Array): BoundedBytes {
  return new BoundedBytes(file, { what: 'EFI variable', check: 'efi-variable', errno: 'EBADMSG' });
}
