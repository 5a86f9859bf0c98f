import { refuse } from '../../base/error.js';

/** The module koffi, for functions of C: imported only if one is called, so that nothing else needs its binary. */
export type Koffi = typeof import('koffi');

/** Imports koffi. @param check - of the caller, for the refusal @throws KexecError `ENOSYS`, if it cannot be loaded. */
export async function importKoffi(check: 'live-platform' | 'sign-token'): Promise<Koffi> {
  try {
    return await import('koffi');
  } catch (cause) {
    refuse(check, 'ENOSYS', `koffi cannot be loaded: ${(cause as Error).message}`, { cause });
  }
}
