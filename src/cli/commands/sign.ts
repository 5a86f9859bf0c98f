import { Command, InvalidArgumentError, Option } from 'commander';
import { toHex } from '../../base/bytes.js';
import { quoteName } from '../../base/quote-name.js';
import { isPkcs11Uri } from '../../formats/pkcs11-uri.js';
import { requirePlaceForSignature } from '../../kernel-file/sign-inner.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { readFile } from '../../node/files/read-file.js';
import { isDash } from '../../node/files/standard-input.js';
import { readSignerCertificates } from '../../node/keys/keys.js';
import {
  openSigner,
  readOrAskPassphrase,
  rememberPassphrases,
  type Signer,
  type SignerSource,
} from '../../node/keys/signers.js';
import { computeDigest } from '../../trust/hashes.js';
import { addSignature } from '../../trust/sign/attach.js';
import { chooseHash } from '../../trust/sign/choose-hash.js';
import { SIGNING_HASHES, type SigningHash } from '../../trust/sign/content.js';
import { type PreparedSignature, prepareSignature, type SigningOptions } from '../../trust/sign/prepare.js';
import { signPe } from '../../trust/sign/sign-pe.js';
import { type Certificate, parseCertificate } from '../../trust/x509/certificate.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { line } from '../../view/text/printable.js';
import { formatTime } from '../../view/time.js';
import { explainUsage } from '../help/explain-usage.js';
import { buildListOption } from '../options/option-values.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import { complain } from '../terminal/complain.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { writeOutput } from '../terminal/write-output.js';
import { noteGaps, notePlace } from './signature-notes.js';

/** The forms of signatures for IMA. */
const IMA_FORMS = ['appended', 'xattr'] as const;
type ImaForm = (typeof IMA_FORMS)[number];

