import { encodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import type { Machine } from '../machine-value.js';
import { decodeMachine, parseMachine } from '../schema.js';
import { FactWindow, type KeptFact } from './fact-window.js';
import { DIGEST_PATTERN, FLEET_LINES, MAX_FILE_CHARACTERS } from './fleet-lines.js';
import { TemplateCache } from './template-cache.js';

/** What machines of equal lines have in common: all but file and name. */
export interface FleetTemplate {
  /** The fields of the machine file that are no facts; without the name. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The others. */
  readonly facts: readonly (readonly [field: string, fact: KeptFact<Uint8Array>])[];
  /** The bytes of the line and of its facts. */
  readonly size: number;
}

/** A machine of a fleet file. */
export interface FleetMachine {
  /** The path of the file that was packed, or that of the fleet file with the line. */
  readonly file: string;
  readonly name: string;
  /** The same value for equal lines, while they are remembered. */
  readonly template: FleetTemplate;
}

/** A machine that is a whole machine file in one line. */
export interface WholeMachine {
  readonly file: string;
  readonly machine: Machine;
}

/** Templates are remembered by their text, up to this many, and of at most so many characters. */
const MAX_TEMPLATES = 2048;
const MAX_TEMPLATE_CHARACTERS = 4096;

/** The beginnings of lines, by what they are. */
const HEADER_START = encodeLatin1('{"kexecFileFleet":');
const FACT_START = encodeLatin1('{"fact":"');
const MACHINE_START = encodeLatin1('{"file":"');
const END_START = encodeLatin1('{"end":');
/** Between a fact's digest and its value. */
const VALUE_START = '","value":';
const NAME_START = ',"name":"';
const DIGEST_CHARACTERS = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;

/** The fields of a machine's line that follow file and name. */
const AFTER_NAME = FLEET_LINES.machine.pick({ facts: true, machine: true });

interface AfterName {
  readonly facts: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** What {@link AFTER_NAME} says, which is slower: it would take more time than all else of a line. */
function isAfterName(json: unknown): json is AfterName {
  if (!isObject(json) || Object.keys(json).length !== 2 || !isObject(json.facts) || !isObject(json.machine))
    return false;
  return Object.values(json.facts).every(
    (digest) => typeof digest === 'string' && DIGEST_PATTERN.test(digest),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How bytes become texts: a host may have a faster way than others. */
export interface FleetCodec {
  /** One character per byte, equal for equal bytes alone; ASCII as such. */
  latin1(bytes: Uint8Array, start: number, end?: number): string;
  /** UTF-8, from `start` on. A byte order mark is a character. */
  utf8(bytes: Uint8Array, start?: number): string;
  /** In hex. */
  sha256(bytes: Uint8Array): string;
}

/** Reads the lines of a fleet file in their order. */
export class FleetReader {
  readonly #path: string;
  readonly #codec: FleetCodec;
  readonly #facts = new FactWindow<Uint8Array>();
  readonly #templates = new TemplateCache<FleetTemplate>(MAX_TEMPLATES);
  /** The part that has no end yet. */
  #part: { readonly line: number; machines: number } | undefined;

  /** @param path - of the file, for error messages and for machines that have no file of their own */
  constructor(path: string, codec: FleetCodec) {
    this.#path = path;
    this.#codec = codec;
  }

  /**
   * Reads a line.
   *
   * @returns the machine in it; undefined for a line without one
   * @throws KexecError check `fleet-file`, naming the line; for a whole machine file, also as parseMachine()
   */
  read(line: Uint8Array, number: number): FleetMachine | WholeMachine | undefined {
    if (startsWith(line, MACHINE_START)) {
      if (this.#part !== undefined) this.#part.machines += 1;
      return this.#readMachine(line, number);
    }
    if (startsWith(line, FACT_START)) return this.#readFact(line, number);
    if (startsWith(line, HEADER_START)) return this.#readHeader(line, number);
    if (startsWith(line, END_START)) return this.#readEnd(line, number);
    if (this.#part !== undefined) this.#fail('EINVAL', number, 'it is no line of a fleet file');
    return { file: `${this.#path}:${number}`, machine: parseMachine(this.#codec.utf8(line)) };
  }

  /** Call this at the end of the file. @throws KexecError `EBADMSG`, check `fleet-file`, if it is cut short. */
  finish(): void {
    const part = this.#part;
    this.#part = undefined;
    if (part !== undefined)
      this.#fail('EBADMSG', part.line, 'the part that begins here has no end: the file is cut short');
  }

  #readHeader(line: Uint8Array, number: number): undefined {
    const before = this.#part;
    this.#part = { line: number, machines: 0 };
    const result = FLEET_LINES.header.safeParse(this.#parse(this.#codec.utf8(line), number));
    if (!result.success)
      this.#fail('EINVAL', number, 'the header is of a version that this kexec-file does not know');
    if (before !== undefined)
      this.#fail('EBADMSG', before.line, `the part that begins here has no end before line ${number}`);
  }

  #readEnd(line: Uint8Array, number: number): undefined {
    const part = this.#part;
    this.#part = undefined;
    const result = FLEET_LINES.end.safeParse(this.#parse(this.#codec.utf8(line), number));
    if (!result.success) this.#fail('EINVAL', number, 'an end has the number of machines, and nothing else');
    const { machines } = result.data.end;
    if (part === undefined) this.#fail('EBADMSG', number, 'it ends a part that has no header');
    if (part.machines !== machines)
      this.#fail(
        'EBADMSG',
        number,
        `it ends a part of ${machines} machines, and ${part.machines} are there: lines are missing, or there twice`,
      );
  }

  #readFact(line: Uint8Array, number: number): undefined {
    const from = FACT_START.length;
    const to = from + DIGEST_CHARACTERS;
    const digest = this.#codec.latin1(line, from, to);
    const start = to + VALUE_START.length;
    if (
      !DIGEST_PATTERN.test(digest) ||
      this.#codec.latin1(line, to, start) !== VALUE_START ||
      line.at(-1) !== CLOSING_BRACE
    )
      this.#fail('EINVAL', number, 'a fact has a SHA-256 and a value, in this order and without spaces');
    const value = line.subarray(start, -1);
    const actual = this.#codec.sha256(value);
    if (actual !== digest)
      this.#fail('EBADMSG', number, `the value of fact ${shorten(digest)} has the digest ${shorten(actual)}`);
    if (this.#facts.find(digest) === undefined) {
      this.#parse(this.#codec.utf8(value), number);
      // The line shares its memory with others.
      this.#facts.define(digest, value.length, new Uint8Array(value));
    } else this.#facts.define(digest, value.length, value);
  }

  #readMachine(line: Uint8Array, number: number): FleetMachine {
    const fileStart = MACHINE_START.length - 1;
    const fileEnd = findStringEnd(line, fileStart);
    const nameStart = fileEnd + NAME_START.length - 1;
    if (fileEnd < 0 || this.#codec.latin1(line, fileEnd, nameStart + 1) !== NAME_START)
      this.#failOrder(number);
    const nameEnd = findStringEnd(line, nameStart);
    if (nameEnd < 0 || line[nameEnd] !== ','.charCodeAt(0)) this.#failOrder(number);
    const file = this.#parseString(line.subarray(fileStart, fileEnd), number);
    const name = this.#parseString(line.subarray(nameStart, nameEnd), number);
    if (file === '' || file.length > MAX_FILE_CHARACTERS)
      this.#fail('EINVAL', number, `the path of a file has 1 to ${MAX_FILE_CHARACTERS} characters`);
    return { file, name, template: this.#findTemplate(line, nameEnd + 1, number) };
  }

  #findTemplate(line: Uint8Array, from: number, number: number): FleetTemplate {
    const isShort = line.length - from <= MAX_TEMPLATE_CHARACTERS;
    const key = isShort ? this.#codec.latin1(line, from) : '';
    const known = isShort ? this.#templates.get(key) : undefined;
    if (known?.facts.every(([, { isKept }]) => isKept)) return known;
    const template = this.#parseTemplate(line, from, number);
    if (isShort) this.#templates.set(key, template);
    return template;
  }

  #parseTemplate(line: Uint8Array, from: number, number: number): FleetTemplate {
    const json = this.#parse(`{${this.#codec.utf8(line, from)}`, number);
    if (!isAfterName(json)) {
      const [issue] = AFTER_NAME.safeParse(json).error?.issues ?? [];
      const seen = `${issue?.path.join('.') || 'the machine'}: ${issue?.message.slice(0, 200)}`;
      this.#fail('EINVAL', number, seen);
    }
    const { facts: named, machine: fields } = json;
    const twice = ['name', ...Object.keys(named)].find((field) => Object.hasOwn(fields, field));
    if (twice !== undefined || Object.hasOwn(named, 'name'))
      this.#fail('EINVAL', number, `the machine has the field ${twice ?? 'name'} twice`);
    const facts = Object.entries(named).map(([field, digest]) => {
      const fact = this.#facts.find(digest);
      if (fact === undefined)
        this.#fail(
          'ENODATA',
          number,
          `its ${field.slice(0, 80)} is the fact ${shorten(digest)}, which no line before it has, or none of the last 64 MiB of facts`,
        );
      return [field, fact] as const;
    });
    const size = facts.reduce((sum, [, fact]) => sum + fact.size, line.length);
    return { fields, facts, size };
  }

  #parseString(bytes: Uint8Array, number: number): string {
    const text = this.#codec.latin1(bytes, 1, bytes.length - 1);
    if (PLAIN.test(text)) return text;
    return this.#parse(this.#codec.utf8(bytes), number) as string;
  }

  #parse(text: string, number: number): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      return this.#fail('EINVAL', number, `it is not JSON: ${(cause as Error).message.slice(0, 200)}`);
    }
  }

  #failOrder(number: number): never {
    this.#fail(
      'EINVAL',
      number,
      'a machine has file, name, facts and machine, in this order and without spaces between them',
    );
  }

  #fail(errno: 'EINVAL' | 'EBADMSG' | 'ENODATA', number: number, seen: string): never {
    refuse('fleet-file', errno, `${this.#path}, line ${number}: ${seen}`);
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Printable ASCII without escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Builds the machine of a line. @throws KexecError as parseMachine(). */
export function openFleetMachine({ name, template }: FleetMachine): Machine {
  return decodeMachine({ ...buildFields(template), name });
}

/** The fields of the machine's file, without the name. */
export function buildFields({ fields, facts }: FleetTemplate): Record<string, unknown> {
  const values = facts.map(([field, { text }]) => [field, JSON.parse(UTF8.decode(text))] as const);
  return { ...fields, ...Object.fromEntries(values) };
}

function startsWith(line: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, at) => line[at] === byte);
}

/** @param start - of the opening quote. @returns the offset behind the closing one; negative if there is none */
function findStringEnd(line: Uint8Array, start: number): number {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === QUOTE) return at + 1;
    if (line[at] === BACKSLASH) at += 1;
  }
  return -1;
}

/** Enough of a digest to find it in the file. */
function shorten(digest: string): string {
  return `${digest.slice(0, 16)}…`;
}
