/** The functions of a PKCS#11 module that signing needs: PKCS #11 Base Specification 2.40. */
import { refuse } from '../../../base/error.js';
import {
  bindFunctions,
  type CallFunction,
  encodeUlong,
  type FunctionName,
  readUlong,
  readUlongs,
  ULONG_BYTES,
} from './function-list.js';

/** The results of functions (CK_RV) that callers distinguish. */
export const CKR = {
  keyFunctionNotPermitted: 0x68,
  mechanismInvalid: 0x70,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLengthRange: 0xa2,
  pinLocked: 0xa4,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  userAlreadyLoggedIn: 0x100,
  cryptokiAlreadyInitialized: 0x191,
} as const;

/** Attributes of objects (CK_ATTRIBUTE_TYPE). */
export const CKA = { class: 0, label: 3, keyType: 0x100, id: 0x102, alwaysAuthenticate: 0x202 } as const;

/** Types of users (CK_USER_TYPE). */
export const CKU = { user: 1, contextSpecific: 2 } as const;

/** CKF_SERIAL_SESSION. */
const SERIAL_SESSION = 4;

/** CK_TOKEN_INFO: offsets and sizes of its texts, which blanks pad, and of its flags. */
const TOKEN_TEXTS = { token: [0, 32], manufacturer: [32, 32], model: [64, 16], serial: [80, 16] } as const;
const FLAGS_OFFSET = 96;
const TOKEN_INFO_BYTES = 512;
const LOGIN_REQUIRED = 4;
const INITIALIZED = 0x400;
const PROTECTED_AUTHENTICATION_PATH = 0x100;

/** The most slots: with more, the module refuses the call. Further objects are ignored. */
const MAX_SLOTS = 256;
const MAX_OBJECTS = 1024;

/** Labels and identifiers are cut here, and no signature is longer, in bytes. */
const MAX_ATTRIBUTE_BYTES = 1024;
const MAX_SIGNATURE_BYTES = 4096;

/** A token in a slot. */
export interface Token {
  readonly slot: bigint;
  readonly token: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly needsLogin: boolean;
  /** Whether the PIN is typed on the token's reader. */
  readonly hasKeypad: boolean;
}

/** A mechanism without parameters, and what it signs. */
export interface Mechanism {
  readonly type: number;
  readonly data: Uint8Array;
}

/** An initialised module. Functions that fail throw `EIO`, check `sign-token`, with the function and its result. */
export class Cryptoki {
  readonly #call: CallFunction;

  private constructor(call: CallFunction) {
    this.#call = call;
  }

  /**
   * Loads a module and initialises it, until the process ends.
   *
   * @param path - of the shared library; without a folder, the loader's own are searched
   * @throws KexecError check `sign-token`: `ENOENT` if it cannot be loaded, `EINVAL` if it is no PKCS#11 module.
   */
  static async open(path: string): Promise<Cryptoki> {
    const module = new Cryptoki(await bindFunctions(path));
    module.#require('C_Initialize', [null], [CKR.cryptokiAlreadyInitialized]);
    process.once('exit', () => module.#call('C_Finalize', null));
    return module;
  }

  /** The tokens that are present and initialized. A card that the module does not know, or that is gone, is none. */
  listTokens(): Token[] {
    const slots = new Uint8Array(MAX_SLOTS * ULONG_BYTES);
    const count = encodeUlong(MAX_SLOTS);
    this.#require('C_GetSlotList', [1, slots, count]);
    return readUlongs(slots, count).flatMap((slot) => {
      const info = new Uint8Array(TOKEN_INFO_BYTES);
      const strange = [CKR.tokenNotPresent, CKR.tokenNotRecognized];
      if (this.#require('C_GetTokenInfo', [slot, info], strange) !== 0) return [];
      const flags = Number(readUlong(info, FLAGS_OFFSET));
      const textOf = ([offset, size]: readonly [offset: number, size: number]): string =>
        new TextDecoder().decode(info.subarray(offset, offset + size)).trimEnd();
      const token = {
        slot,
        token: textOf(TOKEN_TEXTS.token),
        manufacturer: textOf(TOKEN_TEXTS.manufacturer),
        model: textOf(TOKEN_TEXTS.model),
        serial: textOf(TOKEN_TEXTS.serial),
        needsLogin: (flags & LOGIN_REQUIRED) !== 0,
        hasKeypad: (flags & PROTECTED_AUTHENTICATION_PATH) !== 0,
      };
      return (flags & INITIALIZED) === 0 ? [] : [token];
    });
  }

  openSession(slot: bigint): bigint {
    const session = encodeUlong(0);
    this.#require('C_OpenSession', [slot, SERIAL_SESSION, null, null, session]);
    return readUlong(session);
  }

  /** @param pin - undefined if it is typed on the reader @returns the result, which may be that the PIN is wrong */
  login(session: bigint, user: number, pin: string | undefined): number {
    const bytes = pin === undefined ? null : new TextEncoder().encode(pin);
    return this.#call('C_Login', session, user, bytes, bytes?.length ?? 0);
  }

  /** The objects of a class that are visible to the session. */
  findObjects(session: bigint, objectClass: number): bigint[] {
    const value = encodeUlong(objectClass);
    this.#require('C_FindObjectsInit', [session, [{ type: CKA.class, value, length: value.length }], 1]);
    const objects = new Uint8Array(MAX_OBJECTS * ULONG_BYTES);
    const count = encodeUlong(0);
    this.#require('C_FindObjects', [session, objects, MAX_OBJECTS, count]);
    this.#require('C_FindObjectsFinal', [session]);
    return readUlongs(objects, count);
  }

  /** @returns the value of an attribute; undefined if the object does not have it, or does not show it */
  readAttribute(session: bigint, object: bigint, type: number): Uint8Array | undefined {
    const value = new Uint8Array(MAX_ATTRIBUTE_BYTES);
    const attributes = [{ type, value, length: value.length }];
    if (this.#call('C_GetAttributeValue', session, object, attributes, 1) !== 0) return undefined;
    const length = Number(attributes[0]?.length);
    return length <= value.length ? value.subarray(0, length) : undefined;
  }

  /** @returns false if the key or the module does not have the mechanism */
  startSigning(session: bigint, key: bigint, { type }: Mechanism): boolean {
    const unavailable = [CKR.mechanismInvalid, CKR.keyFunctionNotPermitted];
    const mechanism = { type, parameter: null, length: 0 };
    return this.#require('C_SignInit', [session, mechanism, key], unavailable) === 0;
  }

  sign(session: bigint, { data }: Mechanism): Uint8Array {
    const signature = new Uint8Array(MAX_SIGNATURE_BYTES);
    const length = encodeUlong(signature.length);
    this.#require('C_Sign', [session, data, data.length, signature, length]);
    return signature.slice(0, Number(readUlong(length)));
  }

  #require(name: FunctionName, args: readonly unknown[], accepted: readonly number[] = []): number {
    const result = this.#call(name, ...args);
    if (result === 0 || accepted.includes(result)) return result;
    refuse('sign-token', 'EIO', `the PKCS#11 module's ${name} failed with CKR 0x${result.toString(16)}`);
  }
}