interface SignOptions extends OutputCliOptions {
  readonly key?: string;
  readonly signature?: string;
  readonly signerCommand?: string;
  readonly digestOnly?: boolean;
  readonly cert: string;
  readonly addCert: readonly string[];
  readonly digest?: SigningHash;
  readonly output?: string;
  readonly detached?: boolean;
  readonly append?: boolean;
  readonly inner?: boolean;
  readonly ima?: ImaForm;
  /** `false` after --no-signing-time. */
  readonly signingTime?: Date | false;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

/** Declares the command. It is one list of options, so it is longer than other functions. */
export function buildSignCommand(): Command {
  return addForceOption(new Command())
    .argument('<file>', 'a PE file, signed already or not: an arm64 Image, a bzImage, a UKI, a zboot image')
    .requiredOption(
      '--cert <file>',
      "the signer's certificate: PEM, DER, PKCS#7 or PKCS#12; other certificates in the file are added to the signature",
    )
    .option(
      '--key <file|uri>',
      'the private key, RSA, ECDSA or ML-DSA: a file in PEM, PKCS#8 or PKCS#12, or a PKCS#11 URI (pkcs11:token=…;object=…)',
    )
    .option(
      '--passphrase-file <file>',
      'a file whose first line is the passphrase of the key, or the PIN of its token (default: ask on the terminal)',
    )
    .addOption(buildListOption('--add-cert <file>', 'another certificate for the signature; repeatable'))
    .addOption(
      new Option(
        '--digest <digest>',
        'digest algorithm (default: sha256, and sha512 for ML-DSA, which needs it)',
      ).choices(SIGNING_HASHES),
    )
    .option(
      '-o, --output <file>',
      'the file to write (default: FILE.signed or FILE.pk7; of standard input, standard output)',
    )
    .option('--detached', 'write the signature alone, as PKCS#7 in DER')
    .addOption(
      new Option('--append', 'add the signature after the others, where the kernel ignores it').conflicts(
        'detached',
      ),
    )
    .addOption(
      new Option(
        '--inner',
        'also sign the Image inside a UKI, zboot image, gzip or zstd file, then the file around it',
      ).conflicts(['detached', 'append', 'ima', 'digestOnly', 'signature']),
    )
    .addOption(
      new Option(
        '--ima <form>',
        "sign for IMA instead: append to the file, or write security.ima's value to FILE.ima",
      )
        .choices(IMA_FORMS)
        .conflicts(['detached', 'append', 'addCert', 'digestOnly', 'signingTime']),
    )
    .addOption(
      new Option(
        '--signing-time <time>',
        'time in the signature, such as 2030-01-31T12:00:00Z, or in seconds since 1970',
      ).argParser(parseTime),
    )
    .option('--no-signing-time', 'no time in the signature: the same RSA key gives the same bytes again')
    .option(
      '--digest-only',
      'print the digest for a key elsewhere to sign; with --output, write the bytes that are digested',
    )
    .option('--json', 'print what was signed, by whom, and where it was written, as JSON')
    .option('--signature <file>', 'use a signature that was made elsewhere over the output of --digest-only')
    .option('--signer-command <command>', 'pipe the bytes to sign to a command that prints the signature')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Adds the signature as the first one, where kexec looks. --inner signs the Image inside a UKI or zboot image, too:
firmware verifies the signature of the UKI, but kexec_file_load(2) gets the Image and verifies the Image's own
signature.

Give one of --key, --signer-command, --signature and --digest-only. With --digest-only and --signature there is no
signing time unless --signing-time sets one, because both steps need the same one. Without a signing time, an RSA key
gives the same bytes again.

With --ima the whole file is signed, whatever its type. To set its value of security.ima:
  setfattr -n security.ima -v 0x$(xxd -p -c0 FILE.ima) FILE`,
        documents: ['docs/signing.md'],
        examples: `
kexec-file sign vmlinuz --key signing_key.pem --cert signing_key.pem
kexec-file sign uki.efi --inner --key k.pem --cert c.pem
kexec-file sign vmlinuz --key k.p12 --cert k.p12 --passphrase-file password
kexec-file sign vmlinuz --key 'pkcs11:token=HSM;object=signing' --cert c.pem
kexec-file sign vmlinuz --cert c.pem \\
  --signer-command 'openssl dgst -sha256 -sign k.pem'
kexec-file sign vmlinuz --cert c.pem --digest-only --output to-be-signed
kexec-file sign vmlinuz --cert c.pem --signature raw.sig`,
      }),
    )
    .action(sign);
}

async function sign(file: string, options: SignOptions, command: Command): Promise<void> {
  const source = chooseSignerSource(options, command);
  if (options.ima !== undefined && source !== 'digest-only')
    return signForIma(file, options.ima, source, options);
  const { output, detached = false, append = false } = options;
  const path = output ?? nameSigned(file, detached ? 'pk7' : 'signed');
  const outputs = readOutputOptions(options, listInputs(file, options));
  checkOutputs({ '--output': source === 'digest-only' ? output : path, ...listReport(options) }, outputs);

  const [certificate = new Uint8Array(0), ...others] = await readCertificates(options.cert, source);
  const hash = options.digest ?? chooseHash(certificate, nodeHashes);
  const signer = source === 'digest-only' ? undefined : await openSigner(source, certificate, hash);
  const added = await Promise.all(options.addCert.map((path) => readCertificates(path, source)));
  const bytes = readFile(file);
  const signingTime = chooseSigningTime(options);
  const how: SigningOptions = {
    certificate,
    additional: [...others, ...added.flat()],
    hash,
    signingTime,
    validAt: signingTime ?? new Date(),
  };
  if (options.inner === true && signer !== undefined) return signLayers(file, bytes, how, signer, options);
  requirePlaceForSignature(bytes);
  const prepared = prepareSignature(bytes, how, nodeHashes);
  noteGaps(bytes);
  if (signer === undefined) return printDigest(file, prepared, options);

  const pkcs7 = prepared.finish(await signer(prepared.attributes));
  const result = detached ? pkcs7 : addSignature(bytes, pkcs7, { append });
  const subject = quoteName(prepared.certificate.subjectText);
  const what = detached ? `the signature by ${subject}` : `signed by ${subject}`;
  await writeOutput(path, [result], outputs, (size) => `${size}, ${what}, ${hash}`);
  if (!detached) notePlace(result, append);
  printSigned(
    {
      ...describeSigned(file, path, hash),
      form: detached ? 'detached' : 'embedded',
      ...describeSigner(prepared.certificate),
      fileDigest: toHex(prepared.fileDigest),
      ...(signingTime === undefined ? {} : { signingTime: formatTime(signingTime.getTime() / 1000) }),
    },
    options,
  );
}

/** Signs the kernel in a file, and each envelope around it. */
async function signLayers(
  file: string,
  bytes: Uint8Array,
  how: SigningOptions,
  signer: Signer,
  options: SignOptions,
): Promise<void> {
  const { signInner } = await import('../../kernel-file/sign-inner.js');
  const { nodeCompress } = await import('../../node/codecs/node-compress.js');
  const { nodeDecompress } = await import('../../node/codecs/node-decompress.js');
  const path = options.output ?? nameSigned(file, 'signed');
  const sign = (layer: Uint8Array): Promise<Uint8Array> => signPe(layer, signer, how, nodeHashes);
  const opening = { decompress: nodeDecompress, hashes: nodeHashes };
  const result = await signInner(bytes, { sign, opening, compress: nodeCompress });
  const certificate = parseCertificate(how.certificate, nodeHashes);
  const outputs = readOutputOptions(options, listInputs(file, options));
  const signed = `${result.signed.join(', ')} signed by ${quoteName(certificate.subjectText)}, ${how.hash}`;
  await writeOutput(path, [result.file], outputs, (size) => `${size}, ${signed}`);
  for (const note of result.notes) complain(note);
  const facts = { ...describeSigned(file, path, how.hash), ...describeSigner(certificate) };
  printSigned({ ...facts, form: 'embedded', parts: result.signed }, options);
}

/** Signs the whole file, for IMA's appraisal. */
async function signForIma(
  file: string,
  form: ImaForm,
  source: SignerSource,
  options: SignOptions,
): Promise<void> {
  const path = options.output ?? nameSigned(file, form === 'xattr' ? 'ima' : 'signed');
  const outputs = readOutputOptions(options, listInputs(file, options));
  checkOutputs({ '--output': path, ...listReport(options) }, outputs);
  const [der = new Uint8Array(0)] = await readCertificates(options.cert, source);
  const hash = options.digest ?? chooseHash(der, nodeHashes);
  const signer = await openSigner(source, der, hash);
  const bytes = readFile(file);
  const certificate = parseCertificate(der, nodeHashes);
  const signed = { certificate, hash, signature: await signer(bytes) };
  const { appendSignature, buildSignedXattr } = await import('../../trust/sign/sign-ima.js');
  const result =
    form === 'xattr'
      ? buildSignedXattr(bytes, signed, nodeHashes)
      : appendSignature(bytes, signed, nodeHashes);
  const what = `signed by ${quoteName(certificate.subjectText)}, ${hash}, for IMA`;
  await writeOutput(path, [result], outputs, (size) => `${size}, ${what}`);
  printSigned(
    {
      ...describeSigned(file, path, hash),
      form: form === 'xattr' ? 'ima-xattr' : 'ima-appended',
      ...describeSigner(certificate),
    },
    options,
  );
}

/** What is signed on standard input is written to standard output. */
function nameSigned(file: string, extension: string): string {
  return isDash(file) ? file : `${file}.${extension}`;
}

function describeSigned(file: string, output: string, digest: SigningHash) {
  return { file, output, digest };
}

function describeSigner({ subjectText, publicKey }: Certificate) {
  return { signer: subjectText, algorithm: publicKey.algorithm };
}

/** Prints what was signed as a report, if that is wanted: the line about the output says it in words. */
function printSigned(report: Report<'sign'>, { json }: SignOptions): void {
  if (json === true) printReport('sign', report);
}

/** Prints the digest for a key elsewhere, or writes the bytes that are digested into a file. */
async function printDigest(
  file: string,
  { attributes, fileDigest, hash }: PreparedSignature,
  options: SignOptions,
): Promise<void> {
  if (options.output !== undefined) {
    const outputs = readOutputOptions(options, listInputs(file, options));
    await writeOutput(options.output, [attributes], outputs, (size) => `${size}, to be signed elsewhere`);
  }
  const digest = toHex(computeDigest(nodeHashes, hash, attributes) ?? new Uint8Array(0));
  if (options.json !== true) return printText(line`${digest}`);
  printReport('sign', {
    file,
    digest: hash,
    fileDigest: toHex(fileDigest),
    attributes: toHex(attributes),
    attributesDigest: digest,
  });
}

/** Chooses where the signature comes from: exactly one of four options. */
function chooseSignerSource(options: SignOptions, command: Command): SignerSource | 'digest-only' {
  const { key, signature, signerCommand, digestOnly, passphraseFile } = options;
  const passphraseOf = rememberPassphrases(passphraseFile);
  const sources: (SignerSource | 'digest-only')[] = [
    ...(key === undefined ? [] : [{ key, passphrase: passphraseOf }]),
    ...(signature === undefined ? [] : [{ signature }]),
    ...(signerCommand === undefined ? [] : [{ command: signerCommand }]),
    ...(digestOnly === true ? ['digest-only' as const] : []),
  ];
  const [source, ...more] = sources;
  if (source === undefined || more.length > 0) {
    command.error('error: give one of --key, --signer-command, --signature and --digest-only', {
      exitCode: 2,
    });
  }
  if (passphraseFile !== undefined && key === undefined) {
    command.error('error: --passphrase-file needs --key', { exitCode: 2 });
  }
  return source;
}

/** Reads certificates. If the key is in the same PKCS#12 file, its passphrase is asked for once. */
function readCertificates(path: string, source: SignerSource | 'digest-only'): Promise<Uint8Array[]> {
  const isOfKey = source !== 'digest-only' && 'key' in source && source.key === path;
  const ask = isOfKey ? source.passphrase : undefined;
  return readSignerCertificates(path, async () => ask?.(path) ?? readOrAskPassphrase(path, undefined));
}

/** A signature that is made in two steps has no time by default: the second step would use another time. */
function chooseSigningTime({ signingTime, digestOnly, signature }: SignOptions): Date | undefined {
  if (signingTime === false) return undefined;
  const isInSteps = digestOnly === true || signature !== undefined;
  return signingTime ?? (isInSteps ? undefined : new Date());
}

/** Files that must not be overwritten. */
function listInputs(file: string, { key, cert, addCert, passphraseFile, signature }: SignOptions): string[] {
  const keyFile = key === undefined || isPkcs11Uri(key) ? undefined : key;
  return [file, keyFile, cert, ...addCert, passphraseFile, signature].filter((path) => path !== undefined);
}

/** Parses a time that a certificate can have: ISO 8601 with a time zone, or seconds since 1970. */
function parseTime(text: string): Date {
  const isSeconds = /^\d{1,12}$/.test(text);
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = isSeconds ? new Date(Number(text) * 1000) : new Date(isIso ? text : Number.NaN);
  if (!(time.getTime() >= 0 && time.getUTCFullYear() <= 9999)) {
    throw new InvalidArgumentError('a time such as 2030-01-31T12:00:00Z, or seconds since 1970, is needed');
  }
  return time;
}
