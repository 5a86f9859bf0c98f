import { readFileSync, writeFileSync } from 'node:fs';

/** An initrd, and what a kernel said about it. */
export interface Answer {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What follows "Initramfs unpacking failed: "; empty if the kernel unpacked it without a word. */
  readonly said: string;
}

const FILE = 'test/conformance/initrd/answers.json';

interface Recorded {
  readonly kernel: string;
  readonly initrds: Readonly<Record<string, { readonly said: string; readonly bytes: string }>>;
}

/** The answers of Debian's Linux 6.12 for arm64, which `npm run conformance` recorded. */
export function readAnswers(): Answer[] {
  const { initrds } = JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;
  return Object.entries(initrds).map(([name, { said, bytes }]) => ({
    name,
    said,
    bytes: new Uint8Array(Buffer.from(bytes, 'base64')),
  }));
}

export function writeAnswers(kernel: string, answers: readonly Answer[]): void {
  const initrds = Object.fromEntries(
    answers.map(({ name, said, bytes }) => [name, { said, bytes: Buffer.from(bytes).toString('base64') }]),
  );
  writeFileSync(FILE, `${JSON.stringify({ kernel, initrds } satisfies Recorded, undefined, 2)}\n`);
}
