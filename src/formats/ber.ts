import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { CONSTRUCTED } from './asn1-tags.js';

/** An element of the data, and its contents. */
export interface BerElement {
  readonly tag: number;
  /** Bytes of its tag and length octets. */
  readonly headerLength: number;
  /** Where the contents begin, in bytes from the start of the data. */
  readonly offset: number;
  /** The contents, shared with the data. */
  readonly value: Uint8Array;
  /** The element with its header, shared with the data. */
  readonly whole: Uint8Array;
}

/** Receives an element. It refuses the element by throwing a KexecError. */
export type BerNote = (element: BerElement) => void;

/** A step that reads one element, which may or must come next. */
export interface BerMatch {
  readonly match: number | 'any';
  /** May be missing. */
  readonly optional?: boolean;
  /** Tried only if the alternatives before it were missing. */
  readonly alternative?: boolean;
  /** Called with the element, after the steps of its body. */
  readonly note?: BerNote;
  /** The steps for its contents, which are skipped if this is left out. */
  readonly body?: readonly BerStep[];
  /** The body occurs once or more. */
  readonly repeated?: boolean;
}

/**
 * A step of a grammar: an element; `oneOf`, which requires that one of the alternatives before it was found; or `act`,
 * which is called with the element that was read last, for `ifPresent` only if the step before it found its element.
 */
export type BerStep =
  | BerMatch
  | { readonly oneOf: true }
  | { readonly act: BerNote; readonly ifPresent?: boolean };

const TAG_NUMBER = 0x1f;
const INDEFINITE = 0x80;

/** The kernel's decoder counts in 16 bits. */
const MAX_BYTES = 65535;

/**
 * Decodes BER by a grammar as the kernel does (`asn1_ber_decoder()`): it accepts and refuses the same data, with the
 * same errno, and calls the grammar's notes in the same order.
 *
 * Some of the kernel's rules are unusual. Lengths have up to two octets after the first, minimal or not. Indefinite
 * lengths are accepted in constructed elements. A primitive tag is accepted in place of a constructed one. Bytes behind
 * the outermost element are ignored. An optional element is skipped at the end of its container without resetting what
 * was found before it, so that a `oneOf` there accepts anything.
 *
 * @throws KexecError check `ber`: `EMSGSIZE` for more than 65535 bytes, `EBADMSG` for what does not fit the grammar.
 */
export function decodeBer(data: Uint8Array, grammar: BerStep, what: string): void {
  if (data.length > MAX_BYTES) {
    refuse('ber', 'EMSGSIZE', `${what} has ${data.length} bytes, more than ${MAX_BYTES}`);
  }
  new BerDecoder(data, what).run([grammar]);
}

class BerDecoder {
  readonly #data: Uint8Array;
  readonly #what: string;
  /** The offset of the next byte. */
  #at = 0;
  /** Where the innermost container of known length ends. */
  #end: number;
  /** Whether an element was matched since a match last failed. */
  #matched = false;
  /** Whether the step before found its element and its whole body. */
  #present = false;
  #last: BerElement;

  constructor(data: Uint8Array, what: string) {
    this.#data = data;
    this.#what = what;
    this.#end = data.length;
    this.#last = this.#element(0, 0, 0, 0);
  }

  run(steps: readonly BerStep[]): void {
    for (const step of steps) {
      if ('match' in step) this.#match(step);
      else if ('act' in step) this.#act(step);
      else if (!this.#matched) this.#fail('none of the alternatives is there', this.#at);
    }
  }

  #act({ act, ifPresent }: { readonly act: BerNote; readonly ifPresent?: boolean }): void {
    if (ifPresent !== true || this.#present) act(this.#last);
  }

  #match(step: BerMatch): void {
    if ((step.alternative === true && this.#matched) || (step.optional === true && this.#at === this.#end)) {
      this.#present = false;
      return;
    }
    this.#matched = false;
    this.#present = false;
    const start = this.#at;
    this.#need(2, 'a tag and a length');
    const tag = this.#byte();
    if ((tag & TAG_NUMBER) === TAG_NUMBER) this.#fail(`tag ${hex(tag)}, of the long form`, start);
    if (step.match !== 'any' && ((step.match ^ tag) & ~(step.match & CONSTRUCTED)) !== 0) {
      if (step.optional !== true) this.#fail(`tag ${hex(tag)} where ${hex(step.match)} is wanted`, start);
      this.#at = start;
      return;
    }
    this.#matched = true;
    const length = this.#length(tag, start);
    if (step.body === undefined) this.#leaf(step, tag, start, length);
    else this.#container(step, step.body, tag, start, length);
  }

  /** The length octets: a number of bytes, or `indefinite`. */
  #length(tag: number, start: number): number | 'indefinite' {
    const first = this.#byte();
    if (first === INDEFINITE) {
      if ((tag & CONSTRUCTED) === 0) this.#fail('an indefinite length of what is not constructed', start);
      this.#need(2, 'an end of contents');
      return 'indefinite';
    }
    let length = first;
    if (first > INDEFINITE) {
      const octets = first - INDEFINITE;
      if (octets > 2) this.#fail(`a length of ${octets} octets`, start);
      this.#need(octets, 'a length');
      length = 0;
      for (let count = 0; count < octets; count += 1) length = length * 256 + this.#byte();
    }
    this.#need(length, 'contents');
    return length;
  }

