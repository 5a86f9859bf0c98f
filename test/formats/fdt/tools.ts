import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/**
 * Runs a tool of the device tree compiler's package: dtc, fdtput. Gives its standard output, and throws if it is
 * missing or fails.
 */
export async function run(tool: string, args: readonly string[], input?: Uint8Array): Promise<string> {
  const child = spawn(tool, args);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new Error(`${tool} cannot be run: install device-tree-compiler`, { cause })),
    );
    child.on('close', resolve);
  });
  child.stdin.end(input);
  const [status, output, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} failed: ${complaint}`);
  return output;
}

/** Works through a list, two items at a time. */
export async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const drain = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all([drain(), drain()]);
}
