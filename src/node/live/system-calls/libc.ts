import { importKoffi, type Koffi } from '../../native/import-koffi.js';
import { requireAbi, type SystemCall } from './abi.js';

/** The type of a parameter: its name in C, or a type that koffi built. */
type Parameter = Parameters<Koffi['sizeof']>[0];

/** libc's `syscall(2)`. */
export interface Libc {
  readonly koffi: Koffi;
  /**
   * Makes a system call.
   *
   * @param parameters - the C types of the arguments
   * @returns the result, or the negated errno.
   */
  call(name: SystemCall, parameters: readonly Parameter[], args: readonly unknown[]): number;
}

/**
 * Opens the libc that Node runs with.
 *
 * @throws KexecError `ENOSYS`, check `live-platform`: another system or architecture, or no koffi.
 */
export async function openLibc(): Promise<Libc> {
  const { numbers } = requireAbi();
  const koffi = await importKoffi('live-platform');
  const library = koffi.load(null);
  return {
    koffi,
    call(name, parameters, args) {
      const syscall = library.func('syscall', 'long', ['long', ...parameters]);
      const result = Number(syscall(numbers[name], ...args));
      return result === -1 ? -koffi.errno() : result;
    },
  };
}