  #leaf({ note }: BerMatch, tag: number, start: number, length: number | 'indefinite'): void {
    const offset = this.#at;
    this.#at = length === 'indefinite' ? this.#endOfIndefinite() : offset + length;
    this.#last = this.#element(tag, start, offset, this.#at);
    note?.(this.#last);
  }

  #container(
    { repeated, note }: BerMatch,
    body: readonly BerStep[],
    tag: number,
    start: number,
    length: number | 'indefinite',
  ): void {
    const offset = this.#at;
    const outerEnd = this.#end;
    const end = length === 'indefinite' ? undefined : offset + length;
    if (end !== undefined) this.#end = end;
    let at: number;
    do {
      at = this.#at;
      this.run(body);
    } while (repeated === true && this.#at > at && !this.#isAtEnd(end));

    const contentsEnd = this.#at;
    if (end === undefined) {
      this.#need(2, 'an end of contents');
      if (this.#byte() !== 0 || this.#byte() !== 0) this.#fail('no end of contents', contentsEnd);
    } else if (this.#at !== end) {
      this.#fail(`${end - this.#at} bytes too many in an element with tag ${hex(tag)}`, this.#at);
    }
    this.#end = outerEnd;
    this.#last = this.#element(tag, start, offset, contentsEnd);
    note?.(this.#last);
    this.#matched = true;
    this.#present = true;
  }

  #isAtEnd(end: number | undefined): boolean {
    if (end !== undefined) return this.#at >= end;
    this.#need(2, 'an end of contents');
    return this.#data[this.#at] === 0;
  }

  /** The end of an element of indefinite length, its end of contents included: `asn1_find_indefinite_length()`. */
  #endOfIndefinite(): number {
    let at = this.#at;
    const need = (count: number): void => {
      if (this.#end - at < count) this.#fail('contents without an end', at);
    };
    const byte = (): number => this.#data[at++] ?? 0;
    for (let level = 1; level > 0; ) {
      need(2);
      const tag = byte();
      if (tag === 0) {
        if (byte() !== 0) this.#fail('an end of contents with a length', at - 1);
        level -= 1;
        continue;
      }
      if ((tag & TAG_NUMBER) === TAG_NUMBER) {
        do need(2);
        while ((byte() & 0x80) !== 0);
      }
      const first = byte();
      if (first === INDEFINITE) {
        if ((tag & CONSTRUCTED) === 0) this.#fail('an indefinite length of what is not constructed', at - 1);
        level += 1;
        continue;
      }
      let length = first;
      if (first > INDEFINITE) {
        const octets = first - INDEFINITE;
        // The kernel's size_t has 8 octets, of which it lets 7 be used.
        if (octets > 7) this.#fail(`a length of ${octets} octets`, at - 1);
        need(octets);
        length = 0;
        for (let count = 0; count < octets; count += 1) length = length * 256 + byte();
      }
      need(length);
      at += length;
    }
    return at;
  }

  #byte(): number {
    const byte = this.#data[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  #need(count: number, what: string): void {
    if (this.#end - this.#at < count)
      this.#fail(`${what} of ${count} bytes does not fit its container`, this.#at);
  }

  #element(tag: number, start: number, offset: number, end: number): BerElement {
    return {
      tag,
      headerLength: offset - start,
      offset,
      value: this.#data.subarray(offset, end),
      whole: this.#data.subarray(start, end),
    };
  }

  #fail(seen: string, offset: number): never {
    refuse('ber', 'EBADMSG', `${this.#what}: ${seen}`, { offset });
  }
}
