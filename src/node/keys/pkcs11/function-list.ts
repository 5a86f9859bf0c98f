/** The foreign functions of a PKCS#11 module, by koffi. */
import { refuse } from '../../../base/error.js';
import { importKoffi, type Koffi } from '../../native/import-koffi.js';

/** The functions that are called, by their places in CK_FUNCTION_LIST, with their parameters. */
const FUNCTIONS = {
  C_Initialize: [0, ['void *']],
  C_Finalize: [1, ['void *']],
  C_GetSlotList: [4, ['uchar', 'void *', 'void *']],
  C_GetTokenInfo: [6, ['ulong', 'void *']],
  C_OpenSession: [12, ['ulong', 'ulong', 'void *', 'void *', 'void *']],
  C_Login: [18, ['ulong', 'ulong', 'void *', 'ulong']],
  C_GetAttributeValue: [24, ['ulong', 'ulong', 'ATTRIBUTES', 'ulong']],
  C_FindObjectsInit: [26, ['ulong', 'ATTRIBUTES', 'ulong']],
  C_FindObjects: [27, ['ulong', 'void *', 'ulong', 'void *']],
  C_FindObjectsFinal: [28, ['ulong']],
  C_SignInit: [42, ['ulong', 'MECHANISM', 'ulong']],
  C_Sign: [43, ['ulong', 'void *', 'ulong', 'void *', 'void *']],
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** Calls a function of the module. @returns its CK_RV: 0 if it succeeded */
export type CallFunction = (name: FunctionName, ...args: readonly unknown[]) => number;

/** CK_ULONG is `unsigned long`; a structure begins its members at multiples of their size. */
export const ULONG_BYTES = 8;

/** CK_VERSION comes first in CK_FUNCTION_LIST. */
const FIRST_FUNCTION = 8;

/** The cure for a module that is not found. */
export const MODULE_CURE =
  'install p11-kit and the module of the token, or name the module of the token in the URI: pkcs11:…?module-path=/usr/lib/…/MODULE.so';

/**
 * Loads a module and finds its functions.
 *
 * @param path - of the shared library; without a folder, the loader's own are searched
 * @throws KexecError check `sign-token`: `ENOENT` if it cannot be loaded, `EINVAL` if it is no PKCS#11 module.
 */
export async function bindFunctions(path: string): Promise<CallFunction> {
  const koffi = await importKoffi('sign-token');
  if (koffi.sizeof('ulong') !== ULONG_BYTES) {
    const seen = `PKCS#11 is unavailable with Node for ${process.platform} on ${process.arch}`;
    refuse('sign-token', 'ENOSYS', seen);
  }
  const { pointer, struct, inout } = koffi;
  const types = {
    ATTRIBUTES: inout(pointer(struct({ type: 'ulong', value: 'void *', length: 'ulong' }))),
    MECHANISM: pointer(struct({ type: 'ulong', parameter: 'void *', length: 'ulong' })),
  };
  const table = readFunctionList(koffi, path);
  return (name, ...args) => {
    const [place, parameters] = FUNCTIONS[name];
    const named = parameters.map((parameter) =>
      parameter === 'ATTRIBUTES' || parameter === 'MECHANISM' ? types[parameter] : parameter,
    );
    const address = koffi.decode(table, FIRST_FUNCTION + place * ULONG_BYTES, 'void *');
    return Number(koffi.call(address, koffi.proto('ulong', named), ...args));
  };
}

/** The module's CK_FUNCTION_LIST: the one function that every module has as a symbol returns it. */
function readFunctionList(koffi: Koffi, path: string): unknown {
  const list: unknown[] = [null];
  const library = tryTo(() => koffi.load(path));
  if (library instanceof Error) {
    const seen = `the PKCS#11 module ${path} cannot be loaded: ${library.message}`;
    refuse('sign-token', 'ENOENT', seen, { cure: MODULE_CURE, cause: library });
  }
  const read = tryTo(() => library.func('C_GetFunctionList', 'ulong', [koffi.out(koffi.pointer('void *'))]));
  if (read instanceof Error || read(list) !== 0 || list[0] === null) {
    refuse('sign-token', 'EINVAL', `${path} is no PKCS#11 module: it has no C_GetFunctionList`, {
      cure: MODULE_CURE,
    });
  }
  return list[0];
}

function tryTo<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** A CK_ULONG as the module reads and writes it. */
export function encodeUlong(value: number): Uint8Array {
  const bytes = new Uint8Array(ULONG_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** Reads a CK_ULONG. */
export function readUlong(bytes: Uint8Array, offset = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);
}

/** Reads CK_ULONGs, as many as the module says. @param count - a CK_ULONG */
export function readUlongs(bytes: Uint8Array, count: Uint8Array): bigint[] {
  const length = Math.min(Number(readUlong(count)), bytes.length / ULONG_BYTES);
  return Array.from({ length }, (_, index) => readUlong(bytes, index * ULONG_BYTES));
}
