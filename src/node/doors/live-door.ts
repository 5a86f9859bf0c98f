/**
 * This machine: load a kernel, execute it, unload it. Linux on arm64, as root.
 *
 * @example
 * ```js
 * import { readState } from 'kexec-file/live';
 *
 * const { loaded } = readState();
 * console.log(typeof loaded);
 * ```
 *
 * @packageDocumentation
 */

export { type ExecuteOptions, executeLive } from '../live/execute.js';
export { loadLive } from '../live/load-live.js';
export type { LiveLoad, LiveLoaded, LoadCall } from '../live/load-request.js';
export { LoadRefusedError } from '../live/refused.js';
export { type KexecState, readState } from '../live/system-calls/state.js';
export { unloadLive } from '../live/unload-live.js';
