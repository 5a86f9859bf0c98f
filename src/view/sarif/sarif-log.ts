/**
 * A log in SARIF 2.1.0 (OASIS Standard), which GitHub's code scanning and other viewers read. It has one run. Its
 * results are written as they come, a line each; the rules that they name follow, and no others.
 */

import { toHex } from '../../base/bytes.js';
import { CHECKS, type Check, findGroup } from '../../base/checks.js';
import { escapeField } from '../../base/escape-field.js';
import { computeDigest } from '../../trust/hashes.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import { escapeJson } from '../json/format-json.js';
import { joinPrintable, type Printable } from '../text/printable.js';
import { buildArtifactUri } from './artifact-uri.js';

/** A refusal, as a result of the log. */
export interface SarifResult {
  readonly check: Check;
  readonly errno: string;
  /** `error` if it makes the command fail, else `warning`. */
  readonly level: 'error' | 'warning';
  /** What happened, in one sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly cure: string;
  /** Path of the file that the result is about. */
  readonly file: string;
  /** Path of another file that takes part. */
  readonly relatedFile?: string | undefined;
  /** More facts, for programs. */
  readonly properties?: Readonly<Record<string, string>>;
  /** What became of an earlier result; undefined if nothing is compared. */
  readonly baselineState?: 'new' | 'updated' | 'unchanged' | undefined;
}

/** Where the schema is that the log follows. */
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Writes the log piece by piece. All that it keeps are the names of the checks. */
export class SarifLog {
  readonly #version: string;
  readonly #checks = new Set<Check>();

  /** @param version - of kexec-file */
  constructor(version: string) {
    this.#version = version;
  }

  /** Begins the log. */
  start(): Printable {
    const schema = JSON.stringify(SCHEMA);
    return escapeJson(
      `{"$schema":${schema},"version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[\n`,
    );
  }

  /** Formats results, a line each; the text is empty if there are none. */
  format(results: readonly SarifResult[]): Printable {
    return joinPrintable(
      results.map((result) => this.#formatResult(result)),
      '',
    );
  }

  /** Ends the log: the tool, and the rules of the results. */
  end(): Printable {
    const driver = {
      name: 'kexec-file',
      semanticVersion: this.#version,
      rules: [...this.#checks].map(buildRule),
    };
    return escapeJson(`],"tool":${JSON.stringify({ driver })}}]}\n`);
  }

  #formatResult(result: SarifResult): Printable {
    const separator = this.#checks.size === 0 ? '' : ',';
    this.#checks.add(result.check);
    return escapeJson(`${separator}${JSON.stringify(buildResult(result))}\n`);
  }
}

function buildResult(result: SarifResult): object {
  const { check, errno, level, message, cure, file, relatedFile, properties, baselineState } = result;
  return {
    ruleId: check,
    level,
    message: { text: formatMessage(`${message}. ${capitalize(cure)}.`) },
    locations: [{ physicalLocation: buildLocation(file) }],
    ...(relatedFile === undefined
      ? {}
      : { relatedLocations: [{ id: 0, physicalLocation: buildLocation(relatedFile) }] }),
    // GitHub recognises a result in the next run by the first; without it, it would digest a line of the file.
    partialFingerprints: { primaryLocationLineHash: buildFingerprint(result) },
    ...(baselineState === undefined ? {} : { baselineState }),
    properties: { errno, ...properties },
  };
}

/** The files are no texts, or none that people read: a result is about the whole of one. */
function buildLocation(path: string): object {
  return { artifactLocation: { uri: buildArtifactUri(path) }, region: { startLine: 1 } };
}

/**
 * Formats a message. Viewers make links of `[text](address)` in one (3.11.6), and a machine may have any name: so the
 * brackets are kept apart.
 */
function formatMessage(text: string): string {
  return escapeField(text).replaceAll('](', '] (');
}

function buildFingerprint({ check, errno, file, properties = {} }: SarifResult): string {
  const identity = JSON.stringify([check, errno, file, properties.load]);
  const digest = computeDigest(portableHashes, 'sha256', new TextEncoder().encode(identity));
  return `${toHex((digest ?? new Uint8Array(0)).subarray(0, 16))}:1`;
}

function buildRule(check: Check): object {
  const { rule, source, cure } = CHECKS[check];
  const more = `kexec-file explain ${check}`;
  return {
    id: check,
    shortDescription: { text: `${capitalize(rule)}.` },
    fullDescription: { text: `${capitalize(rule)}. Source of the rule: ${source}.` },
    help: {
      text: `${capitalize(cure)}. More: ${more}`,
      markdown: `${capitalize(cure)}.\n\nMore: \`${more}\``,
    },
    defaultConfiguration: { level: 'error' },
    properties: { tags: [findGroup(check)], precision: 'very-high' },
  };
}

/** Makes a sentence of a rule or cure. */
function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
