/** What a fuzzer calls: code that takes bytes which somebody else may have made. */
import { KexecError } from '../../src/base/error.js';

/** A fuzz target. */
export interface FuzzTarget {
  /** Well-formed inputs, which a fuzzer starts from. */
  readonly seeds: () => readonly Uint8Array[];
  /**
   * Gives an input to the code under test, and compares what must be equal. A KexecError says that the input is refused, which is
   * right; anything else that it throws is a finding. Returns a promise if `isAsync`.
   */
  readonly run: (input: Uint8Array) => unknown;
  readonly isAsync?: true;
}

/** Fuzz targets, by name. */
export type FuzzTargets = Readonly<Record<string, FuzzTarget>>;

/** Runs a target on one input. Throws if it finds something. */
export function runTarget({ run }: FuzzTarget, input: Uint8Array): void {
  try {
    run(input);
  } catch (error) {
    throwUnlessRefusal(error);
  }
}

/** As {@link runTarget}, for a target that is asynchronous. */
export async function runAsyncTarget({ run }: FuzzTarget, input: Uint8Array): Promise<void> {
  try {
    await run(input);
  } catch (error) {
    throwUnlessRefusal(error);
  }
}

function throwUnlessRefusal(error: unknown): void {
  if (!(error instanceof KexecError)) throw error;
  // What people read of a refusal is made of the input, too.
  void `${error.message}${error.cure}`;
}

const encoder = new TextEncoder();

/** A target that takes a text. Bytes that are no UTF-8 become U+FFFD, as when a file is read as text. */
export function textTarget(run: (text: string) => unknown, ...seeds: readonly string[]): FuzzTarget {
  const decoder = new TextDecoder();
  return {
    seeds: () => seeds.map((seed) => encoder.encode(seed)),
    run: (input) => run(decoder.decode(input)),
  };
}

/** A target that calls several readers of the same bytes, each whether or not those before it refused. */
export function readersTarget(
  seeds: () => readonly Uint8Array[],
  ...readers: readonly ((input: Uint8Array) => unknown)[]
): FuzzTarget {
  return {
    seeds,
    run(input) {
      for (const read of readers) {
        try {
          read(input);
        } catch (error) {
          throwUnlessRefusal(error);
        }
      }
    },
  };
}
