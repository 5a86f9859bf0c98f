import { refuse } from '../../base/error.js';
import { type Token, tokenize, type WordPart } from './grub-words.js';

/** A word of a command. */
export type Word = readonly WordPart[];

/** A statement of GRUB's script language. */
export type Statement =
  | { readonly kind: 'command'; readonly words: readonly Word[]; readonly block?: readonly Statement[] }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Statement[] }
  | { readonly kind: 'loop'; readonly body: readonly Statement[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly Statement[] };

/** A condition, which is true if its last command is, and what follows from it. */
export interface Branch {
  readonly condition: readonly Statement[];
  readonly body: readonly Statement[];
}

/** Blocks within blocks; grub-mkconfig writes four. */
const MAX_DEPTH = 32;

/**
 * Parses a script of GRUB.
 *
 * @throws KexecError `EINVAL`, check `boot-entry-form`, if it is malformed; `EFBIG`
 */
export function parseScript(script: string): Statement[] {
  const parser = new Parser(tokenize(script));
  const statements = parser.readStatements([]);
  parser.requireEnd();
  return statements;
}

/** Reserved words begin or end a statement only if they stand unquoted at the start of a command. */
const ENDS = ['then', 'elif', 'else', 'fi', 'do', 'done'];

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Reads statements up to one of these words, or to a closing brace if there are none; it is not consumed. */
  readStatements(ends: readonly string[]): Statement[] {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      refuse('boot-entry-form', 'EFBIG', `it has more than ${MAX_DEPTH} blocks in each other`);
    const statements: Statement[] = [];
    for (;;) {
      while (this.#isSign(';') || this.#isSign('|') || this.#isSign('&')) this.#at += 1;
      const word = this.#peekKeyword();
      if (this.#at >= this.#tokens.length || this.#isSign('}')) break;
      if (word !== undefined && ENDS.includes(word)) {
        if (ends.includes(word)) break;
        refuse('boot-entry-form', 'EINVAL', `"${word}" has no beginning`);
      }
      statements.push(this.#readStatement());
    }
    this.#depth -= 1;
    return statements;
  }

  requireEnd(): void {
    if (this.#at < this.#tokens.length)
      refuse('boot-entry-form', 'EINVAL', 'a closing brace has no opening one');
  }

  #readStatement(): Statement {
    const keyword = this.#peekKeyword();
    if (keyword === 'if') return this.#readIf();
    if (keyword === 'while' || keyword === 'until' || keyword === 'for') return this.#readLoop();
    if (keyword === 'function') return this.#readFunction();
    return this.#readCommand();
  }

  #readIf(): Statement {
    const branches: Branch[] = [];
    do {
      this.#at += 1;
      const condition = this.readStatements(['then']);
      this.#expect('then');
      branches.push({ condition, body: this.readStatements(['elif', 'else', 'fi']) });
    } while (this.#peekKeyword() === 'elif');
    let otherwise: Statement[] = [];
    if (this.#peekKeyword() === 'else') {
      this.#at += 1;
      otherwise = this.readStatements(['fi']);
    }
    this.#expect('fi');
    return { kind: 'if', branches, otherwise };
  }

  #readLoop(): Statement {
    this.#at += 1;
    this.readStatements(['do']);
    this.#expect('do');
    const body = this.readStatements(['done']);
    this.#expect('done');
    return { kind: 'loop', body };
  }

  #readFunction(): Statement {
    this.#at += 1;
    const name = this.#peekKeyword();
    if (name === undefined) refuse('boot-entry-form', 'EINVAL', 'a function has no name');
    this.#at += 1;
    while (this.#isSign(';')) this.#at += 1;
    if (!this.#isSign('{')) refuse('boot-entry-form', 'EINVAL', `the function ${name} has no body`);
    return { kind: 'function', name, body: this.#readBlock() };
  }

  /** A command, up to its end; a block in it, of a menu entry, ends it. */
  #readCommand(): Statement {
    const words: Word[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) break;
      if ('word' in token) {
        words.push(token.word);
        this.#at += 1;
      } else if (token.sign === '{' && words.length > 0) {
        return { kind: 'command', words, block: this.#readBlock() };
      } else if (token.sign === '{') {
        refuse('boot-entry-form', 'EINVAL', 'a block belongs to nothing');
      } else {
        break;
      }
    }
    return { kind: 'command', words };
  }

  #readBlock(): Statement[] {
    this.#at += 1;
    const statements = this.readStatements([]);
    if (!this.#isSign('}')) refuse('boot-entry-form', 'EINVAL', 'a block is not closed');
    this.#at += 1;
    return statements;
  }

  #isSign(sign: string): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && 'sign' in token && token.sign === sign;
  }

  /** The next word, if it has no quotes and no variables. */
  #peekKeyword(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || !('word' in token) || token.word.length !== 1) return undefined;
    const [part] = token.word;
    return part !== undefined && 'text' in part && !part.isQuoted ? part.text : undefined;
  }

  #expect(keyword: string): void {
    if (this.#peekKeyword() !== keyword) refuse('boot-entry-form', 'EINVAL', `"${keyword}" is missing`);
    this.#at += 1;
  }
}
