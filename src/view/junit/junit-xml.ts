/**
 * A report in the XML of JUnit, as Jenkins and GitLab read it: one suite. It is valid by Jenkins' schema
 * (jenkins-junit.xsd).
 */
import { escapeXml, formatElement } from '../xml.js';

/** A suite: what was tested, and how the tests ended. */
export interface JunitSuite {
  readonly name: string;
  /** When the tests were made. */
  readonly time: Date;
  /** How long they took, in milliseconds. */
  readonly duration: number;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  /** What was tested with. */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

/** How a test ended, other than well. */
export interface JunitFault {
  readonly kind: 'failure' | 'error' | 'skipped';
  /** `EINVAL (segment-total)` */
  readonly type: string;
  /** One sentence. */
  readonly message: string;
  /** More lines. */
  readonly lines: readonly string[];
}

/** The report up to its first test. */
export function formatJunitStart(suite: JunitSuite): string {
  const { name, time, duration, tests, failures, errors, skipped, properties } = suite;
  const counts = { tests, failures, errors };
  const attributes = {
    ...{ name, package: name, id: 0, ...counts },
    ...(skipped === 0 ? {} : { skipped }),
    // Without a time zone, as Ant's XMLJUnitResultFormatter writes it (DateUtils.ISO8601_DATETIME_PATTERN): it is UTC.
    timestamp: time.toISOString().slice(0, 19),
    hostname: 'localhost',
    time: (duration / 1000).toFixed(3),
  };
  const list = properties.map(([key, value]) => formatElement('property', { name: key, value }));
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${formatStartTag('testsuite', attributes)}
${formatElement('properties', {}, list)}
`;
}

/** A test. @param fault - undefined if it ended well */
export function formatJunitTest(name: string, className: string, fault: JunitFault | undefined): string {
  const attributes = { name, classname: className, time: 0 };
  return `${formatElement('testcase', attributes, fault === undefined ? [] : [formatFault(fault)])}\n`;
}

/** The report after its last test. @param output - lines that are about no single test */
export function formatJunitEnd(output: readonly string[]): string {
  const text = output.map((line) => escapeXml(line)).join('\n');
  return `<system-out>${text}</system-out>\n<system-err></system-err>\n</testsuite>\n</testsuites>\n`;
}

function formatFault({ kind, type, message, lines }: JunitFault): string {
  const text = [message, ...lines].map((line) => escapeXml(line)).join('\n');
  // Jenkins' schema has no attributes for skipped tests.
  return kind === 'skipped'
    ? formatElement(kind, {}, [text])
    : formatElement(kind, { type, message }, [text]);
}

function formatStartTag(name: string, attributes: Parameters<typeof formatElement>[1]): string {
  return formatElement(name, attributes).replace(/\/>$/, '>');
}
